"""Before and after, side by side: the same questions asked of every look."""

from collections.abc import Callable, Iterator

from qtops.chapters.criteria import remaining
from qtops.chapters.looks import Look
from qtops.chapters.published_keys import judged
from qtops.chapters.story import Story
from qtops.chapters.telling import cited, listed, untold
from qtops.checks.freshness import State
from qtops.evidence.document import Listed, Row, Section, Table, code, words
from qtops.facts.times import span, utc
from qtops.findings import Severity, Verdict

UNKNOWN = "could not tell"
_ROWS: tuple[tuple[str, Callable[[Look], str], tuple[str, ...]], ...]


def section(story: Story) -> Section:
    """The table; with one look alone there is nothing to compare."""
    looks = story.looks
    if not looks:
        why, command = "no look at the service is on record", f"qtops doctor {story.case.subject}"
        return Section("Before and after", (Listed((untold("what has changed", why, command),)),))
    head = (
        "What",
        *(
            f"{look.name}: {utc(look.facts.taken_at_s)}, {span(look.now_s - look.facts.taken_at_s)} before this report"
            for look in looks
        ),
    )
    rows = tuple(
        Row((what, *(ask(look) for look in looks)), cited(*(look.cites(*sources) or look.cites("host") for look in looks)))
        for what, ask, sources in _ROWS
    )
    gaps = [untold(f"how it was in the look {code(name)}", "it is not on record") for name in _lacking(story)]
    return Section("Before and after", (Table(head, rows), *listed(gaps)))


def _lacking(story: Story) -> Iterator[str]:
    wanted = ("before", "after", "now") if story.case.recovery is not None else ("before", "now")
    taken = {look.name for look in story.looks}
    yield from (name for name in wanted if name not in taken)


def _state(look: Look) -> str:
    unit = look.service.unit
    return words(f"{unit.active_state} ({unit.sub_state})") if unit is not None else UNKNOWN


def _result(look: Look) -> str:
    return words(look.service.unit.result) if look.service.unit is not None else UNKNOWN


def _restarts(look: Look) -> str:
    return str(look.service.unit.n_restarts) if look.service.unit is not None else UNKNOWN


def _process(look: Look) -> str:
    unit = look.service.unit
    if unit is None:
        return UNKNOWN
    return str(unit.main_pid) if unit.main_pid else "none"


def _keys(look: Look) -> str:
    known = judged(look)
    if not known:
        return UNKNOWN if look.service.families else "declares none"
    fresh = sum(one.verdict is Verdict.OK and one.state is not State.IDLE for _, one in known)
    idle = sum(one.state is State.IDLE for _, one in known)
    unread = sum(one.verdict is Verdict.UNKNOWN for _, one in known)
    told = f"{fresh} of {len(known) - idle}"
    return told + (f", {idle} rightly absent" if idle else "") + (f", {unread} could not be told" if unread else "")


def _oldest(look: Look) -> str:
    known = [one.age_s for _, one in judged(look) if one.age_s is not None]
    return span(max(known)) if known else UNKNOWN if look.service.families else "declares none"


def _root(look: Look) -> str:
    if look.diagnosis.root is not None:
        return code(look.diagnosis.root.code)
    return UNKNOWN if look.diagnosis.verdict is Verdict.UNKNOWN else "none found"


def _findings(look: Look, severity: Severity) -> str:
    codes = dict.fromkeys(code(one.code) for one in remaining(look) if one.severity is severity)
    return ", ".join(codes) or (UNKNOWN if look.diagnosis.verdict is Verdict.UNKNOWN else "none found")


def _critical(look: Look) -> str:
    return _findings(look, Severity.CRITICAL)


def _warnings(look: Look) -> str:
    return _findings(look, Severity.WARNING)


def _guards(look: Look) -> str:
    guards = look.guards
    if guards is None and look.service.events is None and not look.writes_proposals:
        return "not asked: it writes no proposals"
    return UNKNOWN if guards is None else ", ".join(code(guard.name) for guard in guards) or "none"


_ROWS = (
    ("State", _state, ("unit",)),
    ("Result", _result, ("unit",)),
    ("NRestarts", _restarts, ("unit",)),
    ("Main process", _process, ("unit",)),
    ("Root cause found", _root, ("unit", "start", "journal")),
    ("Critical findings", _critical, ("unit", "start", "journal", "keys", "proposals")),
    ("Warnings", _warnings, ("unit", "start", "journal", "keys", "proposals")),
    ("Keys that are fresh", _keys, ("keys", "redis")),
    ("Oldest key", _oldest, ("keys", "redis")),
    ("Guards in force", _guards, ("events",)),
)
