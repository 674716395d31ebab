"""Ask Redis many things at once: commands in, a reply or error for each out; one server, a Sentinel's master or a Cluster.

redis-py's own cluster pipeline sends every command of a dead node again, one by one, each with its own time limit. Here commands
are grouped by node and each node is asked once: a dead node costs its own keys one time limit, and the keys of the others nothing.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import redis
from hiredis import pack_command
from redis._parsers import _HiredisParser
from redis.exceptions import AskError, MovedError

from publisher.connection import REDIS_ERRORS, Client, connect

Argument: TypeAlias = bytes | str | int | float
Command: TypeAlias = tuple[Argument, ...]
Reply: TypeAlias = Any  # what the server answers, or the exception that stands for it

_pack: Callable[[Command], bytes] = pack_command  # type: ignore[assignment]  # its stub takes tuples of one only
_ERROR_REPLIES: Final = (redis.ResponseError, redis.exceptions.BusyLoadingError, redis.AuthenticationError)
_SLOWEST_EXCHANGE: Final = 5  # time limits of one wait: a server that drips its replies byte by byte is hung as well


class _Patience:
    """How long the replies of one exchange are waited for, however many they are and whatever drips in of them."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s, self._until = limit_s, math.inf

    def begin(self) -> None:
        self._until = time.monotonic() + self._limit_s

    def check(self) -> None:
        if time.monotonic() > self._until:
            raise redis.TimeoutError(f"the replies took longer than {self._limit_s:g} s")


class _Parser(_HiredisParser):
    """redis-py's own, which waits anew for each piece of a reply; this one has patience for the whole of them."""

    def __init__(self, socket_read_size: int, patience: _Patience) -> None:
        super().__init__(socket_read_size)  # type: ignore[no-untyped-call]
        self._patience = patience

    def read_from_socket(self, *args: Any, **kwargs: Any) -> bool:
        self._patience.check()
        more: bool = super().read_from_socket(*args, **kwargs)  # type: ignore[no-untyped-call]
        return more


class Link:
    """One Redis. It is contacted by the first question, and again by the next one after it was lost."""

    def __init__(self, url: str, *, timeout_s: float = 1.0, password: str | None = None, client_name: str = "qtops") -> None:
        self._url, self._timeout_s, self._password, self._client_name = url, timeout_s, password, client_name
        self._client: Client | None = None
        self._patience = _Patience(timeout_s * _SLOWEST_EXCHANGE)
        self._sick: dict[str, tuple[float, BaseException]] = {}  # nodes that just failed: until when they are not asked

    def run(self, commands: Sequence[Command], keys: Sequence[str | bytes]) -> list[Reply]:
        """Ask and wait for the replies."""
        return self.ask(commands, keys).replies()

    def ask(self, commands: Sequence[Command], keys: Sequence[str | bytes]) -> "Asked":
        """Send all; the replies are waited for when they are wanted, and the server works meanwhile.

        ``keys[i]`` is the key of ``commands[i]``, which decides the node in a Cluster. What Redis does or fails to do never raises:
        the error stands in the place of the reply. UrlError for a bad URL.
        """
        asked = Asked(self, commands, keys)
        if commands:
            try:
                self._send(asked, range(len(commands)))
            except REDIS_ERRORS as error:
                self.close()
                asked.fail(range(len(commands)), error)
        return asked

    def _send(self, asked: "Asked", which: Sequence[int]) -> None:
        if self._client is None:
            self._client = connect(self._url, timeout_s=self._timeout_s, password=self._password, client_name=self._client_name)
        if not isinstance(self._client, redis.RedisCluster):
            asked.send("", self._client, which, self._patience)
            return
        groups: dict[str, list[int]] = defaultdict(list)
        for index in which:
            node = self._client.get_node_from_key(asked.keys[index])
            groups[node.name if node else ""].append(index)
        for name, indexes in groups.items():
            until, error = self._sick.get(name, (0.0, None))
            if not name:
                asked.fail(indexes, redis.exceptions.ClusterDownError("CLUSTERDOWN no node serves this key's slot"))
            elif error and time.monotonic() < until:
                asked.fail(indexes, error)
            else:
                node = self._client.get_node(node_name=name)
                asked.send(name, self._client.get_redis_connection(node), indexes, self._patience)

    def after(self, asked: "Asked") -> None:
        """In a Cluster, follow what the replies say of it: learn its nodes anew, and ask the right one for what has moved."""
        client = self._client
        if not isinstance(client, redis.RedisCluster):
            return
        now = time.monotonic()
        lost = {name: error for name, error in asked.lost.items() if name not in self._sick or self._sick[name][0] < now}
        self._sick.update({name: (now + self._timeout_s, error) for name, error in lost.items()})
        moved = [index for index, reply in enumerate(asked.answers) if isinstance(reply, MovedError)]
        try:
            if moved or lost:
                client.nodes_manager.initialize()
            self._send(asked, moved)
            asked.receive()
        except REDIS_ERRORS as error:
            asked.fail(moved, error)
        for index, reply in enumerate(asked.answers):
            if isinstance(reply, AskError) and not isinstance(reply, MovedError):  # this slot is moving right now
                asked.answers[index] = _one(client, asked.commands[index])

    def close(self) -> None:
        """Drop the connections. The next question makes new ones."""
        if self._client is not None:
            client, self._client = self._client, None
            client.close()


class Asked:
    """Commands that are sent, and the replies that are in."""

    def __init__(self, link: Link, commands: Sequence[Command], keys: Sequence[str | bytes]) -> None:
        self.commands, self.keys = commands, keys
        self.answers: list[Reply] = [None] * len(commands)
        self.lost: dict[str, BaseException] = {}
        self._link = link
        self._exchanges: list[tuple[str, Sequence[int], _Exchange]] = []

    def replies(self) -> list[Reply]:
        """Wait for all replies."""
        self.receive()
        if self.commands:
            self._link.after(self)
        return self.answers

    def send(self, name: str, client: redis.Redis, which: Sequence[int], patience: _Patience) -> None:
        """Send some of the commands to one server."""
        self._exchanges.append((name, which, _Exchange(client, [self.commands[index] for index in which], patience)))

    def receive(self) -> None:
        """Read the replies of all servers that were sent to."""
        for name, which, exchange in self._exchanges:
            for index, reply in zip(which, exchange.receive(), strict=True):
                self.answers[index] = reply
            if exchange.error:
                self.lost[name] = exchange.error
        self._exchanges.clear()

    def fail(self, which: Sequence[int], error: BaseException) -> None:
        """Let ``error`` stand for some of the replies."""
        for index in which:
            self.answers[index] = error


class _Exchange:
    """One write and as many reads on one connection, which is dropped when it does not come to the end of them."""

    def __init__(self, client: redis.Redis, commands: Sequence[Command], patience: _Patience) -> None:
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
            except _ERROR_REPLIES as error:
                replies.append(error)

    def _release(self, *, clean: bool) -> None:
        """Give the connection back; what is unread on it would be taken for the next replies, so it is closed first."""
        if self._connection is not None:
            if not clean:
                self._connection.disconnect()
            self._pool.release(self._connection)


def _one(client: redis.RedisCluster, command: Command) -> Reply:
    try:
        return client.execute_command(*command)
    except REDIS_ERRORS as error:
        return error
