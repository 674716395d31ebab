"""``qtops verify proposals`` as a process: what it prints, its exit code, what it asks of Redis; in time, whatever Redis does."""

import json
import time

import msgspec
import pytest
import redis

from publisher.contract import POSITIONS_HASH, market_key, position_key, proposal_key
from qtops.bundle import load
from qtops.reports.proposals.document import Document
from tests.bench.proposals import Market
from tests.cli.running import qtops
from tests.cli.test_verify_freshness import TIME_LIMIT_S, TROUBLES
from tests.collectors.scene import NO_WAY, commands

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait

COUNT = 3


def verify(url: str, *arguments: str, **variables: str):
    return qtops("--redis", url, "verify", "proposals", *arguments, **variables)


def found(url: str, *arguments: str, **variables: str) -> tuple[int, Document]:
    """Exit code and report, which is valid by its published type."""
    result = verify(url, *arguments, "-o", "json", **variables)
    assert result.stderr == ""
    json.loads(result.stdout, parse_constant=pytest.fail)
    return result.returncode, msgspec.json.decode(result.stdout, type=Document)


def codes(document: Document) -> set[str]:
    """What is found, but for the note that the market is a simulated one."""
    return {finding.code for finding in document.findings} - {"PROPOSAL116"}


@pytest.fixture
def market(redis_url: str) -> Market:
    """Proposals that the publisher itself has just made."""
    return Market(redis_url, COUNT)


@pytest.fixture
def configured(market: Market, tmp_path) -> tuple[str, ...]:
    """A configuration that names the market's symbols."""
    file = tmp_path / "qtops.toml"
    file.write_text(f"symbols = {json.dumps(market.names)}\n")
    return ("--config", str(file))


# the verdict


def test_what_the_publisher_writes_is_right(redis_url, market, configured):
    code, document = found(redis_url, *configured)
    assert (code, codes(document), document.doubts, document.summary.headline) == (0, set(), (), "RIGHT")
    assert {row.symbol for row in document.rows} == set(market.names)
    assert all(row.state == "FRESH" and row.stop and row.target and row.price for row in document.rows)


def test_fresh_and_not_real_is_critical(redis_url, redis_client, market, configured):
    redis_client.hset(proposal_key(market.names[0]), "position_source", "synthetic")
    result = verify(redis_url, *configured)
    assert result.returncode == 2
    assert "PROPOSAL107" in result.stdout
    assert "FRESH, NOT REAL: 3 proposals: 1 critical, 2 ok: critical" in result.stdout


def test_a_lost_input_is_told(redis_url, redis_client, market, configured):
    redis_client.hset(proposal_key(market.names[0]), "p_trend", "0.0")
    code, document = found(redis_url, *configured)
    assert code == 2
    assert {"PROPOSAL104", "PROPOSAL105"} & codes(document)
    assert document.rows[0].symbol == market.names[0]


def test_a_proposal_that_is_not_kept_fresh_is_not_right(redis_url, redis_client, market, configured):
    redis_client.hset(proposal_key(market.names[0]), "heartbeat_ms", str(int((time.time() - 45) * 1000)))
    code, document = found(redis_url, *configured)
    assert (code, codes(document)) == (2, {"KEYS201"})


def test_a_position_without_its_proposal_is_found(redis_url, redis_client, market, configured):
    redis_client.delete(proposal_key(market.names[0]))
    code, document = found(redis_url, *configured)
    assert (code, codes(document)) == (2, {"PROPOSAL111"})


def test_no_position_open_and_so_no_proposal_is_in_order(redis_url, redis_client):
    redis_client.hset(market_key("BTCUSDT"), "sigma", "0.012")
    code, document = found(redis_url)
    assert (code, {row.state for row in document.rows}, document.summary.headline) == (0, {"IDLE"}, "")


def test_an_empty_database_proves_nothing_right(redis_url):
    code, document = found(redis_url)
    assert (code, document.summary.headline) == (3, "")
    (doubt,) = document.doubts
    assert "an empty database, or another one" in doubt.why


# what is selected, and what is asked


