"""Exceptions: started again only where what raised them is seen to be gone."""

import pytest
from msgspec.structs import replace

from qtops.facts.journal import Frame, Run
from qtops.facts.keys import ServerReading
from qtops.facts.preflight import VariableFact
from qtops.facts.service import RedisFacts
from tests.checks.services import BEGAN_S, ENDED_S, URL, down, journal, traceback
from tests.checks.starts import failing, imports, start

from .offers import named, offered

OS = Frame("<frozen os>", 679, "__getitem__")
REFUSED = "redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused."
LONG = (Run("a" * 32, BEGAN_S, ENDED_S, "exited", 1),)
WELL, LEFT = [("start", True)], [("mend-the-cause", False)]


def raised(message, *frames, **changes):
    """A service that this exception ended."""
    facts = journal(down(), tracebacks=(traceback(message, *frames),), runs=changes.pop("runs", LONG))
    return replace(facts, **changes)


def variables(*names):
    return start(variables=tuple(VariableFact(name, f"/etc/app.env:{number}", False) for number, name in enumerate(names, 1)))


def test_a_variable_that_is_set_by_now():
    (remedy,) = offered("LOG201", raised("KeyError: 'URL'", OS, start=variables("A", "URL")))
    assert named((remedy,)) == WELL
    assert "/etc/app.env:2" in remedy.why


@pytest.mark.parametrize(
    "facts",
    [
        raised("KeyError: 'URL'", OS, start=variables("URI")),
        raised("KeyError: 'URL'", start=variables("URL")),  # of some other mapping
        raised("RuntimeError: boom"),
    ],
)
def test_what_is_not_seen_to_be_gone(facts):
    assert named(offered("LOG201", facts)) == LEFT


def test_redis_that_was_away_and_is_back():
    (remedy,) = offered("LOG201", raised(REFUSED))
    assert named((remedy,)) == WELL
    assert URL in remedy.why


@pytest.mark.parametrize(
    "changes",
    [
        {"runs": (Run("a" * 32, BEGAN_S, BEGAN_S + 2, "exited", 1),)},  # it never reached Redis: the sandbox may keep it away
        {"runs": (Run("a" * 32, None, ENDED_S, "exited", 1),)},
        {"redis": RedisFacts(ServerReading("redis://10.0.0.7:6379/0", "ok"), "REDIS_URL")},  # it called another one
        {"redis": RedisFacts(ServerReading(URL, "down"), "REDIS_URL")},
        {"redis": RedisFacts(ServerReading(URL, "ok"), "REDIS_URL", "read_only")},
        {"redis": None},
    ],
    ids=["short run", "no run", "another server", "still down", "takes no writes", "none named"],
)
def test_redis_is_not_known_to_have_been_the_reason(changes):
    assert named(offered("LOG201", raised(REFUSED, **changes))) == LEFT


@pytest.mark.parametrize(
    "message",
    [
        "redis.exceptions.BusyLoadingError: Redis is loading the dataset in memory",
        "redis.exceptions.ConnectionError: Connection closed by server.",
        "redis.exceptions.ReadOnlyError: You can't write against a read only replica.",
    ],
)
def test_trouble_that_redis_told_of_itself_needs_no_long_run(message):
    assert named(offered("LOG201", raised(message, runs=()))) == WELL


def test_an_import_error_that_nothing_predicts_is_not_guessed_at():
    assert offered("LOG201", raised("ModuleNotFoundError: No module named 'lib'")) == ()


def test_an_import_that_was_mended_since_needs_a_start_alone():
    facts = raised("ModuleNotFoundError: No module named 'lib'", source_changed_s=ENDED_S + 60)
    (remedy,) = offered("LOG201", facts)
    assert named((remedy,)) == WELL
    assert "its source changed" in remedy.why


@pytest.mark.parametrize("changed", [failing("missing"), imports(unknown="a hook"), start(imports=None)])
def test_an_import_that_is_not_seen_to_resolve_does_not(changed):
    facts = raised("ModuleNotFoundError: No module named 'lib'", source_changed_s=ENDED_S + 60, start=changed)
    assert offered("LOG201", facts) == ()
