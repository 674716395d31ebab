"""Ask Redis many things at once: commands in, a reply or error for each out; one server, a Sentinel's master or a Cluster.

redis-py's own cluster pipeline sends every command of a dead node again, one by one, each with its own time limit. Here commands
are grouped by node and each node is asked once: a dead node costs its own keys one time limit, and the keys of the others nothing.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import redis
from hiredis import pack_command
from redis.exceptions import AskError, MovedError

from publisher.connection import REDIS_ERRORS, Client, connect

Argument: TypeAlias = bytes | str | int | float
Command: TypeAlias = tuple[Argument, ...]
Reply: TypeAlias = Any  # what the server answers, or the exception that stands for it

_ERROR_REPLIES: Final = (redis.ResponseError, redis.exceptions.BusyLoadingError, redis.AuthenticationError)
_SLOWEST_EXCHANGE: Final = 5  # time limits of one wait: a server that drips its reply byte by byte is hung as well


class Link:
    """One Redis. It is contacted by the first ``run``, and again by the next one after it was lost."""

    def __init__(self, url: str, *, timeout_s: float = 1.0, password: str | None = None, client_name: str = "qtops") -> None:
        self._url, self._timeout_s, self._password, self._client_name = url, timeout_s, password, client_name
        self._client: Client | None = None

    def run(self, commands: Sequence[Command], keys: Sequence[str]) -> list[Reply]:
        """Send all, then read all. ``keys[i]`` is the key of ``commands[i]``, which decides the node in a Cluster.

        Never raises for what Redis does or fails to do: the error stands in the place of the reply. UrlError for a bad URL.
        """
        if not commands:
            return []
        try:
            if self._client is None:
                self._client = connect(self._url, timeout_s=self._timeout_s, password=self._password, client_name=self._client_name)
            if isinstance(self._client, redis.RedisCluster):
                return self._run_cluster(self._client, commands, keys)
        except REDIS_ERRORS as error:
            self.close()
            return [error] * len(commands)
        return _exchange(self._client, commands, self._timeout_s)

    def _run_cluster(self, client: redis.RedisCluster, commands: Sequence[Command], keys: Sequence[str]) -> list[Reply]:
        replies: list[Reply] = [None] * len(commands)
        self._ask_nodes(client, commands, keys, range(len(commands)), replies)
        moved = [index for index, reply in enumerate(replies) if isinstance(reply, MovedError)]
        lost = any(isinstance(reply, redis.ConnectionError | redis.TimeoutError | OSError) for reply in replies)
        if moved or lost:
            client.nodes_manager.initialize()
        self._ask_nodes(client, commands, keys, moved, replies)
        for index, reply in enumerate(replies):
            if isinstance(reply, AskError) and not isinstance(reply, MovedError):  # this slot is moving right now
                replies[index] = _one(client, commands[index])
        return replies

    def _ask_nodes(
        self, client: redis.RedisCluster, commands: Sequence[Command], keys: Sequence[str], which: Sequence[int], into: list[Reply]
    ) -> None:
        groups: dict[str, list[int]] = defaultdict(list)
        for index in which:
            node = client.get_node_from_key(keys[index])
            if node is None:
                into[index] = redis.exceptions.ClusterDownError("CLUSTERDOWN no node serves this key's slot")
            else:
                groups[node.name].append(index)
        for name, indexes in groups.items():
            server = client.get_redis_connection(client.get_node(node_name=name))
            replies = _exchange(server, [commands[index] for index in indexes], self._timeout_s)
            for index, reply in zip(indexes, replies, strict=True):
                into[index] = reply

    def close(self) -> None:
        """Drop the connections. The next ``run`` makes new ones."""
        if self._client is not None:
            client, self._client = self._client, None
            client.close()


def _one(client: redis.RedisCluster, command: Command) -> Reply:
    try:
        return client.execute_command(*command)
    except REDIS_ERRORS as error:
        return error


def _exchange(client: redis.Redis, commands: Sequence[Command], timeout_s: float) -> list[Reply]:
    """One write and as many reads on one connection, which is dropped when it did not come to the end of them."""
    deadline = time.monotonic() + timeout_s * _SLOWEST_EXCHANGE
    pool = client.connection_pool
    replies: list[Reply] = []
    try:
        connection = pool.get_connection()
    except REDIS_ERRORS as error:
        return [error] * len(commands)
    try:
        connection.send_packed_command([b"".join(map(pack_command, commands))])
        for _ in commands:
            try:
                replies.append(connection.read_response())
            except _ERROR_REPLIES as error:
                replies.append(error)
            if time.monotonic() > deadline:
                raise redis.TimeoutError(f"the replies took longer than {timeout_s * _SLOWEST_EXCHANGE:g} s")
    except BaseException as error:  # a signal may end the wait as well: replies are left unread
        connection.disconnect()
        if not isinstance(error, REDIS_ERRORS):
            raise
        replies += [error] * (len(commands) - len(replies))
    finally:
        pool.release(connection)
    return replies
