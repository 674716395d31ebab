"""A thousand deaths, with and without deaths of the supervisor: nothing is missed, nothing is doubled, nothing grows."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.results import Result
from tests.soak.deaths import exited, most_within, started_by_others
from tests.soak.ground import BUDGET, WINDOW_S, Ground, eventually, laid, say
from tests.soak.process import Process, Usage

DEATHS, KILLS, WARM_UP = 1000, 200, 0.25
MOST_GROWTH_MB = 5.0
RESOLVED_S = 75.0  # a look at all units, for the signals that were lost, and the settle time
SETTLED_S = 60.0  # until all that was noticed is on record and told


def a_thousand_deaths_are_all_on_record(folder: Path, deaths: int = DEATHS, per_s: float = 10.0) -> Iterator[Result]:
    """One supervisor sees all of them, and is as small afterwards as before."""
    with laid(folder) as ground:
        began_s = time.time()
        supervisor = ground.start()
        _kill(ground, int(deaths * WARM_UP), per_s)
        before = at_rest(supervisor)
        _kill(ground, deaths - int(deaths * WARM_UP), per_s)
        after = at_rest(supervisor)
        yield from judged(ground, f"{deaths} deaths", began_s)
        yield from grown(before, after)
        alive = ground.supervisor() == supervisor
    yield Result("the supervisor itself died", float(not alive), "times", 0.0, timed=False)


def kills_of_the_supervisor_lose_nothing(
    folder: Path, deaths: int = DEATHS, kills: int = KILLS, seconds: float = 150.0, units: int = 20
) -> Iterator[Result]:
    """Kill -9 of the supervisor at random moments while services die."""
    with laid(folder, count=units) as ground:
        began_s = time.time()
        ground.start()
        with killed(ground, kills, seconds) as done:
            _kill(ground, deaths, deaths / seconds)
        ground.ready()
        yield from judged(ground, f"{deaths} deaths and {len(done)} kills of the supervisor", began_s)
    yield Result("kills of the supervisor", len(done), "kills", kills, "at least", timed=False)


@contextmanager
def killed(ground: Ground, kills: int, seconds: float) -> Iterator[list[float]]:
    """Kill the supervisor meanwhile, so often within so many seconds, at random moments; yields when it was."""
    done, moments = list[float](), sorted(ground.chance.uniform(0, seconds) for _ in range(kills))
    began_s = time.monotonic()

    def kill() -> None:
        for moment_s in moments:
            time.sleep(max(0.0, began_s + moment_s - time.monotonic()))
            while True:
                try:
                    ground.supervisor().kill()
                    break
                except (LookupError, OSError):  # it is about to be started again
                    time.sleep(0.02)
            done.append(time.time())
            if len(done) % 50 == 0:
                say(f"{len(done)} of {kills} kills of the supervisor")

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield done
    finally:
        thread.join()


def _kill(ground: Ground, deaths: int, per_s: float) -> None:
    began_s = time.monotonic()
    for number in range(deaths):
        time.sleep(max(0.0, began_s + (number + ground.chance.uniform(-0.9, 0.9)) / per_s - time.monotonic()))
        ground.reaper.kill_one()
        if number % 250 == 249:
            say(f"{number + 1} of {deaths} deaths after {time.monotonic() - began_s:.0f} s")


def judged(ground: Ground, name: str, began_s: float) -> Iterator[Result]:
    """Compare what is on record, what was told and what was restarted with what happened."""
    injected = {death.key for death in ground.reaper.deaths}
    settled = eventually(lambda: ground.record.has([*injected]) and told_all(ground), SETTLED_S, 0.5)
    say(f"{name}: settled {'' if settled else 'not '}within {SETTLED_S:g} s")
    on_record = {key for key in ground.record.faults() if key.startswith("soak-")}
    journal = {f"{unit}|{invocation}" for invocation, unit in exited(ground.box).items()}
    yield Result(
        f"{name}: missed", len(injected - on_record), "deaths", 0.0, timed=False,
        how=f"{len(injected)} invocations killed, {len(journal)} by PID 1's journal, {len(on_record)} on record "
        f"{sorted(injected - on_record)[:3] or ''}",
    )  # fmt: skip
    invented = sorted(on_record - injected)
    yield Result(f"{name}: on record, and did not happen", len(invented), "faults", 0.0, how=f"{invented[:3] or ''}", timed=False)
    yield from _incidents(ground, name)
    yield from _restarts(ground, name, began_s)
    yield from _told(ground, name)


def _incidents(ground: Ground, name: str) -> Iterator[Result]:
    found = [incident for incident in ground.record.incidents() if incident["kind"] == "process"]
    units = {death.unit for death in ground.reaper.deaths}
    counted = sum(incident["times"] for incident in found)
    yield Result(
        f"{name}: incidents beyond one per unit", len(found) - len(units), "incidents", 0.0, timed=False,
        how=f"{len(found)} of {len(units)} units, seen {counted} times; {dict(ground.record.events())}",
    )  # fmt: skip
    eventually(lambda: not _open_in_vain(ground), RESOLVED_S, 0.5)
    yield Result(
        f"{name}: open although its unit runs", len(_open_in_vain(ground)), "incidents", 0.0, timed=False,
        how=f"looked at for up to {RESOLVED_S:g} s {_open_in_vain(ground)[:3] or ''}",
    )  # fmt: skip
    without = units - {incident["unit"] for incident in found}
    yield Result(f"{name}: units without an incident", len(without), "units", 0.0, timed=False)


def _open_in_vain(ground: Ground) -> list[str]:
    """Units that run, and whose incident goes on."""
    open_ = [each["unit"] for each in ground.record.incidents() if each["state"] == "open"]
    shown = ground.box.show(*open_, properties=["SubState"]) if open_ else {}
    return [unit for unit, state in shown.items() if state["SubState"] == "running"]


def _restarts(ground: Ground, name: str, began_s: float) -> Iterator[Result]:
    started = started_by_others(ground.box, ground.units, began_s)
    most = {unit: most_within(times, WINDOW_S) for unit, times in started.items()}
    worst = max(most, key=lambda unit: most[unit])
    said = max(most_within(ground.record.restarts(unit), WINDOW_S) for unit in ground.units)
    yield Result(
        f"{name}: restarts of one unit in {WINDOW_S:g} s", most[worst], "restarts", BUDGET, timed=False,
        how=f"starts in PID 1's journal that systemd did not schedule: {sum(map(len, started.values()))} in all, most of {worst}; "
        f"by its own record {said} at most",
    )  # fmt: skip


def told_all(ground: Ground) -> bool:
    """Whether no notice waits any more."""
    return not {"waiting", "sending"} & {*ground.record.notices().values()}


def _told(ground: Ground, name: str) -> Iterator[Result]:
    eventually(lambda: told_all(ground), SETTLED_S, 0.5)  # what has ended meanwhile is told as well
    notices, told = ground.record.notices(), [id_ for id_, *_ in ground.told()]
    lost = [id_ for id_, state in notices.items() if id_ not in told]
    strange = {*told} - {*notices}
    yield Result(
        f"{name}: notices not delivered", len(lost), "notices", 0.0, timed=False,
        how=f"{len(notices)} made, {len({*told})} delivered; {[(id_, notices[id_]) for id_ in lost[:3]] or ''}",
    )  # fmt: skip
    yield Result(f"{name}: told, and not on record", len(strange), "notices", 0.0, how=f"{sorted(strange)[:3] or ''}", timed=False)
    yield Result(f"{name}: delivered twice under the same id", len(told) - len({*told}), "notices", timed=False)


def at_rest(supervisor: Process) -> Usage:
    """What it holds when nothing is under way: the least of some moments."""
    eventually(lambda: not supervisor.has_work(), 30.0, 0.2)
    samples = []
    for _ in range(10):
        time.sleep(0.2)
        samples.append(supervisor.usage())
    return Usage(*(min(getattr(one, field) for one in samples) for field in Usage.__dataclass_fields__))


def grown(before: Usage, after: Usage) -> Iterator[Result]:
    """What it holds more than after the warm-up."""
    yield Result(
        "the supervisor has grown by", after.rss_mb - before.rss_mb, "MB", MOST_GROWTH_MB, timed=False,
        how=f"VmRSS at rest: {before.rss_mb:.1f} MB after {WARM_UP:.0%} of the deaths, {after.rss_mb:.1f} MB at the end",
    )  # fmt: skip
    for what, was, is_ in (
        ("file descriptors", before.descriptors, after.descriptors),
        ("threads", before.threads, after.threads),
    ):
        yield Result(f"more {what} of the supervisor", is_ - was, what, 0.0, how=f"{was}, then {is_}", timed=False)
