"""Run cycles until told to stop: on the grid, after a failure sooner, with the service manager told only what is true."""

import os
import random
import select
import signal
import time
from types import TracebackType

from publisher.connection import shown_url
from publisher.cycle import Cycle
from publisher.link import Link
from publisher.narration import LOG, Narrator
from publisher.notify import Notifier
from publisher.options import Options
from publisher.report import Report
from publisher.schedule import next_tick, retry_delay

GRACE_S = 0.5  # what a cycle may still take after SIGTERM before it is cut off; writes are atomic, so cutting is safe
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(BaseException):
    """The cycle was cut off because the process is to end."""


class StopSignals:
    """Within this block SIGTERM, SIGINT and SIGHUP ask for the end, wake ``wait``, and cut off a cycle that hangs."""

    def __init__(self) -> None:
        self.asked = False
        self._cuts = True
        self._reader, self._writer = (-1, -1)

    def __enter__(self) -> "StopSignals":
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._ask) for number in _SIGNALS}
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._cut)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _ask(self, *_: object) -> None:
        if not self.asked:  # asking again does not lengthen the grace
            signal.setitimer(signal.ITIMER_REAL, GRACE_S)
        self.asked = True

    def _cut(self, *_: object) -> None:
        if self._cuts:
            raise Stopped

    def over(self) -> None:
        """Nothing is left that could be cut off: say so where ``Stopped`` would still be caught."""
        self._cuts = False

    def wait(self, until: float) -> None:
        """Sleep until the monotonic time ``until``, or until asked to stop."""
        while not self.asked:
            left = until - time.monotonic()
            if left <= 0.0:
                return
            select.select([self._reader], [], [], left)


def run(options: Options) -> None:
    """Publish until SIGTERM, SIGINT or SIGHUP; returns within a second of it whatever Redis does."""
    symbols = options.shard.own(options.symbols)
    link = _link(options)
    notifier = Notifier.from_environment()
    with StopSignals() as stop:
        try:
            _warn_of_watchdog(options)
            _publish(options, symbols, link, notifier, stop)
            stop.over()
        except Stopped:
            LOG.warning("The last cycle was cut off %.1fs after the signal; what it had not written yet is not written", GRACE_S)
    notifier.send(stopping=1, status="stopping")
    LOG.info("Stopped")
    notifier.close()
    link.close()


def run_once(options: Options) -> Report:
    """One cycle, told and returned."""
    symbols = options.shard.own(options.symbols)
    link, narrator = _link(options), Narrator()
    narrator.begin(options, symbols, shown_url(options.redis_url))
    report = Cycle(link, options, symbols).run(time.time(), time.monotonic(), Report(cycle=1, started_at_s=time.time()))
    narrator.tell(report, time.monotonic())
    link.close()
    return report


def _publish(options: Options, symbols: tuple[str, ...], link: Link, notifier: Notifier, stop: StopSignals) -> None:
    cycle, narrator, jitter = Cycle(link, options, symbols), Narrator(), random.Random()  # noqa: S311 - jitter is no secret
    narrator.begin(options, symbols, shown_url(options.redis_url))
    started_at_s, start = time.time(), time.monotonic()
    number = tick = failures = skipped = 0
    while not stop.asked:
        began, number = time.monotonic(), number + 1
        report = cycle.run(time.time(), began, Report(number, skipped, started_at_s))
        ended = time.monotonic()
        narrator.tell(report, ended)
        notifier.send(ready=1, status=_status(report), **({"watchdog": 1} if report.complete else {}))
        due = next_tick(start, options.interval_s, tick, ended)
        failures = 0 if report.complete else failures + 1
        retry_at = ended + retry_delay(failures, options.interval_s, jitter) if failures else due.due
        if retry_at < due.due:
            stop.wait(retry_at)
            continue
        if due.skipped:
            skipped += due.skipped
            if report.complete:  # else the trouble that slowed it down is already said
                narrator.tell_skipped(due.skipped, ended - began)
        tick = due.number
        stop.wait(due.due)


def _link(options: Options) -> Link:
    return Link(
        options.redis_url, timeout_s=options.redis_timeout_s, password=options.password, client_name="risk-proposal-publisher"
    )


def _status(report: Report) -> str:
    fresh = len(report.published) + report.unchanged
    counts = f"{fresh} fresh, {len(report.closed)} without position, {len(report.refused)} refused, cycle {report.cycle}"
    return f"Redis {report.trouble.state.replace('_', ' ')}; {counts}" if report.trouble else counts


def _warn_of_watchdog(options: Options) -> None:
    limit = os.environ.get("WATCHDOG_USEC", "")
    limit_s = int(limit) / 1e6 if limit.isdecimal() else 0.0
    if 0 < limit_s < 2 * options.interval_s:
        LOG.warning(
            "WatchdogSec=%g is shorter than two intervals of %gs: a healthy publisher may be killed", limit_s, options.interval_s
        )
