"""``qtops recover --apply`` is killed between its steps, beside a real systemd: the next run ends it verified, or undoes it.

The plan has a file, a daemon-reload, a reset-failed and a start. Each point is a call on entering which strace kills the process:
the rename, what starts each systemctl, and what puts the two entries after these on the disk: "step done" and "verified".
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from tests.box.box import NoBox
from tests.faults.doctoring import PATH
from tests.faults.sweep.strace import obstacle
from tests.preflight_trees import EDIT, FOUNDING_UNIT, MAIN
from tests.recovery.founding import MAIN_BYTES, QUIET, SERVICE, Host, founding, until

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.systemd,
    pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "strace works"),
]
OLD: Final = (MAIN_BYTES, "640 qt:qt")
NEW: Final = (MAIN_BYTES.replace(EDIT.encode() + b"\r\n", b""), "640 qt:qt")
UNIT: Final = FOUNDING_UNIT.replace("RestartSec=10", "RestartSec=100ms")
TRACE: Final = "/tmp/qtops.trace"
MADE: Final = re.compile(r"(\d+) +(\w+)\(")  # a call, and not what is said of one that goes on
DOWN: Final = {"failed", "inactive"}  # the former where it was never started, and nothing was forgotten


@dataclass(frozen=True)
class Moment:
    """The ``when``-th call of this name, and what is about to happen then."""

    call: str
    when: int
    before: str


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    try:
        with founding() as running:
            running.recover("risk-proposal", expect=4)  # the ledger is made
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def test_the_next_run_ends_or_undoes_what_was_killed_between_its_steps(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    points = moments(host)
    assert [point.before for point in points] == [
        "rename", "systemctl daemon-reload", "systemctl reset-failed", "systemctl start", "entry 1", "entry 2",
    ]  # fmt: skip
    wrong = [
        f"{point.before}, then --{following}: {complaint}"
        for point in points
        for following in ("resume", "undo")
        for complaint in complaints(host, point, following)
    ]
    tried, torn = 2 * len(points), sum("torn" in one for one in wrong)
    seconds = time.monotonic() - began
    with capsys.disabled():
        told = f"points tried {tried}, torn {torn}, not finished {len(wrong) - torn}"
        print(f"\nqtops recover beside a real systemd, killed between its steps: {told} ({seconds:.0f} s)")
    assert not wrong, "\n".join(wrong)


def complaints(host: Host, point: Moment, following: str) -> Iterator[str]:
    """What is wrong once it was killed at a point, and after the next run."""
    falls_ill(host)
    assert strace(host, f"--trace={point.call}", f"--inject={point.call}:signal=KILL:when={point.when}") == -9
    if host.owned(MAIN) not in (OLD, NEW):
        yield "torn"
    done = host.qtops("recover", "risk-proposal", f"--{following}", "-o", "json")
    if done.returncode:
        yield f"exit {done.returncode}: {done.stdout.decode()[:500]} {done.stderr.decode()[-500:]}"
    file, told, state = host.owned(MAIN), host.recover("--list")["records"][0]["state"], host.state()["ActiveState"]
    wanted, ends, states = (NEW, "verified", {"active"}) if following == "resume" else (OLD, "undone", DOWN)
    if file != wanted or told != ends or state not in states:
        yield f"the file is {'new' if file == NEW else 'old' if file == OLD else 'torn'}, {told}, {state}"
    if (again := host.recover("risk-proposal", f"--{following}")["outcome"]) != "nothing to do":
        yield f"a further run: {again}"
    if left := host.box.text("find", MAIN.rpartition("/")[0], "/var/lib/qtops", "-name", "*.tmp"):
        yield f"left: {left}"


def falls_ill(host: Host) -> None:
    """The incident anew: the old file, a service that systemd has given up, and a unit file that it has not read."""
    if host.owned(MAIN) != OLD:
        host.recover("risk-proposal", "--undo")
    assert host.owned(MAIN) == OLD
    host.box.systemctl("stop", SERVICE)
    host.box.systemctl("start", SERVICE, check=False)
    until(host.box, SERVICE, ActiveState="failed", NRestarts="5")
    host.box.unit(SERVICE, UNIT)


def moments(host: Host) -> list[Moment]:
    """Where to kill, by one run that ends well: at the rename, at each systemctl, and at the two entries after the last."""
    falls_ill(host)
    calls = ("renameat", "clone", "vfork", "execve", "fdatasync")
    assert strace(host, f"--trace={','.join(calls)}", "-y") == 0
    seen: Counter[str] = Counter()
    found: list[Moment] = []
    lines = host.box.read(TRACE).decode().splitlines()
    main = lines[0].split()[0]
    for number, line in enumerate(lines):
        if not (made := MADE.match(line)) or made[1] != main:
            continue
        name = made[2]
        seen[name] += 1
        if name == "renameat" and MAIN.rpartition("/")[2] in line:
            found.append(Moment(name, seen[name], "rename"))
        elif name == "clone" and (verb := _verb(lines[number:])):
            found.append(Moment(name, seen[name], f"systemctl {verb}"))
        elif name == "fdatasync" and "-wal" in line and found and found[-1].before.endswith(("start", "entry 1")):
            found.append(Moment(name, seen[name], f"entry {1 + found[-1].before.endswith('1')}"))
    return found


def _verb(lines: Sequence[str]) -> str:
    """What the child is to ask systemd for that is started here; empty where it is another program."""
    started = next(line for line in lines if "execve(" in line)
    return started.split('"')[5] if '["systemctl"' in started else ""


def strace(host: Host, *options: str) -> int:
    """Carry it out under strace; its exit code, or minus the signal that ended it."""
    command = [sys.executable, "-m", "qtops", "recover", "risk-proposal", "--apply", "--again", "-q"]
    done = host.box.run(
        "strace", "-f", "-o", TRACE, "-s", "100", *options, "--", *command,
        check=False, timeout=120, env={**QUIET, "PATH": PATH}, cwd="/",
    )  # fmt: skip
    assert done.returncode in {0, -9}, (done.stdout.decode(), done.stderr.decode())
    return done.returncode
