"""A world of two services and a Redis under a fake clock, the policy that watches over them, and what it must never do."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from qtops.findings import Severity
from qtops.incidents import Diagnose, Diagnosed, GiveUp, Hold, Outcome, Reached, Rearm, Recover, Restart, Spoke, Standing, Stands
from qtops.policy.deciding import FROZEN, decide
from qtops.policy.folding import fold

from .builders import LIMITS, NOW_S, REDIS, SETTINGS, Kept, died, found
from .process import WILL, Process

BUDGET = LIMITS.budget
UNITS = ("feed.service", "risk.service")
DEPENDS = "risk.service"  # on Redis


@dataclass
class World:
    """All of it. ``step`` lets one thing happen; the rules are asserted as it goes."""

    now_s: float = NOW_S
    kept: Kept = field(default_factory=Kept)
    seen: dict[str, Stands] = field(default_factory=dict)
    looked: dict[str, Diagnosed] = field(default_factory=dict)
    restarts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    recovered: dict[str, float] = field(default_factory=dict)
    given_up: dict[int, float] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    redis_down: bool = False
    died: int = 0
    done: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.services = {unit: Process(unit, restart="always" if unit == DEPENDS else "no") for unit in UNITS}

    def step(self, wait_s: float, what: str, unit: str) -> None:
        """Some time passes, one thing happens, systemd goes on, and the supervisor looks and acts."""
        self.now_s += wait_s
        self._systemd()
        getattr(self, f"on_{what}")(self.services[unit])
        self._look()
        self._act()

    def on_nothing(self, it: Process) -> None:
        """It is a quiet moment."""

    def on_kill(self, it: Process) -> None:
        """Somebody kills it."""
        self._dies(it, "transient")

    def on_kill_unseen(self, it: Process) -> None:
        """Somebody kills it, and no signal tells."""
        self._dies(it, "transient", told=0)

    def on_kill_told_twice(self, it: Process) -> None:
        """Somebody kills it; a signal and the journal tell."""
        self._dies(it, "transient", told=2)

    def on_break(self, it: Process) -> None:
        """A deployment breaks it."""
        it.sick = "deterministic"
        self._dies(it, "deterministic")

    def on_ail(self, it: Process) -> None:
        """Something that may pass keeps it from coming up."""
        it.sick = "transient"
        self._dies(it, "transient")

    def on_puzzle(self, it: Process) -> None:
        """It ends for no reason that can be proven."""
        it.sick = "unknown"
        self._dies(it, "unknown")

    def on_stop(self, it: Process) -> None:
        """An operator stops it."""
        it.set("inactive", "dead", stopped=True)

    def on_start(self, it: Process) -> None:
        """An operator starts it."""
        it.set("active", "running")

    def on_mend(self, it: Process) -> None:
        """Somebody mends it, and starts it."""
        it.sick = ""
        it.set("active", "running")

    def on_hold(self, it: Process) -> None:
        """Somebody wants it left alone for ten minutes."""
        self.holds[it.unit] = Hold(unit=it.unit, until_s=self.now_s + 600, why="moving", by="trader", made_s=self.now_s)

    def on_lift(self, it: Process) -> None:
        """Somebody lifts that."""
        self.holds.pop(it.unit, None)

    def on_redis_goes(self, _: Process) -> None:
        """Redis stops answering."""
        self.redis_down = True

    def on_redis_comes(self, _: Process) -> None:
        """It answers again."""
        self.redis_down = False

    def on_freeze(self, it: Process) -> None:
        """Somebody stops its process."""
        it.frozen = it.active == "active"

    def on_stale(self, it: Process) -> None:
        """Its output is wrong, for a reason of its own."""
        it.findings, it.doubts = (found("KEYS201"), found("PROPOSAL113", severity=Severity.WARNING)), ()

    def on_fresh(self, it: Process) -> None:
        """Its output is well."""
        it.findings = it.doubts = ()

    def on_doubt(self, it: Process) -> None:
        """Whether it is well cannot be told."""
        it.findings, it.doubts = (), ("no answer",)

    def on_complain(self, it: Process) -> None:
        """It writes an error to its log."""
        words = f"ERROR {int(self.now_s) % 3}"
        self._see(Spoke(unit=it.unit, at_s=self.now_s, signature=words, line=words))

    def on_acknowledge(self, it: Process) -> None:
        """Somebody has seen it."""
        for one in self.kept.open:
            if one.unit == it.unit:
                seen = replace(one, state="acknowledged", acknowledged_s=self.now_s, acknowledged_by="trader")
                self.kept.incidents[one.number] = seen

    def on_close(self, it: Process) -> None:
        """Somebody ends it, whatever is seen."""
        for one in self.kept.open:
            if one.unit == it.unit:
                self.kept.incidents[one.number] = replace(one, state="closed", closed_s=self.now_s)

    def on_supervisor_restarts(self, _: Process) -> None:
        """All that is not on record is forgotten."""
        self.seen, self.looked = {}, {}

    def on_clock_set_back(self, it: Process) -> None:
        """The supervisor starts again after an hour was taken off the clock."""
        self.now_s -= 3600
        self.given_up.clear()
        self.on_supervisor_restarts(it)

    def on_clock_set_forward(self, it: Process) -> None:
        """The same the other way."""
        self.now_s += 3600
        self.on_supervisor_restarts(it)

    def _dies(self, it: Process, nature: str, told: int = 1) -> None:
        if it.active != "active":
            return
        it.deaths, it.ended_by = it.deaths + 1, nature
        again = it.restart == "always" and it.deaths % 4 != 0  # each fourth time its start limit is hit
        it.set(*(("activating", "auto-restart", "signal") if again else ("failed", "failed", "signal")))
        self.died += bool(told)
        for _ in range(told):
            death = died(self.now_s, unit=it.unit, invocation=f"{it.unit[0]}{it.deaths:031d}")
            self._see(death)

    def _systemd(self) -> None:
        for it in self.services.values():
            if it.sub == "auto-restart":
                self._starts(it)

    def _starts(self, it: Process) -> None:
        it.set("active", "running")
        if it.sick:
            self._dies(it, it.sick)

    def _look(self) -> None:
        self._see(Reached(redis=REDIS, at_s=self.now_s, trouble="refused: it is down" if self.redis_down else "", units=(DEPENDS,)))
        for it in self.services.values():
            self.seen[it.unit] = it.stands(self.now_s)
            self._see(self.seen[it.unit])
            findings = (*it.findings, found(FROZEN)) if it.frozen else it.findings
            self._see(Outcome(unit=it.unit, at_s=self.now_s, findings=findings, doubts=it.doubts, redis=REDIS))
        self.kept.tick(self.now_s)

    def _see(self, seen: Any) -> None:
        changes = self.kept.see(seen, self.now_s)
        if type(seen).__name__ != "Died":
            again = fold(self.kept.known(self.now_s), seen, SETTINGS, self.now_s)
            assert again == (), f"the same again: {changes}, then {again}"

    def _act(self) -> None:
        for it in self.services.values():
            own = {one.kind: one for one in self.kept.open if one.unit == it.unit}
            incident = own.get("process") or own.get("output")
            state = Standing(
                unit=it.unit, stands=self.seen.get(it.unit), incident=incident, restarts=tuple(self.restarts[it.unit]),
                recovered_s=self.recovered.get(it.unit), hold=self.holds.get(it.unit),
                down=(REDIS,) if self.redis_down and it.unit == DEPENDS else (), auto_recover=("IMPORT101",),
            )  # fmt: skip
            for action in decide(state, self.looked.get(it.unit), SETTINGS, self.now_s):
                self.done.append(action)
                self._carry_out(action, it, incident)

    def _carry_out(self, action: Any, it: Process, incident: Any) -> None:
        match action:
            case Restart():
                self._may_restart(it)
                self.restarts[it.unit].append(self.now_s)
                self._starts(it)
            case Recover():
                assert it.ended_by == "deterministic"
                assert self.now_s - min(self.recovered.get(it.unit, 0), self.now_s) >= 86_400
                self.recovered[it.unit] = self.now_s
            case Diagnose():
                self.looked[it.unit] = it.diagnosed(self.now_s)
                self._see(self.looked[it.unit])
            case GiveUp():
                last_s = self.given_up.get(incident.number)
                assert last_s is None or self.now_s - last_s >= BUDGET.rearm_s, "gave up twice before it was armed again"
                self.given_up[incident.number] = self.now_s
                self.kept.incidents[incident.number] = replace(incident, gave_up_s=self.now_s)
            case Rearm():
                self.kept.incidents[incident.number] = replace(incident, gave_up_s=None)

    def _may_restart(self, it: Process) -> None:
        hold = self.holds.get(it.unit)
        assert hold is None or hold.until_s <= self.now_s, "restarted what is on hold"
        assert not it.stopped, "restarted what an operator stopped"
        assert not (self.redis_down and it.unit == DEPENDS), "restarted what waits for Redis"
        assert it.active not in WILL, "restarted what systemd is starting"
        assert it.frozen if it.active == "active" else it.ended_by in {"transient", "dependency"}, "restarted without proof"
        recent = [at_s for at_s in self.restarts[it.unit] if 0 <= self.now_s - at_s <= BUDGET.window_s]
        assert len(recent) < BUDGET.restarts, "restarted beyond the budget"

    def all_is_well(self) -> None:
        """Everything is mended, and stays so for two hours."""
        self.redis_down = False
        self.holds.clear()
        for it in self.services.values():
            self.on_mend(it)
            self.on_fresh(it)
        for wait_s in (1, 29, 1, *[300] * 30):
            self.step(wait_s, "nothing", DEPENDS)


HAPPENINGS = tuple(sorted(name.removeprefix("on_") for name in dir(World) if name.startswith("on_")))
