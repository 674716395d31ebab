"""Command lines: ExecStart= and its kin, and the argument vector a process gets (systemd.service(5), "COMMAND LINES")."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from qtops.unitfile import words
from qtops.unitfile.characters import WHITESPACE, is_safe
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin
from qtops.unitfile.specifiers import BadSpecifier, Specifiers
from qtops.unitfile.values import is_too_long, simplified

_VARIABLE = re.compile(r"\$\$|\$\{([^}:]*)\}|\$\{[^}:]*(?::|\Z)|\$")
_SEPARATOR = re.compile(rf";(?=[{WHITESPACE}]|\Z)[{WHITESPACE}]*")
_SEMICOLON = re.compile(rf"\\;(?=[{WHITESPACE}]|\Z)[{WHITESPACE}]*")


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The characters before the executable."""

    ignore_failure: bool = False
    """``-``"""
    own_name: bool = False
    """``@``: the second word is argv[0]"""
    no_variables: bool = False
    """``:``"""
    privileged: bool = False
    """``+``: as root and without sandbox"""
    no_setuid: bool = False
    """``!``"""
    ambient: bool = False
    """``!!``"""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of an Exec…= setting."""

    path: str
    """The executable: absolute, or a name to be looked up in systemd's own search path. Variables are not expanded in it."""
    argv: tuple[str, ...] = field(repr=False)
    """Arguments before variables are expanded, argv[0] first."""
    prefixes: Prefixes
    origin: Origin
    unknown: tuple[str, ...] = ()
    """Specifiers left in, because no file tells what they stand for."""

    def arguments(self, environ: Mapping[str, str]) -> list[str]:
        """The argument vector of the process in this environment.

        ``$NAME`` as a word of its own becomes as many words as its value holds, none where it is not set; ``${NAME}`` becomes
        the value, anywhere; ``$$`` is a dollar sign.
        """
        if self.prefixes.no_variables:
            return list(self.argv)
        return [word for argument in self.argv for word in _expanded(argument, environ)]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What one assignment holds."""

    commands: tuple[Command, ...]
    diagnostics: tuple[Diagnostic, ...]
    """With one that refuses, systemd reads no further."""


class _Stop(Exception):
    """The rest of the line is not read."""


def _expanded(argument: str, environ: Mapping[str, str]) -> list[str]:
    if argument.startswith("$") and not argument.startswith(("${", "$$")):
        return list(words.split(environ.get(argument[1:], ""), words.VARIABLE))

    def value(match: re.Match[str]) -> str:
        return "$" if match[0] == "$$" else match[0] if match[1] is None else environ.get(match[1], "")

    return [_VARIABLE.sub(value, argument)]


def parse(text: str, origin: Origin, specifiers: Specifiers) -> CommandLine:
    """Read the value of an Exec…= setting that is not empty; it may hold several commands, separated by ``;``."""
    line = _Line(text, origin, specifiers)
    with suppress(_Stop):
        line.read()
    return CommandLine(tuple(line.commands), tuple(line.diagnostics))


class _Line:
    def __init__(self, text: str, origin: Origin, specifiers: Specifiers) -> None:
        self._text, self._origin, self._specifiers = text, origin, specifiers
        self._at = 0
        self._ignore = False
        self.commands: list[Command] = []
        self.diagnostics: list[Diagnostic] = []

    def read(self) -> None:
        more = True
        while more:
            self._ignore = False
            try:
                word = self._word()
            except words.BadQuoting as why:
                self._note(Effect.IGNORED, str(why))
                return
            if word is None:
                return
            more = True if word == ";" else self._command(word)

    def _note(self, effect: Effect, text: str) -> None:
        self.diagnostics.append(Diagnostic(self._origin, effect, text))

    def _refuse(self, text: str) -> _Stop:
        self._note(Effect.IGNORED if self._ignore else Effect.REFUSED, text)
        return _Stop()

    def _word(self) -> str | None:
        """The next word. An escape that is none stays as written; raises BadQuoting for quotes that are not closed."""
        try:
            word = words.first(self._text, self._at, words.SETTING)
        except words.BadQuoting:
            word = words.first(self._text, self._at, words.LENIENT)
            self._note(Effect.NOTED, "a backslash that begins no escape is kept as it stands")
        if word is None:
            return None
        self._at = word.end
        return word.text

    def _resolved(self, word: str, unknown: list[str]) -> str:
        try:
            found = self._specifiers.expand(word)
        except BadSpecifier as why:
            raise self._refuse(str(why)) from None
        unknown += found.unknown
        return found.text

    def _command(self, word: str) -> bool:
        """Read one command whose first word is given; whether another one follows."""
        prefixes, executable = _prefixes(word)
        self._ignore = prefixes.ignore_failure
        unknown: list[str] = []
        path = self._resolved(executable, unknown)
        if not (unknown and path.startswith("%")) and (why := _objection(path)):
            raise self._refuse(f"{why}: {path[:256]!a}")
        argv = [] if prefixes.own_name else [path]
        more = False
        while self._at < len(self._text):
            if end := _SEPARATOR.match(self._text, self._at):
                self._at, more = end.end(), True
                break
            if plain := _SEMICOLON.match(self._text, self._at):
                self._at = plain.end()
                argv.append(";")
                continue
            try:
                argument = self._word()
            except words.BadQuoting as why:
                raise self._refuse(f"{why} in the command line") from None
            if argument is None:
                break
            argv.append(self._resolved(argument, unknown))
        if not argv or not argv[0]:
            raise self._refuse("there is no argv[0]")
        self.commands.append(Command(simplified(path), tuple(argv), prefixes, self._origin, tuple(unknown)))
        return more


def _prefixes(word: str) -> tuple[Prefixes, str]:
    """The prefixes of the first word, each at most once, and the executable."""
    seen: set[str] = set()
    position = 0
    for position, c in enumerate(word):  # noqa: B007  (where it stopped)
        rights = seen & {"+", "!", "!!"}
        if (c in "-@:" and c not in seen) or (c in "+!" and not rights):
            seen.add(c)
        elif c == "!" and rights == {"!"}:
            seen ^= {"!", "!!"}
        else:
            break
    else:
        position = len(word)
    return Prefixes("-" in seen, "@" in seen, ":" in seen, "+" in seen, "!" in seen, "!!" in seen), word[position:]


def _objection(path: str) -> str | None:
    """Why this cannot be an executable."""
    if not path:
        return "no executable is named"
    if not is_safe(path):
        return "the executable's name holds characters that may not be in it"
    if path.endswith("/"):
        return "a directory stands for the executable"
    if is_too_long(path):
        return "too long for a path"
    return "neither an absolute path nor a plain name" if "/" in path and not path.startswith("/") else None
