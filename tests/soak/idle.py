"""What watching costs while all is well."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.results import Result
from tests.soak.ground import Ground, laid, say
from tests.soak.process import Process
from tests.soak.redis import Publisher, lay_server

MINUTE_S = 60.0
WATCHED_S = 30.0
MORE_MESSAGES = 4  # a minute, besides one look at each unit, for the signals that were lost
CALM_S = 15.0  # after its start, until it does no more than watch
PUBLISHER = Publisher("risk-proposal", 10.0, "redis://127.0.0.1:6379/0")


def nothing_is_done_while_all_is_well(folder: Path, seconds: float = WATCHED_S) -> Iterator[Result]:
    """A publisher and twenty services, all well, with the supervisor's defaults: undisturbed first, then traced."""
    with laid(folder, supervise="", more=PUBLISHER.configuration) as ground:
        lay_server(ground.box)
        PUBLISHER.lay(ground.box)
        ground.box.reload()
        PUBLISHER.start(ground.box)
        time.sleep(3.0)
        clients = _clients(ground)
        supervisor = ground.start()
        time.sleep(CALM_S)
        say(f"{seconds:g} s of nothing")
        with _commands(ground, clients) as commands:
            before = supervisor.usage()
            time.sleep(seconds)
            after = supervisor.usage()
        per_minute = MINUTE_S / seconds
        yield Result("idle: CPU time", (after.cpu_s - before.cpu_s) * per_minute, "s a minute", timed=False)
        yield Result("idle: context switches", (after.switches - before.switches) * per_minute, "a minute", timed=False)
        yield Result("idle: Redis commands", len(commands) * per_minute, "a minute", how=_most(commands), timed=False)
        yield Result("idle: memory", after.rss_mb, "MB", timed=False)
        yield from _traced(ground, supervisor, 2 * seconds)
        yield Result("idle: incidents", len(ground.record.incidents()), "incidents", 0.0, how=_titles(ground), timed=False)


def _titles(ground: Ground) -> str:
    return "; ".join(f"{each['unit']}: {each['title']}" for each in ground.record.incidents())


def _clients(ground: Ground) -> set[str]:
    """The addresses of those who are there before the supervisor."""
    return set(re.findall(r" addr=(\S+)", ground.box.text("redis-cli", "client", "list")))


@contextmanager
def _commands(ground: Ground, others: set[str]) -> Iterator[list[str]]:
    """The commands that Redis is given meanwhile by anybody else, filled at the end of the block."""
    found: list[str] = []
    log = ground.folder / "shared/monitor"
    ground.box.systemctl("reset-failed")
    ground.box.run("systemd-run", "-q", "--unit=redis-monitor", "sh", "-c", "exec redis-cli monitor >/srv/soak/monitor")
    time.sleep(0.5)
    yield found
    ground.box.systemctl("stop", "redis-monitor.service")
    said = re.findall(r'^\d+\.\d+ \[\d+ ([^\]]+)\] "([^"]+)"', log.read_text(), re.MULTILINE)
    found += [name.upper() for address, name in said if address not in {*others, "lua"}]


def _most(names: list[str]) -> str:
    counted = sorted({name: names.count(name) for name in names}.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {name}" for name, count in counted[:8])


def _traced(ground: Ground, supervisor: Process, seconds: float) -> Iterator[Result]:
    """Messages to the bus and children of the supervisor, by strace: those of systemd's own socket included."""
    if not shutil.which("strace"):
        yield Result("idle: messages to systemd", 0, "measured", how="not measured: strace is not installed", timed=False)
        return
    command = ["strace", "-f", "-yy", "-e", "trace=sendmsg,sendto,writev,execve,wait4", "-p", str(supervisor.pid)]
    log = ground.folder / "strace"
    with log.open("w") as file:
        tracer: subprocess.Popen[bytes] = subprocess.Popen(command, stderr=file)
        time.sleep(seconds)
        tracer.terminate()
        tracer.wait(10)
    lines = log.read_text().splitlines()
    bus = [line for line in lines if ("sendmsg" in line or "sendto" in line) and re.search(r"UNIX-STREAM.*(dbus|systemd)", line)]
    children = [line for line in lines if "execve(" in line and line.endswith("= 0")]
    per_minute = MINUTE_S / seconds
    yield Result(
        "idle: messages to systemd and the bus",
        len(bus) * per_minute,
        "a minute",
        len(ground.units) + MORE_MESSAGES,
        how="by strace -f",
        timed=False,
    )
    yield Result("idle: children", len(children) * per_minute, "a minute", timed=False, how=_names(children))


def _names(lines: list[str]) -> str:
    return _most([match[1] for line in lines if (match := re.search(r'execve\("([^"]+)"', line))])
