"""A look at a host on which all is well: a test says only what is sick."""

import io
from typing import Any

from msgspec.structs import replace
from rich.console import Console

from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.streams import GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.facts.unit import RelatedUnit, UnitState
from qtops.findings import Severity
from qtops.incidents import Hold, Incident
from qtops.reports.top import human
from qtops.reports.top.look import Look, Records
from qtops.reports.top.report import Report, report
from qtops.settings import Settings, Stream
from tests.checks.proposals.proposals import NOW_S, looks, reading

SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok")
NAME = "quantum-risk-proposal.service"
UNIT = UnitState(
    name=NAME,
    main_pid=4711,
    invocation_id="a" * 32,
    state_changed_s=NOW_S - 7200,
    active_enter_s=NOW_S - 7200,
    exec_main_start_s=NOW_S - 7200,
    memory_bytes=60 << 20,
    memory_max_bytes=512 << 20,
    cpu_s=72.0,
    related=(RelatedUnit("WantedBy", "multi-user.target", "loaded", "active"),),
    status_text="3/3 fresh",
)
EVENTS = "quantum:stream:risk.events"
SETTINGS = Settings(streams=(Stream(name=EVENTS, kind="event", maxlen=1000),))
HOSTILE = "]]><script>\x1b[31m[red]\n\u202e\udcff\x00"


def key(symbol: str = "BTCUSDT", age_s: float = 2.0, **sick: Any) -> KeyReading:
    """A proposal whose heartbeat is so old."""
    known: dict[str, Any] = {
        "family": "risk-proposal",
        "subject": symbol,
        "key": f"quantum:risk:proposal:{symbol}",
        "read_at_s": NOW_S,
        "present": True,
        "values": (str(int((NOW_S - age_s) * 1000)), str(NOW_S - age_s)),
    }
    return KeyReading(**{**known, **sick})


def stream(**sick: Any) -> StreamReading:
    """Three entries, the newest five seconds old, and one group that has them all."""
    ids = tuple(f"{int((NOW_S - 5 - 60 * number) * 1000)}-0" for number in range(3))
    known: dict[str, Any] = {
        "name": EVENTS, "read_at_s": NOW_S, "length": 3, "first_id": ids[-1], "last_id": ids[0], "last_generated_id": ids[0],
        "entries_added": 3, "recent_ids": ids, "fields": ("event",), "groups_count": 1,
        "groups": (GroupReading(name="guard", last_delivered_id=ids[0], entries_read=3, lag=0),),
    }  # fmt: skip
    return StreamReading(**{**known, **sick})


def incident(**other: Any) -> Incident:
    """The process died an hour ago."""
    known: dict[str, Any] = {
        "number": 12, "fingerprint": f"{NAME}|process", "unit": NAME, "kind": "process", "title": "no module named publisher",
        "code": "IMPORT101", "began_s": NOW_S - 3600, "opened_s": NOW_S - 3599, "last_s": NOW_S - 30,
    }  # fmt: skip
    return Incident(**{**known, **other})


def look(**sick: Any) -> Look:
    """One service, two proposals and their keys, a stream, and a supervisor that has nothing to tell."""
    known: dict[str, Any] = {
        "host": "risk-1",
        "taken_at_s": NOW_S,
        "settings": SETTINGS,
        "units": ((NAME, UNIT),),
        "servers": (SERVER,),
        "keys": (key(), key("ETHUSDT")),
        "proposals": (
            looks(
                (
                    reading(),
                    reading("ETHUSDT", made={"side": "SHORT", "current_price": "99.5", "position_amt": "-0.5"}, trough=99.0),
                ),
            ),
        ),
        "streams": StreamFacts(looks=(StreamLook(taken_at_s=NOW_S, server=SERVER, streams=(stream(),)),), declared=(EVENTS,)),
        "records": Records(),
    }
    return Look(**{**known, **sick})


def sick() -> Report:
    """Something is wrong everywhere."""
    failed = replace(
        UNIT, active_state="failed", sub_state="failed", result="exit-code", exec_main_status=1, main_pid=0, n_restarts=5,
        memory_bytes=None, cpu_s=None, status_text="", state_changed_s=NOW_S - 61_440,
    )  # fmt: skip
    return report(
        look(
            units=((NAME, failed), ("gone.service", replace(UNIT, name="gone.service", load_state="not-found", main_pid=0))),
            keys=(key(), key("ETHUSDT", 25.0), key("SOLUSDT", 61_440.0)),
            proposals=(
                looks(
                    (reading(), reading("ETHUSDT", fields={"proposed_sl": "100.7"})),
                ),
            ),
            records=Records(
                incidents=(
                    incident(),
                    incident(number=13, kind="output", severity=Severity.WARNING, title="2 keys are late", code=""),
                ),
                holds=(Hold(unit="gone.service", until_s=NOW_S + 5400, why="until the move is over", by="ops", made_s=NOW_S - 60),),
            ),
            missing=("systemd: other.service did not answer",),
        )
    )


def printed(found: Report, width: int = 120, rows: int | None = None) -> str:
    """As it stands on a terminal of that size."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(human.render(found, rows))
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]
