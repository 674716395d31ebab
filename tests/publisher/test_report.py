"""What one cycle did: whether it is complete, and how the publisher states it of itself."""

import json

from publisher.codec import Refused
from publisher.connection import ADVICE, Trouble
from publisher.contract import PUBLISHER_FIELDS
from publisher.options import Options
from publisher.report import Report, status_fields
from publisher.shard import Shard

DOWN, HUNG = (Trouble(state, ADVICE[state], "") for state in ("down", "hung"))
NOT_PERMITTED, STALE = Refused("no_permission", "this user"), Refused("stale_input", "300 s")


def test_a_cycle_is_complete_unless_the_server_was_in_trouble() -> None:
    report = Report(refused={"BTCUSDT": STALE}, stream_refused=STALE)
    assert report.complete
    report.lose(["BTCUSDT"], DOWN)
    assert not report.complete


def test_the_first_trouble_is_the_one_that_is_told() -> None:
    report = Report()
    report.lose(["A"], DOWN)
    report.lose(["B"], HUNG)
    assert report.trouble == DOWN
    assert report.unreachable == {"A", "B"}


def test_what_no_symbol_is_permitted_is_the_servers_matter() -> None:
    report = Report(refused={"A": NOT_PERMITTED, "B": NOT_PERMITTED}, stream_refused=NOT_PERMITTED)
    report.settle()
    assert report.trouble is not None
    assert (report.trouble.state, report.trouble.detail) == ("no_permission", "this user")
    assert not report.refused
    assert report.stream_refused is None
    assert not report.complete


def test_what_one_symbol_is_not_permitted_is_its_own() -> None:
    for report in (
        Report(refused={"A": NOT_PERMITTED, "B": STALE}),
        Report(refused={"A": NOT_PERMITTED}, unchanged=1),
        Report(refused={"A": STALE}),
        Report(),
    ):
        before = dict(report.refused)
        report.settle()
        assert report.complete
        assert report.refused == before


def test_the_status_is_the_fields_of_the_contract_in_their_order() -> None:
    options = Options("redis://", ("A", "B", "C"), 2.5, "redis_hash", shard=Shard(1, 4), publisher_id="box:1")
    report = Report(7, 2, 1000.0, unchanged=3, closed={"A": True, "B": False}, refused={"C": STALE, "D": STALE, "E": NOT_PERMITTED})
    fields = status_fields(report, options, 8, 1_771_372_692.5)
    assert list(fields) == [field.name for field in PUBLISHER_FIELDS]
    assert json.loads(fields.pop("refused")) == {"stale_input": 2, "no_permission": 1}
    assert fields == {
        "schema": "quantum.risk.publisher/1", "publisher_id": "box:1", "heartbeat_ms": "1771372692500", "started_at_ms": "1000000",
        "cycle": "7", "cycles_skipped": "2", "interval_sec": "2.5", "shard": "1/4", "position_source": "redis_hash", "symbols": "8",
        "published": "0", "unchanged": "3", "closed": "2",
    }  # fmt: skip
