"""What ``qtops phases`` prints: the plan, how each phase stands, and what has changed since it was last reported on."""

import json
from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from qtops.errors import Exit, UsageError
from qtops.evidence.case import Stood
from qtops.facts.host import FailedUnit
from qtops.facts.service import Missing
from qtops.reports.phases import document, human
from qtops.reports.phases.report import phases_report
from qtops.schemas import make, read
from qtops.settings import PHASES, Settings
from tests.phases.phases import at_s, fields, look, proposals

PLAN = Settings(phases=PHASES)
THIRD = Settings(phases=PHASES[2:3])
LAST = (Stood(number=3, state="PARTIAL", reported_s=at_s() - 3600),)
LOST = look(service=proposals(fields(p_trend="0.0")))


def printed(report, *, verbose: bool = False, width: int = 200) -> str:
    console = Console(width=width, record=True, file=StringIO())
    console.print(human.render(report, verbose=verbose))
    return console.export_text()


def test_each_phase_with_its_state_and_what_was_last_reported():
    told = printed(phases_report(PLAN, look(), LAST))
    assert "  3  COMPLETE    Risk Proposal Recovery  8 of 8, last reported PARTIAL" in told
    assert "PARTIAL → COMPLETE" in told
    assert "  5  PENDING     RL Stabilization  0 of 3, never reported on" in told
    assert "1 of 5 phases complete, 1 changed since the last report" in told


def test_a_phase_that_stands_as_it_stood_has_not_changed():
    (row,) = phases_report(THIRD, LOST, LAST).rows
    assert (row.state, row.last, row.change) == ("PARTIAL", "PARTIAL", "")


def test_what_speaks_against_it_is_told_with_its_codes():
    told = printed(phases_report(THIRD, LOST))
    assert "✗ Nothing contradicts it" in told
    assert "PROPOSAL105" in told


def test_what_could_not_be_told_is_counted_and_listed_where_asked_for():
    report = phases_report(PLAN, look(services=(), cadence=None))
    assert "? 9 could not be told; -v lists them" in printed(report)
    assert "quantum-rl-agent.service was not looked at" in printed(report, verbose=True)
    watched = printed(phases_report(THIRD, look(cadence=None)))
    assert "? Proposals updating continuously (every 10 seconds): nobody watched" in watched


@pytest.mark.parametrize(
    ("settings", "facts", "code"),
    [
        (THIRD, look(), Exit.OK),
        (THIRD, LOST, Exit.CRITICAL),
        (THIRD, look(cadence=None), Exit.UNKNOWN),
        (PLAN, look(), Exit.UNKNOWN),
    ],
)
def test_exit_codes(settings, facts, code):
    assert phases_report(settings, facts).exit_code is code


def test_failed_services_with_the_phase_that_each_is_in():
    failed = (FailedUnit("quantum-rl-agent.service", since_s=at_s() - 60), FailedUnit("evil\x1b[2J.service"))
    told = printed(phases_report(PLAN, look(), failed=failed))
    assert "quantum-rl-agent.service  failed since" in told
    assert ", phase 5" in told
    assert "evil\\x1b[2J.service  failed, in no phase" in told
    assert "Failed services: none" in printed(phases_report(PLAN, look(), failed=()))
    assert "could not tell: systemd was not asked" in printed(phases_report(PLAN, look()))


def test_an_empty_plan_is_an_error():
    with pytest.raises(UsageError, match="the plan is empty"):
        phases_report(Settings(phases=()), look())


def test_what_could_not_be_read_of_the_host():
    gone = look(missing=(Missing("systemd", "no bus"),))
    assert "COULD NOT TELL  systemd: no bus" in printed(phases_report(THIRD, gone))


def test_json_is_what_its_schema_describes():
    report = phases_report(PLAN, look(), LAST, failed=())
    told = json.loads(document.render(report))
    assert told["schema"] == "qtops.phases/1"
    assert [row["number"] for row in told["phases"]] == [1, 2, 3, 4, 5]
    assert told["phases"][2]["change"] == "PARTIAL → COMPLETE"
    assert (told["exit_code"], told["failed"]) == (3, [])
    assert read("phases") == make("qtops.reports.phases.document:Document")


def test_the_plan_of_the_settings_is_judged_not_that_of_the_bundle():
    recorded = replace(look(), settings=Settings(phases=()))
    assert len(phases_report(PLAN, recorded).rows) == 5


def test_it_fits_a_narrow_terminal():
    lines = printed(phases_report(PLAN, LOST, LAST), width=60).splitlines()
    assert max(map(len, lines)) <= 60
