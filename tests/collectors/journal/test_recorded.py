"""The journal of sick services, recorded on three versions of systemd, says the same."""

from pathlib import Path

import pytest

from qtops.collectors.journal.entries import entry
from qtops.collectors.journal.facts import put_together

DATA = Path(__file__).parents[2] / "data" / "systemd"
VERSIONS = ("252", "255", "257")


def recorded(version, name):
    found = [entry(line) for line in (DATA / version / name / "journal.jsonl").read_bytes().splitlines()]
    current = [item.invocation for item in found if item.invocation][-1:]
    return put_together(found, *current or [""], is_whole=True, now_s=found[-1].at_s, redact=lambda text: text)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "type_", "file", "line"),
    [
        ("module-not-found", "ModuleNotFoundError", "/opt/app/modnotfound.py", None),
        ("syntax-error", "SyntaxError", "/opt/app/syntax.py", 1),
        ("memory-error", "MemoryError", None, None),
        ("redis-auth", "redis.exceptions.AuthenticationError", None, 80),
        ("restart-loop", "RuntimeError", "/opt/app/slowimport.py", 3),
    ],
)
def test_the_traceback_that_ended_it(version, name, type_, file, line):
    (found,) = recorded(version, name).tracebacks
    assert (found.type, found.final) == (type_, True)
    assert found.message.startswith(type_)
    assert file is None or found.frames[-1].file == file
    assert line is None or found.frames[-1].line == line


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "kinds", "runs"),
    [
        ("exit-message", ["started", "exited", "failed"], [("exited", 1, "config error: QUEUE_URL is not set")]),
        ("sigkill", ["started", "exited", "failed"], [("killed", 9, "ready")]),
        ("exec-start-pre", ["starting", "exited", "failed", "job_failed"], [("exited", 4, "migrate failed")]),
        ("restart-loop", ["started", "exited", "failed"], [("exited", 1, "RuntimeError: boom")] * 3),
        ("healthy", ["started"], [("", None, "ready")]),
    ],
)
def test_what_systemd_did(version, name, kinds, runs):
    found = recorded(version, name)
    assert [event.kind for event in found.events] == kinds
    assert [(run.code, run.status, run.last_line) for run in found.runs] == runs


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["start-limit-hit", "start-limit-hit-manual", "start-limit-hit-result"])
def test_the_start_limit_ends_a_loop(version, name):
    found = recorded(version, name)
    assert "start_limit" in [event.kind for event in found.events]
    assert found.events[-1].kind == "job_failed"
    assert [event.restarts for event in found.events if event.kind == "restart_scheduled"] == [3]
    assert len(found.runs) == 3


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "words"), [("dependency-failed", "Dependency failed"), ("condition-failed", "unmet condition")])
def test_a_unit_that_never_ran_has_systemds_words_only(version, name, words):
    found = recorded(version, name)
    assert (found.invocation, found.runs, found.tracebacks) == ("", (), ())
    assert words in found.lines[0].text
    assert {line.source for line in found.lines} == {"systemd"}


@pytest.mark.parametrize("version", ["252", "257"])  # 255 says nothing of it
def test_the_step_that_failed(version):
    spawn = next(event for event in recorded(version, "namespace").events if event.kind == "spawn_failed")
    assert (spawn.errno, spawn.path) == (2, "/opt/app/venv/bin/python")
