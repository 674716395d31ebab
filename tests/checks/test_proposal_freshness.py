"""How fresh a proposal is: by the rules of its family, and with the position in mind where it is absent."""

import pytest

from qtops.checks.freshness import State
from qtops.checks.proposal_freshness import ages, freshness, position_of
from qtops.findings import Doubt, Finding, Judged, Severity
from qtops.settings import PROPOSALS, Settings

from .proposals.proposals import NOW_S, absent, founding, reading

OPEN = {"side": "LONG", "entry_price": "100", "current_price": "101", "quantity": "1"}


def fresh(one):
    return freshness(one, PROPOSALS, Settings())


def told(one, *others):
    """What is said of its age, where these have been said before."""
    return list(ages([fresh(one)], Judged(findings=others)))


def other(code):
    return Finding(code, Severity.CRITICAL, "BTCUSDT", "", (), "")


def test_a_proposal_is_as_old_as_its_heartbeat():
    found = fresh(reading())
    assert (found.state, found.age_s) == (State.FRESH, pytest.approx(2.0))
    assert told(reading()) == []


def test_that_of_the_founding_publisher_is_as_old_as_its_content():
    assert fresh(founding(computed_s=45)).age_s == pytest.approx(45)
    assert fresh(founding(computed_s=100)).state is State.LATE


@pytest.mark.parametrize(("beat_s", "severity"), [(25, Severity.WARNING), (17 * 3600, Severity.CRITICAL), (-60, Severity.CRITICAL)])
def test_an_age_beyond_its_limit_is_found(beat_s, severity):
    (finding,) = told(reading(fields={"heartbeat_ms": str(int((NOW_S - beat_s) * 1000))}), other("PROPOSAL101"))
    assert isinstance(finding, Finding)
    assert (finding.code, finding.subject, finding.severity) == ("KEYS201", "BTCUSDT", severity)


@pytest.mark.parametrize("text", ["", "nan", "soon", "1e400", "0.012886"])
def test_what_is_no_time_is_a_doubt_and_never_fresh(text):
    (doubt,) = told(reading(fields={"heartbeat_ms": text}))
    assert isinstance(doubt, Doubt)
    assert "heartbeat_ms" in doubt.why


@pytest.mark.parametrize(
    ("given", "position", "state"),
    [
        ({}, "closed", State.IDLE),
        ({"position": OPEN}, "open", State.NEVER),
        ({"position": OPEN | {"side": "FLAT", "quantity": "0"}}, "closed", State.IDLE),
        ({"position": {"side": "LONG"}}, "unknown", State.UNKNOWN),
        ({"position_json": '{"side":"SHORT","entry_price":1,"current_price":1,"quantity":2}'}, "open", State.NEVER),
        ({"position_json": "[[["}, "unknown", State.UNKNOWN),
        ({"unread": ("position: wrong_type: the key is no hash",)}, "unknown", State.UNKNOWN),
        ({"unread": ("market state: wrong_type: the key is no hash",)}, "closed", State.IDLE),
    ],
)
def test_an_absent_one_is_right_only_where_no_position_is_open(given, position, state):
    one = absent(**given)
    assert (position_of(one), fresh(one).state) == (position, state)


def test_what_is_absent_is_told_unless_somebody_else_has():
    lost = absent(position=OPEN)
    assert [answer.code for answer in told(lost)] == ["KEYS201"]
    assert told(lost, other("PROPOSAL111")) == []


def test_that_it_is_dated_ahead_is_told_once():
    ahead = reading(fields={"heartbeat_ms": str(int((NOW_S + 60) * 1000))})
    assert told(ahead, other("PROPOSAL114")) == []
    assert len(told(ahead, other("PROPOSAL113"))) == 1
