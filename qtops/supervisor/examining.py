"""Look at services with all collectors, and write the reports on incidents: both by child processes, a few at a time.

The first look of an incident is its bundle at opening, the one after it was resolved its bundle at closing; each is followed by the
report. Looks are rationed: a service that dies every second is not looked at every second.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from math import inf
from pathlib import Path
from typing import Final

import msgspec

from qtops.errors import QtopsError
from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.incidents import Diagnosed, Incident
from qtops.reports.doctor.document import Document
from qtops.supervisor.children import Children, Ended
from qtops.supervisor.commands import Commands

AT_ONCE: Final = 2  # each takes a second of a core
LOOK_S: Final = 30.0  # a look that takes longer does not come back
REPORT_S: Final = 60.0
BURST: Final = 3  # looks at one unit that need not wait
EVERY_S: Final = 20.0  # between two more of them
MOST_LOOKS: Final = 10  # bundles of one incident, besides those of its opening and its end
_MOST_CODE: Final = 3  # exit codes up to this are verdicts


@dataclass(frozen=True)
class _Wanted:
    """A look that waits for its turn. ``closing``: it is the last one of its incident."""

    unit: str
    incident: Incident | None
    closing: bool = False


class Examining:
    """The looks and reports under way, and those that wait.

    ``found`` is given what a look came to; ``told`` what became of a report.
    """

    def __init__(
        self,
        children: Children,
        commands: Commands,
        folder_of: Callable[[int], str],
        found: Callable[[Diagnosed], None],
        told: Callable[[Incident, str], None],
        now_s: Callable[[], float],
    ) -> None:
        self._children, self._commands, self._folder_of = children, commands, folder_of
        self._found, self._told, self._now_s = found, told, now_s
        self._waiting: deque[_Wanted] = deque()
        self._looked_s: dict[str, list[float]] = {}

    def busy(self, unit: str) -> bool:
        """Whether a look at it is under way or waits."""
        return self._children.running(f"look {unit}") or any(one.unit == unit and not one.closing for one in self._waiting)

    def look(self, unit: str, incident: Incident | None, *, closing: bool = False) -> None:
        """Look at it as soon as there is room; once, however often that is asked."""
        if closing or not self.busy(unit):
            self._waiting.append(_Wanted(unit, incident, closing))
        self.go_on()

    def go_on(self) -> None:
        """Start what may start."""
        for wanted in list(self._waiting):
            if self._under_way >= AT_ONCE:
                return
            if self._ration_s(wanted) <= 0 and not self._children.running(f"look {wanted.unit}"):
                self._waiting.remove(wanted)
                self._start(wanted)

    def wait_s(self) -> float:
        """In how many seconds something may start that waits for its ration alone. A child that ends makes room by itself."""
        if self._under_way >= AT_ONCE:
            return inf
        free = [wanted for wanted in self._waiting if not self._children.running(f"look {wanted.unit}")]
        return min((self._ration_s(wanted) for wanted in free), default=inf)

    @property
    def _under_way(self) -> int:
        return sum(self._children.running(f"look {unit}") for unit in self._looked_s)

    def _ration_s(self, wanted: _Wanted) -> float:
        """How long it has to wait although there is room: the last look of an incident never has to."""
        looked = self._looked_s.get(wanted.unit, [])
        return 0.0 if wanted.closing or len(looked) < BURST else max(looked[0] + BURST * EVERY_S - self._now_s(), 0.0)

    def _start(self, wanted: _Wanted) -> None:
        unit, incident = wanted.unit, wanted.incident
        looked = self._looked_s.setdefault(unit, [])
        if not wanted.closing:  # of which there is one for each end: a fault after it need not wait for it
            self._looked_s[unit] = [*looked, self._now_s()][-BURST:]
        bundle = ""
        if incident is not None:
            name = "closing" if wanted.closing else "opening"
            try:
                folder = self._folder_of(incident.number)
            except QtopsError as error:
                self._told(incident, f"its folder cannot be used: {error}")
            else:
                bundle = f"{folder}/{name}.json.gz"
                if Path(bundle).exists() and not wanted.closing:
                    bundle = _further(Path(folder))
        argv, began_s = self._commands.doctor(unit, bundle), self._now_s()
        self._children.start(
            f"look {unit}", argv, lambda ended: self._looked(wanted, bundle, ended, began_s), timeout_s=LOOK_S, cwd=None
        )

    def _looked(self, wanted: _Wanted, bundle: str, ended: Ended, began_s: float) -> None:
        kept = bundle if bundle and Path(bundle).exists() else ""
        self._found(diagnosed(wanted.unit, ended, kept, began_s))
        if wanted.incident is not None and kept and Path(kept).name in {"opening.json.gz", "closing.json.gz"}:
            self._report(wanted.incident, wanted.unit, kept)
        self.go_on()

    def _report(self, incident: Incident, unit: str, bundle: str) -> None:
        """On what was seen at its opening; at its end, on both."""
        folder, name = Path(bundle).parent, Path(bundle).name.removesuffix(".json.gz")
        opening = folder / "opening.json.gz"
        bundles = [str(opening)] if name == "closing" and opening.exists() else []
        place = _free(folder / f"report-{name}")

        def written(ended: Ended) -> None:
            if ended.timed_out or ended.returncode not in range(_MOST_CODE + 1):
                self._told(incident, f"no report could be written: {_why(ended)}")
            else:
                self._told(incident, f"report: {place}")

        argv = self._commands.report(unit, [*bundles, bundle], str(place))
        self._children.start(f"report {incident.number} {name}", argv, written, timeout_s=REPORT_S, cwd=None)


def diagnosed(unit: str, ended: Ended, bundle: str, began_s: float) -> Diagnosed:
    """What a look that began then came to; "could not tell", with the reason, where it came to nothing."""
    try:
        if ended.timed_out or not 0 <= ended.returncode <= _MOST_CODE:
            raise ValueError(_why(ended))
        row = msgspec.json.decode(ended.stdout, type=Document).results[0]
    except (msgspec.MsgspecError, ValueError, IndexError) as error:
        why = f"it could not be looked at: {printable(str(error))[:300]}"
        return Diagnosed(unit=unit, at_s=began_s, verdict=Verdict.UNKNOWN, condition="unknown", state=why, unknown=(why,))
    return Diagnosed(
        unit=unit, at_s=began_s, verdict=row.verdict, condition=row.condition, state=row.state, root=row.root,
        symptoms=row.symptoms, unknown=row.unknown, bundle=bundle,
    )  # fmt: skip


def _further(folder: Path) -> str:
    """A file for one more look at an incident; of the earlier ones the newest are kept."""
    for old in sorted(folder.glob("look-*.json.gz"))[: -MOST_LOOKS + 1]:
        old.unlink(missing_ok=True)
    return f"{folder}/look-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.json.gz"


def _free(place: Path) -> Path:
    """A folder that is not there yet: an incident that was opened again has a further report on its end."""
    return next(
        path for number in count(1) if not (path := place.with_name(f"{place.name}-{number}") if number > 1 else place).exists()
    )


def _why(ended: Ended) -> str:
    if ended.timed_out:
        return f"it had not ended after {ended.took_s:.0f} s"
    return printable(ended.last_words)[:300] or f"exit code {ended.returncode}"