def test_each_symbol_costs_six_commands_and_nothing_is_searched_for(redis_url, redis_client, market):
    redis_client.config_resetstat()
    found(redis_url, *market.names)
    assert commands(redis_client) == {"time": 2, "hlen": COUNT, "hmget": 4 * COUNT + 1, "pttl": COUNT}


def test_scan_covers_what_nobody_configured(redis_url, redis_client, market, configured):
    redis_client.copy(proposal_key(market.names[0]), proposal_key("STRAY"))
    redis_client.copy(position_key(market.names[0]), position_key("NAKED"))
    code, document = found(redis_url, *configured, "--scan")
    told = " ".join(finding.summary for finding in document.findings if finding.code == "PROPOSAL111")
    assert code == 2
    assert "NAKED" in told
    assert "STRAY" in told
    assert "STRAY" in {row.symbol for row in document.rows}


def test_another_family_can_be_named(redis_url, redis_client, market, tmp_path):
    redis_client.rename(proposal_key(market.names[0]), "other:S00000")
    file = tmp_path / "qtops.toml"
    file.write_text(
        'symbols = ["S00000"]\nfamilies = [{name = "other", pattern = "other:{symbol}", content = "risk-proposal", '
        'times = [{field = "heartbeat_ms", interval_s = 10, warn_s = 20, critical_s = 30}]}]\n'
    )
    assert "one family at a time: --family risk-proposal or --family other" in verify(redis_url, "--config", str(file)).stderr
    code, document = found(redis_url, "--config", str(file), "--family", "other")
    assert (code, document.family, [row.symbol for row in document.rows]) == (0, "other", ["S00000"])


# over time


@pytest.mark.slow
def test_a_stop_that_was_loosened_meanwhile_is_found_from_a_bundle(redis_url, redis_client, market, configured, tmp_path):
    then = str(tmp_path / "then.json")
    assert verify(redis_url, *configured, "--save", then, "-q").returncode == 0
    _, document = found(redis_url, *configured)
    row = document.rows[0]
    looser = row.stop * (0.97 if row.side == "LONG" else 1.03)
    redis_client.hset(proposal_key(row.symbol), mapping={"proposed_sl": repr(looser), "seq": "9"})
    code, document = found(redis_url, *configured, "--since", then)
    assert code == 2
    assert "PROPOSAL103" in codes(document)
    assert "PROPOSAL103" not in codes(found(redis_url, *configured)[1])


@pytest.mark.slow
def test_observe_keeps_two_looks_and_no_more(redis_url, market, configured, tmp_path):
    path = tmp_path / "seen.json"
    began = time.monotonic()
    assert verify(redis_url, *configured, "--observe", "1s", "--save", str(path)).returncode == 0
    assert time.monotonic() - began >= 1.0
    then, now = load(path).proposals.looks
    assert 0.9 < now.taken_at_s - then.taken_at_s < 3


def test_a_bundle_gives_the_same_report(redis_url, redis_client, market, configured, tmp_path):
    redis_client.hset(proposal_key(market.names[0]), "position_source", "synthetic")
    path = str(tmp_path / "seen.json")
    live = found(redis_url, *configured, "--save", path)
    assert found(NO_WAY, "--from", path) == live
    assert verify(NO_WAY, "--from", path, "-o", "nagios").returncode == 2


def test_what_is_kept_holds_no_password(redis_client, redis_server, market, configured, tmp_path):
    redis_client.execute_command("ACL", "SETUSER", "ops", "reset", "on", ">hunter2-canary", "~*", "+@all")
    path = tmp_path / "seen.json"
    try:
        url = redis_server.url.replace("unix://", "unix://ops:hunter2-canary@")
        result = verify(url, *configured, "--save", str(path), "-o", "json")
    finally:
        redis_client.execute_command("ACL", "DELUSER", "ops")
    assert result.returncode == 0
    assert "hunter2" not in path.read_text() + result.stdout + result.stderr


