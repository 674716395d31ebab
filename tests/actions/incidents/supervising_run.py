"""What a supervisor does with its store, in little: note each death, tell those who are to be told, and begin again where it was.

    python -m tests.actions.incidents.supervising_run FOLDER DEATHS

Each of 4 units dies by turns. Its first death opens an incident, its fifth is the last of it. ``FOLDER/told`` is the endpoint: a
line for each notice that came. At each start some deaths are read again, as from a journal.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from qtops.actions.incidents.opening import look_into_store, open_store
from qtops.errors import QtopsError
from qtops.incidents import Change, Incident
from tests.actions.incidents.builders import NOW, OPS, changed, opened, resolved

UNITS, EACH, STEP_S = 4, 5, 300
AGAIN = 30  # deaths that are read again, more than there can have been since that was noted


def supervise(folder: str, deaths: int) -> None:
    """Until all deaths are on record, and all are told."""
    with open_store(f"{folder}/state") as store:
        for number in range(max(0, int(store.marked("journal") or 0) - AGAIN), deaths):
            unit, at_s = f"u{number % UNITS}", NOW + STEP_S * number
            kept = next((one for one in store.live(at_s, 0) if one.is_open and one.unit == f"{unit}.service"), None)
            store.apply(tuple(fold(unit, number, kept)), [OPS], fault=f"{unit}|{number}")
            while due := store.due(at_s, 10):
                for notice in due:
                    store.attempted(notice.id, at_s)
                    try:
                        tell(folder, notice.id)
                    except OSError as error:
                        store.failed(notice.id, str(error), at_s)
                    else:
                        store.sent(notice.id, at_s)
            store.mark("journal", str(number))


def fold(unit: str, number: int, kept: Incident | None) -> Iterator[Change]:
    """What a death changes."""
    at_s = NOW + STEP_S * number
    change = opened(unit, at_s) if kept is None else changed(kept, "seen again", at_s, times=kept.times + 1)
    yield change
    if number // UNITS % EACH == EACH - 1:
        yield resolved(change.incident, at_s)


def tell(folder: str, notice: str) -> None:
    """An endpoint that has what it was given, whatever becomes of us."""
    fd = os.open(f"{folder}/told", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, f"{notice}\n".encode())
    os.close(fd)


def wrong(folder: str, deaths: int, kills: int) -> list[str]:
    """What is not as it has to be when all is done, after so many kills."""
    rounds = deaths // (UNITS * EACH)
    with look_into_store(f"{folder}/state") as store:
        incidents = store.incidents()
        lines = [entry.event for one in incidents for entry in store.timeline(one.number)]
        states = {told.state for one in incidents for told in store.told(one.number)}
        faults = store.faults(0)
    expected = {f"{number}-{event}-1@ops" for number in range(1, rounds * UNITS + 1) for event in ("opened", "resolved")}
    told = Counter(Path(folder, "told").read_text().split())
    found = {
        "faults": faults == deaths,
        "incidents": sorted(one.number for one in incidents) == [*range(1, rounds * UNITS + 1)],
        "times": {(one.times, one.state) for one in incidents} == {(EACH, "resolved")},
        "timelines": len(lines) == deaths + len(incidents),
        "notices told": set(told) == expected,
        "told more than once beyond the kills": told.total() <= len(expected) + kills,
        "notices on record": states == {"sent"},
    }
    return [name for name, is_right in found.items() if not is_right]


if __name__ == "__main__":
    try:
        supervise(sys.argv[1], int(sys.argv[2]))
    except QtopsError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
