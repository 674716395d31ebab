"""``qtops hold`` as its users run it, and which moments it takes."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qtops.actions.incidents.opening import look_into_store
from qtops.cli.hold_run import LONGEST_S, moment_s
from qtops.errors import UsageError
from tests.cli.running import qtops

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
OK, USAGE = 0, 64


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("90m", 1.5),
        ("2h", 2),
        ("30d", 720),
        ("2026-11-23T14:00", 2),
        ("2026-11-23 14:00", 2),
        ("2026-11-23T14:00:00Z", 2),
        ("2026-11-23T14:00+01:00", 1),
        ("2026-11-24", 12),
        (" 2026-11-24 ", 12),
    ],
)
def test_a_moment_is_a_length_of_time_or_a_date(when, hours):
    assert moment_s(when, NOW) == NOW + hours * 3600


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("2026-11-23T12:00", "2026-11-23 12:00:00 UTC is over, it is 2026-11-23 12:00:00 UTC now"),
        ("2025-01-01", "is over"),
        ("31d", "is more than 30 days away"),
        ("9999-12-31T23:59-12:00", "is more than 30 days away"),
        ("0001-01-01T00:00+14:00", "is"),
        ("tomorrow", "'tomorrow' is no moment: give a length of time"),
        ("2h\x1b[2J", r"'2h\x1b[2J' is no moment"),
        ("-2h", "is no moment"),
        ("", "is no moment"),
    ],
)
def test_what_is_no_moment_is_told(when, says):
    with pytest.raises(UsageError) as told:
        moment_s(when, NOW)
    assert says in str(told.value)


@pytest.fixture
def folder(tmp_path) -> str:
    return str(tmp_path / "state")


@pytest.fixture
def run(folder):
    return lambda *words: qtops("hold", *words, QTOPS_SUPERVISE_STATE=folder)


@pytest.mark.slow
def test_a_service_is_held_listed_and_let_go(run, folder):
    assert (run().stdout, Path(folder).exists()) == ("nothing is on hold\n", False)
    done = run("risk-proposal", "--until", "2h", "--why", " moving its Redis ")
    assert (done.returncode, done.stderr) == (OK, "")
    assert done.stdout.startswith("ON HOLD quantum-risk-proposal.service  until ")
    with look_into_store(folder) as store:
        (hold,) = store.holds(time.time())
    assert (hold.unit, hold.why) == ("quantum-risk-proposal.service", "moving its Redis")
    assert 7000 < hold.until_s - time.time() <= 7200
    (row,) = json.loads(run("-o", "json").stdout)["holds"]
    assert (row["hold"]["unit"], row["left_s"] > 7000) == ("quantum-risk-proposal.service", True)
    done = run("quantum-risk-proposal", "--lift")
    assert (done.returncode, done.stdout, done.stderr) == (OK, "nothing is on hold\n", "")
    done = run("risk-proposal", "--lift")
    assert (done.returncode, done.stderr) == (OK, "quantum-risk-proposal.service is not on hold\n")


@pytest.mark.slow
def test_what_nobody_watches_can_be_held_and_is_told(run):
    done = run("acme-x", "--until", "2h", "--why", "x")
    assert done.returncode == OK
    assert "acme-x.service: nothing in the configuration has it watched: is the name right?" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--lift"], "name the SERVICE that is meant"),
        (["--until", "2h", "--why", "x"], "name the SERVICE that is meant"),
        (["x", "--until", "2h"], "a hold wants both --until WHEN and --why TEXT"),
        (["x", "--why", "x"], "a hold wants both"),
        (["x", "--until", "2h", "--why", " "], "a hold wants both"),
        (["x", "--lift", "--why", "x"], "--lift ends a hold"),
        (["x", "--until", "40d", "--why", "x"], "is more than 30 days away"),
        (["../x", "--until", "2h", "--why", "x"], "'../x' is no name of a unit"),
        (["x@", "--until", "2h", "--why", "x"], "is a template"),
        (["x.timer", "--until", "2h", "--why", "x"], "x.timer is a timer"),
    ],
)
def test_wrong_words_hold_nothing(run, folder, words, says):
    done = run(*words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert says in done.stderr
    assert not Path(folder).exists()


def test_the_longest_hold_is_thirty_days():
    assert LONGEST_S == 30 * 86_400
