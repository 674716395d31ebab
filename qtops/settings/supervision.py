"""What the configuration may say of the supervisor: what it watches, how patient it is, and whom it tells."""

import re
from math import inf
from typing import Literal

import msgspec

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_LISTENED = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost):([0-9]{1,5})")


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How often a service may be restarted for a transient cause. Seconds throughout.

    The first restart comes after ``first_s``, each further one after twice as long, ``most_s`` at most. After ``restarts`` of them
    within ``window_s`` it is given up, loudly, and armed again after ``rearm_s``, whatever has happened since.
    """

    restarts: int = 3
    window_s: float = 600.0
    first_s: float = 1.0
    most_s: float = 60.0
    rearm_s: float = 3600.0

    def __post_init__(self) -> None:
        if not (self.restarts >= 0 and 0 < self.first_s <= self.most_s < self.window_s < inf and 0 < self.rearm_s < inf):
            raise ValueError("wants restarts >= 0, 0 < first_s <= most_s < window_s, and 0 < rearm_s, all finite")


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody to tell: a command that is given a JSON document on its standard input, or a URL of apprise in a file of its own."""

    name: str
    command: tuple[str, ...] = ()  # argv, never a shell's text
    url_file: str = ""  # such a URL holds a secret: the file belongs to the supervisor's user alone; %d is $CREDENTIALS_DIRECTORY
    severity: Literal["warning", "critical"] = "warning"  # tell of nothing less
    most_per_hour: int = 20  # openings, reminders and worse news beyond that are told in one; that something ended always is
    timeout_s: float = 10.0  # for one attempt

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError("wants a name of a-z, 0-9 and -")
        if bool(self.command) == bool(self.url_file):
            raise ValueError("wants either command or url_file")
        if self.command and not self.command[0].startswith("/"):
            raise ValueError("wants the absolute path of a program in command")
        if self.most_per_hour < 1 or not 0 < self.timeout_s <= 300:
            raise ValueError("wants most_per_hour >= 1 and 0 < timeout_s <= 300")


class Supervision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How ``qtops supervise`` watches. The services of the configuration are watched in any case. Seconds throughout."""

    watch: tuple[str, ...] = ()  # further units, by name or by pattern ("acme-*.service")
    state: str = ""  # folder of the incidents; empty: $STATE_DIRECTORY, else /var/lib/qtops-supervisor, else $XDG_STATE_HOME/qtops
    every_s: float = 5.0  # between two looks at what a service writes
    poll_s: float = 60.0  # between two looks at all units, for the signals that were lost
    settle_s: float = 30.0  # clear for so long before it counts as resolved
    rejoin_s: float = 600.0  # what comes back within that joins the incident that it was
    remind_s: float = 3600.0  # of what is open and nobody has acknowledged
    budget: Budget = Budget()
    metrics: str = "127.0.0.1:9468"  # where /metrics is served, on loopback only; empty: nowhere
    textfile: str = ""  # a file for the textfile collector of the node exporter; empty: none

    def __post_init__(self) -> None:
        times = (self.every_s, self.poll_s, self.settle_s, self.rejoin_s, self.remind_s)
        if not all(0 < time_s < inf for time_s in times):
            raise ValueError("wants every_s, poll_s, settle_s, rejoin_s and remind_s > 0, all finite")
        if not all(name and name.isprintable() and " " not in name for name in self.watch):
            raise ValueError("wants printable names or patterns of units in watch")
        if self.metrics and not ((match := _LISTENED.fullmatch(self.metrics)) and int(match[2]) < 65_536):
            raise ValueError('wants metrics on loopback, such as "127.0.0.1:9468", or ""')
        if self.textfile and not (self.textfile.startswith("/") and self.textfile.endswith(".prom")):
            raise ValueError("wants an absolute path that ends in .prom for textfile")
