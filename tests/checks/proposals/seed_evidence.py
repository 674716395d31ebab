"""What a report printed as the proof that proposals were right, as facts.

``python -m tests.checks.proposals.seed_evidence`` records it.

Eleven of sixteen fields of one proposal, the levels of two others in log lines, and the times of two at two moments. Side, price,
position, market state and time to live were not printed, so they were not read.

Of the service: its unit file, the head of its status, one line of ``ps``, and eleven lines of its log. A warning is missing in them
that the same report quotes from that log: they were cut. How often systemd started it again was not printed.
"""

from pathlib import Path
from typing import Final

from publisher.contract import proposal_key
from publisher.timestamps import parse_timestamp
from qtops.bundle import save
from qtops.evidence.case import Case, Stood
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.host import FailedUnit, UnitText
from qtops.facts.journal import JournalFacts, Line
from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.preflight import RestartFacts, StartFacts
from qtops.facts.proposals import ProposalFacts, ProposalLook, ProposalReading
from qtops.facts.service import Facts, Missing, ProcessFacts, RedisFacts, ServiceFacts
from qtops.facts.unit import RelatedUnit, UnitState
from qtops.settings import PROPOSALS, Settings, TimeRule
from tests.checks.events.events import printed

PLACE: Final = Path(__file__).parents[2] / "data" / "seed_evidence.json.gz"
SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
PREVIOUS_S: Final = parse_timestamp("2026-02-17T23:57:12")  # "Previous check at 23:57:12"
MANUAL_S: Final = parse_timestamp("2026-02-17T23:58:02")  # "Manual check at 23:58:02"
REPORT_S: Final = parse_timestamp("2026-02-17T23:58:30")  # "Timestamp", and "active (running) since …; 1m 18s ago"
STARTED_S: Final = parse_timestamp("2026-02-17T23:57:12")
PS_START_S: Final = parse_timestamp("2026-02-17T23:57:00")  # ps prints hours and minutes
NOT_PRINTED: Final = ("market state: not printed", "position: not printed")
SERVER: Final = ServerReading("redis://127.0.0.1:6379/0", "ok")
UNIT: Final = "quantum-risk-proposal.service"
UNIT_FILE: Final = f"/etc/systemd/system/{UNIT}"
PYTHON: Final = "/opt/quantum/venvs/ai-engine/bin/python3"
SCRIPT: Final = "/home/qt/quantum_trader/microservices/risk_proposal_publisher/main.py"
MIB: Final = 1 << 20

UNIT_TEXT: Final = f"""\
[Unit]
Description=Quantum Risk Proposal Publisher (P1.5)
After=network.target redis.service
Requires=redis.service

[Service]
Environment="PYTHONPATH=/home/qt/quantum_trader"
Type=simple
User=qt
Group=qt
WorkingDirectory=/home/qt/quantum_trader

# Python environment
Environment="PATH=/opt/quantum/venvs/ai-engine/bin:/usr/local/sbin:..."
EnvironmentFile=/etc/quantum/risk-proposal.env

# Main command
ExecStart={PYTHON} {SCRIPT}

# Restart policy
Restart=always
RestartSec=10
StartLimitInterval=300
StartLimitBurst=5

# Resource limits
MemoryMax=512M
CPUQuota=50%

[Install]
WantedBy=multi-user.target
"""
LOG: Final = (
    "PositionSourceAdapter initialized with mode=auto",
    "RiskProposalPublisher initialized",
    "  Symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']",
    "  Interval: 10s",
    "  Position source: auto",
    "  Stream enabled: False",
    "Starting publish loop",
    "=== Risk Proposal Publish Cycle ===",
    "Published proposal for BTCUSDT: SL=$105.9682 TP=$106.2249 reasons=trail_active,sl_tightening",
    "Published proposal for ETHUSDT: SL=$1171.2367 TP=$1166.5500 reasons=trail_active,sl_tightening",
    "Published proposal for SOLUSDT: SL=$2237.8545 TP=$2227.0500 reasons=trail_active,sl_tightening",
)

