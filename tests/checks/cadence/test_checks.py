"""Each check of cadence: where it fires, and what is next to it and healthy."""

import pytest

from qtops.checks.cadence.registry import CHECKS
from qtops.facts.cadence import Began, LimitFact
from qtops.findings import Severity, Verdict

from .series import NOW_S, but, codes, every, ids, judged, watched

NO_TIMES = (
    "", "nan", "inf", "1e400", "-1", "0", "9" * 80, "1_771_372_700", "9999-01-01T00:00:00", "\x1b[31m", "\\xff",
)  # fmt: skip
TTL = (LimitFact("its TTL", 15.0, "", "ttl"),)
SHORT = (LimitFact("MAX_AGE_SEC of app.service", 12.0, "/etc/app.env:3"),)
MINUTES = tuple(NOW_S - 60 * back for back in range(30, 0, -1))
STALLED = tuple(NOW_S - 60 * back - (600 if back > 15 else 0) for back in range(30, 0, -1))
STILL = watched([NOW_S - 900])
CONTENT = {"field": "content", "declared_s": 10.0, "limits": ()}
SICK = [
    ("CADENCE101", [every(60)]),
    ("CADENCE101", [ids(*(NOW_S - 300 * back for back in range(9, 0, -1)))]),
    ("CADENCE101", [but(every(10), texts=(), moments_s=(), seen_at_s=()), every(60, field="content", declared_s=60.0)]),
    ("CADENCE102", [every(10, limits=SHORT)]),
    ("CADENCE102", [every(10, limits=(LimitFact("warn_s", 11.0, "", "warning"),))]),
    ("CADENCE103", [ids(*STALLED)]),
    ("CADENCE103", [ids(*(moment - 3600 for moment in MINUTES))]),
    ("CADENCE104", [every(10), every(60, inputs_moved=18, **CONTENT)]),
    ("CADENCE105", [every(10, limits=TTL)]),
    ("CADENCE105", [every(10, vanished=2)]),
    ("CADENCE106", [STILL]),
    ("CADENCE106", [but(every(10), texts=("0",) * 18)]),
    ("CADENCE106", [but(every(10), moments_s=tuple(reversed(every(10).moments_s)))]),
    ("CADENCE106", [but(every(10), moments_s=tuple(moment + 60 for moment in every(10).moments_s))]),
    ("CADENCE106", [every(10), but(every(10, subject="ETH"), texts=("1771372700",))]),
]
QUIET = [
    ("CADENCE101", [every(10.01)]),
    ("CADENCE101", [every(14)]),
    ("CADENCE101", [ids(*MINUTES, declared_s=None)]),
    ("CADENCE101", [every(10), but(every(10), field="newer", declared_s=10.0, texts=(), moments_s=(), seen_at_s=())]),
    ("CADENCE102", [every(10, limits=(LimitFact("a", 20.5), LimitFact("b", 15.0, "", "warning")))]),
    ("CADENCE102", [every(60, limits=(LimitFact("critical_s", 30.0),))]),  # the data are late; the limit fits what is declared
    ("CADENCE103", [ids(*MINUTES)]),
    ("CADENCE103", [ids(*STALLED, declared_s=None)]),  # of what comes by chance, gaps are the nature
    ("CADENCE104", [every(10), every(60, inputs_moved=3, **CONTENT)]),
    ("CADENCE104", [every(10), every(60, inputs_moved=None, **CONTENT)]),
    ("CADENCE105", [every(10), every(60, field="content", declared_s=60.0)]),  # the heartbeat renews the key
    (  # beats too quick to be counted renew it as well
        "CADENCE105",
        [
            every(2, look_s=5.0, limits=(LimitFact("its TTL", 8.0, "", "ttl"),)),
            every(60, field="content", declared_s=60.0, limits=(LimitFact("its TTL", 8.0, "", "ttl"),)),
        ],
    ),
    ("CADENCE106", [every(10), every(10, subject="ETH")]),
]


@pytest.mark.parametrize(("code", "series"), SICK)
def test_it_fires(code, series):
    assert code in codes(*series)


@pytest.mark.parametrize(("code", "series"), QUIET)
def test_it_stays_quiet(code, series):
    assert code not in codes(*series)


