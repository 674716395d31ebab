"""What ``qtops notify test`` does: one notice that says of itself that it is a test, to one endpoint."""

import os
import time
from difflib import get_close_matches

import click

from qtops.collectors.known_secrets import learned
from qtops.collectors.redact import Redactor
from qtops.errors import Exit, Unavailable, UsageError
from qtops.facts.text import printable
from qtops.facts.times import span
from qtops.findings import Severity
from qtops.incidents import Incident, Notice
from qtops.settings import Endpoint, Settings
from qtops.supervisor.endpoints import failure, tell_now


def run(settings: Settings, name: str) -> int:
    """Send it; 0, or UsageError, Unavailable."""
    endpoint = _named(settings, name)
    now_s = time.time()
    ended = tell_now(endpoint, notice(endpoint, now_s), os.uname().nodename, now_s)
    if why := failure(ended, endpoint):
        raise Unavailable(f"{endpoint.name}: the test was not delivered: {why}")
    click.echo(f"{endpoint.name}: delivered in {span(ended.took_s)}")
    said = Redactor(learned()).text(ended.stdout.decode("utf-8", "backslashreplace"))
    for line in said.splitlines()[:10]:
        click.echo(f"  it said: {printable(line)[:200]}", err=True)
    return Exit.OK


def _named(settings: Settings, name: str) -> Endpoint:
    by_name = {endpoint.name: endpoint for endpoint in settings.notify}
    if name not in by_name:
        near = get_close_matches(name, by_name, 1)
        listed = f"there are: {', '.join(by_name)}" if by_name else "the configuration has none ([[notify]])"
        raise UsageError(f"no endpoint is called {name!a}; {f'did you mean {near[0]}?' if near else listed}")
    return by_name[name]


def notice(endpoint: Endpoint, now_s: float) -> Notice:
    """The test: of no incident, so that its number is 0."""
    incident = Incident(
        fingerprint="test", unit="qtops notify test", kind="process", severity=Severity.WARNING, began_s=now_s, opened_s=now_s,
        last_s=now_s, title="a test of this endpoint: nothing is wrong",
    )  # fmt: skip
    return Notice(
        id=f"test-{round(now_s)}@{endpoint.name}", endpoint=endpoint.name, incident=incident, event="noted", at_s=now_s,
        text="Whoever reads this is told of incidents.",
    )  # fmt: skip
