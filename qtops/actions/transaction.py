"""A recovery carried out step by step, so that a kill at any moment leaves what the next run can finish or undo.

Nothing is done that is not in the ledger already, and nothing counts as done for being in the ledger alone: whether a file was
replaced is asked of the file itself, by the hashes of the plan.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Literal

from qtops.actions import files
from qtops.actions.backups import folder_of
from qtops.actions.errors import PLAN_ANEW, Drift, Refused
from qtops.actions.hands import CALL_LIMIT_S, RUN_LIMIT_S, Hands, real_hands
from qtops.actions.ledger import Entry, Ledger, step_detail
from qtops.actions.lock import login
from qtops.actions.state import StateFolder
from qtops.actions.undoing import UndoFailed, Undoing, stands, temporary_name
from qtops.errors import Exit, QtopsError, Unavailable
from qtops.facts.text import printable
from qtops.steps import Call, FileState, RecoveryPlan, Replace, Run, Step

__all__ = ["Hands", "StepFailed", "Tell", "Transaction", "UndoFailed"]

Tell = Callable[[str], None]


class StepFailed(QtopsError):
    """A step could not be done: those before it are done. ``cause`` is why."""

    exit_code = Exit.NOT_APPLIED

    def __init__(self, number: int, step: Step, cause: QtopsError) -> None:
        super().__init__(f"step {number + 1}: {cause}")
        self.number = number
        self.step = step
        self.cause = cause


class Transaction:
    """One recovery. Whoever uses it holds the lock of the unit (``qtops.actions.lock``).

    Unavailable and NotPermitted from the ledger may end each of the methods: what was begun is then still open.
    """

    def __init__(self, state: StateFolder, ledger: Ledger, plan: RecoveryPlan, hands: Hands | None = None) -> None:
        self.plan = plan
        self.folder = folder_of(state, plan.id)
        self._ledger = ledger
        self._hands = hands or real_hands()

    def begin(self, contents: Mapping[str, bytes], by: str = "") -> None:
        """Keep the plan, the new contents (by SHA-256) and the old ones, each verified; then enter it in the ledger.

        Raises Drift where a file is not as planned any more, Unavailable where an earlier recovery of the unit has not ended.
        """
        if earlier := self._ledger.open_recovery(self.plan.unit):
            raise Unavailable(
                f"{self.plan.unit}: {earlier.id} has not ended: `qtops recover {earlier.unit} --resume` or `--undo` first"
            )
        kept, paths = dict(contents), [action.path for action in self._replacements()]
        if len(set(paths)) < len(paths):
            raise Refused(f"{self.plan.id}: replaces a file twice, so that no state of it could be told from another; {PLAN_ANEW}")
        for action in self._replacements():
            if sha256(kept.get(action.after.sha256, b"")).hexdigest() != action.after.sha256:
                raise Refused(f"{printable(action.path)}: its new content did not come with the plan; {PLAN_ANEW}")
            found = files.examine(action.path)
            _refuse_drift(action, None if found is None else found[0])
            if found is not None:
                kept[found[0].sha256] = found[1]
        self._discard_unbegun()
        try:
            self.folder.make(self.plan, kept)
            self._ledger.begin(self.plan, by or login())
        except QtopsError:
            self._discard_unbegun()
            raise

    def carry_out(self, tell: Tell) -> None:
        """Do all steps in order. StepFailed ends it; ``undo`` brings back what was."""
        for number, step in self._steps():
            self._do(number, step, tell)

    def resume(self, tell: Tell) -> Literal["carried out", "undone", "ended before"]:
        """End what a killed run began: forwards, or backwards where it was going back. Done is what the files themselves show.

        Raises Drift, with nothing overwritten, where a file is neither as it was nor as planned; StepFailed; UndoFailed.
        """
        entries = self._ledger.entries(self.plan.id)
        if not entries or self._ledger.record(self.plan.id).state != "begun":
            tell(f"{self.plan.id}: is not under way: nothing to resume")
            return "ended before"
        if _is_going_back(entries):
            tell(f"{self.plan.id}: was being undone")
            self.undo(tell)
            return "undone"
        done = {entry.step for entry in entries if entry.event == "step done"}
        again = False  # a file had to be put in place now: what comes after has to happen after that
        for number, step in self._steps():
            if isinstance(step.action, Replace):
                again |= self._resume_file(number, step, step.action, tell, noted=number in done)
            elif again or number not in done:
                self._do(number, step, tell)
        return "carried out"

    def undo(self, tell: Tell) -> bool:
        """Bring back what was, at any time, verified recoveries too; False where nothing is to be undone.

        Raises UndoFailed at the end, naming each file that was changed since and is left as it is, and each call that failed.
        """
        entries = self._ledger.entries(self.plan.id)
        state = self._ledger.record(self.plan.id).state if entries else "refused"
        if state in {"undone", "refused"}:
            tell(f"{self.plan.id}: {'was undone already' if state == 'undone' else 'changed nothing'}: nothing to undo")
            return False
        Undoing(self.plan, self.folder, self._ledger, self._hands, tell).run(entries)
        return True

    def _replacements(self) -> Sequence[Replace]:
        return [step.action for _, step in self._steps() if isinstance(step.action, Replace)]

    def _steps(self) -> Sequence[tuple[int, Step]]:
        return [(number, step) for number, step in enumerate(self.plan.steps) if step.action is not None]

    def _resume_file(self, number: int, step: Step, action: Replace, tell: Tell, *, noted: bool) -> bool:
        """See to one file; True where it was put in place now."""
        files.discard(action.path, temporary_name(self.plan.id, number), action.after.uid)
        standing = stands(action)
        if standing == "before":
            self._do(number, step, tell)
            return True
        if standing == "changed":
            raise Drift(f"{printable(action.path)}: is neither as it was nor as planned: somebody changed it; it is left as it is")
        if not noted:
            self._ledger.note(self.plan.id, "step done", number, step_detail(action))
        tell(f"step {number + 1}: was done: {step.why}")
        return False

    def _do(self, number: int, step: Step, tell: Tell) -> None:
        detail = step_detail(step.action)
        self._ledger.note(self.plan.id, "step begun", number, detail)
        try:
            self._act(number, step.action)
        except QtopsError as error:
            with suppress(QtopsError):  # the step is what failed: that the ledger does too is told by whatever comes next
                self._ledger.note(self.plan.id, "step failed", number, detail | {"why": str(error)})
            raise StepFailed(number, step, error) from error
        self._ledger.note(self.plan.id, "step done", number, detail)
        tell(f"step {number + 1}: done: {step.why}")

    def _act(self, number: int, action: object) -> None:
        match action:
            case Replace():
                content = self.folder.content(action.after.sha256)
                check = self._compile_check(action, content) if action.interpreter else None
                files.replace(action, content, temporary_name(self.plan.id, number), check)
            case Call():
                self._hands.call(action.verb, action.unit, CALL_LIMIT_S)
            case Run():
                self._hands.run(action.argv, action.account, RUN_LIMIT_S)

    def _compile_check(self, action: Replace, content: bytes) -> Callable[[], None]:
        return lambda: self._hands.compiles(action.interpreter, action.account, content, action.path)

    def _discard_unbegun(self) -> None:
        """Remove the folder of a recovery that the ledger does not know: a killed run began to make it."""
        with suppress(QtopsError, OSError):
            if not self._ledger.entries(self.plan.id):
                self.folder.discard()


def _refuse_drift(action: Replace, found: FileState | None) -> None:
    """Drift where a file is not as the plan found it."""
    if found is None and action.before is None:
        return
    shown = printable(action.path)
    if found is None or action.before is None:
        raise Drift(f"{shown}: {'vanished' if found is None else 'was made'} since the plan; {PLAN_ANEW}")
    if changed := files.differences(found, action.before):
        raise Drift(f"{shown}: changed since the plan: {', '.join(changed)}; {PLAN_ANEW}")


def _is_going_back(entries: Sequence[Entry]) -> bool:
    """Whether the run that was killed was to undo, or about to."""
    turns = [entry.event for entry in entries if entry.event in {"begun", "step failed", "proof failed", "undoing"}]
    return turns[-1] != "begun"
