"""Names with placeholders: which of them can be the same key.

A placeholder stands for any text that is not empty. One that is called as a symbol or a number is called stays within one part of
the name (``quantum:market:<symbol>`` is not ``quantum:market:<symbol>:prices``); any other may hold colons as well.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from functools import cache
from typing import Final

_PLACEHOLDER: Final = re.compile(r"<([^<>]*)>|\*+")
_NARROW, _WIDE = "\ue000", "\ue001"  # private use: stand in a shape for what is not known
_ENTITIES: Final = frozenset({"symbol", "sym", "s", "pair", "ticker", "coin", "asset", "instrument"})
_WITHIN_ONE_PART: Final = _ENTITIES | {
    "interval", "timeframe", "tf", "id", "uuid", "date", "day", "hour", "minute", "i", "n", "idx", "index", "num", "version",
    "v", "side", "account",
}  # fmt: skip
_PARTS: Final = re.compile(r"(?<![<\w])[A-Za-z0-9]+(?![\w>])")
_PAIR: Final = re.compile(r"[A-Z0-9]{2,12}(?:USDT|USDC|BUSD|FDUSD)")
_USERS: Final = frozenset(
    {"service", "name", "worker", "host", "hostname", "node", "pid", "instance", "consumer", "id", "uuid", "key"}
)
LEAST_LETTERS: Final = 2  # that a name must tell: `<prefix>:<key>` could be any key
FEW_HOLES: Final = 3  # of more, what the regular expression tries out grows beyond all bounds
LONGEST: Final = 256  # letters of a pattern that is held against another: the work grows with the product


def _last_word(expression: str) -> str:
    return re.split(r"[^A-Za-z0-9]+", expression.strip("()[]{} \"'").lower())[-1]


@cache
def shape(name: str) -> str:
    """The name without what its placeholders are called: names of one shape are one."""
    form = _PLACEHOLDER.sub(lambda found: _NARROW if _last_word(found[1] or "") in _WITHIN_ONE_PART else _WIDE, name)
    return _HOLES_IN_A_ROW.sub(lambda holes: _WIDE if _WIDE in holes[0] else _NARROW, form)


def is_exact(name: str) -> bool:
    """Whether a name is known to its end."""
    return _PLACEHOLDER.search(name) is None


def is_vague(name: str) -> bool:
    """Whether so little of a name is known that it could be any, or it breaks off where something was to follow."""
    if is_exact(name):
        return name.endswith((":", ".", "/"))
    return sum(map(str.isalnum, _PLACEHOLDER.sub("", name))) < LEAST_LETTERS


def per_entity(name: str) -> bool:
    """Whether what is not known of a name is the symbol alone: whoever uses it uses the same keys as everybody else."""
    return all(_last_word(found[1] or "") in _ENTITIES for found in _PLACEHOLDER.finditer(name))


def of_its_own(name: str) -> bool:
    """Whether what is not known of a name is probably who uses it: then each uses keys of its own."""
    words = (re.split(r"[^a-z0-9]+", (found[1] or "").lower()) for found in _PLACEHOLDER.finditer(name))
    return any(_USERS & set(word) for word in words)


def is_open(name: str) -> bool:
    """Whether a placeholder of the name may hold any text: it can mean many keys that have nothing to do with each other."""
    return _WIDE in shape(name)


def without_symbols(name: str, symbols: Container[str]) -> str:
    """The name with ``<symbol>`` for every part that is a symbol: who loops over a list of them means the same as who takes any."""
    return _PARTS.sub(lambda part: "<symbol>" if part[0] in symbols or _PAIR.fullmatch(part[0]) else part[0], name)


def same_parts(one: str, other: str) -> bool:
    """Whether two names have as many parts, and no plain word stands where the other has a placeholder: ``orders:count`` is no
    ``orders:<symbol>``.
    """
    parts = one.split(":"), other.split(":")
    if len(parts[0]) != len(parts[1]):
        return False
    pairs = [pair for pair in zip(*parts, strict=True) if is_exact(pair[0]) != is_exact(pair[1])]
    return not any(part.isalpha() and part.islower() for pair in pairs for part in pair if is_exact(part))


def transposed(one: str, other: str) -> bool:
    """Whether two names with placeholders have the same parts in another order: a key that could be both is chance."""
    parts = [bare(name).split(":") for name in (one, other)]
    return parts[0] != parts[1] and "<>" in parts[0] and sorted(parts[0]) == sorted(parts[1])


def literal(name: str) -> str:
    """The name up to its first placeholder."""
    found = _PLACEHOLDER.search(name)
    return name[: found.start()] if found else name


def bare(name: str) -> str:
    """The name with every placeholder as ``<>``: for comparing how names are spelled."""
    return _PLACEHOLDER.sub("<>", name)


@cache
def _matching(form: str) -> re.Pattern[str]:
    holes = {_NARROW: "[^:]+", _WIDE: ".+"}
    return re.compile("".join(holes.get(letter) or re.escape(letter) for letter in form), re.DOTALL)


def unify(one: str, other: str) -> bool:
    """Whether two names can be one key."""
    if one == other:
        return True
    if is_vague(one) or is_vague(other):
        return False
    exact = is_exact(one), is_exact(other)
    if all(exact):
        return False
    first, second = shape(one), shape(other)
    if exact[0] and len(_HOLES.findall(second)) <= FEW_HOLES:
        return _matching(second).fullmatch(one) is not None
    if exact[1] and len(_HOLES.findall(first)) <= FEW_HOLES:
        return _matching(first).fullmatch(other) is not None
    return _HOLES.sub("?", first) == _HOLES.sub("?", second) or _meet(first, second)


_HOLES: Final = re.compile(f"[{_NARROW}{_WIDE}]")
_HOLES_IN_A_ROW: Final = re.compile(f"[{_NARROW}{_WIDE}]{{2,}}")


def _meet(one: str, other: str) -> bool:
    """Whether some text matches both shapes: all places that both can have come to, letter by letter of the first."""
    tail = len(one) - _after_last_hole(one), len(other) - _after_last_hole(other)
    same = min(tail)
    if same and one[-same:] != other[-same:]:
        return False
    if len(one) > LONGEST or len(other) > LONGEST:
        return False
    first, second = _steps(one), _steps(other)
    reached = {(0, 0)}
    pending = [(0, 0)]
    while pending:
        here = i, j = pending.pop()
        if here == (len(first), len(second)):
            return True
        for step in _next(first, second, i, j):
            if step not in reached:
                reached.add(step)
                pending.append(step)
    return False


def _after_last_hole(form: str) -> int:
    return max(form.rfind(_NARROW), form.rfind(_WIDE)) + 1


def _steps(form: str) -> str:
    """A hole is one letter of any kind, then any number of them: the second is written as the hole twice over."""
    return form.replace(_NARROW, _NARROW + "\ue002").replace(_WIDE, _WIDE + "\ue003")


def _next(first: str, second: str, i: int, j: int) -> Iterator[tuple[int, int]]:
    one, other = first[i : i + 1], second[j : j + 1]
    if one in _REPEATED and one:
        yield i + 1, j
        if other and _fits(one, other):
            yield i, j + 1
    if other in _REPEATED and other:
        yield i, j + 1
        if one and _fits(other, one):
            yield i + 1, j
    if one and other and one not in _REPEATED and other not in _REPEATED and (_fits(one, other) or _fits(other, one)):
        yield i + 1, j + 1


_REPEATED: Final = "\ue002\ue003"


def _fits(hole: str, letter: str) -> bool:
    if hole in (_WIDE, "\ue003"):
        return True
    return letter != ":" if hole in (_NARROW, "\ue002") else hole == letter


class Names:
    """Many names, and which of them can be the same key as one that is asked for: found by how they begin."""

    def __init__(self, names: Iterable[str]) -> None:
        known = sorted(set(names))
        self._exact = [name for name in known if is_exact(name)]
        self._known = frozenset(self._exact)
        self._patterns: dict[str, list[str]] = defaultdict(list)
        for name in known:
            if not is_exact(name):
                self._patterns[literal(name)].append(name)
        self._starts = sorted(self._patterns)
        self._lengths = sorted({len(start) for start in self._starts})

    def like(self, name: str) -> list[str]:
        """All known names that can be the same key, itself among them."""
        start = literal(name)
        candidates = [
            pattern for length in self._lengths if length <= len(start) for pattern in self._patterns.get(start[:length], ())
        ]
        found = [pattern for pattern in candidates if unify(name, pattern)]
        if is_exact(name):
            return found + ([name] if name in self._known else [])
        longer = [pattern for begin in _beginning(self._starts, start) if begin != start for pattern in self._patterns[begin]]
        found += [pattern for pattern in longer if unify(name, pattern)]
        return found + [exact for exact in _beginning(self._exact, start) if unify(name, exact)]


def _beginning(ordered: list[str], start: str) -> Iterator[str]:
    for index in range(bisect_left(ordered, start), len(ordered)):
        if not ordered[index].startswith(start):
            return
        yield ordered[index]
