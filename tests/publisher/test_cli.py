"""The command line: what the environment and flags say reaches the publisher, and each end has its exit code."""

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from publisher import loop
from publisher.contract import market_key, position_key, proposal_key
from publisher.narration import LOG
from publisher.options import Options
from publisher.proposing import Limits
from publisher.shard import Shard
from tests.publisher.builders import market_hash, position_hash
from tests.publisher.running import code

NAMES = (
    "REDIS_URL", "REDIS_PASSWORD_FILE", "REDIS_TIMEOUT_SEC", "SYMBOLS", "PUBLISH_INTERVAL_SEC", "POSITION_SOURCE", "ENABLE_STREAM",
    "SHARD", "PUBLISHER_ID", "MARKET_MAX_AGE_SEC", "POSITION_MAX_AGE_SEC", "LOG_LEVEL",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """None of the test's own environment, and the log as it was."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    before = (LOG.level, list(LOG.handlers), LOG.propagate)
    yield
    LOG.setLevel(before[0])
    LOG.handlers[:], LOG.propagate = before[1], before[2]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options that a publisher would have run with."""
    options: list[Options] = []
    monkeypatch.setattr(loop, "run", options.append)
    return options


# What it is told


def test_the_defaults_are_the_founding_publishers(monkeypatch: pytest.MonkeyPatch, told: list[Options]) -> None:
    assert code(monkeypatch) == 0
    (options,) = told
    assert options == Options(
        "redis://127.0.0.1:6379/0", ("BTCUSDT", "ETHUSDT", "SOLUSDT"), 10.0, "auto", stream=False, publisher_id=options.publisher_id
    )
    assert options.publisher_id.endswith(f":{os.getpid()}")


def test_every_option_has_its_name_in_the_environment(monkeypatch: pytest.MonkeyPatch, told: list[Options], tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("hu$h\n")
    values = ("redis://box:7000/3", str(password), "0.5", "A,B", "2.5", "redis_hash", "true", "1/2", "me", "30", "40", "debug")
    for name, value in zip(NAMES, values, strict=True):
        monkeypatch.setenv(name, value)
    assert code(monkeypatch) == 0
    assert told == [
        Options(
            "redis://box:7000/3", ("A", "B"), 2.5, "redis_hash", stream=True, shard=Shard(1, 2), publisher_id="me", password="hu$h",
            redis_timeout_s=0.5, limits=Limits(30.0, 40.0),
        )
    ]  # fmt: skip
    assert LOG.level == logging.DEBUG


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch, told: list[Options]) -> None:
    for name, value in zip(
        NAMES, ("redis://other", "", "9", "X", "9", "synthetic", "1", "1/2", "x", "9", "9", "ERROR"), strict=True
    ):
        monkeypatch.setenv(name, value)
    flags = (
        "--redis-url unix:///x --redis-timeout 0.2 --symbols A --interval 1 --position-source redis_stream --no-stream --shard 0/3"
    )
    flags += " --publisher-id me --market-max-age 3 --position-max-age 4"
    assert code(monkeypatch, *flags.split()) == 0
    assert told == [Options("unix:///x", ("A",), 1.0, "redis_stream", False, Shard(0, 3), "me", None, 0.2, Limits(3.0, 4.0))]


@pytest.mark.parametrize(("text", "on"), [("true", True), ("1", True), ("yes", True), ("false", False), ("0", False), ("", False)])
def test_the_stream_is_switched_by_words(monkeypatch: pytest.MonkeyPatch, told: list[Options], text: str, on: bool) -> None:
    monkeypatch.setenv("ENABLE_STREAM", text)
    assert code(monkeypatch) == 0
    assert told[0].stream is on


def test_help_names_every_option_its_variable_and_examples(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for flag in ("--help", "-h"):
        assert code(monkeypatch, flag) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert all(name in out for name in NAMES)
        assert "python -m publisher --once" in out
        assert "conformance" in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--interval", "nan"], "finite"),
        (["--interval", "0.01"], "range"),
        (["--market-max-age", "inf"], "finite"),
        (["--symbols", "A,A"], "given twice"),
        (["--shard", "3/2"], "is no shard"),
        (["--publisher-id", "\x1b[2J"], "is no publisher id"),
        (["--redis-url", "redis://:hu$h/x@box"], "%2F"),
        (["--redis-url", "redis://box?socket_timeout=600"], "unknown option"),
        (["--position-source", "guess"], "synthetic"),
        (["--log-level", "LOUD"], "LOUD"),
        (["nonsense"], "nonsense"),
        (["--nonsense"], "nonsense"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_64_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: list[Options], args: list[str], words: str
) -> None:
    assert code(monkeypatch, *args) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "hu$h" not in err
    assert "\x1b" not in err
    assert "Traceback" not in err
    assert told == []


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"\xff\xfe", "not UTF-8"), (..., "directory")])
def test_a_password_file_that_cannot_be_read_is_64(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "password"
    if content is ...:
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    assert code(monkeypatch, "--redis-password-file", str(path)) == 64
    assert words in capsys.readouterr().err


# One cycle


@pytest.fixture
def fed(redis_client: redis.Redis) -> redis.Redis:
    for symbol in ("A", "B"):
        redis_client.hset(market_key(symbol), mapping=market_hash(ts_timestamp=int(time.time())))
        redis_client.hset(position_key(symbol), mapping=position_hash(ts_epoch=int(time.time())))
    return redis_client


def test_one_cycle_publishes_and_ends_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fed: redis.Redis, redis_url: str
) -> None:
    assert code(monkeypatch, "--once", "--redis-url", redis_url, "--symbols", "A,B", "--publisher-id", "me") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("Published proposal for ") == 2
    assert fed.hget(proposal_key("A"), "publisher_id") == b"me"
    assert fed.hget("quantum:risk:publisher:me", "cycle") == b"1"


def test_a_refused_symbol_is_1_and_a_closed_one_is_0(monkeypatch: pytest.MonkeyPatch, fed: redis.Redis, redis_url: str) -> None:
    once = ("--once", "--redis-url", redis_url, "--symbols", "A,B")
    fed.hset(position_key("B"), mapping={"side": "FLAT", "position_amt": "0", "quantity": "0"})
    assert code(monkeypatch, *once) == 0
    fed.hset(market_key("A"), "sigma", "nan")
    assert code(monkeypatch, *once) == 1


def test_a_redis_that_is_away_is_75(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert code(monkeypatch, "--once", "--redis-url", f"unix://{tmp_path}/nothing.sock?password=hu%24h") == 75
    err = capsys.readouterr().err
    assert "[ERROR] Redis: down" in err
    assert "hu$h" not in err
    assert "hu%24h" not in err
