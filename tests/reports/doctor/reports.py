"""Diagnoses of a healthy service by default: a test says what is sick. And the founding incident, as it was met at 23:11."""

from typing import Any

from msgspec.structs import replace

from qtops.findings import Diagnosis, Finding, Severity, Verdict
from qtops.reports.doctor.report import Report

NOW_S = 1_771_369_892.0  # 2026-02-17 23:11:32 UTC
HOSTILE = (
    "]]><script>'\"&|\x1b[31m[red]\n`${x}`\u202e,=; @user #123 GH-1 ```\n# x\n| a | b |\n"
    "[l](http://x) <http://y> https://z ![i](u) \\"
)
PROJECT = "/home/qt/quantum_trader"
MAIN = f"{PROJECT}/microservices/risk_proposal_publisher/main.py"
UNIT = "/etc/systemd/system/quantum-risk-proposal.service"
HEALTHY = Diagnosis(subject="app.service", verdict=Verdict.OK, condition="runs", state="runs for 3 d 4 h", since_s=NOW_S - 273_600)


def diagnosis(**changes: Any) -> Diagnosis:
    """The healthy service with some of it replaced."""
    return replace(HEALTHY, **changes)


def finding(code: str = "UNIT111", severity: Severity = Severity.WARNING, **changes: Any) -> Finding:
    """A finding with something in each of its fields."""
    given = Finding(code, severity, "app.service", "a directory is missing", ("/srv/none is missing",), "Make it", "app.service:7")
    return replace(given, **changes)


def report(*diagnoses: Diagnosis, **more: Any) -> Report:
    """A report on these services, or on one that is healthy."""
    return Report("risk-1", NOW_S, "pystemd", "252", diagnoses or (HEALTHY,), **{"took_s": 0.84, **more})


ROOT = Finding(
    "IMPORT101",
    Severity.CRITICAL,
    "quantum-risk-proposal.service",
    f"ModuleNotFoundError: No module named 'ai_engine.risk_kernel_stops' at {MAIN}:30",
    (
        f"found instead: {PROJECT}/microservices/ai_engine/__init__.py, through {PROJECT}/microservices (edit at {MAIN}:28)",
        f"shadowed, would have served: {PROJECT}/ai_engine/risk_kernel_stops.py",
        f"PYTHONPATH ({PROJECT}) is right, and overridden: it is searched after what the edit at {MAIN}:28 puts first",
        f"without the edit at {MAIN}:28 every import of this start resolves",
    ),
    f"Remove the edit of sys.path at {MAIN}:28: sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))",
    f"{MAIN}:28",
)
FOUNDING = Diagnosis(
    subject="quantum-risk-proposal.service",
    verdict=Verdict.CRITICAL,
    condition="failed",
    state="failed 17 h 4 min ago (exit status 1), gave up after 5 starts",
    since_s=NOW_S - 61_440,
    root=ROOT,
    proof=(
        "the journal holds the predicted traceback, 5 times: No module named 'ai_engine.risk_kernel_stops'",
        "the process ended with status 1, as an uncaught exception does",
    ),
    path=(
        Finding(
            "UNIT107",
            Severity.CRITICAL,
            "quantum-risk-proposal.service",
            "EnvironmentFile= names /etc/quantum/risk-proposal.env, which is missing",
            (f"{UNIT}:14: EnvironmentFile=/etc/quantum/risk-proposal.env",),
            "Put the file back, or write EnvironmentFile=-… where it is optional",
            f"{UNIT}:14",
        ),
    ),
    symptoms=(
        Finding("UNIT203", Severity.CRITICAL, ROOT.subject, "the main process exited with status 1", (), ""),
        Finding(
            "UNIT202", Severity.CRITICAL, ROOT.subject, "systemd gave up after 5 starts in 300 s",
            ("restarts scheduled: 06:06:14, 06:06:24, 06:06:34, 06:06:45",), "systemctl reset-failed once the root is mended",
        ),
        Finding(
            "KEYS201", Severity.CRITICAL, ROOT.subject, "3 of 3 keys of risk-proposal are stale, the oldest by 17 h 4 min",
            ("quantum:risk:proposal:BTCUSDT 61,440 s old, limit 150 s",), "They are fresh again a minute after the service is",
        ),
    ),
    notes=(
        Finding("UNIT217", Severity.WARNING, ROOT.subject, "down for 17 h and nobody was told", (), "Add OnFailure= to the unit"),
    ),
    unknown=("Redis: whether writes are accepted was not tried; qtops verify freshness",),
    next_command="sudo journalctl _SYSTEMD_INVOCATION_ID=8f1c0ffee0ddba11 -o cat",
)  # fmt: skip


def founding() -> Report:
    """The founding incident and a healthy neighbour."""
    return report(HEALTHY, FOUNDING)


def hostile() -> Report:
    """Texts as no edge lets them through."""
    bad = finding(code="UNIT111", summary=HOSTILE, evidence=(HOSTILE, ""), remedy=HOSTILE, where=HOSTILE, subject=HOSTILE)
    sick = Diagnosis(
        subject=HOSTILE, verdict=Verdict.CRITICAL, condition="failed", state=HOSTILE, root=bad, proof=(HOSTILE,), path=(bad,),
        symptoms=(bad,), notes=(bad,), off=(bad,), unknown=(HOSTILE,), next_command=HOSTILE,
    )  # fmt: skip
    return Report(HOSTILE, NOW_S, "systemctl", HOSTILE, (sick, replace(sick, subject="b", root=None)), (HOSTILE,))
