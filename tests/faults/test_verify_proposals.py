"""Whatever Redis holds, ``qtops verify proposals`` gives a verdict and an exit code, no traceback; nothing bad is called right."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
import redis

from publisher.contract import POSITIONS_HASH, PROPOSAL_FIELDS, market_key, position_key, proposal_key
from tests.bench.proposals import Market
from tests.cli.running import qtops

pytestmark = pytest.mark.slow

Fields = Mapping[str, str | bytes]
NUMBERS = [field.name for field in PROPOSAL_FIELDS if field.kind in {"float", "int"}]
TIMES = ("heartbeat_ms", "computed_at_utc", "computed_at_ms")
NEEDED = ("proposed_sl", "proposed_tp", "position_current_price", "position_entry_price", "sigma", "p_trend", "stop_dist_pct")
NO_NUMBERS = (
    "nan", "-nan", "inf", "-Infinity", "1e400", "1_000", "", " ", "None", "true", "0x10", "1,5", "١٢٣", "１２３", "9" * 5000,
    b"\xff\xfe", b"1\x00", "1\x1b[31m", "[/red]", "\u202e1", "[" * 100_000,
)  # fmt: skip
NO_TIMES = (
    "nan", "inf", "0", "-1", "1e18", "1e11", "9" * 5000, "2026-02-17T24:00:00", "2026-02-17T23:58:60", "9999-12-31T23:59:59",
    "2026-W08-2", "20260217T235812", "soon", "", b"\xff", "0.012886",
)  # fmt: skip
HOSTILE = b"\x1b]0;owned\x07\x1b[31m[/foo]]]><script>\r\n\xe2\x80\xae\xff|`"


def verified(url: str, symbols: Sequence[str], *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """The command's end, and the verdict on each symbol."""
    result = qtops("--redis", url, "verify", "proposals", *arguments, "-o", "json", "--", *symbols)
    assert "Traceback" not in result.stderr, result.stderr[-2000:]
    assert result.stderr == ""
    document = json.loads(result.stdout, parse_constant=pytest.fail)
    assert result.returncode == document["summary"]["exit_code"] in (0, 1, 2, 3)
    return result, {row["symbol"]: row["verdict"] for row in document["rows"]}


class Ground:
    """Correct proposals, to be spoilt: one symbol for each case."""

    def __init__(self, url: str, client: redis.Redis) -> None:
        self.url, self._client = url, client
        (self.model,) = Market(url, 1).names
        self.cases: dict[str, str] = {}

    def case(self, what: str, key: str = "", spoilt: Fields | None = None) -> str:
        """A symbol of its own, with these fields of one of its hashes; the name of its case is remembered."""
        symbol = f"C{len(self.cases):04}"
        self.cases[symbol] = what
        for make in (proposal_key, market_key, position_key):
            self._client.copy(make(self.model), make(symbol))
        self._client.hset(proposal_key(symbol), "symbol", symbol)
        if spoilt:
            self._client.hset(key.replace("{symbol}", symbol), mapping=dict(spoilt))  # type: ignore[arg-type]
        return symbol

    def called_right(self) -> list[str]:
        """The cases that nothing was found of."""
        _, verdicts = verified(self.url, list(self.cases))
        assert set(verdicts) == set(self.cases)
        return [self.cases[symbol] for symbol, verdict in verdicts.items() if verdict == "ok"]


@pytest.fixture
def ground(redis_url: str, redis_client: redis.Redis) -> Ground:
    return Ground(redis_url, redis_client)


OWN, MARKET, POSITION = proposal_key("{symbol}"), market_key("{symbol}"), position_key("{symbol}")


def test_a_correct_proposal_stays_right(ground: Ground) -> None:
    ground.case("correct")
    assert ground.called_right() == ["correct"]


def test_no_text_that_is_no_number_is_taken_for_one(ground: Ground) -> None:
    for name in NEEDED:
        for value in NO_NUMBERS:
            ground.case(f"{name}={value[:20]!r}", OWN, {name: value})
    assert ground.called_right() == []


def test_any_field_may_hold_anything(ground: Ground) -> None:
    for field in PROPOSAL_FIELDS:
        for value in ("nan", b"\xff", "", HOSTILE, "-0", "9" * 5000):
            ground.case(f"{field.name}={value[:20]!r}", OWN, {field.name: value})
    verified(ground.url, list(ground.cases))


def test_no_text_that_is_no_time_is_fresh(ground: Ground) -> None:
    for value in NO_TIMES:
        ground.case(f"heartbeat_ms={value[:20]!r}", OWN, {"heartbeat_ms": value})
        ground.case(f"computed_at_utc={value[:20]!r}", OWN, {"computed_at_utc": value})
    assert ground.called_right() == []


def test_a_writer_whose_clock_is_ahead_is_never_fresh(ground: Ground) -> None:
    now_s = time.time()
    ground.case("an hour ahead", OWN, {"heartbeat_ms": str(int((now_s + 3600) * 1000))})
    ground.case("a minute ahead, in nanoseconds", OWN, {"heartbeat_ms": str(int((now_s + 60) * 1e9))})
    assert ground.called_right() == []


