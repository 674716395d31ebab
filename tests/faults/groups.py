"""Several servers that act as one: a master with its replica and sentinels, and a Cluster of three masters with a replica each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from publisher.contract import proposal_key
from tests.faults.feeding import heartbeats
from tests.faults.servers import FORGETFUL, Server, free_port, running, wait_until

DOWN_AFTER_MS = 1000
MASTERS = 3
SLOTS = 16384


class Sentinels:
    """A master and its replica, watched by sentinels that call the master dead after a second."""

    def __init__(self, master: Server, replica: Server, sentinels: list[Server]) -> None:
        self.master, self.replica, self.sentinels = master, replica, sentinels

    @property
    def url(self) -> str:
        """The address of whoever is master."""
        return f"redis+sentinel://{','.join(f'127.0.0.1:{sentinel.port}' for sentinel in self.sentinels)}/risk"


@contextmanager
def watched(folder: Path, sentinels: int) -> Iterator[Sentinels]:
    """A master, a replica that is in step, and sentinels that know of all."""
    with ExitStack() as stack:
        master = stack.enter_context(running(folder / "master"))
        replica = stack.enter_context(running(folder / "replica", *FORGETFUL, "--replicaof", "127.0.0.1", str(master.port)))
        wait_until(_in_step(replica), 10, "a replica in step")
        wait_until(_followed(master), 10, "a replica that is sent what is written")
        configuration = (
            f"sentinel monitor risk 127.0.0.1 {master.port} {sentinels // 2 + 1}\n"
            f"sentinel down-after-milliseconds risk {DOWN_AFTER_MS}\nsentinel failover-timeout risk 3000\n"
        )
        watchers = []
        for number in range(sentinels):
            home = folder / f"sentinel{number}"
            home.mkdir()
            (home / "sentinel.conf").write_text(configuration)
            watchers.append(stack.enter_context(running(home, str(home / "sentinel.conf"), "--sentinel")))
        for watcher in watchers:
            wait_until(_knows_all(watcher, sentinels), 20, "sentinels that know the replica and each other")
        yield Sentinels(master, replica, watchers)


def _in_step(replica: Server) -> Callable[[], bool]:
    return lambda: replica.client.info("replication").get("master_link_status") == "up"


def _followed(master: Server) -> Callable[[], bool]:
    """Until a new replica is online its master holds back what is written."""
    return lambda: master.client.info("replication").get("slave0", {}).get("state") == "online"


def _is(server: Server, role: bytes) -> Callable[[], bool]:
    return lambda: server.client.role()[0] == role


def _knows_all(watcher: Server, sentinels: int) -> Callable[[], bool]:
    def knows() -> bool:
        state = watcher.client.info("sentinel")["master0"]
        return (state["slaves"], state["sentinels"]) == (1, sentinels)

    return knows


class Cluster:
    """Masters 0 to 2, and servers 3 to 5 that replicate them in this order, as it was made; an election changes it."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.client: redis.RedisCluster

    @property
    def url(self) -> str:
        """Its address for the publisher, by three of its six nodes."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self.servers[::2])

    def owner(self, key: str) -> int:
        """Which master holds the key, as it was made."""
        slot = self.client.keyslot(key)
        return next(number for number in range(MASTERS) if slot in _slots(number))

    def agrees(self) -> bool:
        """Whether every server that runs finds all slots served."""
        return all(_cluster(server, "INFO")["cluster_state"] == "ok" for server in self.servers if server.process)

    def restore(self) -> None:
        """Let the first three be the masters again, each with its replica."""
        wait_until(self.agrees, 15, "a Cluster that serves all slots")
        for master, replica in zip(self.servers[:MASTERS], self.servers[MASTERS:], strict=True):
            if not _is(master, b"master")():
                wait_until(_in_step(master), 15, "the former master in step")
                wait_until(_followed(replica), 15, "the former master, sent what is written")
                _cluster(master, "FAILOVER")
            wait_until(_is(master, b"master"), 10, "the former master in office")
            wait_until(_is(replica, b"slave"), 10, "its replica")
        wait_until(self._knows_itself, 10, "one view of who serves what")

    def _knows_itself(self) -> bool:
        masters = [server.port for server in self.servers[:MASTERS]]
        views = [server.client.execute_command("CLUSTER SLOTS") for server in self.servers]
        return all(sorted(slots[2][1] for slots in view) == sorted(masters) for view in views) and self.agrees()

    def heartbeats(self, names: Sequence[str], gone: int | None = None) -> list[int]:
        """As in feeding, but no node is asked in vain: each master as it was made, or the replica of the one that is gone."""
        found: list[int] = []
        for number in range(MASTERS):
            mine = [name for name in names if self.owner(proposal_key(name)) == number]
            server = self.servers[number + MASTERS if number == gone else number]
            found += heartbeats(server.client, mine) if mine else []
        return found

    def move(self, key: str, source: Server, target: Server) -> Iterator[str]:
        """Move the slot of ``key`` from one master to another, with a halt after each step."""
        slot = self.client.keyslot(key)
        here, there = (server.client.execute_command("CLUSTER MYID").decode() for server in (source, target))
        _cluster(target, "SETSLOT", slot, "IMPORTING", here)
        _cluster(source, "SETSLOT", slot, "MIGRATING", there)
        yield "begun"
        keys = source.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 100)
        if keys:
            source.client.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 2000, "KEYS", *keys)
        yield "keys moved"
        for server in (target, source, *self.servers[:MASTERS]):
            _cluster(server, "SETSLOT", slot, "NODE", there)
        wait_until(lambda: all(_serves(server, slot) == target.port for server in self.servers), 10, "one view of the slot")
        yield "slot moved"


def _slots(master: int) -> range:
    return range(SLOTS * master // MASTERS, SLOTS * (master + 1) // MASTERS)


def _serves(server: Server, slot: int) -> int | None:
    view = server.client.execute_command("CLUSTER SLOTS")
    return next((master[1] for first, last, master, *_ in view if first <= slot <= last), None)


def _cluster(server: Server, *words: str | int) -> dict[str, str]:
    """``CLUSTER`` and these words; the reply where it is one of names and values."""
    reply = server.client.execute_command("CLUSTER " + str(words[0]), *words[1:])
    return reply if isinstance(reply, dict) else {}


def _knows_six(server: Server) -> Callable[[], bool]:
    return lambda: _cluster(server, "INFO")["cluster_known_nodes"] == str(2 * MASTERS)


@contextmanager
def clustered(folder: Path, *args: str) -> Iterator[Cluster]:
    """A Cluster whose every slot is served and replicated."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", str(DOWN_AFTER_MS), "--cluster-replica-validity-factor", "0")
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running(folder / f"node{n}", *FORGETFUL, *options, "--cluster-port", str(free_port()), *args))
            for n in range(2 * MASTERS)
        ]
        cluster = Cluster(servers)
        for number, server in enumerate(servers):
            _cluster(server, "SET-CONFIG-EPOCH", number + 1)
            if number < MASTERS:
                _cluster(server, "ADDSLOTSRANGE", _slots(number)[0], _slots(number)[-1])
            if number:
                bus = int(server.client.config_get("cluster-port")["cluster-port"])
                servers[0].client.execute_command("CLUSTER MEET", "127.0.0.1", server.port, bus)
        for server in servers:
            wait_until(_knows_six(server), 15, "nodes that know each other")
        for number in range(MASTERS):
            replica = servers[MASTERS + number]
            _cluster(replica, "REPLICATE", servers[number].client.execute_command("CLUSTER MYID").decode())
        for master, replica in zip(servers, servers[MASTERS:], strict=False):
            wait_until(_in_step(replica), 15, "replicas in step")
            wait_until(_followed(master), 10, "a replica that is sent what is written")
        wait_until(cluster.agrees, 15, "a Cluster that serves all slots")
        nodes = [redis.cluster.ClusterNode("127.0.0.1", server.port) for server in servers]
        cluster.client = redis.RedisCluster(startup_nodes=nodes, require_full_coverage=False, socket_timeout=2.0)
        try:
            yield cluster
        finally:
            cluster.client.close()
