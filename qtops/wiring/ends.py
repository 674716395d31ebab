"""The ends of one unit: every command on every name, as facts."""

import ast
import re
from collections import defaultdict
from dataclasses import dataclass, replace

import msgspec

from qtops.facts.text import printable
from qtops.facts.wiring import End, Unresolved
from qtops.wiring.accesses import Accesses
from qtops.wiring.commands import EXPIRING, FIRST_WRITES, SECOND_WRITES
from qtops.wiring.contexts import MOST_CONTEXTS, contexts
from qtops.wiring.evaluate import Evaluator
from qtops.wiring.outline import Scope
from qtops.wiring.raw import Said
from qtops.wiring.speaking import Candidate, Speaking, candidate
from qtops.wiring.state import MOST_STEPS_OF_UNIT
from qtops.wiring.values import Frame, Hole, Plain, Reply, Text, Unknown, Value

MOST_RECEIVER_STEPS = 400  # to tell whether something is a client at all
MOST_NAMES = 32  # of one command at one place


@dataclass(slots=True)
class _Found:
    """An end on its way, and what is still to be learnt of it."""

    end: End
    scope: Scope
    node: ast.expr
    alone: bool
    """Whether its command has this one name: then fields that are read are its fields."""


class Ends:
    """Collects what the reached code of one unit says to Redis."""

    def __init__(self, unit: str, evaluator: Evaluator) -> None:
        self._unit, self._evaluator = unit, evaluator
        self._speaking = Speaking(evaluator)
        self._found: list[_Found] = []
        self.unresolved: dict[Unresolved, None] = {}
        self.missing: list[str] = []

    def collect(self) -> list[End]:
        """All ends, in the order of the source."""
        for outline in self._evaluator.closure.outlines:
            for scope in outline.scopes:
                if scope in self._evaluator.reached and scope.suspects:
                    self._read(scope)
        if self._evaluator.all_steps >= MOST_STEPS_OF_UNIT:
            self.missing.append("there is too much source to follow: what was left of it is not read")
        self._note_expiries()
        self._note_fields()
        order = {outline.path: at for at, outline in enumerate(self._evaluator.closure.outlines)}
        return sorted(dict.fromkeys(found.end for found in self._found), key=lambda end: _place(end.where, order))

    def _read(self, scope: Scope) -> None:
        for node in sorted(scope.suspects, key=lambda node: (node.lineno, node.col_offset)):
            self._evaluator.begin(MOST_RECEIVER_STEPS)
            try:
                found = candidate(self._evaluator, node, scope)
                if found is not None:
                    self._evaluator.begin()
                    self._say(found)
            except RecursionError:
                self.missing.append(f"{self._evaluator.where(scope, node)}: it is nested too deeply to be followed")

    def _say(self, found: Candidate) -> None:
        frames = contexts(self._evaluator, found.scope, found.naming)
        every = [(frame, said) for frame in frames[:MOST_CONTEXTS] for said in self._speaking.said(found, frame)]
        names = {(said.command, name.shown if name is not None else "") for _, said in every for name in map(_name, said.names)}
        several = len({frame.at for frame, _ in every}) > 1
        if len(names) == 1 and (several or "<" in next(iter(names))[1]):
            said = _joined([said for _, said in every], all_seen=len(frames) <= MOST_CONTEXTS)  # no caller has a name of its own
            every = [(self._evaluator.base(found.scope), said)]
        for frame, said in every:
            self._add(found, said, frame)
        if (len(frames) > MOST_CONTEXTS and len(names) > 1) or len(names) > MOST_NAMES:
            where = self._evaluator.where(found.scope, found.node)
            why = f"more than {MOST_NAMES} names or calls are possible here: the others are left out"
            self.unresolved[Unresolved(self._unit, every[0][1].command, where, why)] = None

    def _add(self, found: Candidate, said: Said, frame: Frame) -> None:
        where = frame.at or self._evaluator.where(found.scope, found.node)
        texts = [name for value in said.names if (name := _name(value)) is not None]
        named = _certain(list(dict.fromkeys(text for text in texts if text.says_something)))
        for name in named[:MOST_NAMES]:
            at = next(at for at, value in enumerate(said.names) if _name(value) == name)
            self._found.append(_Found(self._end(said, name, where, at), found.scope, found.node, len(named) == 1))
        lost = said.row.keys != "1" and any(isinstance(value, Unknown) for value in said.names) if named else True
        if lost:
            self.unresolved[Unresolved(self._unit, said.command, where, printable(_why(said, texts)))] = None

    def _end(self, said: Said, name: Text, where: str, at: int) -> End:
        row = said.row
        direction = row.direction
        if (said.row.name in SECOND_WRITES and at == 1) or (said.row.name in FIRST_WRITES and at == 0):
            direction = "write"
        elif said.row.name in {"RENAME", "RENAMENX", "COPY"} and at == 0:
            direction = "read"
        return End(
            unit=self._unit,
            name=printable(name.shown),
            command=said.command,
            direction=direction,
            kind=row.kind,
            where=where,
            origin=printable(", ".join(name.origin)) or "literal",
            fields=tuple(map(printable, said.fields)),
            fields_known=said.fields_known,
            group=printable(said.group),
            creates=said.creates,
            capped=said.capped,
            expires=said.expires if direction == "write" else None,
        )

    # ---- what other commands and later lines say of an end

    def _note_expiries(self) -> None:
        here: dict[Scope, set[str]] = defaultdict(set)
        anywhere: set[str] = set()
        trimmed: dict[Scope, set[str]] = defaultdict(set)
        for found in self._found:
            if found.end.command in EXPIRING:
                here[found.scope].add(found.end.name)
                anywhere.add(found.end.name)
            elif found.end.command == "XTRIM":
                trimmed[found.scope].add(found.end.name)
        for found in self._found:
            end = found.end
            if end.expires is False and end.name in anywhere:
                found.end = msgspec.structs.replace(end, expires=True if end.name in here[found.scope] else None)
            if end.capped is False and end.name in trimmed[found.scope]:
                found.end = msgspec.structs.replace(found.end, capped=True)

    def _note_fields(self) -> None:
        calls = {found.node: found for found in self._found if found.end.direction == "read" and found.alone}
        if not calls:
            return
        accesses = Accesses(self._evaluator).of(set(calls))
        for found in self._found:
            names = accesses.get(found.node)
            if names and found.alone and not found.end.fields:
                found.end = msgspec.structs.replace(found.end, fields=tuple(map(printable, sorted(names))))


