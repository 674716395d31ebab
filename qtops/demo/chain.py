"""The whole chain as processes of this one: a private Redis, a simulated market, the real publisher. All end with the block."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import publisher.cli
from publisher.embedded import private_server, tied_to_this_process

STOP_LIMIT_S: Final = 2.0  # the publisher ends within one second of SIGTERM
_LAST_LINES: Final = 15
_MARKET_INTERVAL_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the chain, and the file that holds what it says."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_words(self) -> list[str]:
        """The last lines of its log."""
        return self.log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]


@dataclass(frozen=True, slots=True)
class Chain:
    """A running chain; ``url`` is its Redis."""

    url: str
    parts: tuple[Part, ...]

    def fallen(self) -> Part | None:
        """A part that ended although nobody asked it to."""
        return next((part for part in self.parts if part.process.poll() is not None), None)


@contextmanager
def running_chain(symbols: Sequence[str], interval_s: float, seed: int) -> Iterator[Chain]:
    """Start all three, and end them in reverse. Raises publisher.embedded.NoServer where there is no Redis to run."""
    names = ",".join(symbols)
    with private_server() as server:
        redis = Part("Redis", server.process, server.log)
        simulate = ["--redis", server.url, "--symbols", names, "--interval", str(_MARKET_INTERVAL_S), "--seed", str(seed)]
        publish = ["--redis-url", server.url, "--symbols", names, "--interval", str(interval_s), "--position-source", "redis_hash"]
        with (
            _running("market simulator", "publisher.simulator", simulate, server.folder) as simulator,
            _running("publisher", "publisher", publish, server.folder) as publisher_part,
        ):
            yield Chain(server.url, (redis, simulator, publisher_part))


@contextmanager
def _running(name: str, module: str, args: Sequence[str], folder: Path) -> Iterator[Part]:
    log = folder / f"{module}.log"
    command = tied_to_this_process([sys.executable, "-P", "-m", module, *args])
    with log.open("wb") as out:
        # Its own session: a Ctrl-C is for the demo alone, which then ends its parts in order.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder, env=_environment(), start_new_session=True
        )
    try:
        yield Part(name, process, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    """Ours, without the variables that would configure a publisher or speak to a service manager."""
    theirs = {str(parameter.envvar) for parameter in publisher.cli.cli.params if parameter.envvar}
    return {name: value for name, value in os.environ.items() if name not in theirs | {"NOTIFY_SOCKET", "WATCHDOG_USEC"}}
