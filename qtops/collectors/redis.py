"""One Redis, as the settings name it: its clock, replies to commands, and, when asked for, the keys that match a pattern."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, cast

import redis

from publisher.connection import SERVER_WIDE, Client, Trouble, UrlError, connect, shown_url, trouble
from publisher.link import Command, Link, Reply
from qtops.errors import ConfigError
from qtops.facts.keys import ClockReading, ServerReading
from qtops.facts.text import printable
from qtops.imports.tree import HostTree
from qtops.settings import RedisSettings

SCAN_COUNT: Final = 500  # keys looked at per call: some 0.1 ms of the server's time
_CLOCK_KEYS: Final = ("a", "b", "c")  # in a cluster of three masters they are on three nodes
_ONE_NODE: Final = 2.5  # time limits: one node that hangs costs two, its own and that of asking who has taken over
_GLOB: Final = re.compile(r"([*?\[\]\\])")


class Source:
    """Asks one Redis. It is contacted by the first question, and again by the next one after it was lost."""

    def __init__(self, settings: RedisSettings, *, wall: Callable[[], float] = time.time) -> None:
        """Raises ConfigError where the password file cannot be read. ``wall`` is this host's clock."""
        self._settings, self._password, self._wall = settings, configured_password(settings), wall
        self.clustered = settings.url.startswith("redis+cluster:")
        self._link = Link(settings.url, timeout_s=settings.timeout_s, password=self._password, client_name="")
        self._ahead_s = 0.0  # how far the wall clock is ahead of the monotonic one: this host's until Redis' is known

    def greet(self) -> ServerReading:
        """Ask for the time, which tells whether the server is there at all. Raises ConfigError for a URL that names no Redis."""
        url = printable(shown_url(self._settings.url))
        began = time.monotonic()
        self._ahead_s = self._wall() - began
        troubles: list[Trouble] = []
        for key in _CLOCK_KEYS if self.clustered else _CLOCK_KEYS[:1]:
            clock = self._clock(key)
            if isinstance(clock, ClockReading):
                self._ahead_s += clock.skew_s
                return ServerReading(url, "ok", clock=clock)
            troubles.append(clock)
            if time.monotonic() - began > _ONE_NODE * self._settings.timeout_s:
                break
        found = troubles[0]
        # Where only TIME is not permitted, the server is there, and this host's clock has to do.
        return ServerReading(url, found.state if found.state in SERVER_WIDE else "ok", found.advice, found.detail)

    def now_s(self) -> float:
        """Redis' clock now; this host's where Redis' is not known."""
        return time.monotonic() + self._ahead_s

    def ask(self, commands: Sequence[Command], keys: Sequence[str | bytes]) -> list[Reply]:
        """One reply per command, or the exception that stands for it; ``keys`` are the keys of the commands."""
        return self._link.run(commands, keys)

    def scan(self, pattern: str, give_up_s: float, *, kind: str | None = None) -> Iterator[str]:
        """The keys that match ``pattern``, where ``{symbol}`` stands for any text. Raises one of REDIS_ERRORS or TimeoutError.

        ``kind``: of this TYPE alone. Its cost follows the whole data set, not the matches: it walks for at most ``give_up_s``.
        """
        before, symbol, after = (_GLOB.sub(r"\\\1", part) for part in pattern.partition("{symbol}"))
        match = before + ("*" if symbol else "") + after
        deadline = time.monotonic() + give_up_s
        client = connect(self._settings.url, timeout_s=self._settings.timeout_s, password=self._password, client_name="")
        try:
            for server in _masters(client):
                cursor: int | None = None
                while cursor != 0:
                    cursor, keys = server.scan(cursor or 0, match=match, count=SCAN_COUNT, _type=kind)
                    yield from (key.decode("utf-8", "surrogateescape") for key in cast("list[bytes]", keys))
                    if cursor and time.monotonic() > deadline:
                        raise TimeoutError(f"SCAN of {pattern!r} was given up after {give_up_s:g} s")
        finally:
            client.close()

    def close(self) -> None:
        """Drop the connections."""
        self._link.close()

    def _clock(self, key: str) -> ClockReading | Trouble:
        """The better of two readings: the first round trip may include making the connection."""
        first = self._clock_once(key)
        second = self._clock_once(key) if isinstance(first, ClockReading) else first
        if isinstance(first, Trouble) or isinstance(second, Trouble):
            return second
        return min(first, second, key=lambda clock: clock.round_trip_s)

    def _clock_once(self, key: str) -> ClockReading | Trouble:
        started = time.monotonic()
        try:
            (reply,) = self._link.run([("TIME",)], [key])
        except UrlError as error:
            raise ConfigError(f"redis.url: {error}") from None
        if isinstance(reply, BaseException):
            return trouble(reply)
        round_trip_s = time.monotonic() - started
        return ClockReading(started + round_trip_s / 2 + self._ahead_s, int(reply[0]) + int(reply[1]) / 1e6, round_trip_s)


def _masters(client: Client) -> list[redis.Redis]:
    if isinstance(client, redis.RedisCluster):
        return [client.get_redis_connection(node) for node in client.get_primaries()]
    return [client]


def configured_password(settings: RedisSettings) -> str | None:
    """What the password file holds; None where none is configured. Raises ConfigError where it cannot be read."""
    if not settings.password_file:
        return None
    try:
        return HostTree().read(settings.password_file).decode("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigError(f"redis.password_file {settings.password_file}: {reason}") from None
