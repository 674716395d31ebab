"""``qtops runbook run``: real commands, one after the other, and the evidence of them."""

import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from qtops.guides.outcome import Record
from tests.cli.runbook_scene import CHANGE, FAIL, LAST, SAY, Scene, verdicts
from tests.cli.running import COMMAND, environment, qtops
from tests.guides.runbooks import step

pytestmark = pytest.mark.slow

USAGE, NOT_APPLIED, NOT_PERMITTED, BROKEN_PIPE, INTERRUPTED = 64, 4, 77, 141, 130
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives files away: root only")


def test_all_steps_hold_and_the_evidence_says_so(tmp_path):
    scene = Scene(tmp_path, SAY, LAST)
    result = scene.run("--yes")
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        "1/2 say\n  To know.\n  $ echo 'hello x'\n  only looks; 1 min at most\n  | hello x\n  held: exit code 0, " in result.stdout
    )
    assert f"Every step did what was expected of it: 2 of 2 were run.\nEvidence: {scene.evidence[0]}\n" in result.stdout
    record = scene.record
    assert (record["schema"], record["outcome"]) == ("qtops.runbook/1", "done")
    assert record["sha256"] == hashlib.sha256(scene.file.read_bytes()).hexdigest()
    assert (record["runbook"], record["file"]) == ("ours", str(scene.file))
    assert record["parameters"] == {"service": "x", "unit": "x.service", "family": "risk-proposal", "place": "/nonexistent/x"}
    said = record["steps"][0]
    assert (said["command"], said["exit_code"], said["output"]) == (["echo", "hello x"], 0, "hello x\n")
    assert said["output_sha256"] == hashlib.sha256(b"hello x\n").hexdigest()
    assert record["started_s"] <= said["started_s"] <= record["ended_s"]


def test_evidence_is_for_its_owner_alone(tmp_path):
    scene = Scene(tmp_path, SAY)
    scene.run("--yes")
    assert [oct(place.stat().st_mode & 0o777) for place in (scene.state, scene.state / "runs", *scene.evidence)] == [
        "0o700",
        "0o700",
        "0o600",
    ]


@pytest.mark.parametrize("place", ["folder", "folder/mine.json"])
def test_evidence_goes_where_it_is_asked_for(tmp_path, place):
    (tmp_path / "folder").mkdir()
    scene = Scene(tmp_path, SAY)
    assert scene.run("--yes", "--evidence", str(tmp_path / place)).returncode == 0
    (kept,) = (tmp_path / "folder").iterdir()
    assert msgspec.json.decode(kept.read_bytes(), type=Record).outcome == "done"
    assert scene.evidence == []


def test_the_first_failed_expectation_ends_it(tmp_path):
    scene = Scene(tmp_path, SAY, FAIL, LAST)
    result = scene.run("--yes")
    assert (result.returncode, result.stderr) == (NOT_APPLIED, "")
    assert "FAILED: exit code 1" in result.stdout
    assert "    exit code 1, expected 0\n" in result.stdout
    again = f"qtops runbook run {scene.file} --set service=x --from fail"
    assert f"Stopped at step 2 of 3, fail. To go on from there: {again}\n" in result.stdout
    assert verdicts(scene.record) == {"say": "held", "fail": "failed", "last": "not run"}
    assert (scene.record["outcome"], scene.record["steps"][1]["objections"]) == ("failed", ["exit code 1, expected 0"])


@pytest.mark.parametrize("start", ["last", "3"])
def test_it_goes_on_from_a_step(tmp_path, start):
    scene = Scene(tmp_path, SAY, FAIL, LAST)
    result = scene.run("--yes", "--from", start)
    assert result.returncode == 0
    assert verdicts(scene.record) == {"say": "skipped", "fail": "skipped", "last": "held"}


def test_with_nobody_to_ask_nothing_is_run(tmp_path):
    scene = Scene(tmp_path, CHANGE)
    result = scene.run("--set", f"place={tmp_path}/made")
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert "nobody can be asked: standard input is no terminal" in result.stderr
    assert not (tmp_path / "made").exists()
    assert scene.evidence == []


