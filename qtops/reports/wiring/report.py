"""What ``qtops map`` found: one row per name and per unit, silent streams, and what could not be told."""

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Final

from msgspec.structs import replace

from qtops.checks.wiring.joined import Name
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.registry import judge_map
from qtops.checks.wiring.silence import Silence, State, is_silent
from qtops.checks.wiring.silence import judge as why_silent
from qtops.facts.service import Facts
from qtops.facts.wiring import Unresolved, WiringFacts
from qtops.findings import Finding, Judged, Severity, Verdict
from qtops.reports.checked.report import Checked, Subject, subjects
from qtops.reports.wiring.rows import NameRow, Pair, UnitRow, kind_of, name_row, unit_rows

GRAVITY: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}
WORST: Final = 3
OF_TWO: Final = frozenset({"WIRING103", "WIRING108"})
"""Checks whose findings concern two names, and stand on the one that is read."""
VERDICTS: Final[dict[State, Verdict]] = {
    "flowing": Verdict.OK, "idle": Verdict.OK, "unknown": Verdict.UNKNOWN, "broken": Verdict.CRITICAL, "unfed": Verdict.WARNING,
}  # fmt: skip


class MapReport(Checked, frozen=True, kw_only=True):
    """The map. ``silences`` is one per silent stream, or, where ``control_plane`` was asked for, one per stream of it."""

    rows: tuple[NameRow, ...]
    units: tuple[UnitRow, ...]
    unresolved: tuple[Unresolved, ...]
    silences: tuple[Silence, ...]
    pairs: tuple[Pair, ...]
    found: tuple[str, ...]  # further streams in Redis, of which no source speaks
    control_plane: bool = False

    @property
    def worst(self) -> tuple[Finding, ...]:
        """The gravest findings, of equal ones the furthest upstream."""
        grave = (finding for finding in self.judged.findings if finding.severity is not Severity.INFO)
        return tuple(sorted(grave, key=lambda finding: GRAVITY[finding.severity])[:WORST])


def report(facts: Facts, *, units: Collection[str] = (), pattern: str = "", control_plane: bool = False) -> MapReport:
    """The map of these facts; only what ``units`` (full names) are connected to, only names that match ``pattern``."""
    wiring = Map(facts.wiring or WiringFacts(taken_at_s=facts.taken_at_s, units=()), facts.settings)
    asked = [stream.name for stream in facts.settings.streams if stream.control_plane] if control_plane else []
    chosen = _with_partners(wiring, [name for name in wiring.names.values() if _is_chosen(name, units, pattern)])
    if control_plane:
        chosen = [wiring.names.get(name, Name(name=name)) for name in asked]
    chosen.sort(key=wiring.rank)
    names = {name.name for name in chosen}
    judged = _about(judge_map(wiring), names, whole=not (units or pattern or control_plane))
    silences = tuple(why_silent(wiring, name) for name in chosen if control_plane or is_silent(wiring, name))
    codes: dict[str, list[str]] = {}
    for finding in judged.findings:
        codes.setdefault(finding.subject, []).append(finding.code)
    for pair in wiring.mismatches:  # what is found on the name that is read concerns the one that is written as well
        codes.setdefault(pair.written.name, []).extend(code for code in codes.get(pair.read.name, ()) if code in OF_TWO)
    states = {silence.name: silence.state for silence in silences}
    made = _subjects(chosen, judged, states if control_plane else {})
    rows = tuple(
        name_row(wiring, name, subject.verdict, tuple(dict.fromkeys(codes.get(name.name, ()))), states.get(name.name))
        for name, subject in zip(chosen, made, strict=True)
    )
    looks = wiring.facts.streams.looks if wiring.facts.streams else ()
    return MapReport(
        command="map",
        what="streams" if control_plane else "names",
        host=facts.host,
        taken_at_s=facts.taken_at_s,
        server=looks[-1].server if looks else None,
        subjects=made,
        judged=judged,
        missing=(*(why.told for why in facts.missing), *wiring.facts.missing, *_unread(wiring, units)),
        rows=rows,
        units=unit_rows(wiring, chosen, units, whole=not (pattern or control_plane)),
        unresolved=tuple(command for command in wiring.unresolved if not units or command.unit in units),
        silences=silences,
        pairs=tuple(Pair(p.read.name, p.written.name, p.how, p.variable) for p in wiring.mismatches if p.read.name in names),
        found=() if units or pattern or control_plane else wiring.facts.found,
        control_plane=control_plane,
    )


def _is_chosen(name: Name, units: Collection[str], pattern: str) -> bool:
    if units and not any(end.unit in units for end in name.ends):
        return False
    return not pattern or fnmatchcase(name.name, pattern)


def _with_partners(wiring: Map, chosen: list[Name]) -> list[Name]:
    """These names, and those that they were meant to be one with: the unit that writes asks about what others read."""
    names = {name.name for name in chosen}
    partners = (
        side for pair in wiring.mismatches if names & {pair.read.name, pair.written.name} for side in (pair.read, pair.written)
    )
    return list({name.name: name for name in (*chosen, *partners)}.values())


def _about(judged: Judged, names: Collection[str], *, whole: bool) -> Judged:
    """What was found on these names."""
    if whole:
        return judged
    return Judged(
        tuple(finding for finding in judged.findings if finding.subject in names),
        tuple(doubt for doubt in judged.doubts if doubt.subject in names),
        tuple(finding for finding in judged.off if finding.subject in names),
    )


def _unread(wiring: Map, units: Collection[str]) -> Iterator[str]:
    """What there is no map of: units whose source could not be read, or nothing at all, and what would help."""
    looked_at = [unit for unit in wiring.facts.units if not units or unit.unit in units]
    for unit in looked_at:
        yield from (f"{unit.unit}: {reason}" for reason in unit.missing)
        if unit.load_state == "not-found" and not unit.files:
            yield f"{unit.unit}: no such unit (`systemctl list-unit-files --type=service` lists those that there are)"
    if not looked_at:
        yield "no unit of this host's own starts a Python program: name units (UNIT, --units), or a folder of source (--source DIR)"
    elif not wiring.names and not wiring.unresolved:
        yield "no source that was read speaks of any name in Redis: name more units, or a folder of source (--source DIR)"


def _subjects(chosen: list[Name], judged: Judged, states: dict[str, State]) -> tuple[Subject, ...]:
    """One per name; those that have a verdict of their own have at least that one."""
    made = subjects({name.name: _line(name) for name in chosen}, judged)
    return tuple(
        replace(subject, verdict=VERDICTS[states[subject.name]])
        if subject.verdict is Verdict.OK and subject.name in states
        else subject
        for subject in made
    )


def _line(name: Name) -> str:
    counts = ((len({end.unit for end in ends}), noun) for ends, noun in ((name.writers, "writer"), (name.readers, "reader")))
    return f"{kind_of(name) or 'key'}, " + ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
