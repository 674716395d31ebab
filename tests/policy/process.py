"""One service of a simulated world, as it truly is."""

from dataclasses import dataclass

from qtops.findings import Finding, Verdict
from qtops.incidents import Diagnosed, Stands

from .builders import found

ROOTS = {
    "deterministic": found("IMPORT101", "no module acme"),
    "transient": found("UNIT211", "SIGKILL ended its main process"),
    "dependency": found("REDIS201", "Redis at redis://h/0 does not serve it: down"),
    "unknown": None,
}
WILL = {"activating", "deactivating"}


@dataclass
class Process:
    """One service as it truly is."""

    unit: str
    restart: str = "no"
    active: str = "active"
    sub: str = "running"
    result: str = "success"
    stopped: bool = False
    sick: str = ""  # why every start of it fails; empty: it comes up
    ended_by: str = "unknown"  # the nature of the cause of its last death
    frozen: bool = False
    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()
    deaths: int = 0

    def stands(self, now_s: float) -> Stands:
        """As systemd shows it."""
        return Stands(
            unit=self.unit, at_s=now_s, active_state=self.active, sub_state=self.sub, result=self.result, restart=self.restart,
            stopped=self.stopped,
        )  # fmt: skip

    def set(self, active: str, sub: str, result: str = "success", *, stopped: bool = False) -> None:
        """Bring it into a state."""
        self.active, self.sub, self.result, self.stopped = active, sub, result, stopped
        self.frozen = False

    def diagnosed(self, now_s: float) -> Diagnosed:
        """As a look with all collectors sees it."""
        is_down = self.active != "active"
        root = ROOTS[self.ended_by] if is_down and not self.stopped else None
        condition = (
            "failed" if self.active == "failed" else "restarts" if self.active in WILL else "does not run" if is_down else "runs"
        )
        verdict = Verdict.CRITICAL if is_down else Verdict.OK
        return Diagnosed(unit=self.unit, at_s=now_s, verdict=verdict, condition=condition, state=self.active, root=root)
