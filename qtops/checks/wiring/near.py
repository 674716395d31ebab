"""Names that were meant to be one: how two of them differ, where it is by a slip of the hand."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from qtops.checks.wiring.names import bare

_SEPARATORS: Final = re.compile(r"[.:_/\-]+")
_ENDINGS: Final = ("ing", "ies", "ed", "es", "er", "s", "d", "e", "y")
_LONG: Final = 3  # letters a stem keeps
_CUT: Final = 2  # letters of a word that was cut short
_CORE: Final = 6  # letters that two names share where one lacks a prefix or a suffix: fewer prove nothing
_TYPOS: Final = ((9, 3), (6, 2), (4, 1))  # letters of a word, and how many of them a slip may change
_MOST: Final = 3  # letters that differ, all words together
_FAR: Final = 40  # further is as far
LONGEST: Final = 256  # letters
MOST_WORDS: Final = 24
_MANY: Final = 8  # words: of longer names only one may be mistyped


def words(name: str) -> tuple[str, ...]:
    """The parts of a name, whatever separates them, in small letters; a placeholder is a part."""
    return tuple(filter(None, _SEPARATORS.split(bare(name).lower())))


def difference(one: str, other: str) -> str:
    """How two names that are not the same differ, in a few words; empty where they differ by more than a slip."""
    first, second = bare(one), bare(other)
    if first.lower() == second.lower():
        return "upper and lower case differ"
    left, right = words(one), words(other)
    if "".join(left) == "".join(right):
        return "the separators differ"
    if len(left) == len(right):
        return _by_words(left, right)
    return _by_length(*sorted((left, right), key=len))


def _by_words(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    differing = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    if all(f"{a}s" == b or f"{b}s" == a for a, b in differing):
        return "singular and plural differ"
    if all(_stem(a) == _stem(b) for a, b in differing):
        return "the forms of a word differ"
    if len(differing) == 1 and differing[0][0] and _truncated(*differing[0]):
        return "one is cut short"
    if all(_stem(a) == _stem(b) or _slip(a, b) for a, b in differing) and sum(distance(a, b) for a, b in differing) <= _MOST:
        return "they differ in a few letters"
    return "the words stand in another order" if len(left) > 1 and sorted(left) == sorted(right) else ""


def _by_length(short: tuple[str, ...], long: tuple[str, ...]) -> str:
    if sum(len(word) for word in short if word != "<>") < _CORE or set(short) <= {"<>"}:
        return ""
    if long[-len(short) :] == short:
        return f"one has the prefix {' '.join(long[: -len(short)])!r}"
    if long[: len(short)] == short:
        return f"one has the suffix {' '.join(long[len(short) :])!r}"
    missing = [long[index] for index in range(len(long)) if long[:index] + long[index + 1 :] == short]
    return f"one has {missing[0]!r} in between" if missing and missing[0] != "<>" else ""


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LONG:
            return word[: -len(ending)].rstrip("e") if ending != "s" else word[:-1].rstrip("e")
    return word


def _truncated(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _CUT and long.startswith(short) and not long[len(short) :].isdecimal()


def _slip(one: str, other: str) -> bool:
    """Whether one word is the other mistyped. Numbers are never mistaken for one another: 1m and 5m are two things."""
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other) or "<" in one + other:
        return False
    longest = max(len(one), len(other))
    allowed = next((slips for letters, slips in _TYPOS if longest >= letters), 0)
    return distance(one, other, allowed) <= allowed


def distance(one: str, other: str, most: int = _MOST) -> int:
    """Letters that are to be added, taken away, replaced, or swapped with their neighbour; ``most`` + 1 stands for any more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, previous, row = list[int](), list[int](), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, previous, row = previous, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


class Nearest:
    """Many names, and which of them are near to one that is asked for: only names that have much in common are compared."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = defaultdict[tuple[str, ...], list[str]](list)
        for name in names:
            if not _is_comparable(name):
                continue
            parts = words(name)
            for key in (*_alike(parts), ("whole", *parts), *(("part", *part) for part in _parts(parts))):
                self._names[key].append(name)

    def to(self, name: str) -> list[tuple[str, str]]:
        """Near names, each with how it differs; the nearest first."""
        if not _is_comparable(name):
            return []
        parts = words(name)
        keys = (*_alike(parts), ("part", *parts), *(("whole", *part) for part in _parts(parts)))
        candidates = {near for key in keys for near in self._names.get(key, ()) if bare(near) != bare(name)}
        found = [(near, difference(name, near)) for near in sorted(candidates)]
        return sorted((pair for pair in found if pair[1]), key=lambda pair: distance(bare(name), bare(pair[0]), _FAR))


def _is_comparable(name: str) -> bool:
    """Whether a name is one that people write: others have too many parts to be held against each other."""
    return len(name) <= LONGEST and len(words(name)) <= MOST_WORDS


def _alike(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What two names of equally many words have in common where they are near, one of these at least."""
    yield ("letters", "".join(parts))
    yield ("stems", *map(_stem, parts))
    yield ("sorted", *sorted(parts))
    for at in range(len(parts)):
        yield ("begins", *parts[:at], parts[at][0], *parts[at + 1 :])
        yield ("ends", *parts[:at], parts[at][-1], *parts[at + 1 :])
    for at, then in combinations(range(len(parts)), 2) if len(parts) <= _MANY else ():
        yield ("two begin", *parts[:at], parts[at][0], *parts[at + 1 : then], parts[then][0], *parts[then + 1 :])


def _parts(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words without some at an end, or without one in between."""
    for at in range(1, len(parts)):
        yield from (parts[at:], parts[:at])
    for at in range(1, len(parts) - 1):
        yield (*parts[:at], *parts[at + 1 :])