LOGGED: Final = {  # "Published proposal for …: SL=$… TP=$… reasons=…", once; the log line holds the first two reasons
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
    proposals = ProposalFacts(family=family.name, symbols=SYMBOLS, looks=looks)
    events = printed(MANUAL_S)  # "Appendix B: Risk Events Stream", a note
    service = ServiceFacts(
        subject=UNIT,
        unit=_unit(),
        start=_start(),
        journal=_journal(),
        process=ProcessFacts(  # "ps aux", and the line below "CGroup"
            pid=4123743, started_s=PS_START_S, exe=PYTHON, command=("python3", "main.py"), rss_bytes=29724 * 1024
        ),
        redis=RedisFacts(SERVER, "redis-cli as it was printed"),
        families=(family.name,),
        keys=tuple(_key(symbol) for symbol in SYMBOLS),
        proposals=proposals,
        events=events,
        missing=(Missing("systemd", "only the head of its status was printed, without NRestarts", f"systemctl show {UNIT}"),),
    )
    return Facts(
        host="quantum",
        taken_at_s=REPORT_S,
        services=(service,),
        proposals=proposals,
        cadence=CadenceFacts(server=SERVER, taken_at_s=MANUAL_S, series=tuple(map(_series, ("BTCUSDT", "ETHUSDT")))),
        events=events,
        settings=Settings(symbols=SYMBOLS, families=(family,)),
    )


def case(seen: Facts | None = None) -> Case:
    """The report on phase 3 as a case: what it says of other phases, and what it lists as failed services remaining."""
    return Case(
        kind="phase",
        host="quantum",
        subject="phase 3",
        made_at_s=REPORT_S,
        now=seen if seen is not None else facts(),
        units=(UnitText(UNIT, UNIT_FILE, UNIT_TEXT, REPORT_S, "0" * 64),),
        failed=(FailedUnit("quantum-rl-agent.service"), FailedUnit("quantum-verify-ensemble.service")),
        last=tuple(Stood(number=number, state="COMPLETE", reported_s=REPORT_S) for number in (1, 2)),
    )


def _unit() -> UnitState:
    """The head of ``systemctl status``, and settings of the unit file."""
    return UnitState(
        name=UNIT, description="Quantum Risk Proposal Publisher (P1.5)", fragment_path=UNIT_FILE, unit_file_state="enabled",
        active_state="active", sub_state="running", state_changed_s=STARTED_S, active_enter_s=STARTED_S, main_pid=4123743,
        tasks=1, tasks_max=18689, memory_bytes=round(17.9 * MIB), memory_max_bytes=512 * MIB, memory_peak_bytes=round(18.3 * MIB),
        cpu_s=0.126, type="simple", restart="always", restart_s=10.0, interval_s=300.0, burst=5, user="qt", group="qt",
        working_directory="/home/qt/quantum_trader", related=(RelatedUnit("Requires", "redis.service"),),
    )  # fmt: skip


def _start() -> StartFacts:
    """What the unit file tells of a start; of the files that it names none was printed."""
    limits = RestartFacts(restart="always", restart_s=10.0, interval_s=300.0, burst=5, where=f"{UNIT_FILE}:23", limit_stated=True)
    return StartFacts(
        subject=UNIT, unit_file=UNIT_FILE, script=SCRIPT, environment_files=("/etc/quantum/risk-proposal.env",), restart=limits,
        missing=("the files that it starts from: not printed",),
    )  # fmt: skip


def _journal() -> JournalFacts:
    """Service Logs: not all of them, as a DeprecationWarning that they show is quoted elsewhere."""
    return JournalFacts(lines=tuple(Line(STARTED_S, f"2026-02-17 23:57:12 [INFO] {text}") for text in LOG), cut=True)


def _key(symbol: str) -> KeyReading:
    """A name of "Redis Hashes Created", with the time of the manual check where that has one."""
    time = COMPUTED[MANUAL_S].get(symbol)
    detail = "" if time else "computed_at_utc: not printed"
    return KeyReading(PROPOSALS.name, symbol, proposal_key(symbol), MANUAL_S, present=True, values=(time,), detail=detail)


def _series(symbol: str) -> Series:
    """Continuous Updates Verified: two readings."""
    texts = tuple(COMPUTED[at_s][symbol] for at_s in (PREVIOUS_S, MANUAL_S))
    apart_s = MANUAL_S - PREVIOUS_S
    return Series(
        family=PROPOSALS.name, subject=symbol, field="computed_at_utc", declared_s=DECLARED.interval_s,
        moments_s=tuple(map(parse_timestamp, texts)), seen_at_s=(PREVIOUS_S, MANUAL_S), texts=texts,
        watched_s=apart_s, sampled_every_s=apart_s, blind_s=apart_s,
    )  # fmt: skip


def _look(at_s: float) -> ProposalLook:
    readings = tuple(_reading(symbol, at_s) for symbol in SYMBOLS)
    return ProposalLook(taken_at_s=at_s, server=SERVER, readings=readings)


def _reading(symbol: str, at_s: float) -> ProposalReading:
    whole = symbol == "BTCUSDT" and at_s == MANUAL_S
    time = COMPUTED[at_s].get(symbol)
    logged = {name: text for name, text in LOGGED[symbol].items() if at_s == PREVIOUS_S or name != "reason_codes"}
    fields = {**(HGETALL if whole else logged), **({"computed_at_utc": time} if time else {})}
    return ProposalReading(symbol=symbol, key=proposal_key(symbol), read_at_s=at_s, fields=fields, unread=NOT_PRINTED)


if __name__ == "__main__":
    save(facts(), PLACE)
