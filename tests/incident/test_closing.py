"""What is said at the end: the times as the recovery told them, where the report lies, and whether all went as promised."""

from pathlib import Path

import pytest

from tests.incident.act import Act, Played
from tests.incident.live import ROOT, moments, shown, times, verdict

TOLD = """  TIMES
    failed     2026-11-23 13:06:45 UTC  (journal)
    noticed    2026-11-23 13:07:20 UTC  +35 s  (ledger)
    verified   2026-11-23 13:07:26 UTC  +5.3 s  (ledger)
"""


def test_times_are_those_of_the_recovery():
    assert times(moments(TOLD)) == (
        "failed    2026-11-23 13:06:45 UTC",
        "noticed   2026-11-23 13:07:20 UTC  35 s later",
        "verified  2026-11-23 13:07:26 UTC  6 s later; down for 41 s",
    )


@pytest.mark.parametrize("told", ["", TOLD.replace("noticed    2026", "noticed    could not tell: 2026")])
def test_where_one_is_not_known_none_is_told(told):
    assert times(moments(told)) == ()


def test_a_folder_is_told_as_it_would_be_typed():
    assert shown(ROOT / "build" / "incident") == "build/incident"
    assert shown(Path("/srv/two words")) == "'/srv/two words'"


def test_the_verdict_names_what_was_broken():
    well, broken = (Played(Act("qtops doctor x", promised=2), "", "", code, 0.1) for code in (2, 70))
    assert "All as promised" in verdict((well,), ROOT / "build", 61)[-1]
    assert verdict((well,), ROOT / "build", 61)[-1].endswith("in 1 min 1 s")
    (line,) = verdict((well, broken), ROOT / "build", 61)
    assert line.endswith("qtops doctor x exited 70, not 2")
