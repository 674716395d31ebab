"""Regular expressions that a runbook may use: short, and of a kind that no output can keep busy for long.

A repeated group, or a third repetition, is what makes the search of one hostile line take for ever. Only the first 500 characters
of a line are looked at: two repetitions search that in some 40 ms at worst.
"""

import re
from typing import Final

LONGEST: Final = 200
LINE: Final = 500
_REPEATED_GROUP: Final = re.compile(r"(?<!\\)(?:\\\\)*\)[*+{]")
_REPETITION: Final = re.compile(r"(?<!\\)(?:\\\\)*[*+{]")
_MOST_REPETITIONS: Final = 2


class Expression:
    """One expression, compiled. Raises ValueError for what is none, or could take too long."""

    __slots__ = ("_compiled",)

    def __init__(self, pattern: str) -> None:
        shown = f"the expression {pattern[:64]!a}"
        if len(pattern) > LONGEST:
            raise ValueError(f"{shown} is longer than {LONGEST} characters")
        if _REPEATED_GROUP.search(pattern) or len(_REPETITION.findall(pattern)) > _MOST_REPETITIONS:
            raise ValueError(f"{shown} could take for ever: no repeated group, and {_MOST_REPETITIONS} repetitions at most")
        try:
            self._compiled = re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"{shown} is none: {error}") from None

    def found_in(self, text: str) -> bool:
        """Whether a line of the text has it."""
        return any(self._compiled.search(line[:LINE]) for line in text.splitlines())

    def fits(self, value: str) -> bool:
        """Whether it is the whole of a value, which is not longer than a line."""
        return len(value) <= LINE and self._compiled.fullmatch(value) is not None
