"""Watch units in the box: ``python -m … SECONDS NAME…`` prints what is told, one JSON text a line, until its input ends."""

import os
import select
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from qtops.collectors.watching.log import LogFollower
from qtops.collectors.watching.units import UnitSignals


def main(sources: str, position: str, user: str, *watched: str) -> None:
    """``sources``: "signals", "log", or both with a comma."""
    with suppress(ImportError):
        import pystemd.dbusexc
        import pystemd.dbuslib  # noqa: F401  (before the rights are gone: the interpreter may lie where only root may look)

    if user != "root":
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    signals = UnitSignals(watched) if "signals" in sources else None
    log = LogFollower(position, watched) if "log" in sources else None
    both = [source for source in (signals, log) if source is not None]
    for seen in signals.look() if signals else ():
        tell(seen)
    print(f'{{"type": "ready", "pid": {os.getpid()}}}', flush=True)
    while True:
        descriptors = {source.fileno() for source in both} - {None}
        times = [at_s - time.monotonic() for source in both if (at_s := source.reopen_s()) is not None]
        ready = select.select([*descriptors, 0], [], [], max(0.0, min(times, default=60.0)))[0]
        for source in both:
            for seen in source.read():
                tell(seen)
        if 0 in ready:
            word = sys.stdin.readline().strip()
            if not word:
                break
            for seen in signals.look() if word == "look" and signals else ():
                tell(seen)
            print(
                msgspec.json.encode(
                    {"type": "told", "word": word, "rss": rss(), "fds": len([*Path("/proc/self/fd").iterdir()])}
                ).decode(),
                flush=True,
            )
    if log:
        print(msgspec.json.encode({"type": "position", "position": log.position, "dropped": log.dropped}).decode(), flush=True)
    for source in both:
        source.close()


def tell(seen) -> None:
    print(msgspec.json.encode(seen).decode(), flush=True)


def rss() -> int:
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGESIZE")


if __name__ == "__main__":
    main(*sys.argv[1:])
