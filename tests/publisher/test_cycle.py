"""One cycle after another against a real server: what is written, beaten or removed, and how a stop trails."""

import redis

from publisher.contract import (
    PROPOSAL_FIELDS,
    position_key,
    track_key,
)
from tests.publisher.publishing import BTC, Publisher

# Content, heartbeat, removal


def test_a_first_proposal_is_written_whole_with_an_end(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    report = publisher.run()
    assert set(report.published) == {"BTCUSDT"}
    assert set(publisher.read()) == {field.name for field in PROPOSAL_FIELDS}
    assert 29_000 < redis_client.pttl(BTC) <= 30_000
    assert (publisher.read()["seq"], publisher.read()["proposed_sl"]) == ("1", "99.24575999999999")


def test_the_lost_regime_is_used(publisher: Publisher) -> None:
    publisher.open()
    publisher.market(p_trend="0.8", p_mr="0.1", p_chop="0.1")
    publisher.run()
    assert publisher.read()["p_trend"] == "0.8"
    assert "regime_trend" in publisher.read()["reason_codes"]


def test_what_has_not_moved_gets_a_heartbeat_and_nothing_else(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    publisher.run()
    before = publisher.read()
    publisher.position(current_price="100.51", mark_price="100.51")
    redis_client.pexpire(BTC, 5000)
    report = publisher.run()
    assert (report.unchanged, report.published) == (1, {})
    after = publisher.read()
    assert {name for name in after if after[name] != before[name]} == {"heartbeat_ms"}
    assert int(after["heartbeat_ms"]) - int(before["heartbeat_ms"]) == 10_000
    assert redis_client.pttl(BTC) > 5000


def test_what_has_moved_is_written_whole(publisher: Publisher) -> None:
    publisher.open()
    publisher.run()
    publisher.position(current_price="101", mark_price="101")
    assert set(publisher.run().published) == {"BTCUSDT"}
    assert (publisher.read()["seq"], publisher.read()["position_current_price"]) == ("2", "101.0")


def test_content_is_written_again_every_minute(publisher: Publisher) -> None:
    written = []
    for number in range(13):
        publisher.open()
        if publisher.run().published:
            written.append(number)
    assert written == [0, 6, 12]


def test_a_closed_position_takes_its_proposal_and_its_track_along(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.open()
    publisher.run()
    publisher.position(side="FLAT", position_amt="0")
    report = publisher.run()
    assert (report.removed, report.closed) == (["BTCUSDT"], {"BTCUSDT": True})
    assert not redis_client.exists(BTC, track_key("BTCUSDT"))
    redis_client.config_resetstat()
    assert publisher.run().removed == []
    assert "cmdstat_del" not in redis_client.info("commandstats"), "it is removed once"


def test_a_position_that_vanished_takes_its_proposal_along_but_is_remembered(
    publisher: Publisher, redis_client: redis.Redis
) -> None:
    publisher.open(current_price="120", mark_price="120")
    publisher.run()
    redis_client.delete(position_key("BTCUSDT"))
    assert publisher.run().removed == ["BTCUSDT"]
    assert not redis_client.exists(BTC)
    publisher.restart()
    publisher.position()
    publisher.run()
    assert publisher.read()["position_peak_price"] == "120.0", "its writer may only have been late"


def test_a_position_opened_again_begins_afresh(publisher: Publisher) -> None:
    publisher.open(current_price="120", mark_price="120")
    publisher.run()
    publisher.position(side="FLAT", position_amt="0")
    publisher.run()
    publisher.position()
    publisher.run()
    fields = publisher.read()
    assert (fields["position_peak_price"], fields["current_sl_source"]) == ("100.5", "none")


def test_the_proposal_of_a_predecessor_for_a_closed_position_is_removed(publisher: Publisher, redis_client: redis.Redis) -> None:
    redis_client.hset(BTC, mapping={"proposed_sl": "1"})
    publisher.market()
    publisher.position(side="FLAT", position_amt="0")
    assert publisher.run().removed == [], "it was not ours to speak of"
    assert not redis_client.exists(BTC)


# Trailing


def test_the_stop_trails_and_is_never_loosened(publisher: Publisher) -> None:
    publisher.open()
    stops = []
    for price in ("100.5", "103", "106", "104", "101", "106", "107"):
        publisher.market()
        publisher.position(current_price=price, mark_price=price)
        publisher.run()
        stops.append(float(publisher.read()["proposed_sl"]))
    assert stops == sorted(stops)
    assert stops[-1] > 105.0
    assert publisher.read()["position_peak_price"] == "107.0"
    assert publisher.read()["position_trough_price"] == "100.5"


def test_a_restart_forgets_nothing(publisher: Publisher) -> None:
    publisher.open(current_price="120", mark_price="120")
    publisher.run()
    stop, seq = publisher.read()["proposed_sl"], int(publisher.read()["seq"])
    publisher.restart()
    publisher.position()
    publisher.run(after_s=30)
    fields = publisher.read()
    assert fields["position_peak_price"] == "120.0"
    assert fields["proposed_sl"] == stop
    assert fields["current_sl_source"] == "published"
    assert fields["position_age_sec"] == "30.0"
    assert int(fields["seq"]) == seq + 1


def test_a_short_trails_its_trough(publisher: Publisher) -> None:
    publisher.open(side="SHORT", current_price="90", mark_price="90")
    publisher.run()
    publisher.position(side="SHORT", current_price="91", mark_price="91")
    publisher.run()
    fields = publisher.read()
    assert (fields["position_trough_price"], fields["position_side"]) == ("90.0", "SHORT")
    assert "trail_active" in fields["reason_codes"]


def test_a_peak_counts_even_while_the_market_state_is_refused(publisher: Publisher) -> None:
    publisher.open()
    publisher.run()
    publisher.market(sigma="nan")
    publisher.position(current_price="130", mark_price="130")
    publisher.run()
    publisher.market()
    publisher.position()
    publisher.run()
    assert publisher.read()["position_peak_price"] == "130.0"


def test_what_a_predecessor_remembered_is_asked_for_once(publisher: Publisher, redis_client: redis.Redis) -> None:
    publisher.run()
    redis_client.config_resetstat()
    publisher.run()
    assert redis_client.info("commandstats")["cmdstat_hmget"]["calls"] == 3, "market, position, and the single hash; no track"
