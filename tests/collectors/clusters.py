"""A Cluster of masters on loopback, for those few tests that need more than one node."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.faults.servers import FORGETFUL, Server, free_port, running, wait_until

MASTERS = 3
SLOTS = 16384


@dataclass(frozen=True)
class Cluster:
    """Masters without replicas: who stops one loses its slots."""

    masters: list[Server]

    @property
    def url(self) -> str:
        """Its address."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{master.port}" for master in self.masters)

    def owner(self, key: str) -> Server:
        """The master that serves the key."""
        slot = redis.cluster.key_slot(key.encode())
        return self.masters[slot * MASTERS // SLOTS]


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Three masters that know each other and share all slots."""
    args = (*FORGETFUL, "--cluster-enabled", "yes", "--cluster-node-timeout", "60000")  # none is voted down during a test
    with ExitStack() as stack:
        buses = [free_port() for _ in range(MASTERS)]  # the usual one, port + 10000, may be beyond the last port
        masters = [
            stack.enter_context(running(folder / str(number), *args, "--cluster-port", str(bus)))
            for number, bus in enumerate(buses)
        ]
        for number, master in enumerate(masters):
            first, end = -(-number * SLOTS // MASTERS), -(-(number + 1) * SLOTS // MASTERS)
            master.client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            master.client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for master, bus in zip(masters[1:], buses[1:], strict=True):
            masters[0].client.execute_command("CLUSTER", "MEET", "127.0.0.1", master.port, bus)
        for master in masters:
            wait_until(lambda master=master: b"cluster_state:ok" in info(master), 20, "a cluster that serves all slots")
            wait_until(lambda master=master: b"cluster_known_nodes:3" in info(master), 20, "masters that know each other")
        time.sleep(0.1)
        yield Cluster(masters)


def info(master: Server) -> bytes:
    """CLUSTER INFO."""
    reply = master.client.execute_command("CLUSTER", "INFO")
    return reply if isinstance(reply, bytes) else repr(reply).replace("': '", ":").encode()
