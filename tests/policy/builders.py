"""What is observed and known of one unit: all is well by default, and a test says only what is sick."""

from typing import Any

from msgspec.structs import replace

from qtops.findings import Finding, Severity, Verdict
from qtops.incidents import Change, Diagnosed, Died, Hold, Incident, Outcome, Reached, Spoke, Standing, Stands
from qtops.policy.folding import fold, tick
from qtops.policy.joining import fingerprint
from qtops.settings import Budget, Settings, Supervision

NOW_S = 1_790_000_000.0
UNIT = "app.service"
REDIS = "redis://127.0.0.1:6379/0"
SETTINGS = Settings(supervise=Supervision(budget=Budget(restarts=3, window_s=600, first_s=1, most_s=60, rearm_s=3600)))
LIMITS = SETTINGS.supervise


def found(code: str = "KEYS201", summary: str = "its keys are stale", severity: Severity = Severity.CRITICAL) -> Finding:
    """A finding on the unit."""
    return Finding(code, severity, UNIT, summary, (), "see to it")


def died(at_s: float = NOW_S, **more: Any) -> Died:
    """A death by SIGKILL, told by a signal at once."""
    wanted = {"unit": UNIT, "invocation": "a" * 32, "at_s": at_s, "noticed_s": at_s, "code": "killed", "status": 9}
    return Died(**wanted | more)


def stands(**more: Any) -> Stands:
    """It is up, and stays."""
    return Stands(**{"unit": UNIT, "at_s": NOW_S, "main_pid": 4711} | more)


def failed(**more: Any) -> Stands:
    """It is down, and systemd does nothing about it."""
    return stands(**{"active_state": "failed", "sub_state": "failed", "result": "exit-code", "main_pid": 0} | more)


def output(*findings: Finding, **more: Any) -> Outcome:
    """A look at what it writes."""
    return Outcome(**{"unit": UNIT, "at_s": NOW_S, "findings": findings, "redis": REDIS} | more)


def redis(trouble: str = "", **more: Any) -> Reached:
    """A look at the Redis that it writes to."""
    return Reached(**{"redis": REDIS, "at_s": NOW_S, "trouble": trouble, "units": (UNIT,)} | more)


def spoke(line: str = "ERROR: no quote for BTCUSDT", **more: Any) -> Spoke:
    """A line of its log that tells of a failure."""
    return Spoke(**{"unit": UNIT, "at_s": NOW_S, "signature": line, "line": line} | more)


def diagnosed(root: Finding | None = None, at_s: float = NOW_S, **more: Any) -> Diagnosed:
    """A look with all collectors at a unit that is down; without a root it proves nothing."""
    verdict = Verdict.CRITICAL if root else Verdict.UNKNOWN
    wanted = {"unit": UNIT, "at_s": at_s, "verdict": verdict, "condition": "failed", "state": "failed 2 s ago", "root": root}
    return Diagnosed(**wanted | more)


def incident(kind: Any = "process", **more: Any) -> Incident:
    """One that was opened now, and looked at since; nothing is proven."""
    unit = more.get("unit", UNIT)
    wanted = {
        "number": 1, "unit": unit, "fingerprint": fingerprint(unit, kind), "kind": kind, "title": "app.service died",
        "began_s": NOW_S, "opened_s": NOW_S, "last_s": NOW_S, "diagnosed_s": NOW_S,
    }  # fmt: skip
    return Incident(**wanted | more)


def standing(**more: Any) -> Standing:
    """A unit that is down, of which nothing more is known."""
    return Standing(**{"unit": UNIT, "stands": failed(), "incident": incident()} | more)


def hold(until_s: float = NOW_S + 3600) -> Hold:
    """Somebody wants it left alone."""
    return Hold(unit=UNIT, until_s=until_s, why="moving the disk", by="trader", made_s=NOW_S - 60)


class Kept:
    """Incidents as they are kept on record: numbered, one open of a fingerprint at most, and each death once."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.settings = settings
        self.incidents: dict[int, Incident] = {}
        self.changes: list[Change] = []
        self.faults: set[str] = set()

    def known(self, now_s: float) -> tuple[Incident, ...]:
        """What the policy is given: open ones, those resolved lately, and those that a person ended and that go on."""
        rejoin_s = self.settings.supervise.rejoin_s
        alive = (one for one in self.incidents.values() if one.is_open or (one.resolved_s or 0.0) >= now_s - rejoin_s)
        last = {one.fingerprint: one for one in self.incidents.values()}
        ended = (one for one in last.values() if one.state == "closed" and one.clear_since_s is None)
        return (*(one for one in alive if one.state != "closed"), *ended)

    def see(self, seen: Any, now_s: float = NOW_S) -> tuple[Change, ...]:
        """Fold an observation, and keep what changes; nothing of a death that is on record."""
        if isinstance(seen, Died):
            if seen.key in self.faults:
                return ()
            self.faults.add(seen.key)
        return self.keep(fold(self.known(now_s), seen, self.settings, now_s))

    def tick(self, now_s: float) -> tuple[Change, ...]:
        """Let time pass."""
        return self.keep(tick(self.known(now_s), self.settings, now_s))

    def close(self, now_s: float = NOW_S) -> None:
        """A person ends what is open."""
        for one in self.open:
            self.incidents[one.number] = replace(one, state="closed", closed_s=now_s)

    def keep(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """Put changes on record."""
        for change in changes:
            number = change.incident.number or len(self.incidents) + 1
            self.incidents[number] = replace(change.incident, number=number)
            is_open = [one.fingerprint for one in self.incidents.values() if one.is_open]
            assert len(set(is_open)) == len(is_open), f"two open incidents of one fault, after {change.event}"
        self.changes += changes
        return changes

    @property
    def open(self) -> tuple[Incident, ...]:
        """What goes on."""
        return tuple(one for one in self.incidents.values() if one.is_open)

    @property
    def only(self) -> Incident:
        """The one incident that there is."""
        (one,) = self.incidents.values()
        return one


def events(changes: tuple[Change, ...]) -> list[str]:
    """What happened, with an exclamation mark where people are told."""
    return [change.event + ("!" if change.tell else "") for change in changes]
