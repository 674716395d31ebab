"""``qtops events`` as a process: what it prints, its exit code; in time, whatever Redis does."""

import json
import time

import msgspec
import pytest

from qtops.bundle import save
from qtops.facts.service import Facts
from qtops.reports.events.document import Document
from tests.checks.events.events import FOUNDING_S, NOW_S, facts, pair
from tests.cli.running import qtops
from tests.cli.test_verify_freshness import TIME_LIMIT_S, TROUBLES
from tests.collectors.scene import NO_WAY
from tests.collectors.test_events import KEY, STREAM, fire

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait


def events(url: str, *arguments: str, **variables: str):
    return qtops("--redis", url, "events", *arguments, **variables)


def found(url: str, *arguments: str) -> tuple[int, Document]:
    """Exit code and report, which is valid by its published type."""
    result = events(url, *arguments, "-o", "json")
    assert result.stderr == ""
    json.loads(result.stdout, parse_constant=pytest.fail)
    return result.returncode, msgspec.json.decode(result.stdout, type=Document)


def codes(document: Document) -> list[str]:
    return [finding.code for finding in document.findings]


def test_no_event_ever_is_ok(redis_url):
    code, document = found(redis_url)
    assert (code, document.timeline, document.findings) == (0, (), ())


def test_a_guard_in_force_is_critical(redis_url, redis_client):
    fire(redis_client, time.time() - 60)
    redis_client.set(KEY, "{}", px=14_340_000)
    code, document = found(redis_url)
    assert (code, codes(document)) == (2, ["EVENT101", "EVENT102"])
    assert document.summary.headline == "EMERGENCY_FLATTEN in force"
    assert len(document.timeline) == 1


def test_an_old_guard_that_was_answered_is_ok(redis_url, redis_client):
    fire(redis_client, time.time() - 86_400)
    redis_client.xgroup_create(STREAM, "flattener", "0")
    for _, entries in redis_client.xreadgroup("flattener", "one", {STREAM: ">"}):
        redis_client.xack(STREAM, "flattener", *(entry_id for entry_id, _ in entries))
    assert found(redis_url)[0] == 0


def test_since_and_limit(redis_url, redis_client):
    for hours in (50, 30, 6):
        fire(redis_client, time.time() - hours * 3600)
    assert len(found(redis_url, "--since", "1d")[1].timeline) == 1
    code, document = found(redis_url, "--limit", "2")
    assert (len(document.timeline), document.cut, document.length) == (1, True, 6)
    assert code == 2


def test_the_founding_emergency_from_a_file(tmp_path):
    kept = tmp_path / "kept.qtops"
    save(Facts(host="vps", taken_at_s=NOW_S, events=facts(*pair(FOUNDING_S), groups=(), guards=())), kept)
    result = events(NO_WAY, "--from", str(kept))
    assert result.returncode == 2
    assert "active until 2026-02-18 00:46:58 UTC (48 min 29 s left)" in result.stdout


def test_markdown_and_nagios(redis_url, redis_client):
    fire(redis_client, time.time() - 60)
    assert events(redis_url, "-o", "markdown").stdout.startswith("# Risk events: critical\n")
    assert events(redis_url, "-o", "nagios").stdout.startswith("CRITICAL: EMERGENCY_FLATTEN in force")


def test_a_saved_look_is_judged_again(redis_url, redis_client, tmp_path):
    fire(redis_client, time.time() - 60)
    kept = tmp_path / "kept.qtops"
    code, document = found(redis_url, "--save", str(kept))
    again, replayed = found(NO_WAY, "--from", str(kept))
    assert (again, replayed.timeline, replayed.findings) == (code, document.timeline, document.findings)


@pytest.mark.slow
@pytest.mark.parametrize("state", TROUBLES)
def test_a_redis_in_trouble_is_named_in_time(state):
    with TROUBLES[state]() as url:
        started = time.monotonic()
        found(NO_WAY)
        start_up_s = time.monotonic() - started
        started = time.monotonic()
        code, document = found(url)
        assert time.monotonic() - started < start_up_s + TIME_LIMIT_S + 0.5
    assert (code, document.redis and document.redis.state, document.timeline) == (3, state, ())


@pytest.mark.parametrize("arguments", [("--limit", "0"), ("--limit", "1000000"), ("--since", "never"), ("--stream", "a\nb")])
def test_wrong_input_exits_64(redis_url, arguments):
    result = events(redis_url, *arguments)
    assert (result.returncode, result.stdout) == (64, "")


def test_a_bundle_without_events_says_how_to_make_one(tmp_path):
    kept = tmp_path / "kept.qtops"
    save(Facts(host="vps", taken_at_s=NOW_S), kept)
    result = events(NO_WAY, "--from", str(kept))
    assert result.returncode == 64
    assert "qtops events --save" in result.stderr


def test_help_shows_examples():
    assert "qtops events --since 1d" in qtops("events", "--help").stdout
