"""What a report printed as the proof that proposals were right, as facts.

``python -m tests.checks.proposals.seed_evidence`` records it.

Eleven of sixteen fields of one proposal, the levels of two others in log lines, and the times of two at two moments. Side, price,
position, market state and time to live were not printed, so they were not read.
"""

from pathlib import Path
from typing import Final

from publisher.contract import proposal_key
from publisher.timestamps import parse_timestamp
from qtops.bundle import save
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import ProposalFacts, ProposalLook, ProposalReading
from qtops.facts.service import Facts
from qtops.settings import PROPOSALS, Settings, TimeRule
from tests.checks.events.events import printed

PLACE: Final = Path(__file__).parents[2] / "data" / "seed_evidence.json.gz"
SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
PREVIOUS_S: Final = parse_timestamp("2026-02-17T23:57:12")  # "Previous check at 23:57:12"
MANUAL_S: Final = parse_timestamp("2026-02-17T23:58:02")  # "Manual check at 23:58:02"
NOT_PRINTED: Final = ("market state: not printed", "position: not printed")

LOGGED: Final = {  # "Published proposal for …: SL=$… TP=$… reasons=…"; the log line holds the first two reasons
    "BTCUSDT": {"proposed_sl": "105.9682", "proposed_tp": "106.2249", "reason_codes": "trail_active,sl_tightening"},
    "ETHUSDT": {"proposed_sl": "1171.2367", "proposed_tp": "1166.5500", "reason_codes": "trail_active,sl_tightening"},
    "SOLUSDT": {"proposed_sl": "2237.8545", "proposed_tp": "2227.0500", "reason_codes": "trail_active,sl_tightening"},
}
HGETALL: Final = {
    "proposed_sl": "105.96820863628776",
    "proposed_tp": "106.22489026532365",
    "stop_dist_pct": "0.007777081049674001",
    "tp_dist_pct": "0.011665621574510999",
    "trail_gap_pct": "0.010567613106557",
    "reason_codes": "trail_active,sl_tightening,regime_chop",
    "ts": "0.012886",
    "sigma": "0.01046083",
    "p_trend": "0.0",
    "p_mr": "0.095056",
}
COMPUTED: Final = {
    PREVIOUS_S: {"BTCUSDT": "2026-02-17T23:57:12.679984", "ETHUSDT": "2026-02-17T23:57:12.680370"},
    MANUAL_S: {"BTCUSDT": "2026-02-17T23:58:12.720666", "ETHUSDT": "2026-02-17T23:58:12.721735"},
}
DECLARED: Final = TimeRule(field="computed_at_utc", interval_s=10, warn_s=20, critical_s=30)  # "Interval: 10s"


def facts() -> Facts:
    """The evidence, with the settings that the document declares."""
    family = PROPOSALS.__class__(
        name=PROPOSALS.name, pattern=PROPOSALS.pattern, times=(DECLARED,), content="risk-proposal", only_while="open_position"
    )
    looks = tuple(_look(at_s) for at_s in (PREVIOUS_S, MANUAL_S))
    return Facts(
        host="quantum",
        taken_at_s=MANUAL_S,
        proposals=ProposalFacts(family=family.name, symbols=SYMBOLS, looks=looks),
        events=printed(MANUAL_S),  # "Appendix B: Risk Events Stream", a note
        settings=Settings(symbols=SYMBOLS, families=(family,)),
    )


def _look(at_s: float) -> ProposalLook:
    readings = tuple(_reading(symbol, at_s) for symbol in SYMBOLS)
    return ProposalLook(taken_at_s=at_s, server=ServerReading("redis://127.0.0.1:6379/0", "ok"), readings=readings)


def _reading(symbol: str, at_s: float) -> ProposalReading:
    whole = symbol == "BTCUSDT" and at_s == MANUAL_S
    time = COMPUTED[at_s].get(symbol)
    fields = {**(HGETALL if whole else LOGGED[symbol]), **({"computed_at_utc": time} if time else {})}
    return ProposalReading(symbol=symbol, key=proposal_key(symbol), read_at_s=at_s, fields=fields, unread=NOT_PRINTED)


if __name__ == "__main__":
    save(facts(), PLACE)
