"""The script: what is done in the box, act by act, and what each of them is to show."""

from typing import Final, NamedTuple

from msgspec import structs

from tests.incident.act import Act
from tests.preflight_trees import MAIN
from tests.recovery.founding import SERVICE

QUESTION: Final = "A release breaks the service. How soon is it back, and who can prove that?"
TITLE: Final = (QUESTION, "A real systemd, Redis and publisher, thrown away at the end; outputs are cut.")
NAME: Final = SERVICE.removesuffix(".service")
BUNDLE: Final = "before.json.gz"
INCIDENT: Final = "incident"  # the folder of the report on it
PHASE: Final = "phase3"
BROUGHT_OUT: Final = (BUNDLE, INCIDENT, PHASE)  # what is made in the box, and kept
DIFFERENT, CRITICAL, NOT_RUNNING, UNVERIFIED, NOT_APPLIED = 1, 2, 3, 3, 4  # exit codes of diff, doctor, systemctl, report, recover


class Pace(NamedTuple):
    """How fast it goes: seconds."""

    restart_s: float  # between two starts by systemd
    unnoticed_s: float  # nobody looks for so long
    later_s: float  # and so long after the recovery, the report is written
    observe_s: float  # the phase report watches what is written; 0: it looks once


LIVE: Final = Pace(restart_s=1, unnoticed_s=16, later_s=0, observe_s=25)
RECORDED: Final = Pace(restart_s=10, unnoticed_s=35, later_s=28, observe_s=30)  # systemd's starts as on the founding system
BRIEF: Final = Pace(restart_s=0.1, unnoticed_s=0, later_s=0, observe_s=0)

PUBLISHES: Final = Act(
    "qtops verify freshness --until-fresh --timeout 20s",
    "A trading service publishes stops and targets: three, seconds old",
    keep=(r"^STATE.*", r"^FRESH +risk-proposal.*"),
    meanwhile="the publisher begins to publish",
)
DIFFERENCE: Final = Act(
    f"diff {MAIN} release/main.py", "A release adds one line, and is rolled out", promised=DIFFERENT, keep=(r"^[<>] .*",)
)
RELEASED: Final = Act(f"cp release/main.py {MAIN.rpartition('/')[0]}/ && systemctl restart {NAME}")
GIVEN_UP: Final = Act(
    f"systemctl status {NAME} --lines 0",
    "systemd starts it five times, gives up, and tells nobody",
    promised=NOT_RUNNING,
    keep=(r"^\S .*", r"Active:.*", r"Main PID: .*"),
    meanwhile="systemd starts it again and again",
    before=f"until journalctl -qu {NAME} -g 'too quickly' | grep -q . && systemctl is-failed -q {NAME}; do sleep .1; done",
)
DOCTOR: Final = Act(
    f"qtops doctor risk-proposal --save {BUNDLE}",
    "Some time later, somebody asks: what is wrong, and why?",
    promised=CRITICAL,
    keep=(
        r"^CRITICAL.*? ago\)",
        r"ROOT.*",
        r"found instead: [^,]*",
        r"shadowed, .*",
        r"without the edit .*",
        r"proven by: the journal holds .*? predicted",
        r"FOLLOWS",
        r"UNIT202.*",
        r"KEYS201.*",
        r"PROPOSAL111.*",
        r"BESIDES",
        r"UNIT114.*",
    ),
)
PLAN: Final = Act(
    "qtops recover risk-proposal",
    "What would be done about it? Nothing is changed yet",
    promised=NOT_APPLIED,
    keep=(
        r"^PLANNED \S+",
        r"PLAN:.*",
        r"^ +\d\. write \S+",
        r"^ +\d\. systemctl [\w-]+ \S+",
        r"^ +[-+](?![-+]).*",
        r"way back: (?!none).*",
    ),
)
RECOVERY: Final = Act(
    "qtops recover risk-proposal --apply",
    "Do it, and prove that it helped; or put everything back",
    keep=(
        r"^VERIFIED.*",
        r"PROOF OF EFFECT",
        r"one process: .*? in \d+ samples",
        r"no restart: .*",
        r"no new traceback: [^;]*",
        r"check clear: [^(]*\w",
        r"fresh: \d+ keys",
        r"sane: .*",
        r"written by the new process: [^:,]*",
        r"^ +BACKUP.*",
    ),
    meanwhile="one edit, one start, and a watch over what comes of it",
)
REPORT: Final = Act(
    "qtops report incident",
    "Write it down: a report in which every claim points to its evidence",
    keep=(
        r"^RECOVERED.*",
        r"All \d+ criteria.*",
        r"Failed .*",
        r"First noticed.*",
        r"Verified, .*",
        r"^ +\d+ claims, \d+ records",
        r"^ +REPORT.*",
    ),
)


def acts(pace: Pace) -> tuple[Act, ...]:
    """What is done in the box."""
    return (
        PUBLISHES,
        DIFFERENCE,
        RELEASED,
        GIVEN_UP,
        Act(f"journalctl -u {NAME} -o cat -g 'ModuleNotFoundError|too quickly'"),
        structs.replace(DOCTOR, meanwhile="nobody looks; stops and targets expire", before=f"sleep {pace.unnoticed_s}"),
        PLAN,
        RECOVERY,
        Act(
            "qtops verify freshness",
            "A later look: is what Redis holds fresh, and is it right?",
            keep=(r"^FRESH +risk-proposal.*", r"^\d+ keys.*"),
            meanwhile="the service is left alone for a while",
            before=f"sleep {pace.later_s}",
        ),
        Act("qtops verify proposals", keep=(r"^SYMBOL.*VERDICT", r"^\w+ +(?:LONG|SHORT) .*", r"^RIGHT.*")),
        structs.replace(REPORT, command=f"qtops report incident risk-proposal --map --to {INCIDENT}"),
        phase(pace.observe_s),
    )


def phase(observe_s: float) -> Act:
    """The report on the phase. Whoever does not watch cannot tell whether something moves."""
    watched = f"--observe {observe_s:g}s" if observe_s else "--at-once"
    return Act(
        f"qtops report phase 3 {watched} --to {PHASE}",
        "And the phase of the plan that it belongs to: is it complete?",
        promised=0 if observe_s else UNVERIFIED,
        keep=(r"^[A-Z]+ Phase.*", r"^ +[✔✘?] .*?(?=: )", r"^ +\d+ claims, \d+ records", r"^ +REPORT.*"),
        meanwhile="what is published is watched for movement" if observe_s else "",
    )


def checks(incident: str, phase_3: str) -> tuple[Act, ...]:
    """What is done with the folders of the reports that came out of the box."""
    return (check(incident), structs.replace(check(phase_3), heading=""))


def check(report: str) -> Act:
    """Check a report on this machine, which has never seen the incident."""
    return Act(
        f"qtops report check {report}",
        "Does the report say what its evidence says? Asked here, outside the box",
        keep=(r"^SAYS WHAT ITS EVIDENCE SAYS", r"^ +[A-Z]+: .* on box", r"^ +\d+ records.*"),
    )


def replayed_report(recorded: str, to: str) -> Act:
    """Write a report from a recorded one's evidence."""
    return structs.replace(REPORT, command=f"qtops report incident --from {recorded} --to {to}")
