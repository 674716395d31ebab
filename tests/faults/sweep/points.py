"""All points at which a transaction can be struck, and what is wrong after each: nothing, or it is named."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from qtops.errors import Exit
from tests.faults.sweep.scene import ACTIONS, Action, Scene, prepared
from tests.faults.sweep.strace import FAULTS, Call, Ended, Fault, calls, struck

NEXT: Final = ("end", "undo")
TURNS: Final = {"step failed", "undoing"}  # what is on record of these goes back, and not on
_FAILED: Final = {Exit.NOT_APPLIED, Exit.UNAVAILABLE, Exit.NOT_PERMITTED}
_scenes: list[Scene] = []  # of this process: made once, and used for one point after the other


@dataclass(frozen=True)
class Point:
    """One call of one action, and what happens there."""

    action: Action
    call: Call
    fault: Fault

    def __str__(self) -> str:
        call = self.call
        return f"{self.action}: {self.fault} at {call.name} {call.when} ({', '.join(call.about)})"


@dataclass(frozen=True)
class Outcome:
    """What was wrong at a point, by what kind of wrong it is: three times nothing where all is well."""

    point: Point
    torn: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    ill_said: tuple[str, ...] = ()


def points(folder: Path) -> list[Point]:
    """Every call that changes something in each of the actions, with every fault."""
    scene = prepared(folder / "recorded")
    found: list[Point] = []
    for action in ACTIONS:
        scene.place.copy_from(action)
        recorded = calls(scene.place.command(action), scene.place.now)
        found += [Point(action, call, fault) for call, fault in product(recorded, FAULTS)]
    return found


def sweep(folder: Path, chosen: Sequence[Point]) -> list[Outcome]:
    """Try these points, as many at the same time as there are processors."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), get_context("spawn")) as pool:
        return list(pool.map(partial(attempt, folder), chosen, chunksize=4))


def attempt(folder: Path, point: Point) -> Outcome:
    """Strike there, look, and let the next run end it, or undo it."""
    if not _scenes:
        _scenes.append(prepared(folder / f"{os.getpid():08}"))
    scene = _scenes[0]
    place = scene.place
    place.copy_from(point.action)
    ended = struck(place.command(point.action), place.now, point.call, point.fault)
    torn = [*scene.left()]
    unfinished: list[str] = []
    place.copy_to("struck")
    for following in NEXT:
        place.copy_from("struck")
        unfinished += [f"{following}: {why}" for why in _followed(scene, following)]
        torn += [f"after {following}: {why}" for why in scene.left()]
    place.discard("struck")
    ill_said = [] if point.fault == "KILL" else _ill_said(point, ended)
    return Outcome(point, tuple(torn), tuple(unfinished), tuple(ill_said))


def _followed(scene: Scene, following: str) -> Iterator[str]:
    """What the next run does not bring to its end."""
    place = scene.place
    before = [entry.event for entry in place.entries()]
    is_back = following == "undo" or bool(TURNS & {*before})
    if following == "end" and before[-1:] == ["undo failed"]:  # that is an end: a person has to ask for the undo again
        following = "undo"
    if why := place.do(following):
        yield why
    entries = place.entries()
    told = [entry.event for entry in entries if entry.event in {"verified", "undone", "undo failed"}][-1:]
    if told != ([] if not entries and following == "undo" else ["undone" if is_back else "verified"]):
        yield f"the ledger says {told}"
    if not scene.is_at(scene.old if is_back else scene.new):
        yield f"not all is {'old' if is_back else 'new'}: {sorted(place.look())}"
    if entries:  # what was never begun is not on record, and a new plan has a folder of its own
        yield from (f"{path.name} was left" for path in place.state.rglob("*.tmp"))
    if (why := place.do(following)) or place.entries() != entries:
        yield f"a further run had something to do {why}"


def _ill_said(point: Point, ended: Ended) -> Iterator[str] | list[str]:
    """An error is told in a line, by one of the exit codes for it, or it was none."""
    may = _FAILED | ({Exit.UNDO_FAILED} if point.action == "undo" else set())
    if ended.code not in may | {Exit.OK}:
        return [f"exit {ended.code}: {ended.err[-300:]}"]
    return [] if ended.err.count("\n") == bool(ended.code) and "Traceback" not in ended.err else [f"said {ended.err[-300:]}"]
