"""A supervisor that does nothing but tell: the real store, real children, and a clock of the test's own.

``python -m tests.supervisor.delivering FOLDER PROGRAM`` tells all that waits there, until it is done or killed.
"""

import selectors
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qtops.actions.incidents.opening import open_store
from qtops.actions.incidents.store import Store
from qtops.incidents import Change
from qtops.settings import Endpoint, Settings
from qtops.supervisor.children import Children
from qtops.supervisor.delivery import Delivery
from tests.supervisor.told import BEGAN_S, incident

PLENTY = 100_000


class Telling:
    """What is told, by whom, and what is reported of it."""

    def __init__(self, store: Store, endpoints: tuple[Endpoint, ...], now_s: float = BEGAN_S + 1) -> None:
        self.store, self.endpoints, self.now_s = store, endpoints, now_s
        self.selector = selectors.DefaultSelector()
        self.children = Children(self.selector)
        self.reported: list[str] = []
        self.delivery = Delivery(store, Settings(notify=endpoints), self.children, report=self.reported.append)

    def happen(self, count: int = 1, *, at_s: float = BEGAN_S, endpoints: tuple[Endpoint, ...] | None = None) -> None:
        """So many incidents open, and everybody is to be told."""
        known = len(self.store.incidents())
        changes = [
            Change(incident=one, event="opened", at_s=at_s, text="it ended with 1", tell=True)
            for one in (incident(number=0, fingerprint=f"{n}", unit=f"acme-{n}.service") for n in range(known, known + count))
        ]  # fmt: skip
        self.store.apply(changes, self.endpoints if endpoints is None else endpoints)

    def round(self, wait_s: float = 0.05) -> float | None:
        """As the loop does it."""
        next_s = self.delivery.poll(self.now_s)
        for key, _ in self.selector.select(wait_s):
            key.data()
        self.children.expire()
        return next_s

    def until(self, done: Callable[[], bool], most_s: float = 30.0) -> None:
        """Go on until that is so."""
        end_s = time.monotonic() + most_s
        while not done():
            assert time.monotonic() < end_s, (self.reported, self.store.waiting(), self.delivery.sent, self.delivery.failed)
            self.round()

    def all_told(self) -> bool:
        return not self.store.waiting()

    def close(self) -> None:
        self.children.close()
        self.selector.close()


@contextmanager
def telling(folder: Path, *endpoints: Endpoint) -> Iterator[Telling]:
    """One of them, over the store in this folder."""
    with open_store(str(folder)) as store:
        it = Telling(store, endpoints)
        try:
            yield it
        finally:
            it.close()


def command(name: str, *argv: object, **options: float | str) -> Endpoint:
    """An endpoint that is told by a command."""
    return Endpoint(name=name, command=tuple(map(str, argv)), most_per_hour=PLENTY, **options)  # type: ignore[arg-type]


def script(folder: Path, text: str, name: str = "hook", mode: int = 0o700) -> Path:
    """A program for an endpoint."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(mode)
    return path


if __name__ == "__main__":
    with telling(Path(sys.argv[1]), command("ops", sys.argv[2])) as it:
        it.until(it.all_told, most_s=120)
