"""Reports that are in order by default: a test says what is sick."""

from typing import Any

from msgspec.structs import replace

from qtops.facts.keys import ClockReading, ServerReading
from qtops.findings import Doubt, Finding, Judged, Severity
from qtops.reports.checked.document import Common, common, encode
from qtops.reports.checked.report import Checked, subjects

NOW_S = 1_771_372_692.0  # 2026-02-17T23:58:12Z
UP = ServerReading("redis://127.0.0.1:6390/0", "ok", clock=ClockReading(NOW_S, NOW_S, 0.001))
DOWN = ServerReading(UP.url, "down", "start it", "Connection refused")
HOSTILE = "]]><script>'\"&|\x1b[31m[red]\n`${x}`\u202e,=;\udcff\x00"


class Document(Common, frozen=True, kw_only=True, tag_field="schema", tag="qtops.sample/1"):
    """The JSON form of these reports."""

    share: float


def render(report: Checked) -> str:
    """The JSON form; one number in it is none."""
    return encode(Document(**common(report), share=float("nan")))


def finding(subject: str = "BTC", code: str = "PROPOSAL101", severity: Severity = Severity.CRITICAL, **changes: Any) -> Finding:
    """A finding with something in each of its fields."""
    given = Finding(code, severity, subject, "the stop lies above the target", ("stop 105.97", "target 105"), "Do not place it")
    return replace(given, **changes)


def report(*answers: Finding | Doubt, names: tuple[str, ...] = ("BTC", "ETH"), **changes: Any) -> Checked:
    """A report on two proposals that are in order."""
    judged = Judged.of(answers, changes.pop("switched_off", ()))
    given = {"command": "verify proposals", "what": "proposals", "host": "risk-1", "taken_at_s": NOW_S, "server": UP}
    return Checked(**{**given, "subjects": subjects(dict.fromkeys(names, "as it is"), judged), "judged": judged, **changes})


def hostile() -> Checked:
    """As if the edge had let everything through."""
    bad = finding(HOSTILE, evidence=(HOSTILE,), summary=HOSTILE, remedy=HOSTILE, where=HOSTILE)
    server = ServerReading(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    doubts = (Doubt("PROPOSAL102", HOSTILE, HOSTILE, HOSTILE), Doubt("PROPOSAL102", "elsewhere", HOSTILE))
    names = (HOSTILE, "BTC")
    return report(bad, *doubts, names=names, host=HOSTILE, server=server, missing=(HOSTILE,), headline=HOSTILE)


def many(count: int) -> Checked:
    """Each of so many is sick, and each in doubt."""
    names = tuple(f"S{number}" for number in range(count))
    return report(*map(finding, names), *(Doubt("PROPOSAL102", name, "no price") for name in names), names=names)
