"""Values of parameters go into words of commands, and nowhere else: one word stays one word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.guides.filling import filled, values
from qtops.guides.values import RunbookError
from tests.guides.runbooks import runbook, step


def test_defaults_serve_where_nothing_is_given():
    assert values(runbook(step()), {"service": "x"}) == {"service": "x", "family": "risk-proposal"}
    assert values(runbook(step()), {"service": "x", "family": "y"})["family"] == "y"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "service is missing (the service): --set service=VALUE"),
        ({"service": "--help"}, "service: '--help' begins with a dash"),
        ({"service": "-"}, "begins with a dash"),
        ({"service": ""}, "is no printable text"),
        ({"service": "a\nb"}, "is no printable text"),
        ({"service": "a\u202eb"}, "is no printable text"),
        ({"service": "a b"}, "does not match"),
        ({"service": "a;b"}, "does not match"),
        ({"service": "$(x)"}, "does not match"),
        ({"service": "x" * 256}, "does not match"),
        ({"servis": "x"}, "no parameter is called 'servis'; did you mean service?"),
        ({"unit": "x.service"}, "no parameter is called 'unit'"),
    ],
)
def test_a_value_that_is_refused(given, said):
    with pytest.raises(RunbookError) as error:
        values(runbook(step()), given)
    assert said in str(error.value)


def test_words_are_filled():
    words = ("journalctl", "--unit={unit}", "{{x}}", "{service}{service}")
    assert filled(words, {"unit": "a.service", "service": "{unit}"}) == ("journalctl", "--unit=a.service", "{x}", "{unit}{unit}")


@given(st.lists(st.text(), max_size=4), st.text())
def test_one_word_stays_one_word(words, value):
    braced = [word.replace("{", "{{").replace("}", "}}") + "{service}" for word in words]
    assert filled(braced, {"service": value}) == tuple(word + value for word in words)
