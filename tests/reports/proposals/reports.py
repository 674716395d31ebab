"""Reports on proposals that are in order by default: a test says what is sick."""

from typing import Any

from qtops.facts.service import Facts
from qtops.reports.proposals.report import Report
from qtops.reports.proposals.report import report as made
from tests.checks.proposals.proposals import NOW_S, SETTINGS, absent, looks, reading

SYNTHETIC = {"position_source": "synthetic"}
HOSTILE = "]]><script>'\"&|\x1b[31m[red]\n`${x}`\u202e,=;\udcff\x00"


def facts(*readings: Any, **more: Any) -> Facts:
    """One look at these proposals, or at one that is in order."""
    return Facts(host="risk-1", taken_at_s=NOW_S, proposals=looks(readings or (reading(),), **more), settings=SETTINGS)


def report(*readings: Any, **more: Any) -> Report:
    """What is said of them."""
    return made(facts(*readings, **more))


def every_state() -> Report:
    """One in order, one invented and beyond its target, one stale, one without numbers, one absent, one that cannot be read."""
    return report(
        reading("BTCUSDT"),
        reading("ETHUSDT", fields=SYNTHETIC | {"proposed_sl": "110"}),
        reading("SOLUSDT", fields={"heartbeat_ms": str(int((NOW_S - 45) * 1000))}),
        reading("XRPUSDT", fields={"proposed_sl": "nan", "proposed_tp": "1e400", "position_current_price": HOSTILE}),
        absent("ADAUSDT"),
        reading(
            "DOTUSDT", present=None, fields={}, trouble="wrong_type", detail="the key is no hash", advice="find who writes there"
        ),
    )


def hostile() -> Report:
    """As if the edge had let everything through."""
    bad = reading(fields=dict.fromkeys(("position_side", "proposed_sl", "reason_codes", "flags", "position_source"), HOSTILE))
    lost = absent(HOSTILE, present=None, key=HOSTILE, trouble=HOSTILE, detail=HOSTILE, advice=HOSTILE)
    return report(bad, lost, missing=(HOSTILE,))
