"""The way back: files byte for byte as they were, then systemd's view of them, then the service up or down as it was."""

from collections.abc import Callable, Container, Sequence
from typing import Final, Literal

from qtops.actions import files
from qtops.actions.backups import RecoveryFolder
from qtops.actions.directories import unmake
from qtops.actions.hands import CALL_LIMIT_S, CallVerb, Hands
from qtops.actions.ledger import Entry, Event, Ledger, step_detail
from qtops.errors import Exit, QtopsError
from qtops.facts.text import printable
from qtops.steps import Call, RecoveryPlan, Replace, Run

UNIT_FOLDERS: Final = ("/etc/systemd/", "/run/systemd/", "/usr/lib/systemd/", "/lib/systemd/", "/usr/local/lib/systemd/")
_NAME_LIMIT: Final = 64  # of a plan's id in a temporary name: the end of it tells plans apart


class UndoFailed(QtopsError):
    """Something could not be brought back: a person has to look. ``failures`` has a sentence for each."""

    exit_code = Exit.UNDO_FAILED

    def __init__(self, recovery: str, folder: str, failures: Sequence[str]) -> None:
        super().__init__(f"{recovery}: could not be undone: {'; '.join(failures)}. What was is kept in {printable(folder)}")
        self.failures = tuple(failures)


class Undoing:
    """One undo. Steps that were never begun are not touched, and neither is a file that was changed by others since."""

    def __init__(
        self, plan: RecoveryPlan, folder: RecoveryFolder, ledger: Ledger, hands: Hands, tell: Callable[[str], None]
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._ledger = ledger
        self._hands = hands
        self._tell = tell
        self._failures: list[str] = []

    def run(self, entries: Sequence[Entry]) -> None:
        """Undo all steps that were begun, as the ledger has them; what fails does not keep the rest from being undone."""
        begun = {entry.step for entry in entries if entry.event == "step begun"}
        back = {entry.step for entry in entries if entry.event == "step undone"}
        self._note("undoing")
        restored = False
        for number in sorted((number for number in begun if number is not None), reverse=True):
            action = self._plan.steps[number].action
            if isinstance(action, Replace):
                restored |= self._file(number, action, noted=number in back)
            elif isinstance(action, Run):
                self._tell(f"step {number + 1}: has no way back: {printable(' '.join(action.argv))}")
        if any(_is_of_systemd(step.action) for number, step in enumerate(self._plan.steps) if number in begun):
            self._ask("daemon-reload", "")
        for unit, number in self._started(begun).items():
            if restored or number not in back:
                self._service(number, unit)
        if self._failures:
            self._note("undo failed", why="; ".join(self._failures))
            raise UndoFailed(self._plan.id, self._folder.path, self._failures)
        self._note("undone")

    def _started(self, begun: Container[int | None]) -> dict[str, int]:
        """The services that the plan has started, each with the last step that did."""
        calls = ((number, step.action) for number, step in enumerate(self._plan.steps) if number in begun)
        return {action.unit: number for number, action in calls if isinstance(action, Call) and action.verb in {"start", "restart"}}

    def _file(self, number: int, action: Replace, *, noted: bool) -> bool:
        """Bring one file back; True where it was not known to be back before."""
        temporary = temporary_name(self._plan.id, number)
        standing = self._standing(action, temporary)
        if standing is None:
            return False
        if standing == "after":
            self._note("step undoing", number)
        elif noted:
            return False
        try:
            if standing == "after":
                self._restore(action, temporary)
            elif action.before is None:
                unmake(action.makes)  # left where a kill came between the file and its directories
        except QtopsError as error:
            self._failures.append(str(error))
            return False
        self._note("step undone", number)
        self._tell(f"step {number + 1}: undone: {printable(action.path)} is as it was")
        return True

    def _standing(self, action: Replace, temporary: str) -> Literal["before", "after"] | None:
        """How the file is; None where it is to be left alone, which is a failure."""
        try:
            files.discard(action.path, temporary, action.after.uid)
            standing = stands(action)
        except QtopsError as error:
            self._failures.append(str(error))
            return None
        if standing == "changed":
            self._failures.append(f"{printable(action.path)}: was changed since, and is left as it is")
            return None
        return standing

    def _restore(self, action: Replace, temporary: str) -> None:
        if action.before is None:
            files.remove(action.path, action.after, temporary, action.makes)
        else:
            files.restore(action.path, action.after, action.before, self._folder.content(action.before.sha256), temporary)

    def _service(self, number: int, unit: str) -> None:
        """Leave a service that was started as it was before."""
        self._note("step undoing", number)
        if self._ask("restart" if self._plan.was_up else "stop", unit):
            self._note("step undone", number)
            self._tell(f"step {number + 1}: undone: {unit} is {'up' if self._plan.was_up else 'down'} as it was")

    def _ask(self, verb: CallVerb, unit: str) -> bool:
        """Ask systemd; False where it did not do it, which is a failure."""
        try:
            self._hands.call(verb, unit, CALL_LIMIT_S)
        except QtopsError as error:
            self._failures.append(str(error))
            return False
        return True

    def _note(self, event: Event, step: int | None = None, **detail: object) -> None:
        about = {} if step is None else step_detail(self._plan.steps[step].action)
        self._ledger.note(self._plan.id, event, step, about | detail)


def stands(action: Replace) -> Literal["before", "after", "changed"]:
    """Whether a file is as it was, as planned, or something else."""
    found = files.examine(action.path)
    if found is None:
        return "before" if action.before is None else "changed"
    if not files.differences(found[0], action.after):
        return "after"
    return "before" if action.before is not None and not files.differences(found[0], action.before) else "changed"


def temporary_name(recovery: str, number: int) -> str:
    """The name under which a step writes beside its file: the same in every run, so that what a killed one left is found."""
    return f".qtops-{recovery[-_NAME_LIMIT:]}-{number}.tmp"


def _is_of_systemd(action: object) -> bool:
    """Whether it is a file that systemd only sees after a daemon-reload."""
    return isinstance(action, Replace) and action.path.startswith(UNIT_FOLDERS)