def test_each_check_has_both():
    known = {registered.check.code for registered in CHECKS}
    assert {code for code, _ in SICK} == {code for code, _ in QUIET} == known


def test_what_is_healthy_is_ok_and_nothing_is_doubted():
    found = judged(every(10), every(60, field="content", declared_s=60.0, limits=()), ids(*MINUTES))
    assert (found.verdict, found.findings, found.doubts) == (Verdict.OK, (), ())


def test_the_ratio_decides_how_grave_it_is():
    gravity = {interval_s: judged(every(interval_s, for_s=400)).findings[0].severity for interval_s in (18, 60)}
    assert gravity == {18: Severity.WARNING, 60: Severity.CRITICAL}


def test_too_few_intervals_are_doubted_and_told_how_to_do_better():
    (doubt,) = judged(every(10, for_s=10, limits=())).doubts
    assert "watched for 10 s, declared every 10 s" in doubt.why
    assert doubt.enable == "--for 40s"


def test_one_entry_makes_no_interval():
    assert [doubt.why[:22] for doubt in judged(ids(NOW_S - 5)).doubts] == ["it holds one entry onl"]
    assert judged(ids(NOW_S - 5, declared_s=None)).doubts == ()


def test_a_long_wait_proves_slowness_without_a_third_interval():
    (finding,) = (found for found in judged(every(80, limits=())).findings if found.code == "CADENCE101")
    assert "at least" in finding.summary
    assert finding.severity is Severity.WARNING


def test_rare_looks_neither_prove_nor_acquit():
    found = judged(every(10, look_s=60, limits=()))
    assert [(finding.code, finding.severity) for finding in found.findings] == [("CADENCE101", Severity.INFO)]
    assert "6 updates of 10 s explain that as well as one of 60.00 s" in found.findings[0].evidence
    assert found.verdict is Verdict.UNKNOWN


def test_a_limit_is_named_with_what_it_should_be_and_where_it_was_set():
    (finding,) = judged(every(10, limits=SHORT)).findings
    assert finding.summary == "MAX_AGE_SEC of app.service is 12.00 s, and an update takes 10.00 s"
    assert finding.where == "/etc/app.env:3"
    assert finding.remedy.startswith("Set MAX_AGE_SEC of app.service to 30.00 s")


def test_a_rate_limit_that_is_declared_is_a_note():
    series = every(10), every(60, field="content", declared_s=60.0, inputs_moved=18, limits=())
    (finding,) = judged(*series).findings
    assert (finding.code, finding.severity) == ("CADENCE104", Severity.INFO)
    assert "every 6th cycle" in finding.summary
    assert judged(*series).verdict is Verdict.OK


def test_subjects_that_stand_still_alike_are_one_finding():
    names = ("BTC", "ETH", "SOL")
    found = [finding for finding in judged(*(but(STILL, subject=name) for name in names)).findings if finding.code == "CADENCE106"]
    assert [finding.subject for finding in found] == ["app beat"]
    assert "it may be when a process began" in found[0].summary


def test_one_that_stands_still_alone_is_its_own_finding():
    (finding,) = (found for found in judged(STILL, every(10, subject="ETH")).findings if found.code == "CADENCE106")
    assert finding.subject == "app BTC beat"
    assert finding.summary == "it did not move in 180.00 s; every 10 s is declared"


def test_a_start_elsewhen_is_no_proof():
    starts = (Began("app.service", NOW_S - 5000),)
    found = judged(STILL, but(STILL, subject="ETH"), starts=starts).findings
    assert not [finding for finding in found if "app.service" in finding.summary]


def test_what_holds_no_value_and_what_could_not_be_read_is_left_to_others():
    nothing = but(every(10), texts=(), moments_s=(), seen_at_s=())
    assert judged(nothing, but(nothing, subject="ETH", trouble="hung: timed out")).findings == ()


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_said_printably(text):
    (finding,) = (found for found in judged(but(STILL, texts=(text,), moments_s=())).findings if found.code == "CADENCE106")
    assert "which is no time" in finding.summary
    assert finding.summary.isprintable()


def test_a_cycle_that_no_program_has_is_reckoned_with_by_nobody():
    claimed = every(10, declared_s=1.1125369292536007e-308)
    assert "CADENCE104" not in {finding.code for finding in judged(claimed, every(60, inputs_moved=18, **CONTENT)).findings}
