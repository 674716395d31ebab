"""Watch a service after its start: samples of its unit, then looks at everything until its effect is proven or time is up.

systemd is asked over one connection, opened again where it breaks. Every question has a time limit; what could not be asked is a
sample that says why. Time is counted by a clock that does not jump.
"""

import time
from collections.abc import Callable, Collection
from typing import Final

from msgspec.structs import replace

from qtops.collectors.doctor import Request, look_at
from qtops.collectors.processes import group_of
from qtops.collectors.systemd.reading import Manager, NoManager, open_manager
from qtops.facts.recovery import Observed, Proof, UnitSample
from qtops.facts.service import Missing, ServiceFacts
from qtops.proof.effect import is_decided, prove
from qtops.proof.published import families_of
from qtops.proof.staying import breakdown, has_grown, stand, up_since
from qtops.settings import Settings

SAMPLE_EVERY_S: Final = 0.25
LOOK_EVERY_S: Final = 1.0
ASK_S: Final = 1.0  # for one sample: a manager that answers at all needs a few milliseconds
LONGEST_START_S: Final = 600.0  # a start may load models; systemd itself gives up earlier, where TimeoutStartSec= says so
GRACE_S: Final = 10.0  # beyond the longest interval of a key: what has not been written by then is not written
QUIET_S: Final = 30.0  # without keys: as long as a check waits before it takes a restart loop to be over
SETTLE_S: Final = 5.0  # where the configuration does not know the service
Tell = Callable[[str, float, float], None]


def verify(
    request: Request, before: ServiceFacts, codes: Collection[str], restarted_at_s: float | None, tell: Tell
) -> tuple[Observed, Proof]:
    """Watch a service that was started at ``restarted_at_s`` until it is proven to be recovered, or not to be.

    None: nothing was to be started; what runs, or rests, is to go on as it was.
    """
    settings, since_s = request.settings, time.time() if restarted_at_s is None else restarted_at_s
    settle_s = next((known.settle_s for known in settings.services if known.unit == before.subject), SETTLE_S)

    def enough(observed: Observed) -> bool:
        return is_decided(prove(before, observed, codes, settings))

    observed = observe(
        request, before, since_s, settle_s, patience(before, settings), tell, enough, started=restarted_at_s is not None
    )
    return observed, prove(before, observed, codes, settings)


def patience(service: ServiceFacts, settings: Settings) -> float:
    """Seconds from its being up until all that it publishes has to be there: its longest declared interval, and a grace."""
    intervals = [rule.interval_s for family in families_of(service, settings) for rule in family.times]
    return max(intervals, default=QUIET_S) + GRACE_S


def observe(
    request: Request,
    before: ServiceFacts,
    restarted_at_s: float,
    settle_s: float,
    patience_s: float,
    tell: Tell,
    enough: Callable[[Observed], bool],
    *,
    started: bool = True,
) -> Observed:
    """Sample the unit for ``settle_s`` after it is up, then look at everything until ``enough`` says that this will do, or until
    ``patience_s`` after it was up are over. A unit that does not stay ends it at once.
    """
    with _Watch(before, restarted_at_s) as watch:
        watch.settle(settle_s, tell)
        deadline_s = max(patience_s, settle_s) + (up_since(watch.samples) or restarted_at_s)
        while True:
            began_s = watch.now_s()
            tell("waiting for what it publishes", max(patience_s - (deadline_s - began_s), 0.0), patience_s)
            service, host, taken_at_s = _look(request, before.subject)
            pids = group_of(service.unit.main_pid) if service.unit is not None and service.unit.main_pid else ()
            watch.sample()
            observed = Observed(
                restarted_at_s=restarted_at_s, samples=tuple(watch.samples), service=service, taken_at_s=taken_at_s,
                settle_s=settle_s, started=started, host=host, pids=pids,
            )  # fmt: skip
            if watch.is_broken or enough(observed) or watch.now_s() >= deadline_s:
                return observed
            watch.pause(min(began_s + LOOK_EVERY_S, deadline_s))


def _look(request: Request, subject: str) -> tuple[ServiceFacts, str, float]:
    """Everything of the service, now. What the whole host lacks, it lacks as well."""
    facts = look_at(replace(request, names=(subject,), patterns=(), everything=False, probe=False, past=True), lambda *_: None)
    service = facts.services[0]
    return replace(service, missing=(*facts.missing, *service.missing)), facts.host, facts.taken_at_s


class _Watch:
    """Samples of one unit, as long as the block lasts."""

    def __init__(self, before: ServiceFacts, restarted_at_s: float) -> None:
        self.samples: list[UnitSample] = []
        self._before, self._restarted_at_s = before, restarted_at_s
        self._manager: Manager | None = None
        self._ahead_s = time.time() - time.monotonic()

    def __enter__(self) -> "_Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def is_broken(self) -> bool:
        """Whether it did not stay: nothing that comes later changes that."""
        return bool(breakdown(self.samples, self._before.unit, self._restarted_at_s)) or has_grown(self.samples)

    def now_s(self) -> float:
        """Seconds since the epoch, by a clock that was set once and goes on evenly."""
        return self._ahead_s + time.monotonic()

    def settle(self, settle_s: float, tell: Tell) -> None:
        """Sample until it has been up for so long, has ended, or has had all the time that a start may take."""
        began_s = self.now_s()
        while True:
            self.sample()
            up_s, now_s = up_since(self.samples), self.now_s()
            tell("watching that it stays up", now_s - (up_s or began_s), settle_s)
            state = stand(self.samples[-1].unit, self._before.unit)
            limit_s = settle_s + (LONGEST_START_S if state == "coming" else 0.0) if up_s is None else settle_s
            if self.is_broken or state == "done" or self.samples[-1].at_s - (up_s or began_s) >= limit_s:
                return
            time.sleep(SAMPLE_EVERY_S)

    def pause(self, until_s: float) -> None:
        """Go on sampling until then, or until it does not stay."""
        while not self.is_broken and (left_s := until_s - self.now_s()) > 0:
            time.sleep(min(SAMPLE_EVERY_S, left_s))
            self.sample()

    def sample(self) -> None:
        """Ask systemd once. A connection that does not answer is not asked again."""
        at_s, why = self.now_s(), ""
        try:
            if self._manager is None:
                self._manager = open_manager(ASK_S)
            answer = self._manager.read([self._before.subject])[self._before.subject]
        except NoManager as silence:
            answer = silence.missing
        if isinstance(answer, Missing):
            self._close()
            why, answer = answer.told, None  # type: ignore[assignment]
        self.samples.append(UnitSample(at_s, answer, why))  # type: ignore[arg-type]

    def _close(self) -> None:
        manager, self._manager = self._manager, None
        if manager is not None:
            manager.close()
