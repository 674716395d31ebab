"""Reports on a real systemd after what operators, and other programs, do to a service that was recovered: each says what is so."""

import json
import sys
import time
from collections.abc import Iterator

import pytest

from tests.box.box import NoBox
from tests.recovery.founding import SERVICE, Host, founding
from tests.scenarios.scenario import VENV

pytestmark = [pytest.mark.slow, pytest.mark.systemd]
ASK = "import json, sys, redis; [redis.Redis().execute_command(*words) for words in json.loads(sys.argv[1])]"
PASSWORD = "pl4nted-Canary-Two"


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """The tests of this file are one story, which begins with a recovery."""
    try:
        with founding() as running:
            assert running.recover("risk-proposal", "--apply")["outcome"] == "verified"
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def redis(host: Host, *commands: tuple[str, ...]) -> None:
    host.box.run(f"{VENV}/bin/python3", "-c", ASK, json.dumps(commands))


def reported(host: Host, expect: int, *words: str) -> str:
    """The report in Markdown: it ends as expected, and says what its evidence says."""
    to = f"/root/{time.monotonic_ns()}"
    done = host.qtops("report", "incident", "risk-proposal", "-q", "-o", "markdown", "--to", to, *words)
    assert done.returncode == expect, (done.returncode, done.stderr, done.stdout[:2000])
    assert host.qtops("report", "check", to).returncode == 0
    assert host.box.run("grep", "-r", PASSWORD, to, check=False).returncode == 1
    return done.stdout.decode()


def test_a_guard_whose_key_is_gone_is_in_force_and_holds_nothing_back(host):
    event = ("event", "RISK_GUARD_ACTIVATED", "guard_type", "EMERGENCY_FLATTEN", "reason", "drawdown 21.7%")
    redis(host, ("XADD", "quantum:stream:risk.events", "*", *event, "duration_sec", "14400", "timestamp", f"{time.time() - 60}"))
    report = reported(host, 1)
    assert "RECOVERED, GUARD IN FORCE" in report
    assert "though its key is gone" in report
    redis(host, ("DEL", "quantum:stream:risk.events"))


def test_a_redis_that_wants_a_password_leaves_it_untold_and_with_the_password_it_is_told(host):
    redis(host, ("CONFIG", "SET", "requirepass", PASSWORD))
    assert "- Status: **? UNVERIFIED**" in reported(host, 3)
    url = f"redis://:{PASSWORD}@127.0.0.1:6379/0"
    assert "- Status: **✔ RECOVERED**" in reported(host, 0, "--redis", url)
    host.box.run(f"{VENV}/bin/python3", "-c", f"import redis; redis.Redis(password={PASSWORD!r}).config_set('requirepass', '')")


def test_what_was_stopped_by_hand_is_open_and_its_recovery_holds(host):
    host.box.systemctl("stop", SERVICE)
    report = reported(host, 2)
    assert "The recovery holds when it is judged again, and something else does not" in report
    assert "`UNIT205` it was stopped at" in report
    assert "it is there, with this hash" in report


def test_without_its_backup_nothing_promises_a_way_back(host):
    host.box.run("sh", "-c", "cd /var/lib/qtops/recoveries/* && ls | grep -E '^[0-9a-f]{64}$' | xargs rm")
    report = reported(host, 2)
    assert "NOT TO BE HAD: cannot be read: No such file or directory" in report
    assert "Not everything can be put back" in report


def test_a_damaged_ledger_is_said_first(host):
    host.box.run("sh", "-c", "cd /var/lib/qtops && rm -f qtops.db-* && echo damaged > qtops.db")
    report = reported(host, 2)
    assert "is damaged (file is not a database)" in report.partition("## 1.")[0]


def test_who_may_not_read_the_records_is_told_whose_they_are(host):
    module = f"{VENV}/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    as_qt = ("setpriv", "--reuid=qt", "--regid=qt", "--clear-groups", "--")
    env = {"HOME": "/home/qt", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": module}
    done = host.box.run(
        *as_qt, sys.executable, "-m", "qtops", "report", "incident", "risk-proposal", "-q", check=False, env=env, cwd="/"
    )
    assert done.returncode in {2, 3}, done.stderr
    assert b"those of root are on record" in done.stdout
