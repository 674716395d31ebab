"""Talk to one server: one write, as many reads, and an end to waiting however its replies drip in."""

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import redis
from hiredis import pack_command
from redis._parsers import _HiredisParser

from publisher.connection import REDIS_ERRORS

Argument: TypeAlias = bytes | str  # no number: hiredis crashes where a signal's handler raises while it writes one down
Command: TypeAlias = tuple[Argument, ...]
Reply: TypeAlias = Any  # what the server answers, or the exception that stands for it

_pack: Callable[[Command], bytes] = pack_command  # type: ignore[assignment]  # its stub takes tuples of one only
ERROR_REPLIES: Final = (redis.ResponseError, redis.exceptions.BusyLoadingError, redis.AuthenticationError)


class Patience:
    """How long the replies of one exchange are waited for, however many they are and whatever drips in of them."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s, self._until = limit_s, math.inf

    def begin(self) -> None:
        """The wait begins now."""
        self._until = time.monotonic() + self._limit_s

    def check(self) -> None:
        """Raises redis.TimeoutError when it has lasted too long."""
        if time.monotonic() > self._until:
            raise redis.TimeoutError(f"the replies took longer than {self._limit_s:g} s")


class _Parser(_HiredisParser):
    """redis-py's own, which waits anew for each piece of a reply; this one has patience for the whole of them."""

    def __init__(self, socket_read_size: int, patience: Patience) -> None:
        super().__init__(socket_read_size)  # type: ignore[no-untyped-call]
        self._patience = patience

    def read_from_socket(self, *args: Any, **kwargs: Any) -> bool:
        self._patience.check()
        more: bool = super().read_from_socket(*args, **kwargs)  # type: ignore[no-untyped-call]
        return more


class Exchange:
    """One write and as many reads on one connection, which is dropped when it does not come to the end of them."""

    def __init__(self, client: redis.Redis, commands: Sequence[Command], patience: Patience) -> None:
        self.error: BaseException | None = None
        self._pool, self._count, self._patience = client.connection_pool, len(commands), patience
        self._pool.connection_kwargs.setdefault("parser_class", partial(_Parser, patience=patience))
        self._connection: Any = None
        sent = False
        patience.begin()
        try:
            self._connection = self._pool.get_connection()
            self._connection.send_packed_command([b"".join(map(_pack, commands))])
            sent = True
        except REDIS_ERRORS as error:
            self.error = error
        finally:
            if not sent:
                self._release(clean=False)

    def receive(self) -> list[Reply]:
        """Wait for the replies; ``error`` tells why the last of them are missing."""
        replies: list[Reply] = []
        if self.error is None:
            try:
                self._read(replies)
            except REDIS_ERRORS as error:
                self.error = error
            finally:  # a signal may end the wait as well
                self._release(clean=len(replies) == self._count)
        return replies + [self.error] * (self._count - len(replies))

    def _read(self, replies: list[Reply]) -> None:
        self._patience.begin()
        read = self._connection.read_response
        for _ in range(self._count):
            try:
                replies.append(read())
            except ERROR_REPLIES as error:
                replies.append(error)

    def _release(self, *, clean: bool) -> None:
        """Give the connection back; what is unread on it would be taken for the next replies, so it is closed first."""
        if self._connection is not None:
            if not clean:
                self._connection.disconnect()
            self._pool.release(self._connection)