def test_a_dry_run_runs_and_keeps_nothing(tmp_path):
    scene = Scene(tmp_path, SAY, CHANGE)
    made = tmp_path / "made"
    result = scene.run("--dry-run", "--yes", "--set", f"place={made}")
    assert (result.returncode, result.stderr) == (0, "")
    assert f"2/2 change\n  To know.\n  $ touch {made}\n  CHANGES THE HOST; way back: rm -- {made}\n" in result.stdout
    assert not made.exists()
    assert not scene.state.exists()
    told = json.loads(scene.run("--dry-run", "-o", "json").stdout)
    assert (told["outcome"], verdicts(told)) == ("dry run", {"say": "not run", "change": "not run"})


def test_a_change_is_made(tmp_path):
    scene = Scene(tmp_path, CHANGE)
    assert scene.run("--yes", "--set", f"place={tmp_path}/made").returncode == 0
    assert (tmp_path / "made").exists()
    assert scene.record["steps"][0]["way_back"] == ["rm", "--", f"{tmp_path}/made"]


def test_json_is_the_record_and_talk_goes_elsewhere(tmp_path):
    scene = Scene(tmp_path, SAY, FAIL)
    result = scene.run("--yes", "-o", "json")
    assert result.returncode == NOT_APPLIED
    assert json.loads(result.stdout) == scene.record
    assert "1/2 say" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "service"], "--set wants NAME=VALUE"),
        (["--set", "service=-x"], "begins with a dash"),
        (["--set", "sevice=x"], "did you mean service?"),
        (["--set", "service=x.timer"], "x.timer is a timer: name a service"),
        (["--from", "nowhere"], "no step is called 'nowhere'; there are: say"),
        (["--from", "2"], "no step is called '2'"),
        (["--yes", "--evidence", "/nonexistent/x"], "cannot be written"),
    ],
)
def test_a_wrong_word_is_told_before_anything_is_run(tmp_path, options, said):
    scene = Scene(tmp_path, SAY)
    result = scene.run(*options)
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert said in result.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("recover-imports", "did you mean recover-import?"),
        ("unit114", "is the code of a check: qtops explain UNIT114"),
        ("streams", "has no steps to run; read it: qtops runbook show streams"),
        ("./none.md", "none.md: cannot be read"),
        ("/etc/passwd", "/etc/passwd: has no steps to run"),
    ],
)
def test_a_wrong_name_is_told(name, said, tmp_path):
    result = qtops("runbook", "run", name, "--yes", QTOPS_STATE=str(tmp_path / "state"))
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert said in result.stderr


@as_root
@pytest.mark.parametrize("whose", ["file", "folder"])
def test_what_somebody_else_wrote_is_not_run_by_root(tmp_path, whose):
    scene = Scene(tmp_path, SAY)
    os.chown(scene.file if whose == "file" else tmp_path, 65534, 65534)
    result = scene.run("--yes")
    assert (result.returncode, result.stdout) == (NOT_PERMITTED, "")
    assert "belongs to nobody" in result.stderr


def test_what_a_command_says_cannot_drive_the_terminal(tmp_path):
    scene = Scene(tmp_path, step(command='["printf", "\\\\033[2J\\\\033]0;x\\\\007[red]\\\\n"]'))
    result = scene.run("--yes", FORCE_COLOR="1")
    assert "\\x1b[2J\\x1b]0;x\\x07[red]" in result.stdout
    assert "\x1b[2J" not in result.stdout


def test_secrets_are_neither_shown_nor_kept(tmp_path):
    scene = Scene(
        tmp_path,
        step(command='["printenv", "APP_SECRET_KEY"]'),
        step(name='"other"', command='["echo", "redis://:hunter22@host/0"]'),
    )
    result = scene.run("--yes", "-o", "json", APP_SECRET_KEY="xyzzy-1234-plugh")
    assert result.returncode == 0
    for text in (result.stdout, result.stderr, scene.evidence[0].read_text()):
        assert "plugh" not in text
        assert "hunter22" not in text
        assert "***" in text


