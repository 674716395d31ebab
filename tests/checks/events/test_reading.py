"""Events are read strictly, and put in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.checks.events.reading import drawdown, read, read_all
from qtops.checks.events.timeline import around, incidents
from qtops.facts.events import EventReading

from .events import FOUNDING_S, NOW_S, REASON, activated, pair, requested

TEXTS = st.text(max_size=40)


@pytest.mark.parametrize(
    ("reason", "figures"),
    [
        (REASON, (21.7, 10.0)),
        ("drawdown=20.1%", (20.1, None)),
        ("Drawdown 20 %", (None, None)),
        ("drawdown=nan% > 10%", (None, None)),
        ("drawdown=121.7% > 10%", (None, None)),
        ("drawdown=1e3%", (None, None)),
        ("drawdown=0.217", (None, None)),
        ("", (None, None)),
    ],
)
def test_only_plain_figures_are_taken_from_free_text(reason, figures):
    assert drawdown(reason) == figures


def test_an_activation_and_its_request_are_one_incident():
    (incident,) = incidents(read_all(pair(FOUNDING_S)))
    assert (incident.guard, incident.until_s) == ("EMERGENCY_FLATTEN", FOUNDING_S + 14_400)
    assert incident.request is not None


def test_what_lies_further_apart_is_not():
    assert len(incidents(read_all((activated(NOW_S - 60), requested(NOW_S - 58))))) == 2


def test_two_activations_at_once_are_two():
    assert len(incidents(read_all((activated(NOW_S), activated(NOW_S))))) == 2


def test_around_an_incident_are_those_that_lie_in_it_and_guards_that_held():
    early, late = pair(FOUNDING_S), pair(NOW_S - 60)
    events = read_all((*pair(FOUNDING_S - 86_400), *early, *late))
    found = around(events, FOUNDING_S + 3 * 3600, NOW_S)
    assert [incident.at_s for incident in found] == [FOUNDING_S, NOW_S - 60]
    assert around(events, FOUNDING_S + 14_401, NOW_S - 61) == ()


@given(TEXTS, st.dictionaries(st.sampled_from(["event", "timestamp", "duration_sec", "reason", "guard_type", "x"]), TEXTS))
def test_nothing_in_an_entry_is_too_odd(entry_id, fields):
    event = read(EventReading(entry_id, fields))
    assert event.reason.isprintable()
    assert event.name.isprintable()
    (incident,) = incidents([event])
    assert incident.events == (event,)


@given(st.permutations([*pair(NOW_S - 500), *pair(NOW_S - 300), *pair(NOW_S - 100)]))
def test_the_order_of_reading_does_not_matter(events):
    assert incidents(read_all(events)) == incidents(read_all(sorted(events, key=lambda event: event.entry_id)))
