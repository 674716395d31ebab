"""The founding incident with a supervisor at work: noticed at once, proven, told; and recovered by itself where that is allowed."""

import json
from collections.abc import Iterator

import pytest

from tests.box.box import NoBox
from tests.preflight_trees import EDIT, MAIN
from tests.recovery.founding import MAIN_BYTES, SERVICE, Host, founding
from tests.supervisor.supervised import prepare, supervising

pytestmark = [pytest.mark.slow, pytest.mark.systemd]
ALLOWED = """
[[services]]
name = "risk-proposal"
unit = "quantum-risk-proposal.service"
families = ["risk-proposal"]
auto_recover = ["IMPORT101"]
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    try:
        with founding() as running:
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def test_it_is_proven_and_told_and_left_to_a_person(host):
    prepare(host.box, watch="[]")
    with supervising(host.box) as supervised:
        supervised.until_event(SERVICE, "left alone")
        incident = supervised.of(SERVICE)
        assert (incident["code"], incident["nature"], incident["kind"]) == ("IMPORT101", "deterministic", "process")
        events = [event for event, _ in supervised.timeline(SERVICE)]
        assert not {"restarting", "recovering"} & {*events}
        supervised.until(lambda: len(supervised.told()) >= 2, "that it opened, and its cause")
    assert host.owned(MAIN)[0] == MAIN_BYTES
    assert host.state()["ActiveState"] == "failed"


def test_where_the_configuration_allows_it_is_recovered_and_resolved(host):
    prepare(host.box, ALLOWED, watch="[]")
    with supervising(host.box) as supervised:
        supervised.until(lambda: "recovered" in events(supervised), "that it is recovered", 60)
        assert host.state()["ActiveState"] == "active"
        assert host.owned(MAIN)[0] == MAIN_BYTES.replace(EDIT.encode() + b"\r\n", b"")
        supervised.until(lambda: "resolved" in events(supervised), "that it is over")
        assert events(supervised).index("recovered") < events(supervised).index("resolved")
        supervised.until(lambda: "resolved 1" in told(supervised), "that this is told")
        assert told(supervised).count("opened 1") == 1  # it is the incident of the first run


def events(supervised) -> list[str]:
    """Of the first incident: what the market of this host lacks may be another."""
    shown = json.loads(supervised.qtops("incidents", "show", "1", "-o", "json"))
    return [entry["event"] for entry in shown["timeline"]]


def told(supervised) -> list[str]:
    return [" ".join(line.split()[:2]) for line in supervised.told()]