def test_qtops_is_this_one_with_its_options(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text('symbols = ["ONLYUSDT"]\n')
    scene = Scene(tmp_path, step(command='["qtops", "config", "show"]', expect__contains='["ONLYUSDT", "127.0.0.1:1"]'))
    result = scene.run("--yes", "--config", str(config), "--redis", "redis://127.0.0.1:1/0", PATH="/usr/bin:/bin")
    assert (result.returncode, result.stderr) == (0, "")
    assert scene.record["steps"][0]["command"][:5] == ["qtops", "--config", str(config), "--redis", "redis://127.0.0.1:1/0"]


def test_redis_cli_is_told_which_redis_and_its_password_out_of_sight(tmp_path, redis_server, redis_url, redis_client):
    redis_client.config_set("requirepass", "open-sesame-99")
    try:
        scene = Scene(tmp_path, step(command='["redis-cli", "-e", "PING"]', expect__contains='["PONG"]'))
        url = redis_url.replace("unix://", "unix://:open-sesame-99@").replace("redis://", "redis://:open-sesame-99@")
        result = scene.run("--yes", "--redis", url)
        assert (result.returncode, result.stderr) == (0, "")
        assert scene.record["steps"][0]["command"][0] == "redis-cli"
        assert "open-sesame-99" not in scene.evidence[0].read_text() + result.stdout
    finally:
        redis_client.config_set("requirepass", "")


def test_a_redis_that_redis_cli_cannot_be_told_is_refused(tmp_path):
    scene = Scene(tmp_path, SAY, step(command='["redis-cli", "PING"]'))
    result = scene.run("--yes", "--redis", "redis+sentinel://h:1/main")
    assert (result.returncode, scene.evidence) == (USAGE, [])
    assert "redis-cli takes no redis+sentinel:// address" in result.stderr


def test_a_reader_that_has_gone_ends_it_with_the_evidence_kept(tmp_path):
    scene = Scene(tmp_path, SAY, LAST)
    reading, writing = os.pipe()
    os.close(reading)
    environ = environment(QTOPS_STATE=str(scene.state))
    done = subprocess.run(
        [*COMMAND, *scene.words("--yes")], stdout=writing, stderr=subprocess.PIPE, env=environ, timeout=20, check=False
    )
    os.close(writing)
    assert done.returncode == BROKEN_PIPE
    assert b"Traceback" not in done.stderr
    assert scene.record["outcome"] == "interrupted"


def started(scene: Scene, signs: Path) -> "subprocess.Popen[bytes]":
    """A run whose command is under way."""
    process = subprocess.Popen(
        [*COMMAND, *scene.words("--yes", "--set", f"place={signs}")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(QTOPS_STATE=str(scene.state)),
    )  # fmt: skip
    while not signs.exists():
        time.sleep(0.02)
    return process


SLOW = step(name='"slow"', command='["python3", "-c", "import sys, time; open(sys.argv[1], \'w\'); time.sleep(60)", "{place}"]')


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_it_cleanly_with_the_evidence_kept(tmp_path, number, code):
    scene = Scene(tmp_path, SAY, SLOW, LAST)
    process = started(scene, tmp_path / "signs")
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert b"Traceback" not in said
    assert f"Evidence until here: {scene.evidence[0]}".encode() in said
    assert (scene.record["outcome"], verdicts(scene.record)) == (
        "interrupted",
        {"say": "held", "slow": "interrupted", "last": "not run"},
    )


def test_a_kill_leaves_the_evidence_of_what_was_run(tmp_path):
    scene = Scene(tmp_path, SAY, SLOW, LAST)
    process = started(scene, tmp_path / "signs")
    process.kill()
    process.communicate(timeout=20)
    assert (scene.record["outcome"], verdicts(scene.record)) == (
        "unfinished",
        {"say": "held", "slow": "interrupted", "last": "not run"},
    )
