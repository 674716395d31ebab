"""A transaction to be killed from outside: three files in a folder, and nothing of systemd.

    python -m tests.actions.patching_run STATE PLAN new FOLDER    make the files, and a plan for them
    python -m tests.actions.patching_run STATE PLAN apply         begin and carry out
    python -m tests.actions.patching_run STATE PLAN begin         no more than that
    python -m tests.actions.patching_run STATE PLAN resume | undo | end

``end`` does what the next run has to: it resumes what is open, or applies where nothing was begun. Prints what was done; a
QtopsError is printed to stderr and ends it with its exit code.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from qtops.actions import files
from qtops.actions.ledger_opening import open_ledger
from qtops.actions.state import open_state
from qtops.actions.transaction import Transaction
from qtops.errors import QtopsError
from qtops.steps import FileState, RecoveryPlan, Replace, Step

ID = "20261123T093000Z-demo-1f3a"
NOBODY = 65534
UNIT = "demo.service"
OLD_SOURCE = b"import sys\nsys.path.insert(0, '/opt/old')\nimport app\n" + b"# \xc3\xa6\r\n" * 2000
NEW_SOURCE = OLD_SOURCE.replace(b"sys.path.insert(0, '/opt/old')\n", b"")
DROP_IN = b"[Service]\nEnvironment=PYTHONPATH=/srv/demo\n"
SCRIPT = b"#!/bin/sh\nexec true\n"


class Kept(msgspec.Struct, frozen=True):
    """A plan and its contents in one file."""

    plan: RecoveryPlan
    contents: Mapping[str, bytes]


def make(folder: Path) -> Kept:
    """The files as they are before, and the plan: replace a source, add a file in a new directory, make a script executable."""
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_bytes(OLD_SOURCE)
    (folder / "main.py").chmod(0o640)
    (folder / "start.sh").write_bytes(SCRIPT)
    (folder / "start.sh").chmod(0o644)
    _distinguish(folder / "main.py")
    os.utime(folder / "main.py", ns=(1_700_000_000_000_000_000, 1_700_000_000_123_456_789))
    source, script = _state(folder / "main.py"), _state(folder / "start.sh")
    drop_in = folder / "demo.service.d" / "50-qtops.conf"
    new = FileState(sha256=_hash(DROP_IN), size=len(DROP_IN), mode=0o644, uid=os.getuid(), gid=os.getgid())
    changed = msgspec.structs.replace(source, sha256=_hash(NEW_SOURCE), size=len(NEW_SOURCE), mtime_ns=0)
    actions = (
        Replace(path=str(folder / "main.py"), before=source, after=changed),
        Replace(path=str(drop_in), before=None, after=new, makes=(str(drop_in.parent),)),
        Replace(path=str(folder / "start.sh"), before=script, after=msgspec.structs.replace(script, mode=0o755)),
    )
    plan = RecoveryPlan(
        id=ID,
        host="demo",
        unit=UNIT,
        made_at_s=1_700_000_000.0,
        codes=("IMPORT101",),
        remedies=("remove-path-edit",),
        fingerprint="f00d",
        was_up=False,
        steps=tuple(Step(("install", action.path), f"replace {Path(action.path).name}", action=action) for action in actions),
    )
    return Kept(plan, {_hash(content): content for content in (NEW_SOURCE, DROP_IN, SCRIPT)})


def do(state_path: str, kept: Kept, what: str) -> None:
    """Do one of apply, begin, resume, undo, end."""
    state = open_state(state_path)
    with open_ledger(state) as ledger:
        for said in ledger.said:
            print(said)
        run = Transaction(state, ledger, kept.plan)
        if what == "end":
            what = "resume" if ledger.entries(kept.plan.id) else "apply"
        if what in {"apply", "begin"}:
            run.begin(kept.contents)
        if what == "apply":
            run.carry_out(print)
            ledger.note(kept.plan.id, "verified")
        elif what == "resume":
            if run.resume(print) == "carried out":
                ledger.note(kept.plan.id, "verified")
        elif what == "undo":
            run.undo(print)


def _distinguish(path: Path) -> None:
    """Give a file what is easily lost when it is replaced, as far as this user and this file system can."""
    with suppress(OSError):
        os.setxattr(path, "user.note", b"kept")
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _state(path: Path) -> FileState:
    found = files.examine(str(path))
    assert found is not None
    return found[0]


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


def main() -> int:
    """As in the first lines of this file."""
    state, plan, what, *folder = sys.argv[1:]
    try:
        if what == "new":
            Path(plan).write_bytes(msgspec.json.encode(make(Path(*folder))))
        else:
            do(state, msgspec.json.decode(Path(plan).read_bytes(), type=Kept), what)
    except QtopsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
