"""A bundle of a stranger may claim anything of Redis: whatever it claims is judged, shown and drawn, and nothing fails over it."""

import io
from importlib import import_module

import click
import pytest
from hypothesis import HealthCheck, given, settings
from rich.console import Console

from qtops.bundle.file import decode, encode
from qtops.cli.commands import BY_NAME
from qtops.errors import UsageError
from qtops.facts.cadence import CadenceFacts
from qtops.facts.events import EventFacts
from qtops.facts.proposals import ProposalFacts
from qtops.facts.streams import StreamFacts
from qtops.facts.wiring import WiringFacts
from qtops.reports.checked import junit, nagios, prometheus
from qtops.reports.checked.changes import Changes, answers
from qtops.reports.plot.chart import charts
from qtops.reports.plot.samples import History, samples
from qtops.reports.plot.svg import svg
from tests.bundle.looks import any_of, facts

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error")]
ANY = {"suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large], "deadline": None, "max_examples": 40}
USUAL = {"nagios": nagios.render, "junit": junit.render, "prometheus": prometheus.render}
KINDS = {
    "proposals": (ProposalFacts, "proposals_look", "verify"),
    "streams": (StreamFacts, "streams_look", "verify"),
    "cadence": (CadenceFacts, "cadence_look", "verify"),
    "events": (EventFacts, "events_look", ""),
    "wiring": (WiringFacts, "map_look", ""),
}


def options_of(name: str, group: str) -> dict:
    """What the command is given where nobody gives it anything."""
    command = BY_NAME[group].load().commands[name] if group else BY_NAME["map" if name == "wiring" else name].load()
    with command.make_context(name, [], obj=None) as context:
        assert isinstance(command, click.Command)
        return context.params


@pytest.mark.parametrize("name", KINDS)
def test_whatever_a_bundle_claims_is_judged_in_every_form(name):
    kind, module, group = KINDS[name]
    look, options = import_module(f"qtops.cli.{module}").LOOK, options_of(name, group)

    @given(any_of(kind), any_of(kind))
    @settings(**ANY)
    def claimed(one, other):
        first, second = (decode(encode(facts(**{name: each}))).facts for each in (one, other))
        changes, history = Changes(), History()
        for replayed in (first, look.after(first, second)):
            try:
                report = look.report(replayed, options)
            except UsageError:  # there is nothing of that kind in it
                continue
            console = Console(file=io.StringIO(), width=80, color_system=None)
            console.print(look.human(report, True))
            texts = [console.file.getvalue(), *(form(report) for form in {**USUAL, **look.renderers}.values())]
            changes.follow(answers(report))
            history.add(samples(replayed))
            assert all(line.isprintable() for text in texts for line in text.split("\n"))
        for subject in history.subjects:
            assert all(svg(chart) for chart in charts(history, subject))

    claimed()
