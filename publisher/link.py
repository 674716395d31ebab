"""Ask Redis many things at once: commands in, a reply or error for each out; one server, a Sentinel's master or a Cluster.

redis-py's own cluster pipeline sends every command of a dead node again, one by one, each with its own time limit. Here commands
are grouped by node and each node is asked once: a dead node costs its own keys one time limit, and the keys of the others nothing.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import redis
from redis.exceptions import AskError, ClusterDownError, MovedError, SlotNotCoveredError

from publisher.connection import REDIS_ERRORS, Client, connect
from publisher.exchange import Command, Exchange, Patience, Reply

__all__ = ("Asked", "Command", "Link", "Reply")

_SLOWEST_EXCHANGE: Final = 5  # time limits of one wait: a server that drips its replies byte by byte is hung as well
_ALL: Final = ""  # the one server, or the Cluster as a whole, where others have the name of their node
_NOBODY: Final = "-"  # serves this slot


class Link:
    """One Redis. It is contacted by the first question, and again by the next one after it was lost."""

    def __init__(self, url: str, *, timeout_s: float = 1.0, password: str | None = None, client_name: str = "qtops") -> None:
        self._url, self._timeout_s, self._password, self._client_name = url, timeout_s, password, client_name
        self._client: Client | None = None
        self._patience = Patience(timeout_s * _SLOWEST_EXCHANGE)
        self._sick: dict[str, tuple[float, BaseException]] = {}  # servers that just failed: until when they are not asked

        self._rounds = False

    def begin(self) -> None:
        """Begin a new round: who failed in the last one is asked again. Within a round a server that hangs is waited for once.

        Who has no rounds has this for the nodes of a Cluster only, each for one time limit.
        """
        self._rounds = True
        self._sick.clear()

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
                self._note({_ALL: error})
                asked.fail(range(len(commands)), error)
        return asked

    def _send(self, asked: "Asked", which: Sequence[int]) -> None:
        error = self._known(_ALL)
        if error:
            asked.fail(which, error)
            return
        if self._client is None:
            self._client = connect(self._url, timeout_s=self._timeout_s, password=self._password, client_name=self._client_name)
        if not isinstance(self._client, redis.RedisCluster):
            asked.send(_ALL, self._client, which, self._patience)
            return
        for name, indexes in _by_node(self._client, asked.keys, which).items():
            error = self._known(name)
            if name == _NOBODY:
                error = asked.lost[name] = ClusterDownError("CLUSTERDOWN no node serves this key's slot")
            if error:
                asked.fail(indexes, error)
            else:
                node = self._client.get_node(node_name=name)
                asked.send(name, self._client.get_redis_connection(node), indexes, self._patience)

    def _known(self, name: str) -> BaseException | None:
        """Why this server need not be asked again so soon."""
        until, error = self._sick.get(name, (0.0, None))
        return error if time.monotonic() < until else None

    def _note(self, lost: Mapping[str, BaseException]) -> None:
        until = time.monotonic() + self._timeout_s
        self._sick.update({name: (until, error) for name, error in lost.items() if name or self._rounds})

    def after(self, asked: "Asked") -> None:
        """Note who is lost. In a Cluster, learn its nodes anew then, and ask the right one for what has moved."""
        client = self._client
        lost = {name: error for name, error in asked.lost.items() if not self._known(name)}
        if isinstance(client, redis.RedisCluster):
            moved = [index for index, reply in enumerate(asked.answers) if isinstance(reply, MovedError)]
            try:
                if moved or lost:
                    client.nodes_manager.initialize()
                self._send(asked, moved)
                asked.receive()
            except REDIS_ERRORS as error:
                asked.fail(moved, error)
                lost[_ALL] = error  # not one of its nodes could be asked
            self._follow(client, asked)
        self._note(lost)

    def _follow(self, client: redis.RedisCluster, asked: "Asked") -> None:
        """Ask for keys whose slot is moving right now where they have gone already."""
        for index, reply in enumerate(asked.answers):
            if isinstance(reply, AskError) and not isinstance(reply, MovedError):
                node = client.get_node(reply.host, reply.port)
                if node is not None:
                    commands: list[Command] = [(b"ASKING",), asked.commands[index]]
                    asked.answers[index] = Exchange(client.get_redis_connection(node), commands, self._patience).receive()[1]

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
        self._exchanges: list[tuple[str, Sequence[int], Exchange]] = []

    def replies(self) -> list[Reply]:
        """Wait for all replies."""
        self.receive()
        if self.commands:
            self._link.after(self)
        return self.answers

    def send(self, name: str, client: redis.Redis, which: Sequence[int], patience: Patience) -> None:
        """Send some of the commands to one server."""
        self._exchanges.append((name, which, Exchange(client, [self.commands[index] for index in which], patience)))

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


def _by_node(client: redis.RedisCluster, keys: Sequence[str | bytes], which: Sequence[int]) -> Mapping[str, Sequence[int]]:
    """The name of the node for each of the keys that are asked for."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index in which:
        try:
            node = client.get_node_from_key(keys[index])
        except SlotNotCoveredError:
            node = None
        groups[node.name if node else _NOBODY].append(index)
    return groups
