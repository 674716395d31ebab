"""Raw commands: tuples and lists of their words, and what is typed to redis-cli."""

import shlex
from dataclasses import dataclass

from qtops.wiring.commands import COMMANDS, DOUBTFUL_WORDS, SUBCOMMANDS, Command, command, is_raw_command, raw_positions
from qtops.wiring.members import with_any
from qtops.wiring.values import Hole, Items, Plain, Text, Unknown, Values, text

_EXPIRY_WORDS = frozenset({"EX", "PX", "EXAT", "PXAT"})
_XADD_OPTIONS = {"NOMKSTREAM": 1, "KEEPREF": 1, "DELREF": 1, "ACKED": 1, "MAXLEN": 2, "MINID": 2, "LIMIT": 2}
_CLI_FLAGS = {
    "-h": 2,
    "-p": 2,
    "-n": 2,
    "-a": 2,
    "-u": 2,
    "-s": 2,
    "-r": 2,
    "-i": 2,
    "-t": 2,
    "--user": 2,
    "--pass": 2,
    "-d": 2,
    "-D": 2,
}
_HTTP = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Said:
    """One command as one run of the code gives it."""

    command: str
    names: Values
    fields: tuple[str, ...] = ()
    fields_known: bool = False
    group: str = ""
    creates: bool = False
    capped: bool | None = None
    expires: bool | None = None

    @property
    def row(self) -> Command:
        """What the command does."""
        return command(self.command)


class Raw:
    """Understands commands word by word."""

    def plain_names(self, values: Values) -> tuple[tuple[str, ...], bool]:
        """Names of fields as they can be told, and whether they are all."""
        names: list[str] = []
        known = True
        for value in values:
            if isinstance(value, Text) and value.says_something:
                names.append(value.shown)
                known = known and value.known is not None
            elif isinstance(value, Plain) and isinstance(value.value, int | float):
                names.append(str(value.value))
            elif not (isinstance(value, Plain) and value.value is None):
                known = False
        return tuple(dict.fromkeys(names)), known

    def raw(self, given: Items, *, strict: bool, sure: bool = False) -> list[Said]:
        """A command as a list of its words. ``strict``: it may be a tuple of something else, unless it is of bytes (``sure``)."""
        items = list(given.items)
        if items and len(items[0]) == 1 and isinstance(items[0][0], Text) and " " in (items[0][0].known or ""):
            items[:1] = [(text(word),) for word in (items[0][0].known or "").split()]
        words = [_known(values) for values in items]
        name = (words[0] or "") if words else ""
        if strict and name == "redis-cli":
            return self._cli(items[1:], given.complete)
        name = name if strict else name.upper()
        if name not in COMMANDS or len(items) < 2:
            return []
        if strict and not sure and name in DOUBTFUL_WORDS and not _like_a_name(items[1], words[1]):
            return []
        return [self._from_words(name, items[1:], words[1:], given.complete)]

    def _from_words(self, name: str, items: list[Values], words: list[str | None], complete: bool) -> Said:
        row = COMMANDS[name]
        names = tuple(value for at in raw_positions(row, words) if at < len(items) for value in items[at])
        full = f"{name} {(words[0] or '').upper()}".strip() if name in SUBCOMMANDS else name
        if name in {"SCAN", "KEYS", "PSUBSCRIBE"}:
            names = tuple(with_any(value, "any") if isinstance(value, Text) else value for value in names)
        upper = [(word or "").upper() for word in words]
        full += " TYPE" if name == "SCAN" and "TYPE" in upper else ""
        fields, known = self._raw_fields(row, items, upper)
        group = ""
        if name == "XREADGROUP" and "GROUP" in upper:
            group = _shown(items[upper.index("GROUP") + 1 :])
        elif name == "XGROUP":
            group = _shown(items[2:])
        elif name in {"XACK", "XAUTOCLAIM", "XCLAIM", "XPENDING"}:
            group = _shown(items[1:])
        expires = row.expires if row.direction == "write" and row.kind != "channel" else None
        if name == "SET":
            expires = bool(_EXPIRY_WORDS & set(upper[2:])) or (None if "KEEPTTL" in upper else False)
        capped = bool({"MAXLEN", "MINID"} & set(upper)) if name == "XADD" else None
        return Said(full, names, fields, known and complete, group, "MKSTREAM" in upper, capped, expires)

    def _raw_fields(self, row: Command, items: list[Values], upper: list[str]) -> tuple[tuple[str, ...], bool]:
        match row.fields:
            case "pairs":
                chosen = items[1::2]
            case "names":
                chosen = items[1:]
            case "one":
                chosen = items[1:2]
            case "entry":
                at = 1
                while at < len(upper) and upper[at] in _XADD_OPTIONS:
                    at += _XADD_OPTIONS[upper[at]] + (1 if upper[at + 1 : at + 2] in (["~"], ["="]) else 0)
                chosen = items[at + 1 :: 2]
            case _:
                return (), False
        return self.plain_names(tuple(value for values in chosen for value in values))

    def _cli(self, items: list[Values], complete: bool) -> list[Said]:
        words = [_known(values) for values in items]
        at = 0
        while at < len(words) and (words[at] or "").startswith("-"):
            at += _CLI_FLAGS.get(words[at] or "", 1)
        name = (words[at] or "").upper() if at < len(words) else ""
        if name not in COMMANDS:
            return []
        return [self._from_words(name, items[at + 1 :], words[at + 1 :], complete)]

    def typed(self, value: object) -> list[Said]:
        """``"redis-cli XADD stream * …"``: as a shell takes it apart."""
        if not isinstance(value, Text) or not value.shown.startswith("redis-cli "):
            return []
        holes = {f"\x00{at}\x00": part for at, part in enumerate(value.parts) if isinstance(part, Hole)}
        line = "".join(part if isinstance(part, str) else f"\x00{at}\x00" for at, part in enumerate(value.parts))
        try:
            words = shlex.split(line)
        except ValueError:
            return []
        return self._cli([(_with_holes(word, holes, value),) for word in words[1:]], complete=True)


def _with_holes(word: str, holes: dict[str, Hole], of: Text) -> Text:
    parts: list[str | Hole] = [word]
    for mark, found in holes.items():
        split: list[str | Hole] = []
        for part in parts:
            if not isinstance(part, str) or mark not in part:
                split.append(part)
                continue
            before, _, after = part.partition(mark)
            split += [piece for piece in (before, found, after) if piece]
        parts = split
    return Text(tuple(parts), of.origin)


def _known(values: Values) -> str | None:
    only = values[0] if len(values) == 1 else None
    if isinstance(only, Plain) and isinstance(only.value, int):
        return str(only.value)
    return only.known if isinstance(only, Text) else None


def _shown(rest: list[Values]) -> str:
    for value in rest[0] if rest else ():
        if isinstance(value, Text):
            return value.shown
        if isinstance(value, Unknown):
            return f"<{value.name or 'group'}>"
    return ""


def _like_a_name(values: Values, word: str | None) -> bool:
    """Whether what stands beside a word like GET is a name in Redis, and not a path or another method of HTTP."""
    if word in _HTTP or (word or "").startswith(("/", "http")) or is_raw_command(word or ""):
        return False
    return any(isinstance(value, Text) and ":" in value.shown for value in values)
