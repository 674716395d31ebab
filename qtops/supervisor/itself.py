"""The supervisor to systemd: it is ready, it lives, and how it stands (sd_notify(3), sd_watchdog_enabled(3))."""

import os
import time
from math import inf

from publisher.notify import Notifier


class Itself:
    """What systemd is told. Outside a unit of ``Type=notify`` nothing is."""

    def __init__(self) -> None:
        self._notifier = Notifier.from_environment()
        limit_us = os.environ.pop("WATCHDOG_USEC", "") if os.environ.pop("WATCHDOG_PID", "") in {"", str(os.getpid())} else ""
        self.every_s = int(limit_us) / 3e6 if limit_us.isdecimal() and int(limit_us) else inf
        self._next_s, self._status, self._is_ready = 0.0, "", False

    def ready(self) -> None:
        """It has looked at everything once, and watches."""
        self._notifier.send(ready=1)
        self._is_ready = True

    def lives(self, status: str) -> None:
        """The loop came round."""
        now_s = time.monotonic()
        if now_s >= self._next_s and self.every_s < inf:
            self._notifier.send(watchdog=1)
            self._next_s = now_s + self.every_s
        if status != self._status and self._is_ready:
            self._notifier.send(status=status)
            self._status = status

    def wait_s(self) -> float:
        """How long it may be silent from now on."""
        return max(self._next_s - time.monotonic(), 0.0) if self.every_s < inf else inf

    def ends(self) -> None:
        """It stops, because it was told to."""
        self._notifier.send(stopping=1)
        self._notifier.close()
