"""One host for many troubles: each test makes one thing sick, and finds the founding fault in place, and nothing on record."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import CompletedProcess
from typing import Any, Final

from tests.faults.doctoring import let_anybody_run
from tests.preflight_trees import EDIT, MAIN
from tests.recovery.founding import MAIN_BYTES, MAIN_MODE, QUIET, SERVICE, Host, founding

STATE: Final = "/var/lib/qtops"
FOLDER: Final = MAIN.rpartition("/")[0]
OWNED: Final = "640 qt:qt"
ENVIRONMENT: Final = "/etc/quantum/risk-proposal.env"
NOT_APPLIED, UNDO_FAILED, UNAVAILABLE, NOT_PERMITTED = 4, 5, 75, 77
PATCHED: Final = MAIN_BYTES.replace(EDIT.encode() + b"\r\n", b"")
PATIENCE_S: Final = 13.0  # the longest interval below, and the grace
SETTINGS: Final = "/etc/qtops/qtops.toml"
QUICK: Final = """
[[families]]
name = "risk-proposal"
pattern = "quantum:risk:proposal:{symbol}"
only_while = "open_position"
content = "risk-proposal"
witness = "quantum:risk:track:{symbol}"
times = [
  { field = "heartbeat_ms", interval_s = 3, warn_s = 20, critical_s = 30, required = false },
  { field = "computed_at_utc", interval_s = 3, warn_s = 90, critical_s = 150 },
]
"""
SETTLES: Final = """
[[services]]
name = "risk-proposal"
unit = "quantum-risk-proposal.service"
families = ["risk-proposal"]
settle_s = 1.5
"""
ATTEMPT: Final = "attempt.service"


@contextmanager
def troubled() -> Iterator[Host]:
    """The host, with a configuration that makes a proof short, and open to every account of the box."""
    with founding() as host:
        let_anybody_run(host.box)
        unit = f"/etc/systemd/system/{SERVICE}"
        sooner = (
            host.box.read(unit).replace(b"RestartSec=100ms", b"RestartSec=10ms").replace(b"StartLimitBurst=5", b"StartLimitBurst=2")
        )
        host.box.write(unit, sooner)
        yield host


def put_back(host: Host) -> None:
    """The founding fault in place, the service given up on, nothing on record, and no attempt under way."""
    shell(
        host,
        f"systemctl kill -s KILL {ATTEMPT}; systemctl stop {SERVICE}; systemctl reset-failed {ATTEMPT}; "
        f"umount {STATE} {FOLDER}; rm -rf {STATE} /etc/systemd/system/{SERVICE}.d /run/systemd/system/{SERVICE}.d; "
        "systemctl daemon-reload; systemctl start redis.service market.service",
    )
    host.box.write(ENVIRONMENT, "LOG_LEVEL=INFO\n")
    host.box.write(SETTINGS, QUICK + SETTLES)
    lay_main(host, MAIN_BYTES)
    gives_up(host)


def lay_main(host: Host, content: bytes) -> None:
    """Write the service's program as its owner has it."""
    host.box.run("rm", "-f", MAIN)  # never into what a link or another name leads to
    host.box.write(MAIN, content, MAIN_MODE)
    host.box.run("chown", "qt:qt", MAIN)


def gives_up(host: Host) -> None:
    """Start it, and wait until systemd has given up."""
    shell(host, f"systemctl reset-failed {SERVICE}; systemctl start {SERVICE}")
    assert waited(host, f"systemctl is-failed -q {SERVICE}"), host.state()


def shell(host: Host, text: str) -> str:
    """Words of a shell, whatever becomes of each."""
    return host.box.text("sh", "-c", f"{{ {text}\n}} 2>/dev/null; true")


def waited(host: Host, condition: str, within_s: float = 10) -> bool:
    """Whether a command succeeded within that time."""
    loop = f"for i in $(seq {int(within_s / 0.05)}); do {condition} && exit 0; sleep 0.05; done; exit 1"
    return host.box.run("sh", "-c", loop, check=False).returncode == 0


def is_as_it_was(host: Host) -> bool:
    """Whether the program is as before in every respect, and nothing was left beside it."""
    left = [name for name in shell(host, f"ls -A {FOLDER}").split() if name.startswith(".qtops")]
    return host.owned(MAIN) == (MAIN_BYTES, OWNED) and not left


def refused(host: Host, code: int, *words: str) -> str:
    """What is said where no report is made: one line on stderr."""
    done = host.qtops("recover", "risk-proposal", *(words or ("--apply",)))
    assert (done.returncode, done.stdout) == (code, b""), (done.returncode, done.stdout[-2000:], done.stderr)
    assert done.stderr.count(b"\n") == 1
    return done.stderr.decode()


def as_account(host: Host, account: str, *words: str) -> CompletedProcess[bytes]:
    """``qtops recover`` as somebody else than root."""
    group = "nogroup" if account == "nobody" else account
    as_whom = ("setpriv", f"--reuid={account}", f"--regid={group}", "--clear-groups", "--")
    env = {**QUIET, "HOME": "/nonexistent", "XDG_STATE_HOME": f"/tmp/state-of-{account}", "PATH": "/usr/bin:/bin"}
    command = (*as_whom, sys.executable, "-m", "qtops", "recover", *words)
    return host.box.run(*command, check=False, timeout=60, env=env, cwd="/")


def begun(host: Host, *words: str, until: str = f"systemctl is-active -q {SERVICE}") -> None:
    """Start a recovery beside this, and wait until its process runs what was mended."""
    shell(host, f"systemctl reset-failed {ATTEMPT}; rm -f /run/attempt.json /run/attempt.err")
    output = ("-p", "StandardOutput=file:/run/attempt.json", "-p", "StandardError=file:/run/attempt.err")
    command = [sys.executable, "-m", "qtops", "recover", "risk-proposal", *(words or ("--apply",)), "-o", "json"]
    host.box.run("systemd-run", "-q", f"--unit={ATTEMPT}", *output, "-p", "WorkingDirectory=/", *command)
    assert waited(host, until), host.box.read("/run/attempt.err")


def ended(host: Host) -> dict[str, Any]:
    """The report of that recovery."""
    assert waited(host, f"! systemctl is-active -q {ATTEMPT}", 60)
    found: dict[str, Any] = json.loads(host.box.read("/run/attempt.json"))
    return found


@contextmanager
def silent_redis(host: Host) -> Iterator[None]:
    """Redis accepts, and does not answer."""
    pid = host.box.show("redis.service", properties=["MainPID"])["redis.service"]["MainPID"]
    host.box.run("kill", "-STOP", pid)
    try:
        yield
    finally:
        host.box.run("kill", "-CONT", pid)
