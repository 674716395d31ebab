"""Run the publisher: its command line within the test, or as a process of its own with a fresh market."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from publisher import cli
from publisher.contract import market_key, position_key
from publisher.embedded import tied_to_this_process
from tests.publisher.builders import market_hash, position_hash

NAME = "me"


def code(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    """The exit code of ``python -m publisher`` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["publisher", *args])
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@dataclass(frozen=True)
class Running:
    """The process, when it was started by the monotonic clock, and its log so far."""

    process: subprocess.Popen[bytes]
    started: float
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


def feed(client: redis.Redis, symbols: Sequence[str]) -> None:
    """A healthy market and an open position in each symbol."""
    for symbol in symbols:
        client.hset(market_key(symbol), mapping=market_hash(ts_timestamp=int(time.time())))  # type: ignore[arg-type]
        client.hset(position_key(symbol), mapping=position_hash(ts_epoch=int(time.time())))  # type: ignore[arg-type]


@contextmanager
def running(folder: Path, url: str, symbols: Sequence[str], interval_s: float, **environment: str) -> Iterator[Running]:
    """Run a publisher until the block ends; it must not have died before."""
    command = [sys.executable, "-P", "-m", "publisher", "--redis-url", url, "--symbols", ",".join(symbols)]
    command += ["--interval", str(interval_s), "--publisher-id", NAME]
    environment = {"PATH": os.environ["PATH"], "TZ": "UTC", **environment}
    with (folder / "publisher.log").open("wb") as log:
        started = time.monotonic()
        process = subprocess.Popen(tied_to_this_process(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    try:
        yield Running(process, started, folder / "publisher.log")
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], object], limit_s: float = 10.0) -> float:
    """Seconds until ``true()`` was."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < limit_s, "it did not come"
        time.sleep(0.002)
    return time.monotonic() - began
