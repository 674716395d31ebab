"""One recovery of three files (``patching_run``), ready to begin, and a systemd that does what a test says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from qtops.actions.hands import Hands, real_hands
from qtops.actions.ledger import Ledger
from qtops.actions.ledger_opening import open_ledger
from qtops.actions.state import open_state
from qtops.actions.transaction import Transaction
from qtops.steps import Call, Step
from tests.actions.kill_sweep import found
from tests.actions.patching_run import ID, UNIT, Kept, make

RELOAD = Step(("systemctl", "daemon-reload"), "have systemd read it", action=Call("daemon-reload"))
RESTART = Step(("systemctl", "restart", UNIT), "start it anew", action=Call("restart", UNIT))


@dataclass
class Systemd:
    """Does what it is asked for, or what the test says instead."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    instead: Callable[[str], None] = lambda verb: None

    def call(self, verb: str, unit: str, timeout_s: float) -> None:
        self.asked.append((verb, unit))
        self.instead(verb)


@dataclass
class Scene:
    """One recovery, ready to begin."""

    tree: Path
    state_path: str
    kept: Kept
    systemd: Systemd
    ledger: Ledger

    def run(self) -> Transaction:
        hands = Hands(call=self.systemd.call, run=real_hands().run, compiles=real_hands().compiles)
        return Transaction(open_state(self.state_path), self.ledger, self.kept.plan, hands)

    def plan(self, steps: tuple[Step, ...], **changes: object) -> None:
        self.kept = Kept(replace(self.kept.plan, steps=steps, **changes), self.kept.contents)

    def applied(self) -> Transaction:
        run = self.run()
        run.begin(self.kept.contents)
        run.carry_out(lambda line: None)
        return run

    @property
    def files(self) -> dict[str, tuple[bytes, int]]:
        return found(self.tree)

    @property
    def ended(self) -> str:
        return self.ledger.record(ID).state


@contextmanager
def opened(place: Path) -> Iterator[Scene]:
    """A recovery of files in ``place``/tree, recorded in ``place``/state."""
    kept = make(place / "tree")
    with open_ledger(open_state(str(place / "state"))) as ledger:
        yield Scene(place / "tree", str(place / "state"), kept, Systemd(), ledger)
