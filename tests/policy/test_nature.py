"""Whether a restart can help: every check has its place, and every recorded scenario gets a sensible answer."""

import pytest

from qtops import bundle
from qtops.checks.registry import BY_CODE
from qtops.diagnose import diagnose
from qtops.incidents import Diagnosed
from qtops.policy.nature import BY_WORDS, CLASSIFIED, TABLE, cause, nature_of
from tests.scenarios.catalogue import SCENARIOS
from tests.scenarios.recording import path_of

from .builders import diagnosed, found

DEPENDENCY = {"requirement-failed", "binding-lost", "starved", "redis-refused", "redis-walled-off"}
TRANSIENT = {
    "setting-misspelt", "killed", "segfault", "aborted", "stack-printed",  # by signals
    "watchdog", "never-ready", "ends-before-ready", "stop-timeout", "runtime-limit", "forking-stays", "pid-file-unwritten",
    "memory-error", "port-in-use",
}  # fmt: skip
UNPROVEN = {
    "ends-without-a-word", "speaks-to-a-file", "words-undecodable",  # it did not say why
    "ends-by-itself", "start-limit-clean", "pre-command-fails", "post-command-fails",
    "exception", "exception-in-noise", "exception-chained", "exception-hostile", "redis-is-well", "start-limit-again",  # its own
    "restart-loop", "limit-misplaced", "task-lost", "pipeline", "variable-comment", "variable-carriage-return",
    "fallback-incomplete",
    "stopped-and-forgotten", "never-started", "stopped-badly", "stopped-along", "stopped-for-rival", "timer-forgotten",  # wanted?
}  # fmt: skip
"""Down, and nothing proves that a restart helps, nor that it does not."""


def looked(name: str) -> Diagnosed:
    (it,) = diagnose(bundle.load(path_of(next(each for each in SCENARIOS if each.name == name))))
    return Diagnosed(
        unit=it.subject, at_s=0, verdict=it.verdict, condition=it.condition, state=it.state, root=it.root, symptoms=it.symptoms
    )


def test_every_check_is_classified_on_purpose_and_once():
    assert sorted(set(BY_CODE) - CLASSIFIED) == []
    assert sorted(CLASSIFIED - set(BY_CODE)) == []
    codes = [*(code for row in TABLE for code in row.codes), *BY_WORDS]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", [each.name for each in SCENARIOS])
def test_the_nature_of_each_recorded_scenario(name):
    seen = looked(name)
    if name in DEPENDENCY:
        assert nature_of(seen) == "dependency"
    elif name in TRANSIENT:
        assert nature_of(seen) == "transient"
    elif name in UNPROVEN or seen.condition in {"runs", "starts", "rests"}:
        assert nature_of(seen) == "unknown"
    else:
        assert nature_of(seen) == "deterministic"


@pytest.mark.parametrize(
    ("words", "nature"),
    [
        ("ModuleNotFoundError: No module named 'acme' at /srv/app/main.py:1", "deterministic"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/etc/app.json'", "deterministic"),
        ("OSError: [Errno 99] Cannot assign requested address", "deterministic"),
        ("KeyError: 'API_KEY'", "deterministic"),
        ("redis.exceptions.AuthenticationError: invalid username-password pair", "deterministic"),
        ("redis.exceptions.ConnectionError: Error 13 connecting to /run/redis.sock. Permission denied.", "deterministic"),
        ("redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused.", "dependency"),
        ("redis.exceptions.BusyLoadingError: Redis is loading the dataset in memory", "dependency"),
        ("redis.exceptions.ReadOnlyError: You can't write against a read only replica.", "dependency"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "dependency"),
        ("requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='x')", "dependency"),
        ("asyncio.exceptions.TimeoutError", "dependency"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "dependency"),
        ("MemoryError at /srv/app/main.py:1", "transient"),
        ("OSError: [Errno 24] Too many open files", "transient"),
        ("OSError: [Errno 28] No space left on device", "transient"),
        ("KeyError: 'bid'", "unknown"),
        ("KeyError: 'BTCUSDT'", "unknown"),
        ("RuntimeError: order book is empty", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_nature_of_an_exception(words, nature):
    assert nature_of(diagnosed(found("LOG201", words))) == nature


@pytest.mark.parametrize(
    ("words", "nature"),
    [
        ("it gave up with status 2: app.py: error: unrecognized arguments: --fast", "deterministic"),
        ("it gave up with status 1: QUEUE_URL is not set", "deterministic"),
        ("it gave up with status 1: redis.exceptions.TimeoutError: Timeout reading from socket", "dependency"),
        ("it gave up with status 1: [Errno 98] error while attempting to bind: address already in use", "transient"),
        ("it gave up with status 4: closed", "unknown"),
    ],
)
def test_the_nature_of_last_words(words, nature):
    assert nature_of(diagnosed(found("LOG203", words))) == nature


@pytest.mark.parametrize("state", ["down", "hung", "loading", "read only", "out of memory", "disk error", "bad address", "busy"])
def test_a_redis_that_is_not_well_is_a_dependency(state):
    assert nature_of(diagnosed(found("REDIS201", f"Redis at redis://h/0 does not serve it: {state}"))) == "dependency"


def test_a_root_of_no_check_that_is_known_is_of_unknown_nature():
    assert nature_of(diagnosed(found("NOVEL999"))) == "unknown"


def test_what_would_stop_the_next_start_explains_nothing_of_a_service_that_runs():
    assert cause(diagnosed(found("IMPORT101"), condition="runs")) is None
    assert cause(diagnosed(found("UNIT206"), condition="runs")) is None
    assert cause(diagnosed(found("CODE201"), condition="runs")) is None
    assert cause(diagnosed(found("REDIS201", "…: down"), condition="runs")) is not None
    assert cause(diagnosed(found("REDIS201", "…: down"), condition="rests")) is None
