"""A healthy service, as facts: a test says only what is sick."""

from typing import Any

from msgspec.structs import replace

from publisher.timestamps import utc_iso
from qtops.checks.registry import BY_CODE
from qtops.facts.journal import Event, Frame, JournalFacts, Line, Run, Traceback
from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.service import Facts, ProcessFacts, RedisFacts, ServiceFacts
from qtops.facts.unit import RelatedUnit, UnitState
from qtops.findings import Finding, Severity
from qtops.settings import Settings

from .readings import family
from .starts import HEALTHY as HEALTHY_START

NOW_S = 1_790_000_000.0
BEGAN_S = NOW_S - 3_600
ENDED_S = NOW_S - 1_800
INVOCATION = "0123456789abcdef0123456789abcdef"
NAME = "app.service"
SETTINGS = Settings(families=(family(),), services=())
TARGET = RelatedUnit("WantedBy", "multi-user.target", "loaded", "active")
REDIS_UNIT = RelatedUnit("Requires", "redis-server.service", "loaded", "active", "success")
ALERT = RelatedUnit("OnFailure", "alert@app.service", "loaded", "inactive")
URL = "redis://127.0.0.1:6379/0"

UNIT = UnitState(
    name=NAME,
    fragment_path="/etc/systemd/system/app.service",
    restart="always",
    restart_s=10.0,
    interval_s=300.0,
    main_pid=4711,
    invocation_id=INVOCATION,
    state_changed_s=BEGAN_S,
    inactive_exit_s=BEGAN_S,
    active_enter_s=BEGAN_S,
    exec_main_start_s=BEGAN_S,
    condition_s=BEGAN_S,
    assert_s=BEGAN_S,
    related=(TARGET, REDIS_UNIT, ALERT),
    user="app",
    working_directory="/srv/app",
    memory_bytes=60 << 20,
)
JOURNAL = JournalFacts(
    invocation=INVOCATION,
    lines=(Line(BEGAN_S + 1, "ready", pid=4711), Line(NOW_S - 5, "cycle done in 3 ms", pid=4711)),
    events=(Event(BEGAN_S, "started", "Started app.service.", invocation=INVOCATION),),
    runs=(Run(INVOCATION, BEGAN_S, None),),
)
FRESH = KeyReading("app", "BTC", "app:BTC", NOW_S, True, (utc_iso(NOW_S - 1),))
HEALTHY = ServiceFacts(
    subject=NAME,
    unit=UNIT,
    start=HEALTHY_START,
    journal=JOURNAL,
    process=ProcessFacts(
        pid=4711, started_s=BEGAN_S, exe="/usr/bin/python3.11", cwd="/srv/app", rss_bytes=60 << 20, state="sleeping"
    ),
    source_changed_s=BEGAN_S - 86_400,
    redis=RedisFacts(ServerReading(URL, "ok"), "REDIS_URL at /etc/app.env:3"),
    families=("app",),
    keys=(FRESH,),
)


def service(**changes: Any) -> ServiceFacts:
    """The healthy service with some facts replaced."""
    return replace(HEALTHY, **changes)


def unit(**changes: Any) -> ServiceFacts:
    """Its unit with some properties replaced."""
    return replace(HEALTHY, unit=replace(UNIT, **changes))


def journal(facts: ServiceFacts, **changes: Any) -> ServiceFacts:
    """That service with some of its journal replaced."""
    return replace(facts, journal=replace(facts.journal, **changes))


def down(result: str = "exit-code", code: str = "exited", status: int = 1, /, **changes: Any) -> ServiceFacts:
    """It failed half an hour ago: with an exit status of 1 where nothing else is said. No alert is missing."""
    state = {"active_state": "failed", "sub_state": "failed", "result": result, "main_pid": 0, "restart": "no"}
    ended = {"exec_main_code": code, "exec_main_status": status, "exec_main_exit_s": ENDED_S, "inactive_enter_s": ENDED_S}
    ended |= {"active_exit_s": ENDED_S, "state_changed_s": ENDED_S}
    changed = {**state, **ended, **changes}
    told = Event(ENDED_S, "failed", f"app.service: Failed with result '{result}'.", result=result, invocation=INVOCATION)
    facts = replace(HEALTHY, unit=replace(UNIT, **changed), process=None, keys=())
    return journal(facts, lines=(Line(BEGAN_S, "ready"),), events=(*JOURNAL.events, told))


def stopped(*events: Event, **changes: Any) -> ServiceFacts:
    """It is inactive, after a run that ended with success; systemd said this of it besides."""
    facts = down("success", "killed", 15, **{"active_state": "inactive", "sub_state": "dead", **changes})
    return journal(facts, events=(*JOURNAL.events, *events))


def never_started(*events: Event, **changes: Any) -> ServiceFacts:
    """It is inactive, and nothing of it has run since the boot."""
    none = dict.fromkeys(("inactive_exit_s", "active_enter_s", "active_exit_s", "inactive_enter_s", "state_changed_s"))
    none |= dict.fromkeys(("exec_main_start_s", "exec_main_exit_s", "condition_s", "assert_s"))
    facts = stopped(**{"exec_main_code": "", "exec_main_status": 0, "invocation_id": "", **none, **changes})
    return replace(facts, journal=JournalFacts(events=events))


def looping(restarts: int = 40, *, last_line: str = "RuntimeError: boom", **changes: Any) -> ServiceFacts:
    """It ends after a second, and is started again ten seconds later; the last five of its runs are in the journal."""
    ends = [NOW_S - 5 - 11 * ago for ago in reversed(range(5))]
    runs = tuple(Run(f"{i:032x}", end - 1, end, "exited", 1, last_line) for i, end in enumerate(ends))
    waits = {"active_state": "activating", "sub_state": "auto-restart", "n_restarts": restarts, "interval_s": 10.0}
    last = {"exec_main_start_s": ends[-1] - 1, "exec_main_exit_s": ends[-1], "inactive_enter_s": ends[-1], "restart": "always"}
    return journal(down(**{**waits, **last, **changes}), runs=runs)


def traceback(message: str = "RuntimeError: boom", *frames: Frame, at_s: float = ENDED_S, **changes: Any) -> Traceback:
    """The last words of the last run."""
    given = frames or (Frame("/srv/app/main.py", 12, "<module>"), Frame("/srv/app/jobs.py", 7, "run"))
    kind = message.partition(":")[0]
    return Traceback(at_s, kind, message, given, **{"invocation": INVOCATION, "final": True, **changes})


def said(facts: ServiceFacts, *texts: str, at_s: float = ENDED_S, source: str = "service") -> ServiceFacts:
    """That service, with these as the last lines of its journal."""
    return journal(facts, lines=(*facts.journal.lines, *(Line(at_s, text, source) for text in texts)))


def host(facts: ServiceFacts, **changes: Any) -> Facts:
    """The host that it was seen on."""
    given = {"host": "trader-1", "taken_at_s": NOW_S, "settings": SETTINGS, "booted_s": NOW_S - 864_000}
    return Facts(services=(facts,), **{**given, **changes})


def findings(code: str, facts: ServiceFacts) -> list[Finding]:
    """What one check says."""
    return list(BY_CODE[code].judge(facts, host(facts)))


def told(code: str, facts: ServiceFacts) -> str:
    """All that its one finding says."""
    (finding,) = findings(code, facts)
    return "\n".join((finding.summary, *finding.evidence, finding.remedy))


def severity(code: str, facts: ServiceFacts) -> Severity:
    """How bad its one finding is."""
    (finding,) = findings(code, facts)
    return finding.severity
