"""Shell texts of the kind that start services: cd, export, source activate, exec. Anything cleverer is not understood."""

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qtops.imports.tree import Kind, Tree

_CONTROL = frozenset({"if", "for", "while", "until", "case", "select", "function", "{", "(", "((", "[["})
_SEPARATORS = frozenset({";", "&&", "\n", "||", "|", "&", ";;", "|&"})
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:(\w+|[@*#])|\{(\w+)(?::?-([^}]*))?\})")
_OWN_FOLDER = re.compile(  # $(dirname "$0"), $(cd "$(dirname "$0")" && pwd) and the same with BASH_SOURCE
    r"\$\(\s*(?:cd\s+(?:--\s+)?\"?\$\(\s*)?dirname\s+(?:--\s+)?\"?\$(?:0|\{BASH_SOURCE(?:\[0\])?\})\"?\s*\)"
    r"(?:\"?\s*(?:&&|;)\s*pwd(?:\s+-P)?\s*\))?"
)
_COMMENT = re.compile(r"^\s*#.*$|(?<=\s)#[^\n'\"]*$", re.MULTILINE)
_LITERAL_DOLLAR = re.compile(r"'[^'\"\n]*\$[^'\"\n]*'")
_KEYWORDS_OF_NO_EFFECT = frozenset(
    {"set", "umask", "ulimit", "shopt", "true", ":", "echo", "printf", "trap", "wait", "sleep", "test", "["}
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the shell starts, and where."""

    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    final: bool
    """It is started with exec: nothing after it runs."""


class _NotUnderstood(Exception):
    """Why a shell text cannot be followed."""


@dataclass(slots=True)
class _Shell:
    tree: Tree
    name: str
    arguments: Sequence[str]
    directory: str
    variables: dict[str, str]
    exported: set[str]
    text: str = ""
    exports_all: bool = False

    @property
    def environment(self) -> dict[str, str]:
        return {name: value for name, value in self.variables.items() if self.exports_all or name in self.exported}

    def expand(self, word: str) -> str:
        """Variables, with their defaults; what is not set is empty."""
        if "$(" in word or "`" in word:
            raise _NotUnderstood(f"{self.name} uses the output of a command: {word}")
        return _VARIABLE.sub(self._value, word)

    def _value(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name.isdigit():
            return self.arguments[int(name)] if int(name) < len(self.arguments) else ""
        value = self.variables.get(name, "")
        return value or (self.expand(match[3]) if match[3] else "")

    def activate(self, path: str, *, nested: bool) -> None:
        """``source``: a venv's activate by its effect, a plain settings file by its assignments."""
        if posixpath.basename(path) == "activate":
            venv = posixpath.dirname(posixpath.dirname(path))
            self.variables |= {"VIRTUAL_ENV": venv, "PATH": f"{venv}/bin:{self.variables.get('PATH', '/usr/bin:/bin')}"}
            self.exported |= {"VIRTUAL_ENV", "PATH"}
            self.variables.pop("PYTHONHOME", None)
            return
        if nested or self.tree.kind(path) is not Kind.FILE:
            raise _NotUnderstood(f"{self.name} reads {path}, which is not followed")
        inner = list(_commands(self.tree.read(path).decode("utf-8", "replace"), self.name))
        for words in inner:
            if self.run(words, nested=True) is not None:
                raise _NotUnderstood(f"{path} starts programs")

    def run(self, words: list[str], *, nested: bool = False) -> Command | None:
        """One simple command: its effect on the shell, or the program that it starts."""
        own: dict[str, str] = {}
        while words and (match := _ASSIGNMENT.fullmatch(words[0])):
            own[match[1]] = self.expand(match[2])
            words = words[1:]
        words = [word for part in words for word in self._split(part)]
        if not words:  # nothing but assignments, or a variable that is empty in place of a program
            self.variables |= own
            return None
        keyword, rest = words[0], words[1:]
        if keyword in _KEYWORDS_OF_NO_EFFECT:
            if keyword == "set":
                self.exports_all = self.exports_all or any("a" in word for word in rest if word.startswith("-") and word != "-o")
            return None
        if keyword in {"export", "declare", "readonly", "local"}:
            self._export([word for word in rest if not word.startswith("-")])
            return None
        if keyword == "unset":
            for name in rest:
                self.variables.pop(name, None)
            return None
        if keyword in {"cd", "pushd"}:
            self.directory = posixpath.normpath(
                posixpath.join(self.directory, rest[-1] if rest else self.variables.get("HOME", "/"))
            )
            self.variables["PWD"] = self.directory
            return None
        if keyword in {"source", "."}:
            self.activate(posixpath.join(self.directory, rest[0] if rest else ""), nested=nested)
            return None
        final = keyword == "exec"
        argv = tuple(rest if final else words)
        return Command(argv, self.directory, {**self.environment, **own}, final) if argv else None

    def _split(self, word: str) -> list[str]:
        """What a word becomes; a variable that stands alone and unquoted falls apart at its blanks."""
        if word in {"$@", "$*"}:
            return list(self.arguments[1:])
        value = self.expand(word)
        return value.split() if _VARIABLE.fullmatch(word) and f'"{word}"' not in self.text else [value]

    def _export(self, words: list[str]) -> None:
        for word in words:
            name, equals, value = word.partition("=")
            if equals:
                self.variables[name] = value
            self.exported.add(name)


def read_shell(
    text: str, name: str, arguments: Sequence[str], directory: str, environment: Mapping[str, str], tree: Tree
) -> list[Command] | str:
    """The programs that a shell text starts, in order, up to an exec; or why it is not understood."""
    shell = _Shell(tree, name, arguments, directory, dict(environment), set(environment), text)
    found: list[Command] = []
    own_folder = posixpath.dirname(posixpath.join(directory, arguments[0])) if arguments else directory
    try:
        for words in _commands(_OWN_FOLDER.sub(lambda _: own_folder, text), name):
            command = shell.run(words)
            if command is not None:
                found.append(command)
                if command.final:
                    break
    except _NotUnderstood as error:
        return str(error)
    return found


def _commands(text: str, name: str) -> list[list[str]]:
    """A text as simple commands. The arms after ``||`` and ``|`` are left out: they are not the usual way."""
    if _LITERAL_DOLLAR.search(text):
        raise _NotUnderstood(f"{name} quotes a $ so that it is not expanded here")
    lexer = shlex.shlex(_COMMENT.sub("", text).replace("\\\n", " "), posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""  # a comment of shlex takes the end of the line with it
    commands: list[list[str]] = [[]]
    skipping = False
    try:
        tokens = list(lexer)
    except ValueError as error:
        raise _NotUnderstood(f"{name} could not be read as a shell text: {error}") from error
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if set(token) <= set("<>&") and ("<" in token or ">" in token):
            position += 1  # a redirection and its target
            if commands[-1] and commands[-1][-1].isdigit():
                commands[-1].pop()
        elif token in _SEPARATORS or set(token) <= set("\n;"):
            skipping = token in {"||", "|", "|&"}
            commands.append([])
        elif token.startswith("(") and commands[-1] and commands[-1][-1].endswith("$"):
            raise _NotUnderstood(f"{name} uses the output of a command")
        elif token in _CONTROL or set(token) <= set("()"):
            raise _NotUnderstood(f"{name} has {token!r}: what it decides is not known")
        elif not skipping:
            commands[-1].append(token)
    return [command for command in commands if command]
