"""A bundle of a stranger may claim anything: whatever it claims is diagnosed and reported, and nothing fails over it."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from rich.console import Console

from qtops.bundle.file import decode, encode
from qtops.diagnose import diagnose
from qtops.facts.service import Facts
from qtops.reports.doctor import document, human, junit, markdown, nagios
from qtops.reports.doctor.report import report
from tests.bundle.looks import any_of


@pytest.mark.slow
@given(any_of(Facts))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_facts_are_diagnosed_and_reported(looked):
    replayed = decode(encode(looked)).facts
    diagnoses = diagnose(replayed)
    assert diagnoses == diagnose(looked)
    found = report(replayed, diagnoses, 0.1)
    console = Console(file=io.StringIO(), width=80)
    console.print(human.render(found, verbose=True))
    texts = [console.file.getvalue(), *(form.render(found) for form in (document, junit, markdown, nagios))]
    assert all(line.isprintable() for text in texts for line in text.split("\n"))
