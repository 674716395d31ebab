"""Seven days of deaths by a clock of our own: policy and store stay as small as they were, and fast."""

import os
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psutil
import pytest
from msgspec.structs import replace

from qtops.actions.incidents.opening import open_store
from qtops.actions.incidents.store import Store
from qtops.findings import Finding, Severity, Verdict
from qtops.incidents import Change, Diagnosed, Died, GiveUp, Observation, Restart, Standing, Stands, Wait
from qtops.policy.deciding import decide
from qtops.policy.folding import fold, tick
from qtops.settings import Endpoint, Settings, Supervision

DAY_S, START_S = 86_400.0, 1_790_000_000.0
UNITS = tuple(f"soak-{number:02}.service" for number in range(20))
DEATHS_A_DAY = 300  # of all units: what a host sees that is badly ill
SETTINGS = Settings(supervise=Supervision(watch=UNITS), notify=(Endpoint(name="hook", command=("/bin/true",)),))


@dataclass
class Host:
    """Units that die and come back, and a supervisor without a host."""

    store: Store
    chance: Random
    now_s: float = START_S
    deaths: int = 0
    given_up: int = 0
    restarts: dict[str, list[float]] = field(default_factory=lambda: {unit: [] for unit in UNITS})

    def day(self) -> None:
        for _ in range(DEATHS_A_DAY):
            self.now_s += self.chance.expovariate(DEATHS_A_DAY / DAY_S)
            self.die(self.chance.choice(UNITS))
            self.now_s += self.chance.uniform(1, 60)
            self.pass_time()

    def die(self, unit: str) -> None:
        self.deaths += 1
        died = Died(unit=unit, invocation=f"{self.deaths:032x}", at_s=self.now_s, noticed_s=self.now_s, code="killed", status=9)
        down = Stands(unit=unit, at_s=self.now_s, active_state="failed", sub_state="failed", result="signal", n_restarts=0)
        for seen in (died, died, down):  # by signal and by the journal
            self.see(seen)
        self.see(looked := self.diagnosis(unit))
        while self.decide(unit, down, looked):
            self.now_s += 1.0  # until the pause before the next restart is over
        self.now_s += 1.0
        self.see(Stands(unit=unit, at_s=self.now_s))

    def see(self, seen: Observation) -> None:
        known = self.store.live(self.now_s, SETTINGS.supervise.rejoin_s)
        key = seen.key if isinstance(seen, Died) else ""
        if changes := fold(known, seen, SETTINGS, self.now_s):
            self.store.apply(changes, SETTINGS.notify, fault=key)

    def diagnosis(self, unit: str) -> Diagnosed:
        summary = "SIGKILL ended its process"
        root = Finding("UNIT211", Severity.CRITICAL, unit, summary, (), "look for who killed it")
        self.now_s += 1.0
        return Diagnosed(unit=unit, at_s=self.now_s, verdict=Verdict.CRITICAL, condition="failed", state="failed", root=root)

    def decide(self, unit: str, stands: Stands, looked: Diagnosed) -> bool:
        """Carry out what is decided; whether that was to wait for a while."""
        incident = next(one for one in self.store.live(self.now_s, 0.0) if one.unit == unit)
        standing = Standing(unit=unit, stands=stands, incident=incident, restarts=self.store.attempts(unit, "restart", 0.0))
        for action in decide(standing, looked, SETTINGS, self.now_s):
            if isinstance(action, Restart):
                self.store.note_attempt(unit, "restart", self.now_s, incident.number)
                self.restarts[unit].append(self.now_s)
            if isinstance(action, GiveUp):
                given_up = replace(incident, gave_up_s=self.now_s)
                self.store.apply((Change(incident=given_up, event="gave up", at_s=self.now_s, text=action.why, tell=True),))
                self.given_up += 1
            if isinstance(action, Wait):
                return "restart" in action.why
        return False

    def pass_time(self) -> None:
        known = self.store.live(self.now_s, SETTINGS.supervise.rejoin_s)
        for change in tick(known, SETTINGS, self.now_s):
            self.store.apply((change,), SETTINGS.notify)
        for notice in self.store.due(self.now_s, 100):
            self.store.attempted(notice.id, self.now_s)
            self.store.sent(notice.id, self.now_s)


@pytest.mark.slow
def test_a_week_of_deaths_is_on_record_once_and_neither_memory_nor_files_grow_faster_than_what_happened() -> None:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # the disk is not what is measured
    with TemporaryDirectory(dir=memory) as folder, open_store(f"{folder}/state") as store:
        host, sizes_mb, rss_mb = Host(store, Random(7)), [0.0], list[float]()
        for _ in range(7):
            host.day()
            sizes_mb.append(sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 1e6)
            rss_mb.append(psutil.Process().memory_info().rss / 1e6)
        began_s = time.perf_counter()
        with open_store(f"{folder}/state") as again:
            opened_s = time.perf_counter() - began_s
            assert again.faults(0.0) == host.deaths == 7 * DEATHS_A_DAY
    daily_mb = [after - before for before, after in pairwise(sizes_mb)]

    assert max(daily_mb[3:]) < 3 * DEATHS_A_DAY * 0.002, f"more than some kB a death: {daily_mb}"
    assert rss_mb[-1] - rss_mb[1] < 5.0, f"{rss_mb}"
    assert opened_s < 2.0
    assert sum(map(len, host.restarts.values())) > 1000
    for unit, times in host.restarts.items():
        budget = SETTINGS.supervise.budget
        assert all(sum(at <= each < at + budget.window_s for each in times) <= budget.restarts for at in times), unit
