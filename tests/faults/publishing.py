"""The publisher as a process of its own: started, signalled, and judged by its log, its exit code and what it leaves in Redis."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from publisher.embedded import tied_to_this_process
from tests.faults.servers import wait_until

INTERVAL_S = 0.2
TIMEOUT_S = 0.3
_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[(?P<level>[A-Z]+)\] (?P<message>.*)")


class Publisher:
    """One running publisher. Every line of its log has the form of a log line: a traceback would not."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self._log = process, log

    def log(self) -> list[str]:
        """The messages so far."""
        lines = self._log.read_text("utf-8").split("\n")[:-1]
        strange = [line for line in lines if not _LINE.fullmatch(line)]
        assert not strange, f"no log line: {strange[:40]}"
        return [match["message"] for match in map(_LINE.fullmatch, lines) if match]

    def said(self, *beginnings: str) -> list[str]:
        """The messages that begin with one of these words."""
        return [message for message in self.log() if message.startswith(beginnings)]

    def wait_for(self, beginning: str, limit_s: float = 10.0, times: int = 1) -> None:
        """Wait until it has said so."""
        try:
            wait_until(lambda: len(self.said(beginning)) >= times, limit_s, f"{beginning!r} in the log")
        except AssertionError as error:
            raise AssertionError(f"{error}; the log:\n" + "\n".join(self.log()[-30:])) from None

    def end(self, number: signal.Signals = signal.SIGTERM, limit_s: float = 5.0) -> float:
        """Seconds from the signal to the end of the process."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(limit_s)
        return time.monotonic() - began

    @property
    def cpu_s(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def command(
    url: str, symbols: Sequence[str], *flags: str, interval_s: float = INTERVAL_S, timeout_s: float = TIMEOUT_S
) -> list[str]:
    """The command line of a publisher."""
    return [
        sys.executable, "-P", "-m", "publisher", "--redis-url", url, "--symbols", ",".join(symbols), "--interval", str(interval_s),
        "--redis-timeout", str(timeout_s), "--market-max-age", "3600", "--position-max-age", "3600", *flags,
    ]  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    """Nothing of the test's own settings reaches the publisher."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LANG", "VIRTUAL_ENV")}
    return kept | more


@contextmanager
def publishing(
    log: Path, url: str, symbols: Sequence[str], *flags: str, env: dict[str, str] | None = None, **waits: float
) -> Iterator[Publisher]:
    """A publisher until the block ends; its log is looked through to the end, whatever the test asked of it."""
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            tied_to_this_process(command(url, symbols, *flags, **waits)),
            stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, env=environment(**(env or {})), start_new_session=True,
        )  # fmt: skip
    publisher = Publisher(process, log)
    try:
        yield publisher
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(3)
        finally:
            process.kill()
            process.wait()
    publisher.log()
