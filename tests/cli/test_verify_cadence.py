"""``qtops verify cadence`` as a process: what it prints, its exit code; in time, whatever Redis does."""

import json
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest
import redis

from publisher.timestamps import utc_iso
from qtops.bundle import load, save
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import ProposalFacts, ProposalLook, ProposalReading
from qtops.facts.service import Facts
from qtops.reports.cadence.document import Document
from tests.cli.running import qtops
from tests.cli.test_verify_freshness import TIME_LIMIT_S, TROUBLES
from tests.collectors.scene import NO_WAY, commands

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait

CONFIGURATION = """
symbols = ["BTCUSDT"]
streams = [{name = "app:stream", kind = "periodic", interval_s = 60}]
[[families]]
name = "app"
pattern = "app:{symbol}"
times = [{field = "beat", interval_s = 0.4, warn_s = 0.8, critical_s = LIMIT}]
"""


@pytest.fixture
def configured(tmp_path):
    """A configuration of one key and one stream; ``limit`` is how old the key may be."""

    def write(limit: float = 1.2) -> tuple[str, ...]:
        file = tmp_path / "qtops.toml"
        file.write_text(CONFIGURATION.replace("LIMIT", str(limit)))
        return ("--config", str(file))

    return write


@pytest.fixture
def beating(redis_client: redis.Redis) -> Iterator[redis.Redis]:
    """A key that is updated every 0.4 s, and a stream of the last ten minutes."""
    stop, now_s = threading.Event(), time.time()
    for back in range(10, 0, -1):
        redis_client.xadd("app:stream", {"a": "1"}, id=f"{int((now_s - back * 60) * 1000)}-*")

    def beat() -> None:
        due = time.monotonic()
        while not stop.is_set():
            redis_client.hset("app:BTCUSDT", "beat", utc_iso(time.time()))
            due += 0.4
            stop.wait(max(due - time.monotonic(), 0.0))

    thread = threading.Thread(target=beat)
    thread.start()
    yield redis_client
    stop.set()
    thread.join()


def verify(url: str, *arguments: str, **variables: str):
    return qtops("--redis", url, "verify", "cadence", *arguments, **variables)


def found(url: str, *arguments: str) -> tuple[int, Document]:
    """Exit code and report, which is valid by its published type."""
    result = verify(url, *arguments, "-o", "json")
    assert result.stderr == ""
    json.loads(result.stdout, parse_constant=pytest.fail)
    return result.returncode, msgspec.json.decode(result.stdout, type=Document)


def test_what_is_updated_as_declared_is_ok(redis_url, beating, configured):
    code, document = found(redis_url, *configured(), "--for", "2s")
    rows = {row.family: row for row in document.results}
    assert (code, document.findings) == (0, ())
    assert rows["app"].p50_s == pytest.approx(0.4, abs=0.05)
    assert rows["app:stream"].p50_s == pytest.approx(60, abs=0.01)
    assert rows["app"].n >= 3


def test_a_key_that_stands_still_is_critical(redis_url, redis_client, configured):
    redis_client.hset("app:BTCUSDT", "beat", utc_iso(time.time()))
    code, document = found(redis_url, *configured(), "--for", "1s")
    assert (code, {finding.code for finding in document.findings}) == (2, {"CADENCE106"})


def test_a_stream_alone_is_measured_at_once_and_asks_for_nothing_else(redis_url, beating, configured):
    beating.config_resetstat()
    started = time.monotonic()
    code, document = found(redis_url, *configured(), "app:stream")
    assert time.monotonic() - started < 3
    assert (code, [row.family for row in document.results]) == (0, ["app:stream"])
    assert commands(beating).keys() <= {"time", "xrevrange", "hset"}


def test_a_subject_leaves_streams_out(redis_url, beating, configured):
    _, document = found(redis_url, *configured(), "BTCUSDT", "--for", "1s")
    assert [row.family for row in document.results] == ["app"]


def test_a_saved_look_is_judged_again(redis_url, beating, configured, tmp_path):
    kept = tmp_path / "kept.qtops"
    code, document = found(redis_url, *configured(), "--for", "2s", "--save", str(kept))
    again, replayed = found(NO_WAY, "--from", str(kept))
    assert load(kept).cadence is not None
    assert (again, replayed.results, replayed.findings) == (code, document.results, document.findings)


def test_two_looks_at_proposals_are_enough(tmp_path):
    server = ServerReading("redis://127.0.0.1:6379/0", "ok")
    looks = tuple(
        ProposalLook(taken_at_s=at_s, server=server, readings=(ProposalReading(
            symbol="BTCUSDT", key="quantum:risk:proposal:BTCUSDT", read_at_s=at_s, fields={"computed_at_utc": text}),))
        for at_s, text in (
            (1_771_372_632.7, "2026-02-17T23:57:12.679984"), (1_771_372_692.8, "2026-02-17T23:58:12.720666"),
        )
    )  # fmt: skip
    proposals = ProposalFacts(family="risk-proposal", symbols=("BTCUSDT",), looks=looks)
    kept = tmp_path / "kept.qtops"
    save(Facts(host="vps", taken_at_s=1_771_372_710.0, proposals=proposals), kept)
    code, document = found(NO_WAY, "--from", str(kept))
    (row,) = document.results
    assert (row.field, round(row.p50_s or 0.0, 6), row.n) == ("computed_at_utc", 60.040682, 1)
    assert code == 1
    assert "declared every 10 s, and nothing in the key is updated that often: 60.04 s" in {
        finding.summary for finding in document.findings
    }


def test_an_empty_redis_could_not_tell(redis_url, configured):
    assert found(redis_url, *configured(), "--for", "1s")[0] == 3


@pytest.mark.slow
@pytest.mark.parametrize("state", TROUBLES)
def test_a_redis_in_trouble_is_named_in_time(state, configured):
    with TROUBLES[state]() as url:
        started = time.monotonic()
        found(NO_WAY, *configured())
        start_up_s = time.monotonic() - started
        started = time.monotonic()
        code, document = found(url, *configured())
        assert time.monotonic() - started < start_up_s + TIME_LIMIT_S + 0.5
    assert (code, document.redis and document.redis.state, document.results) == (3, state, ())


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--family", "risk-propsal"), "did you mean 'risk-proposal'?"),
        (("--for", "soon"), "is no length of time"),
        (("--for", "0s"), "is no length of time"),
    ],
)
def test_wrong_input_says_what_to_try(redis_url, arguments, hint):
    result = verify(redis_url, *arguments)
    assert (result.returncode, result.stdout) == (64, "")
    assert hint in result.stderr


def test_a_bundle_without_looks_is_wrong_input(tmp_path):
    kept = tmp_path / "kept.qtops"
    save(Facts(host="vps", taken_at_s=1_771_372_710.0), kept)
    result = verify(NO_WAY, "--from", str(kept))
    assert result.returncode == 64
    assert "nothing in it tells how often" in result.stderr


def test_help_shows_examples():
    result = qtops("verify", "cadence", "--help")
    assert "qtops verify cadence BTCUSDT" in result.stdout
