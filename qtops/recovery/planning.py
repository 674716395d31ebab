"""From a diagnosis to a plan: choose a remedy for each finding, patch in memory, and see what the next start would then do.

Nothing is written here. A plan exists only where the counterfactual holds: the same look at the next start, over the patched tree,
finds nothing that would stop it. What could not be told is said, and is no plan either.
"""

import hashlib
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Final

import msgspec

from qtops.actions.compiling import whose
from qtops.causes.agreement import STOPS_A_START
from qtops.checks.counterfactual import Remains, remains
from qtops.checks.standing import UP
from qtops.collectors.counterfactual import what_if
from qtops.findings import Finding, Severity
from qtops.recovery.drafting import CannotDraft, Draft, draft
from qtops.recovery.looking import Looked
from qtops.remedies.offered import besides, remedies
from qtops.reports.recovery.report import Option
from qtops.steps import Call, RecoveryPlan, Remedy, Run, Step

MOST_TRIED: Final = 8  # combinations of remedies: each is one more walk of the start
ALSO_MENDED: Final = frozenset({"UNIT216", "UNIT219"}) | STOPS_A_START  # of a service that runs: what the next start would meet
DOWN: Final = frozenset({"failed", "restarts", "does not run", "not loaded"})


@dataclass(frozen=True)
class Planned:
    """What can be done. Without a plan, ``why_none`` says why; an empty ``why_none`` then means that there is nothing to do."""

    plan: RecoveryPlan | None = None
    contents: dict[str, bytes] | None = None  # of files before and after, by hash
    options: tuple[Option, ...] = ()
    notes: tuple[str, ...] = ()
    why_none: str = ""
    draft: Draft | None = None


def to_mend(looked: Looked) -> tuple[Finding, ...]:
    """The findings that a recovery is for: of a service that is down the root and what comes after it; of one that runs what the
    next start would meet, and a critical root. What else is wrong is mended only where a remedy is asked for by its name.
    """
    diagnosis = looked.diagnosis
    found = (*((diagnosis.root,) if diagnosis.root else ()), *diagnosis.path)
    if diagnosis.condition in DOWN:
        return found
    return tuple(one for one in found if one.code in ALSO_MENDED or (one == diagnosis.root and one.severity is Severity.CRITICAL))


def plan(looked: Looked, wanted: Sequence[str] = ()) -> Planned:
    """The smallest plan that holds. ``wanted`` are names of remedies that were asked for."""
    mended = to_mend(looked)
    if not (mended or wanted):
        return Planned()
    known = remedies(looked.diagnosis, looked.service, looked.facts)
    there = [group for group in (*known, *besides(looked.diagnosis, looked.service, looked.facts)) if group]
    unknown = sorted(set(wanted) - {remedy.name for group in there for remedy in group})
    if unknown:
        names = ", ".join(remedy.name for group in there for remedy in group) or "none"
        return Planned(options=_untaken(there, {}), why_none=f"no remedy is called {', '.join(unknown)}; there are: {names}")
    codes = {finding.code for finding in mended}
    groups = [group for group in there if group[0].code in codes or any(remedy.name in wanted for remedy in group)]
    if not groups:
        return Planned(why_none=f"no remedy is known for {mended[0].code}: {mended[0].remedy or mended[0].summary}")
    return _first_that_holds(looked, groups, wanted, tuple(dict.fromkeys(group[0].code for group in groups)))


def _first_that_holds(
    looked: Looked, groups: Sequence[tuple[Remedy, ...]], wanted: Sequence[str], codes: tuple[str, ...]
) -> Planned:
    """Try combinations of one remedy per finding, the smallest first, until the patched tree starts."""
    choices = [_choices(group, wanted) for group in groups]
    reasons: dict[str, str] = {}
    if not any(choices):
        first = groups[0][0]
        if first.by_hand:
            return Planned(options=_untaken(groups, reasons), why_none=f"a person has to do this: {first.title} ({first.by_hand})")
        why = f"this is run only when asked for by name (--remedy {first.name}): {first.title}"
        return Planned(options=_untaken(groups, reasons), why_none=why)
    for chosen in list(product(*filter(None, choices)))[:MOST_TRIED]:
        try:
            made = draft(looked, chosen)
        except CannotDraft as error:
            reasons |= {remedy.name: str(error) for remedy in chosen if remedy.name == error.remedy}
            continue
        left = _left(looked, chosen, made, codes)
        if left.holds:
            found = _plan(looked, chosen, made, codes)
            return Planned(found, made.contents, _options(groups, chosen, reasons), (*left.told, *made.notes), draft=made)
        reasons |= dict.fromkeys((remedy.name for remedy in chosen), left.why)
    why = next(iter(reasons.values()), "no combination of remedies makes the next start succeed")
    return Planned(options=_untaken(groups, reasons), why_none=f"not offered, since the counterfactual does not hold: {why}")


