"""Values for parameters, and commands with the values in them: one word stays one word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Final

from qtops.guides.expressions import Expression
from qtops.guides.values import Runbook, RunbookError

SHELLS: Final = frozenset({"ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "sh", "tcsh", "zsh"})
DERIVED: Final = {"unit": "service"}  # built in: the unit of the service, as the configuration has it
_PART: Final = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*)\}|[{}]")


def values(runbook: Runbook, given: Mapping[str, str]) -> dict[str, str]:
    """The value of every parameter: as given, else its default. Raises RunbookError."""
    for name in given:
        if name not in runbook.parameters:
            near = get_close_matches(name, runbook.parameters, 1)
            known = f"did you mean {near[0]}?" if near else f"there are: {', '.join(runbook.parameters) or 'none'}"
            raise RunbookError(f"{runbook.origin}: no parameter is called {name[:64]!a}; {known}")
    found = {}
    for name, parameter in runbook.parameters.items():
        value = given.get(name, parameter.default)
        if value is None:
            raise RunbookError(f"{runbook.origin}: {name} is missing ({parameter.help}): --set {name}=VALUE")
        if reason := _refused(value, parameter.pattern):
            raise RunbookError(f"{runbook.origin}: {name}: {value[:64]!a} {reason}")
        found[name] = value
    return found


def _refused(value: str, pattern: str) -> str:
    if value.startswith("-"):
        return "begins with a dash: a command would take it for an option"
    if not value or not value.isprintable():
        return "is no printable text"
    return "" if Expression(pattern).fits(value) else f"does not match {pattern}"


def filled(words: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Words, or texts that are expected, with values in them. ``{{`` and ``}}`` stand for braces."""
    return tuple(_PART.sub(lambda part: values[part[1]] if part[1] else part[0][0], word) for word in words)


def objections(words: Sequence[str], known: Mapping[str, object]) -> Iterator[str]:
    """Why these words are no command that a runbook may have, with these names of parameters."""
    if not words:
        yield "wants at least the program"
        return
    if "{" in words[0] or (not words[0].startswith("/") and "/" in words[0]) or not words[0] or words[0].startswith("-"):
        yield f"the program is a plain name or an absolute path, and no parameter, not {words[0][:64]!a}"
    for word in words:
        if not word.isprintable():
            yield f"{word[:64]!a} is not printable"
        yield from unknown(word, known)
    yield from _shell(words)


def unknown(text: str, known: Mapping[str, object]) -> Iterator[str]:
    """What stands in braces in a text and is none of these parameters."""
    for part in _PART.finditer(text):
        if part[1] is None and part[0] in ("{", "}"):
            yield f"a single brace in {text[:64]!a}: {{name}} is a parameter, {{{{ and }}}} are braces"
        elif part[1] and part[1] not in known:
            yield f"no parameter is called {part[1]}; there are: {', '.join(known) or 'none'}"


def _shell(words: Sequence[str]) -> Iterator[str]:
    """A shell at any place where it would be run: first, or behind a program such as env, sudo or timeout."""
    for place, word in enumerate(words):
        takes_text = any(re.fullmatch(r"-\w*c\w*", after) for after in words[place + 1 :])
        if PurePosixPath(word).name in SHELLS and (place == 0 or takes_text):
            yield f"{word[:64]} is a shell: write the command that it would run, as a list of words"
            return
