"""The exit codes of one cycle and of a wrong command line, by which a script or a unit judges."""

import subprocess
from pathlib import Path

import pytest

from publisher.contract import market_key
from tests.faults.feeding import feed, proposal, symbols
from tests.faults.publishing import command, environment
from tests.faults.servers import Server, stopped

SYMBOLS = symbols(3)


def run(url: str, *flags: str, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(url, SYMBOLS, *flags), capture_output=True, text=True, timeout=20, env=environment(**env), check=False
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done


def test_0_when_all_is_published(server: Server) -> None:
    feed(server.client, SYMBOLS)
    assert run(server.url, "--once").returncode == 0
    assert all(proposal(server.client, name)["proposed_sl"] for name in SYMBOLS)


def test_1_when_a_symbol_is_refused(server: Server) -> None:
    feed(server.client, SYMBOLS)
    server.client.hdel(market_key(SYMBOLS[1]), "p_mr")
    assert run(server.url, "--once").returncode == 1
    server.client.delete(market_key(SYMBOLS[1]))


def test_75_when_redis_is_down(tmp_path: Path) -> None:
    assert run(Server(tmp_path / "none").url, "--once").returncode == 75


def test_75_when_redis_hangs(server: Server) -> None:
    with stopped(server):
        assert run(server.url, "--once").returncode == 75


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--symbols", "BTC USDT"], "is no symbol"),
        (["--redis-url", "redis://:s3cret@localhost:port/0"], "localhost"),
        (["--shard", "2/2"], "is no shard"),
        (["--interval", "0"], "not in the range"),
        (["--interval", "nan"], "nan"),
        (["--market-max-age", "nan"], "nan"),
    ],
)
def test_64_for_a_command_line_that_makes_no_sense(flags: list[str], why: str) -> None:
    done = run("redis://127.0.0.1:1/0", "--once", *flags)
    assert (done.returncode, why in done.stderr, "s3cret" in done.stderr) == (64, True, False), done.stderr


def test_the_environment_is_checked_as_the_flags_are() -> None:
    unset = ["-P", "-m", "publisher", "--once"]
    done = subprocess.run([command("", ())[0], *unset], capture_output=True, text=True, timeout=20, check=False,
                          env=environment(REDIS_URL="redis://127.0.0.1:1", PUBLISH_INTERVAL_SEC="often"))  # fmt: skip
    assert (done.returncode, "often" in done.stderr) == (64, True)
