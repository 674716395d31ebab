"""Deaths by what systemd writes of them. Pure."""

from collections import OrderedDict
from typing import Final, NamedTuple

from qtops.collectors.journal.entries import Entry
from qtops.collectors.watching.journalctl import EXITED, FAILED, STOPPING
from qtops.facts.unit import ExitCode
from qtops.incidents import Died

MOST: Final = 1000  # invocations that are remembered
_DEBUG: Final = 7  # systemd reports an end that is none of failure in this priority
_CODES: Final[dict[str, ExitCode]] = {"exited": "exited", "killed": "killed", "dumped": "dumped"}


class _Invocation(NamedTuple):
    is_stopping: bool = False
    is_dead: bool = False


class Endings:
    """How invocations end. Each dies once."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], _Invocation] = OrderedDict()

    def is_over(self, unit: str, invocation: str) -> bool:
        """Whether it is dead, or told to stop: what it says then belongs to that."""
        return (unit, invocation) in self._known

    def hear(self, entry: Entry, noticed_s: float) -> Died | None:
        """Take one entry of systemd's own; the death that it tells of, if it does and none has been told of that invocation."""
        key = (entry.unit, entry.invocation)
        known = self._known.get(key, _Invocation())
        if not entry.invocation:
            return None
        if entry.message_id == STOPPING:
            self._note(key, known._replace(is_stopping=True))
            return None
        died = _death(entry, noticed_s)
        if died is None or known.is_dead or (known.is_stopping and _is_own_status(died)):
            return None
        self._note(key, known._replace(is_dead=True))
        return died

    def _note(self, key: tuple[str, str], known: _Invocation) -> None:
        self._known[key] = known
        if len(self._known) > MOST:
            self._known.popitem(last=False)


def _death(entry: Entry, noticed_s: float) -> Died | None:
    facts = entry.facts
    is_main = entry.message_id == EXITED and facts.get("COMMAND") == "ExecStart" and entry.priority < _DEBUG
    if not is_main and entry.message_id != FAILED:
        return None
    status = facts.get("EXIT_STATUS", "")
    return Died(
        unit=entry.unit,
        invocation=entry.invocation,
        at_s=entry.at_s,
        noticed_s=noticed_s,
        code=_CODES.get(facts.get("EXIT_CODE", ""), "") if is_main else "",
        status=int(status) if is_main and status.isascii() and status.isdigit() else 0,
        result=facts.get("UNIT_RESULT", ""),
        source="journal",
    )


def _is_own_status(died: Died) -> bool:
    """Whether it only ended with a status that counts as failure, as programs do that were told to end: 143."""
    return died.code == "exited" or died.result == "exit-code"
