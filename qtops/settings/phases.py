"""A plan in phases: what each is for, and the criteria by which it counts as complete."""

import re
from math import inf
from typing import Literal

import msgspec

_CODE = re.compile(r"[A-Z]+[0-9]{3}")
Shown = Literal["", "recovery", "backup", "unit", "baseline", "wiring"]
"""What shows a deliverable: a verified recovery on record, a file it kept, the unit's files, figures of the process, the map."""


class PhaseCriterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that must be seen to hold, of one service of the phase or of all of them. Every binding that is given has to hold.

    A criterion without any binding is measured by nothing: it never holds.
    """

    title: str
    services: tuple[str, ...] = ()  # names; empty: all services of the phase
    runs: bool = False  # it is up, and its main process is one that systemd started
    stays: bool = False  # systemd has not had to start it again, for longer than a loop takes to show
    clear: tuple[str, ...] = ()  # codes of checks: each could look, and found nothing that counts
    about: tuple[str, ...] = ()  # streams that it is about; codes of STREAM and WIRING are confined to them where there are any
    fed: bool = False  # each of these streams has a writer whose unit runs
    read: bool = False  # each of these streams has a reader whose unit runs, or a group
    written: bool = False  # its process has written keys of its families: one at least, and every one that is there
    symbols: tuple[str, ...] = ()  # each of its families has a key of these
    within_s: float | None = None  # the newest time in each of its keys is no older when it is looked at
    every_s: float | None = None  # measured: its keys are updated at least this often
    says: str = ""  # stands in its journal since its last start
    never_says: str = ""  # does not, and the journal was read from that start on

    def __post_init__(self) -> None:
        if not (self.title and self.title.isprintable()):
            raise ValueError("wants a printable title")
        if not (self.says + self.never_says).isprintable():
            raise ValueError("wants printable text in says and never_says")
        if any(limit is not None and not 0 < limit < inf for limit in (self.within_s, self.every_s)):
            raise ValueError("wants within_s and every_s above 0, finite")
        if (self.fed or self.read) and not self.about:
            raise ValueError("wants names of streams in about, where it wants them to be fed or read")
        if not all(name and name.isprintable() for name in self.about):
            raise ValueError("wants printable names of streams in about")
        for code in self.clear:
            if not _CODE.fullmatch(code):
                raise ValueError(f"clear: wants codes of checks, such as UNIT114, not {code[:32]!a}")

    @property
    def is_bound(self) -> bool:
        """Whether anything measures it."""
        limits = self.within_s is not None or self.every_s is not None
        flows = self.fed or self.read
        return limits or flows or any((self.runs, self.stays, self.clear, self.written, self.symbols, self.says, self.never_says))


class Deliverable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that a phase leaves behind. ``by`` says what shows that it is there; without it nothing does."""

    title: str
    by: Shown = ""

    def __post_init__(self) -> None:
        if not (self.title and self.title.isprintable()):
            raise ValueError("wants a printable title")


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One phase of the plan."""

    number: int
    title: str
    objective: str = ""
    services: tuple[str, ...] = ()  # names of services, or of units
    criteria: tuple[PhaseCriterion, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    depends: tuple[int, ...] = ()
    next: tuple[str, ...] = ()  # what is to be done after it

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("wants a number of 0 or above")
        texts = (self.title, self.objective, *self.services, *self.next)
        if not (self.title and all(text.isprintable() for text in texts)):
            raise ValueError("wants a printable title, objective, services and next")
        if self.number in self.depends:
            raise ValueError("wants no dependency of a phase on itself")


_LOST = ("IMPORT101", "IMPORT103", "LOG201", "UNIT201", "UNIT202", "UNIT203")  # what ended the services of the founding system
_UNREAD = ("STREAM101", "STREAM102", "STREAM103")
_UNFED = ("WIRING101", "WIRING103", "WIRING106")
_EXECUTIONS = ("quantum:stream:execution.result",)
_CONTROL = ("quantum:stream:policy.updated", "quantum:stream:model.retrain", "quantum:stream:reconcile.close")
_PUBLISHER = "quantum-risk-proposal.service"

PHASES: tuple[Phase, ...] = (
    Phase(
        number=1,
        title="Execution Feedback Integrity",
        objective="Have the results of executions come back to everybody who reckons with them.",
        criteria=(
            PhaseCriterion(title="Results of executions have a writer that runs", fed=True, clear=_UNFED, about=_EXECUTIONS),
            PhaseCriterion(
                title="Results of executions are read, and their readers keep up", read=True, clear=_UNREAD, about=_EXECUTIONS
            ),
        ),
        next=("Recover the harvest brain (phase 2)",),
    ),
    Phase(
        number=2,
        title="Harvest Brain Recovery",
        objective="Restore the closing of positions by the harvest brain.",
        services=("quantum-harvest-brain.service",),
        criteria=(
            PhaseCriterion(title="`quantum-harvest-brain.service` running without restart loops", stays=True),
            PhaseCriterion(title="Service starts successfully via systemd", runs=True),
            PhaseCriterion(title="Nothing that ended it before is found", clear=_LOST),
        ),
        deliverables=(Deliverable(title="Recovery on record", by="recovery"),),
        depends=(1,),
        next=("Recover risk proposals (phase 3)",),
    ),
    Phase(
        number=3,
        title="Risk Proposal Recovery",
        objective="Restore operational risk proposal publishing to enable adaptive risk management.",
        services=(_PUBLISHER,),
        criteria=(
            PhaseCriterion(title=f"`{_PUBLISHER}` running without restart loops", stays=True),
            PhaseCriterion(title="Service starts successfully via systemd (not just manual execution)", runs=True),
            PhaseCriterion(title="Risk proposals published to Redis hashes (`quantum:risk:proposal:*`)", written=True),
            PhaseCriterion(title="Proposals updating continuously (every 10 seconds)", every_s=10),
            PhaseCriterion(title="BTCUSDT, ETHUSDT, SOLUSDT proposals present", symbols=("BTCUSDT", "ETHUSDT", "SOLUSDT")),
            PhaseCriterion(title="Proposal timestamps fresh (within last 10 seconds)", within_s=10),
            PhaseCriterion(title='Service logs show "Published proposal" messages', says="Published proposal"),
            PhaseCriterion(title="No ModuleNotFoundError in journalctl logs", never_says="ModuleNotFoundError"),
        ),
        deliverables=(
            Deliverable(title="main.py fixed (sys.path override removed)", by="recovery"),
            Deliverable(title="Backup of original main.py created", by="backup"),
            Deliverable(title="Service configuration verified", by="unit"),
            Deliverable(title="Performance baseline established", by="baseline"),
            Deliverable(title="Publishing architecture documented", by="wiring"),
        ),
        depends=(1, 2),
        next=(
            "Find out why the streams of the control plane are empty: `qtops map --control-plane`",
            "Determine which services should publish to these streams",
            "Check whether those services are inactive or misconfigured",
            "Tell a control plane that is meant to be off from one that is broken",
        ),
    ),
    Phase(
        number=4,
        title="Control Plane Activation",
        objective="Have policies, retraining and reconciliation reach the services that act on them, or declare them off.",
        criteria=(
            PhaseCriterion(
                title="Every stream of the control plane has a writer that runs", fed=True, clear=_UNFED, about=_CONTROL
            ),
            PhaseCriterion(
                title="Every stream of the control plane is read, and its readers keep up", read=True, clear=_UNREAD, about=_CONTROL
            ),
            PhaseCriterion(
                title="No stream of the control plane is silent that ought to speak",
                clear=("STREAM107", "STREAM108"),
                about=_CONTROL,
            ),
        ),
        deliverables=(Deliverable(title="Writers and readers of the control plane documented", by="wiring"),),
        depends=(1, 2, 3),
        next=("Stabilize the RL agent (phase 5)",),
    ),
    Phase(
        number=5,
        title="RL Stabilization",
        objective="Have the RL agent run, and go on running.",
        services=("quantum-rl-agent.service",),
        criteria=(
            PhaseCriterion(title="`quantum-rl-agent.service` running without restart loops", stays=True),
            PhaseCriterion(title="Service starts successfully via systemd", runs=True),
            PhaseCriterion(title="Nothing that ended it before is found", clear=_LOST),
        ),
        depends=(4,),
    ),
)
