"""Reports that are in order by default: a test says what is sick."""

from typing import Any

from qtops.checks.freshness import ClockCheck, Freshness, judge, judge_clock
from qtops.checks.intervals import Interval
from qtops.facts.keys import KeyReading, ServerReading
from qtops.findings import Verdict
from qtops.reports.freshness.report import Report, Tally
from tests.checks.readings import NOW_S, SETTINGS, absent, clock, family, reading, rule

URL = "redis://127.0.0.1:6390/0"
UP = ServerReading(URL, "ok", clock=clock())
HUNG = ServerReading(URL, "hung", "look for a stopped process", "Timeout reading from socket")
APP = family()
PROPOSALS = family(rule("computed_at", interval_s=60, warn_s=90, critical_s=150), name="proposal", pattern="p:{symbol}")
FAMILIES = {one.name: one for one in (APP, PROPOSALS)}
HOSTILE = "]]><script>'\"&|\x1b[31m[red]\n`${x}`\u202e,=;"


def verdict(one: KeyReading) -> Freshness:
    """The verdict on one reading of a known family."""
    return judge(one, FAMILIES[one.family], SETTINGS)


def proposal(age_s: float, symbol: str) -> KeyReading:
    """A proposal of that age."""
    return reading(age_s, family="proposal", subject=symbol, key=f"p:{symbol}")


def report(*readings: KeyReading, server: ServerReading = UP, keep_all: bool = True, **more: Any) -> Report:
    """A report on these readings, or on one that is in order."""
    tally = Tally(keep_all=keep_all)
    for one in readings or (reading(),):
        tally.add(verdict(one))
    given: dict[str, Any] = {"intervals": [], "missing": [], **more}
    check: ClockCheck = given.pop("clock", judge_clock(server.clock, SETTINGS.clock_skew_warn_s))
    return tally.report("risk-1", NOW_S, server, check, **given)


def every_state() -> Report:
    """One key in each state, two families, a slow writer, and a search that was given up."""
    return report(
        reading(3.25),
        reading(25, subject="ETH", key="app:ETH"),
        reading(45, subject="SOL", key="app:SOL"),
        reading(-3600, subject="XRP", key="app:XRP"),
        absent(subject="ADA", key="app:ADA"),
        absent(subject="DOT", key="app:DOT", witness=True),
        absent(subject="OP", key="app:OP", position="closed"),
        reading(values=("0.012886",), subject="ARB", key="app:ARB"),
        proposal(312.4, "BTC"),
        proposal(63_000, "ETH"),
        intervals=[
            Interval("app", "BTC", "beat", 10, Verdict.OK, "", 7, 60, 10.0, 10.2),
            Interval("proposal", "BTC", "computed_at", 10, Verdict.CRITICAL, "claims 10 s, measured 60.0 s", 4, 180, 60.0, 60.1),
            Interval("app", "ETH", "beat", 60, Verdict.UNKNOWN, "no update seen in 60.0 s", 1, 60, at_least_s=60.0),
        ],
        missing=["keys of app:{symbol} besides those listed: SCAN of 'app:{symbol}' was given up after 10 s"],
    )  # fmt: skip


def hung() -> Report:
    """Redis did not answer: nothing is known of any key."""
    unread = {"present": None, "values": (), "trouble": "hung", "detail": "not asked any more: Timeout reading from socket"}
    return report(reading(**unread), reading(**unread, subject="ETH", key="app:ETH"), server=HUNG)


def hostile() -> Report:
    """Names as the edge lets them through, and worse: as if it had let everything through."""
    row = Freshness(HOSTILE, HOSTILE, HOSTILE, *_stale(), HOSTILE, rule(HOSTILE), NOW_S - 99, 99.0, 4.95)
    tally = Tally(keep_all=True)
    tally.add(row)
    server = ServerReading(HOSTILE, "refused", HOSTILE, HOSTILE)
    return tally.report(HOSTILE, NOW_S, server, ClockCheck(Verdict.UNKNOWN, HOSTILE), intervals=[], missing=[HOSTILE])


def _stale() -> tuple[Any, Any]:
    stale = verdict(reading(45))
    return stale.state, stale.verdict
