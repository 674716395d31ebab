"""What a person reads at night: the answer in the first lines, and nothing that a hostile text could do to the terminal."""

import io

import pytest
from rich.console import Console

from qtops.findings import Severity, Verdict
from qtops.reports.doctor import human
from qtops.reports.doctor.human import FEW, NOTES
from tests.reports.doctor.reports import FOUNDING, HEALTHY, HOSTILE, MAIN, diagnosis, finding, founding, hostile, report


def printed(found, width: int = 100, **options) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(human.render(found, **options))
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_founding_incident(width, snapshot):
    assert printed(founding(), width) == snapshot


def test_the_founding_incident_with_all_evidence(snapshot):
    assert printed(founding(), verbose=True) == snapshot


def test_the_first_lines_are_the_answer():
    first, second, *_ = printed(founding(), 200).splitlines()
    assert first == f"CRITICAL {FOUNDING.subject}  {FOUNDING.state}"
    assert second.startswith("  ROOT IMPORT101 ModuleNotFoundError: No module named")
    assert second.endswith(f"at {MAIN}:30")


def test_a_healthy_service_takes_one_line_whatever_is_noted():
    assert printed(report(diagnosis(notes=(finding(severity=Severity.INFO),)))).splitlines() == [
        "OK app.service  runs for 3 d 4 h",
        "1 service: 1 ok; 2026-02-17 23:11:32 UTC on risk-1, via pystemd, systemd 252, in 0.8 s",
    ]


def test_of_many_healthy_services_a_person_reads_how_many():
    many = report(*[diagnosis(subject=f"s{number}.service") for number in range(FEW + 1)], FOUNDING)
    assert f"{FEW + 1} more services are ok" in printed(many)
    assert "s7.service" not in printed(many)
    assert "s7.service" in printed(many, verbose=True)
    assert printed(many).startswith("CRITICAL")


def test_few_healthy_services_are_all_listed():
    assert "s7.service" in printed(report(*[diagnosis(subject=f"s{number}.service") for number in range(FEW)]))


def test_without_a_root_all_that_is_seen_is_told_with_its_evidence():
    seen = diagnosis(verdict=Verdict.CRITICAL, symptoms=(finding("UNIT203"),), next_command="journalctl -n 100")
    text = printed(report(seen))
    assert "SEEN, and no root is proven\n    UNIT203 a directory is missing\n        /srv/none is missing\n" in text
    assert "NEXT  journalctl -n 100" in text
    assert "ROOT" not in text


def test_consequences_are_told_in_a_line_each_their_evidence_on_demand():
    sick = diagnosis(verdict=Verdict.CRITICAL, root=finding(), symptoms=(finding("UNIT203", evidence=("status 1",)),))
    assert "status 1" not in printed(report(sick))
    assert "status 1" in printed(report(sick), verbose=True)


def test_many_notes_are_cut_and_those_of_a_service_that_runs_are_whole():
    notes = tuple(finding(f"ENV10{number}") for number in range(NOTES + 2))
    text = printed(report(diagnosis(verdict=Verdict.WARNING, notes=notes)))
    assert "WRONG, and nothing is down" in text
    assert text.count("→ Make it") == NOTES
    assert "and 2 more; -v lists them" in text


def test_a_root_that_several_services_share_is_proven_once():
    redis = finding("REDIS201", evidence=("127.0.0.1:6379 refuses",))
    sick = [diagnosis(subject=name, verdict=Verdict.CRITICAL, root=redis) for name in ("a.service", "b.service")]
    text = printed(report(*sick))
    assert text.count("ROOT REDIS201") == 2
    assert text.count("127.0.0.1:6379 refuses") == 1
    assert "as of a.service: the evidence stands there" in text


def test_two_services_that_the_same_signal_ended_are_two_faults():
    crash = finding("UNIT211", evidence=("it ended after 0.1 s",), where="")
    text = printed(report(*(diagnosis(subject=name, verdict=Verdict.CRITICAL, root=crash) for name in ("a.service", "b.service"))))
    assert text.count("it ended after 0.1 s") == 2


def test_what_is_off_by_decision_and_what_could_not_be_told_is_named():
    row = diagnosis(verdict=Verdict.UNKNOWN, off=(finding("KEYS201"), finding("ENV101")), unknown=("redis: hung", "a doubt"))
    text = printed(report(row, missing=("redis: hung",)))
    assert "OFF  by decision: ENV101, KEYS201" in text
    assert "COULD NOT TELL\n    a doubt\n" in text
    assert text.count("redis: hung") == 1


def test_no_line_is_too_long_or_ends_in_blanks():
    for width in (80, 100, 200):
        lines = printed(founding(), width).splitlines()
        assert all(len(line) <= width and line == line.rstrip() for line in lines)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("width", [1, 2, 7, 20, 41])
def test_a_narrow_terminal_is_no_reason_to_fail(width, verbose):
    assert "ROOT" in printed(founding(), width, verbose=verbose).replace("\n", "")


def test_hostile_text_is_shown_and_not_obeyed():
    text = printed(hostile(), 2000, verbose=True)
    assert "[red]" in text
    assert all(line.isprintable() for line in text.splitlines())
    assert len(text.splitlines()) < 60  # a line feed in a text makes no line
    assert HOSTILE not in text


def test_colours_are_only_where_they_are_wanted():
    console = Console(file=io.StringIO(), color_system="standard", force_terminal=True, width=80)
    console.print(human.render(report(HEALTHY, FOUNDING)))
    assert "\x1b[" in console.file.getvalue()
    assert "\x1b" not in printed(founding())