# a wrong command line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--family", "proposals"], "did you mean 'risk-proposal'?"),
        (["--family", "risk-proposal", "--family", "marketstate"], "one family at a time"),
        (["BTCUSDT", "--scan"], "it takes no SYMBOL"),
        ([""], "a symbol is empty"),
        (["--observe", "soon"], "is no length of time"),
        (["--observe", "1s", "--since", "/nonexistent"], "exclude each other"),
        (["--from", "x.json", "--scan", "BTC"], "it takes no SYMBOL, --scan"),
        (["-o", "yaml"], "'yaml' is not one of"),
    ],
)
def test_a_wrong_command_line_is_64_and_says_what_is_wrong(arguments, words):
    result = verify(NO_WAY, *arguments)
    assert (result.returncode, result.stdout) == (64, "")
    assert words in result.stderr


def test_a_family_that_holds_no_hashes_per_symbol_is_refused(tmp_path):
    file = tmp_path / "qtops.toml"
    times = "times = [{field = 't', interval_s = 1, warn_s = 2, critical_s = 3}]"
    one, other = (f"{{name = '{name}', pattern = '{key}', {times}}}" for name, key in (("x", "x"), ("risk-proposal", "y:{symbol}")))
    file.write_text(f"families = [{one}, {other}]")
    config = ("--config", str(file))
    assert "proposals are hashes, one per symbol" in verify(NO_WAY, *config, "--family", "x").stderr
    assert "no configured family has content = 'risk-proposal'" in verify(NO_WAY, *config).stderr


def test_a_bundle_of_something_else_is_refused(redis_url, market, tmp_path):
    path = tmp_path / "seen.json"
    assert verify(redis_url, *market.names, "--save", str(path), "-q").returncode == 0
    other = json.loads(path.read_text()) | {"proposals": None}
    path.write_text(json.dumps(other))
    assert "it holds no proposals" in verify(redis_url, "--since", str(path)).stderr
    assert verify(redis_url, "--from", str(path)).returncode == 3


# Redis in trouble: exit code 3, in time, and the word for it


@pytest.mark.slow
@pytest.mark.parametrize("state", TROUBLES)
def test_a_redis_in_trouble_is_named_in_time_and_nothing_is_called_right(state):
    with TROUBLES[state]() as url:
        began = time.monotonic()
        found(NO_WAY)
        start_up_s = time.monotonic() - began  # of Python and its imports, which a busy machine draws out
        began = time.monotonic()
        code, document = found(url, "--scan", "--observe", "1m")
        assert time.monotonic() - began < start_up_s + TIME_LIMIT_S + 0.5
        result = verify(url, "-o", "nagios")
    assert (code, document.redis.state) == (3, state)
    assert document.redis.advice
    assert {(row.state, row.verdict) for row in document.rows} == {("UNKNOWN", "unknown")}
    assert (result.returncode, result.stdout[:9]) == (3, "UNKNOWN: ")
    assert state in result.stdout
    assert "hunter" not in result.stdout + result.stderr + document.redis.url


def test_a_user_who_may_read_nothing_could_not_tell(redis_url, redis_client, market):
    redis_client.execute_command("ACL", "SETUSER", "none", "reset", "on", "nopass", "~x", "+@all")
    try:
        code, document = found(redis_url.replace("unix://", "unix://none@"), *market.names)
    finally:
        redis_client.execute_command("ACL", "DELUSER", "none")
    assert code == 3
    assert {row.verdict for row in document.rows} == {"unknown"}
    assert "no_permission" in document.doubts[0].why


# formats and streams


@pytest.mark.parametrize("output", ["human", "json", "nagios", "junit", "prometheus"])
def test_every_format_agrees_on_the_exit_code(redis_url, redis_client: redis.Redis, market, configured, output):
    redis_client.persist(proposal_key(market.names[0]))
    redis_client.hset(POSITIONS_HASH, market.names[0], "[[[")
    result = verify(redis_url, *configured, "-o", output)
    assert (result.returncode, result.stderr) == (1, "")


def test_quiet_says_nothing_where_all_is_well(redis_url, market, configured):
    assert verify(redis_url, *configured, "-q").stdout == ""
