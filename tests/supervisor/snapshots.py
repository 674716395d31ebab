"""A snapshot of a supervisor that has nothing to complain of; a test says what is sick."""

from typing import Any

from qtops.findings import Finding, Severity
from qtops.incidents import Incident, Outcome, Stands
from qtops.supervisor.snapshot import KeyAge, Snapshot

NOW_S = 1_771_308_363.5
UNIT = "quantum-risk-proposal.service"


def healthy(**sick: Any) -> Snapshot:
    """One unit that is up, two fresh keys, all sources there."""
    known: dict[str, Any] = {
        "at_s": NOW_S,
        "began_s": NOW_S - 3600,
        "units": (Stands(unit=UNIT, at_s=NOW_S, main_pid=7, since_s=NOW_S - 600),),
        "outcomes": (Outcome(unit=UNIT, at_s=NOW_S - 2, redis="redis://127.0.0.1:6379/0", took_s=0.0125),),
        "ages": (
            KeyAge("risk-proposal", "BTCUSDT", 3.5, "FRESH", 20.0),
            KeyAge("risk-proposal", "ETHUSDT", 4.25, "FRESH", 20.0),
        ),
        "sources": {"systemd": True, "journal": True, "redis": True, "store": True},
    }
    return Snapshot(**{**known, **sick})


def incident(**other: Any) -> Incident:
    """The process of the unit died an hour ago, and nobody has said a word yet."""
    known: dict[str, Any] = {
        "number": 12,
        "fingerprint": f"{UNIT}|process",
        "unit": UNIT,
        "kind": "process",
        "title": "exit status 1",
        "began_s": NOW_S - 3600,
        "opened_s": NOW_S - 3599,
        "last_s": NOW_S - 30,
    }
    return Incident(**{**known, **other})


def finding(code: str = "KEY101", severity: Severity = Severity.CRITICAL) -> Finding:
    """A finding of that code."""
    return Finding(code, severity, "BTCUSDT", "old", (), "")