def _choices(group: Sequence[Remedy], wanted: Sequence[str]) -> tuple[Remedy, ...]:
    named = tuple(remedy for remedy in group if remedy.name in wanted and not remedy.by_hand)
    return named or tuple(remedy for remedy in group if remedy.is_offered)


def _left(looked: Looked, chosen: Sequence[Remedy], made: Draft, codes: tuple[str, ...]) -> Remains:
    """What the next start would meet in the patched tree."""
    before, unit = looked.service.start, looked.service.unit
    changed = any(remedy.changes for remedy in chosen)
    if before is None or unit is None or not changed or any(remedy.command for remedy in chosen):
        return Remains.untouched()
    drop_ins = {path: data for path, data in made.new.items() if path in made.drop_ins}
    contents = {path: data for path, data in made.new.items() if path not in made.drop_ins}
    after = what_if(unit, contents, made.modes, drop_ins, looked.request.source)
    return remains(before, after, codes, STOPS_A_START)


def _plan(looked: Looked, chosen: Sequence[Remedy], made: Draft, codes: tuple[str, ...]) -> RecoveryPlan:
    unit = looked.service.unit
    up = unit is not None and unit.active_state in {*UP, "activating"}
    now_s = time.time()
    stem = looked.unit.removesuffix(".service").replace("@", "-").replace("\\", "-")
    return RecoveryPlan(
        id=f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now_s))}-{stem[:80]}-{secrets.token_hex(2)}",
        host=looked.facts.host,
        unit=looked.unit,
        made_at_s=now_s,
        codes=tuple(code for code in codes if any(remedy.code == code for remedy in chosen)),
        remedies=tuple(remedy.name for remedy in chosen),
        fingerprint=fingerprint(looked.unit, chosen),
        was_up=up,
        steps=(*made.steps, *_commands(chosen), *_calls(looked, chosen, made, up=up)),
    )


def fingerprint(unit: str, chosen: Sequence[Remedy]) -> str:
    """What makes two recoveries the same: the unit, the findings, and what is changed, wherever in the file it stands."""
    changes = [
        {key: value for key, value in msgspec.to_builtins(change).items() if key != "line"}
        for change in chain.from_iterable(remedy.changes for remedy in chosen)
    ]
    told = msgspec.json.encode([unit, sorted({remedy.code for remedy in chosen}), changes, [r.command for r in chosen]])
    return hashlib.sha256(told).hexdigest()[:16]


def _commands(chosen: Sequence[Remedy]) -> Iterator[Step]:
    for remedy in chosen:
        if remedy.command:
            account = remedy.command_as or whose(remedy.command, "")
            yield Step(remedy.command, remedy.why, remedy.title, risk="there is no way back", action=Run(remedy.command, account))


def _calls(looked: Looked, chosen: Sequence[Remedy], made: Draft, *, up: bool) -> Iterator[Step]:
    """What systemd has to be asked for: to read its files again, to forget that it gave up, to start."""
    unit, state = looked.unit, looked.service.unit
    if made.drop_ins or (state is not None and state.need_daemon_reload):
        why = "systemd reads unit files only when it is told to"
        yield Step(_systemctl("daemon-reload"), why, way_back="again, once the files are back", action=Call("daemon-reload"))
    verbs = {remedy.verb for remedy in chosen} - {""}
    if not verbs:
        return
    if state is not None and (state.active_state == "failed" or state.n_restarts):  # a restart alone leaves the count of a loop
        why = "forgets that it failed, and how often it was started: without that the start limit may refuse it"
        yield Step(_systemctl("reset-failed", unit), why, way_back="none needed", action=Call("reset-failed", unit))
    verb: Call = Call("restart" if up or "restart" in verbs else "start", unit)
    back = f"restart {unit} once the files are back" if up else f"stop {unit}: down, as it was"
    yield Step(_systemctl(verb.verb, unit), "runs it on what is mended", "starts a new process", back, action=verb)


def _systemctl(*words: str) -> tuple[str, ...]:
    return ("systemctl", *words)


def _options(groups: Sequence[Sequence[Remedy]], chosen: Sequence[Remedy], reasons: dict[str, str]) -> tuple[Option, ...]:
    taken = {remedy.name for remedy in chosen}
    return tuple(
        Option(remedy, remedy.name in taken, "" if remedy.name in taken else _why_not(remedy, reasons, group[0]))
        for group in groups
        for remedy in group
    )


def _untaken(groups: Sequence[Sequence[Remedy]], reasons: dict[str, str]) -> tuple[Option, ...]:
    return _options(groups, (), reasons)


def _why_not(remedy: Remedy, reasons: dict[str, str], first: Remedy) -> str:
    if remedy.name in reasons:
        return reasons[remedy.name]
    if remedy.by_hand:
        return f"by hand only: {remedy.by_hand}"
    if remedy.command:
        return f"only when asked for: --remedy {remedy.name}"
    return f"{first.name} is smaller; --remedy {remedy.name} takes this one" if remedy is not first else ""
