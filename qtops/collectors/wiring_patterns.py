"""Names with placeholders, held against keys: each key once, against all of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

_PLACEHOLDER: Final = re.compile(r"<[^<>]*>")


class Patterns:
    """Counts the keys that match each name, and keeps one of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._counts = dict.fromkeys(self.names, 0)
        self._samples: dict[str, tuple[bool, str]] = {}
        self._by_start: dict[str, list[tuple[str, re.Pattern[str], int]]] = defaultdict(list)
        for name in self.names:
            literal = _PLACEHOLDER.split(name)
            matching = re.compile(".+".join(map(re.escape, literal)), re.DOTALL)
            self._by_start[literal[0]].append((name, matching, sum(map(len, literal))))
        self._lengths = sorted({len(start) for start in self._by_start})

    def add(self, key: str) -> None:
        """Count a key for every name that it matches. It is a sample of the one that says most of it."""
        matching = list(self._matching(key))
        most = max((literal for _, literal in matching), default=0)
        for name, literal in matching:
            self._counts[name] += 1
            rank = (literal < most, key)
            self._samples[name] = min(self._samples.get(name, rank), rank)

    def count(self, name: str) -> int:
        """How many keys matched."""
        return self._counts[name]

    def sample(self, name: str) -> str:
        """One of them; empty where there is none."""
        return self._samples.get(name, (False, ""))[1]

    def speak_of(self, key: str) -> bool:
        """Whether any name matches."""
        return any(True for _ in self._matching(key))

    def _matching(self, key: str) -> Iterator[tuple[str, int]]:
        """Names that match, and how many of their letters are their own."""
        for length in self._lengths:
            for name, matching, literal in self._by_start.get(key[:length], ()):
                if matching.fullmatch(key):
                    yield name, literal