def test_inputs_may_hold_anything(ground: Ground) -> None:
    for value in ("nan", "inf", "1e400", "1_000", b"\xff", "9" * 5000, "[" * 100_000):
        for name in ("sigma", "p_trend", "ts_timestamp", "source"):
            ground.case(f"market {name}", MARKET, {name: value})
        for name in ("side", "entry_price", "current_price", "position_amt", "ts_epoch", "current_sl", "source"):
            ground.case(f"position {name}", POSITION, {name: value})
        ground.case("price", "quantum:market:{symbol}", {"price": value, "timestamp": value})
    verified(ground.url, list(ground.cases))


def test_the_hash_of_all_positions_may_hold_anything(ground: Ground, redis_client: redis.Redis) -> None:
    surrogate, deep, twice = '"\\ud800"', "[" * 100_000, '{"side":"LONG","side":"SHORT"}'
    for value in ("{", "null", "[]", "1", '{"side":NaN}', deep, surrogate, twice, b"\xff", "x" * 5_000_000, '{"a":' * 1000):
        symbol = ground.case(f"json {value[:20]!r}")
        redis_client.delete(position_key(symbol))
        redis_client.hset(POSITIONS_HASH, symbol, value)  # type: ignore[arg-type]
    verified(ground.url, list(ground.cases))


def test_keys_of_the_wrong_type_are_told_each_and_hide_no_other(ground: Ground, redis_client: redis.Redis) -> None:
    good = ground.case("correct")
    for kind, make in enumerate((proposal_key, market_key, position_key, "quantum:market:{}".format)):
        for write in ("set", "lpush", "sadd", "zadd", "xadd"):
            symbol = ground.case(f"{write} {kind}")
            redis_client.delete(make(symbol))
            more = {"zadd": [{"x": 1}], "xadd": [{"x": "1"}]}.get(write, ["x"])
            getattr(redis_client, write)(make(symbol), *more)
    result, verdicts = verified(ground.url, list(ground.cases))
    assert verdicts.pop(good) == "ok"
    assert result.returncode == 2
    for symbol, what in ground.cases.items():
        if symbol != good:
            assert verdicts[symbol] == ("critical" if what.endswith(" 0") else "unknown"), what


def test_a_hash_of_other_fields_or_of_ten_thousand_is_told(ground: Ground, redis_client: redis.Redis) -> None:
    many = ground.case("ten thousand more", OWN, {f"field{number}": "x" for number in range(10_000)})
    strange = ground.case("other fields only")
    redis_client.delete(proposal_key(strange))
    redis_client.hset(proposal_key(strange), mapping={"calibrated": "1", HOSTILE: HOSTILE})  # type: ignore[dict-item]
    _, verdicts = verified(ground.url, list(ground.cases))
    assert verdicts[many] != "ok"
    assert verdicts[strange] != "ok"


def test_symbols_may_be_anything_that_a_command_line_can_hold(ground: Ground) -> None:
    symbols = ["new\nline", "esc\x1b[2J", "*", "[a]", "{tag}", "a b", "-x", "'\"", "\u202e", "x" * 500, "[/red]"]
    result, verdicts = verified(ground.url, symbols)
    assert len(verdicts) == len(symbols)
    for output in ("human", "nagios", "junit", "prometheus"):
        told = qtops("--redis", ground.url, "verify", "proposals", "-o", output, "--", *symbols)
        assert (told.returncode, told.stderr) == (result.returncode, "")
        assert "\x1b" not in told.stdout
        assert "\u202e" not in told.stdout


def test_hostile_text_reaches_no_terminal(ground: Ground) -> None:
    for field in PROPOSAL_FIELDS:
        ground.case(field.name, OWN, {field.name: HOSTILE})
    for output in ("human", "nagios", "junit", "prometheus", "json"):
        told = qtops("--redis", ground.url, "verify", "proposals", "-v", "-o", output, "--", *ground.cases)
        assert (told.returncode, told.stderr) == (2, "")
        assert not set("\x1b\x07\r\u202e") & set(told.stdout)


# while it looks


@contextmanager
def meanwhile(url: str, *commands: Sequence[str]) -> Iterator[None]:
    """Somebody else sends these commands, over and over."""
    over = threading.Event()

    def send() -> None:
        with redis.Redis.from_url(url) as client:
            while not over.is_set():
                for command in commands:
                    client.execute_command(*command)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("command", [("FLUSHALL",), ("SET", "quantum:risk:proposal:S00000", "x")])
def test_keys_that_go_or_change_while_it_looks_are_never_called_right(redis_url: str, command: Sequence[str]) -> None:
    market = Market(redis_url, 50)
    with meanwhile(redis_url, command):
        for _ in range(3):
            _, verdicts = verified(redis_url, market.names)
            assert verdicts["S00000"] in ("ok", "critical", "unknown")
    _, verdicts = verified(redis_url, market.names)
    assert verdicts["S00000"] != "ok" or command == ("FLUSHALL",)  # nothing there, and no position: nothing is wrong


def test_proposals_that_are_gone_at_the_second_look_are_missing_and_not_fresh(redis_url: str, redis_client: redis.Redis) -> None:
    market = Market(redis_url, 2)
    timer = threading.Timer(1.0, lambda: redis_client.delete(*(proposal_key(name) for name in market.names)))
    timer.start()
    result, verdicts = verified(redis_url, market.names, "--observe", "2s")
    timer.join()
    assert result.returncode == 2
    assert set(verdicts.values()) == {"critical"}
