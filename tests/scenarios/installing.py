"""Write scenarios into a box and bring each into its state, all of them side by side."""

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.box.box import UNITS, Box, booted
from tests.scenarios import ground
from tests.scenarios.scenario import Scenario, matches

PROJECT: Final = Path(__file__).parents[2]
FRESH: Final = ("/tmp", "/run", "/dev")  # a box has its own
SHOWN: Final = ("LoadState", "ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus")
SETTLED_S: Final = 60.0  # for all of them; a fast machine needs a tenth
AGE_S: Final = 1.0  # before ``then``: what is edited must be newer than the process by more than a clock tick
POLL_S: Final = 0.1

Shown = Mapping[str, str]


class Unsettled(AssertionError):
    """Scenarios that did not get into their state; the text says which, and how they are."""


@contextmanager
def prepared(scenarios: Sequence[Scenario]) -> Iterator[tuple[Box, dict[str, Shown]]]:
    """A box in which all scenarios are in their states, and the properties of each, by the names of the scenarios."""
    with booted(binds=_binds()) as box:
        yield box, bring(box, scenarios)


def bring(box: Box, scenarios: Sequence[Scenario]) -> dict[str, Shown]:
    """Lay the ground, write, start and wait. Raises Unsettled."""
    ground.lay(box)
    for scenario in scenarios:
        _write(box, scenario)
    _shell(box, [line for scenario in scenarios for line in scenario.prepare])
    box.reload()
    box.systemctl("start", "--no-block", "--", *_names(scenarios), check=False)  # some are refused: that is their state
    began, deadline, waiting = time.monotonic(), time.monotonic() + SETTLED_S, [each for each in scenarios if each.then]
    while True:
        shown = show(box, scenarios)
        ready = [each for each in waiting if matches(shown[each.name], each.first)]
        if ready and time.monotonic() - began > AGE_S:
            _shell(box, [line for each in ready for line in each.then])
            waiting = [each for each in waiting if each not in ready]
        late = [each for each in scenarios if each in waiting or not _settled(each, shown[each.name])]
        if not late:
            return shown
        if time.monotonic() > deadline:
            raise Unsettled("\n".join(_unsettled(each, shown[each.name]) for each in late))
        time.sleep(POLL_S)


def show(box: Box, scenarios: Iterable[Scenario]) -> dict[str, Shown]:
    """How each scenario's service is, by the names of the scenarios."""
    wanted = sorted({*SHOWN, "Job", *(name for each in scenarios for name in (*each.first, *each.until))})
    units = {each.name: each.service for each in scenarios}
    found = box.show(*units.values(), properties=wanted)
    return {name: found[unit] for name, unit in units.items()}


def _settled(scenario: Scenario, shown: Shown) -> bool:
    """In its state, and systemd is not about to change it: one that is inactive looks as it did before its start was tried."""
    waits = shown["Job"] not in {"", "0"} and shown["ActiveState"] != "activating"
    return matches(shown, scenario.until) and not waits


def _unsettled(scenario: Scenario, shown: Shown) -> str:
    how = {name: shown[name] for name in (*SHOWN, *scenario.first, *scenario.until, "Job")}
    return f"{scenario.name} is {how}, not {dict(scenario.until)}"


def _write(box: Box, scenario: Scenario) -> None:
    file = re.sub(r"@[^.]*\.", "@.", scenario.service)
    if scenario.unit:
        box.unit(file, scenario.unit)
    if scenario.enabled:
        box.host_path(f"{UNITS}/multi-user.target.wants").mkdir(exist_ok=True)
        box.host_path(f"{UNITS}/multi-user.target.wants/{scenario.service}").symlink_to(f"../{file}")
    for path, content in scenario.files.items():
        runs = content.startswith("#!" if isinstance(content, str) else b"#!")
        box.write(path, content, 0o755 if runs else 0o644)


def _names(scenarios: Iterable[Scenario]) -> list[str]:
    return [name for each in scenarios for name in each.started]


def _shell(box: Box, lines: Sequence[str]) -> None:
    if lines:
        box.run("bash", "-eu", "-c", "\n".join(lines))


def _binds() -> list[str]:
    """What the box does not see by itself, of the project and the interpreter that runs this: folders on other mounts."""
    needed = dict.fromkeys(str(Path(place).resolve()) for place in (PROJECT, sys.prefix, sys.base_prefix))
    root = os.stat("/").st_dev  # noqa: PTH116
    return [place for place in needed if place.startswith(tuple(f"{top}/" for top in FRESH)) or Path(place).stat().st_dev != root]