def _joined(several: list[Said], *, all_seen: bool) -> Said:
    """One command as all of its callers give it: it has the fields of each of them."""
    fields = tuple(dict.fromkeys(field for said in several for field in said.fields))
    known = all_seen and all(said.fields_known for said in several)
    return replace(several[0], fields=fields, fields_known=known)


def _certain(names: list[Text]) -> list[Text]:
    """Without patterns that stand for names which are known: more of them may exist, and a pattern would pass for anything."""
    known = [name.known for name in names if name.known is not None]
    return [name for name in names if name.known is not None or not any(_matches(name, other) for other in known)]


def _matches(pattern: Text, name: str) -> bool:
    return re.fullmatch("".join(re.escape(part) if isinstance(part, str) else ".*" for part in pattern.parts), name) is not None


def _place(where: str, order: dict[str, int]) -> tuple[int, int]:
    path, _, line = where.rpartition(":")
    return order.get(path, len(order)), int(line)


def _name(value: Value) -> Text | None:
    if isinstance(value, Text):
        return value
    if isinstance(value, Plain) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return Text((str(value.value),))
    return None


def _why(said: Said, texts: list[Text]) -> str:
    for value in said.names:
        if isinstance(value, Unknown) and value.why:
            return value.why if value.why.startswith("the name") else f"the name is {_called(value)}{value.why}"
        if isinstance(value, Reply):
            return f"the name is read from Redis ({value.command})"
    for text in texts:
        for part in text.parts:
            if isinstance(part, Hole) and part.why:
                return f"the name is <{part.name}>: {part.why}"
    return f"the name is {texts[0].shown}, of which nothing is known" if texts else "the name is nothing that could be followed"


def _called(value: Unknown) -> str:
    return f"<{value.name}>: " if value.name else "not known: "
