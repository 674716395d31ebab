"""``qtops notify test``: one endpoint is told now, and what came back is said."""

import json
import os

import pytest

from tests.cli.running import qtops


@pytest.fixture
def config(tmp_path):
    """A configuration with one endpoint: a program of this text."""

    def write(text: str, **options: object):
        hook = tmp_path / "hook"
        hook.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
        hook.chmod(0o700)
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in ({"command": [str(hook)]} | options).items())
        file = tmp_path / "qtops.toml"
        file.write_text(f'[[notify]]\nname = "ops"\n{lines}', "utf-8")
        return str(file)

    return write


def test_a_test_is_delivered_and_says_that_it_is_one(tmp_path, config):
    result = qtops("--config", config(f"cat >{tmp_path}/got; echo taken"), "notify", "test", "ops")
    assert result.returncode == 0
    assert result.stdout.startswith("ops: delivered in ")
    assert result.stderr == "  it said: taken\n"
    got = json.loads((tmp_path / "got").read_bytes())
    assert (got["schema"], got["incident"]["number"], got["next"]) == ("qtops.notice/1", 0, [])
    assert got["subject"].endswith("a test of this endpoint: nothing is wrong")
    assert "Incident" not in got["message"]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("echo no such room >&2; exit 4", {}, "ops: the test was not delivered: exited with 4: no such room"),
        ("sleep 60", {"timeout_s": 0.3}, "ops: the test was not delivered: not done within 0.3 s, and killed"),
        (
            "",
            {"command": ["/none/such"]},
            "ops: the test was not delivered: exited with 127: /none/such: No such file or directory",
        ),
        ("echo token=abcdef123456 >&2; exit 1", {}, "ops: the test was not delivered: exited with 1: token=***"),
    ],
)
def test_what_came_back_is_said(config, text, options, said):
    result = qtops("--config", config(text, **options), "notify", "test", "ops")
    assert (result.returncode, result.stdout, result.stderr) == (75, "", f"qtops: error: {said}\n")


def test_a_name_that_is_none_is_told_from_those_that_are(config):
    result = qtops("--config", config(""), "notify", "test", "opps")
    assert (result.returncode, result.stderr) == (64, "qtops: error: no endpoint is called 'opps'; did you mean ops?\n")
    result = qtops("notify", "test", "ops")
    assert (result.returncode, result.stderr) == (
        64,
        "qtops: error: no endpoint is called 'ops'; the configuration has none ([[notify]])\n",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root distrusts programs of others")
@pytest.mark.parametrize(
    "change", [lambda hook: hook.chmod(0o702), lambda hook: os.chown(hook, 12345, 0), lambda hook: hook.parent.chmod(0o777)]
)
def test_root_runs_no_program_that_others_could_exchange(tmp_path, config, change):
    file = config(f"touch {tmp_path}/ran")
    (tmp_path / "bin").mkdir()
    hook = (tmp_path / "hook").rename(tmp_path / "bin" / "hook")
    (tmp_path / "qtops.toml").write_text(f'[[notify]]\nname = "ops"\ncommand = ["/bin/sh", "{hook}"]\n')
    assert qtops("--config", file, "notify", "test", "ops").returncode == 0
    (tmp_path / "ran").unlink()
    change(hook)
    result = qtops("--config", file, "notify", "test", "ops")
    assert result.returncode == 75
    assert f"not run as root: {tmp_path}/bin" in result.stderr
    assert not (tmp_path / "ran").exists()
