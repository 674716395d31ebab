"""The corpus: secrets planted between ``«`` and ``»``, one file per syntax, and what must stay as it is.

A line is a case; what stands between ``<<<`` and ``>>>`` is one of several lines. ``␛`` stands for the escape character.

The lines were written before the patterns that they are held against were read. Of the first 231 secrets the patterns of then hid
185 (80 %) with known values and 154 (67 %) by looks alone, and altered 14 of 267 clean lines; of another 61, written after the
first mending and of values that nobody knew, 49 (80 %, the patterns of before: 39). So far new shapes are met, not 100 %.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from qtops.collectors.redact import Redactor

HERE: Final = Path(__file__).parent
_PLANTED: Final = re.compile("«(.*?)»", re.DOTALL)
_RUN: Final = 5  # characters of a secret that give it away


@dataclass(frozen=True, slots=True)
class Case:
    """A text as it is found, and the secrets in it: pieces, where something runs through one."""

    syntax: str
    text: str
    secrets: tuple[str, ...]
    around: str

    def shown(self, text: str) -> list[str]:
        """Secrets of which a redacted text still shows so much as a run of characters."""
        return [secret for secret in self.secrets if any(run in text and run not in self.around for run in _runs(secret))]


def _runs(secret: str) -> Iterator[str]:
    length = min(_RUN, len(secret))
    return (secret[at : at + length] for at in range(len(secret) - length + 1))


@dataclass(frozen=True, slots=True)
class Recall:
    """Of how many secrets nothing is shown, by syntax; and the cases in which something is."""

    planted: Counter[str]
    hidden: Counter[str]
    misses: tuple[tuple[Case, str], ...]


@cache
def planted() -> tuple[Case, ...]:
    """All planted secrets."""
    return tuple(
        Case(file.stem, re.sub("[«»]", "", text), tuple(_PLANTED.findall(text)), _PLANTED.sub("\0", text))
        for file in sorted((HERE / "planted").glob("*.txt"))
        for text in _texts(file)
    )


@cache
def clean() -> tuple[str, ...]:
    """What holds no secret, as it stands in logs, facts and reports of a fleet."""
    return tuple(_texts(HERE / "clean.txt"))


@cache
def vault() -> tuple[tuple[str, str], ...]:
    """Names and values that a run as root reads from the environments of the units."""
    pairs = (line.split("=", 1) for line in (HERE / "vault.env").read_text("utf-8").splitlines() if not line.startswith("#"))
    return tuple((name, value[1:-1] if value.startswith('"') else value) for name, value in pairs)


def _texts(file: Path) -> Iterator[str]:
    block: list[str] | None = None
    for line in file.read_text("utf-8").replace("␛", "\x1b").splitlines():
        if line == "<<<":
            block = []
        elif line == ">>>" and block is not None:
            yield "\n".join(block)
            block = None
        elif block is not None:
            block.append(line)
        else:
            yield line


def recall(redactor: Redactor, cases: Sequence[Case]) -> Recall:
    """Redact the cases, and count."""
    total, hidden, misses = Counter[str](), Counter[str](), []
    for case in cases:
        text = redactor.text(case.text)
        shown = case.shown(text)
        total[case.syntax] += len(case.secrets)
        hidden[case.syntax] += len(case.secrets) - len(shown)
        misses += [(case, text)] if shown else []
    return Recall(total, hidden, tuple(misses))


def altered(redactor: Redactor, lines: Sequence[str]) -> list[tuple[str, str]]:
    """Those that are not as they were, before and after."""
    return [(line, after) for line in lines if (after := redactor.text(line)) != line]
