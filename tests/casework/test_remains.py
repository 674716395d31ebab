"""What a recovery has left is read as far as it can be, and what is lacking is said."""

import gzip
import os
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from qtops import bundle
from qtops.actions.backups import AFTER, BEFORE, FAILED, PATCH, SETTLING, folder_of
from qtops.actions.ledger_opening import look_into, open_ledger
from qtops.actions.state import open_state
from qtops.casework.remains import remains
from qtops.evidence.case import Backup
from qtops.steps import Replace
from tests.casework.records import FAILED_UNITS, KEPT, here, lay


def left(state):
    """The remains of the newest recovery."""
    with look_into(state.path) as ledger:
        (record,) = ledger.records()
        return remains(ledger, record, here().host)


def folder(state):
    return Path(folder_of(state, here().plan.id).path)


def test_a_verified_recovery_has_left_everything(tmp_path):
    case = here()
    found = left(lay(tmp_path / "state", case))
    assert (found.plan, found.settling, found.patch, found.lacking) == (case.plan, case.settling, case.patch, ())
    assert (found.before, found.after) == (case.before, case.after)
    assert found.failed_before == FAILED_UNITS
    assert [entry.event for entry in found.entries] == [entry.event for entry in case.entries]
    assert found.entries[0].at_s == case.entries[0].at_s


def test_each_backup_was_looked_for(tmp_path):
    content = b"as it was"
    digest = sha256(content).hexdigest()
    case = here()
    (patched,) = (step for step in case.plan.steps if isinstance(step.action, Replace))
    action = replace(patched.action, before=replace(patched.action.before, sha256=digest))
    steps = tuple(replace(step, action=action) if step is patched else step for step in case.plan.steps)
    state = lay(tmp_path / "state", replace(case, plan=replace(case.plan, steps=steps)))
    (gone,) = left(state).backups
    assert (gone.path, gone.sha256) == (action.path, digest)
    assert gone.trouble == "cannot be read: No such file or directory"
    (folder(state) / digest).write_bytes(content)
    assert left(state).backups == (Backup(path=action.path, sha256=digest),)
    (folder(state) / digest).write_bytes(b"as it was not")
    assert "has another hash than its name" in left(state).backups[0].trouble


def test_one_made_before_the_watch_was_kept_says_what_it_lacks(tmp_path):
    found = left(lay(tmp_path / "state", here(), without=(SETTLING, FAILED)))
    assert (found.settling, found.failed_before) == (None, None)
    assert (found.before, found.after, found.plan) != (None, None, None)
    assert [told.partition(":")[0] for told in found.lacking] == [
        "how the service stayed after its start", "which units of the host were failed before",
    ]  # fmt: skip
    assert all("No such file or directory" in told for told in found.lacking)


@pytest.mark.parametrize("name", [name for name in KEPT if name != PATCH])
@pytest.mark.parametrize("damage", ["cut short", "no JSON", "a folder", "a pipe", "another shape"])
def test_what_is_damaged_is_said_and_the_rest_is_read(tmp_path, name, damage):
    state = lay(tmp_path / "state", here())
    path = folder(state) / name
    content = path.read_bytes()
    path.unlink()
    match damage:
        case "cut short":
            path.write_bytes(content[: len(content) // 2])
        case "no JSON":
            path.write_bytes(b"\x1f\x8b\0\xff" if name.endswith(".gz") else b"\xff\0")
        case "a folder":
            path.mkdir()
        case "a pipe":
            os.mkfifo(path)
        case "another shape":
            path.write_bytes(gzip.compress(b"[1]") if name.endswith(".gz") else b"[1]")
    found = left(state)
    (told,) = found.lacking
    assert str(path) in told
    parts = (found.plan, found.before, found.failed_before, found.after, found.settling)
    assert sum(part is None for part in parts) == 1
    assert found.patch
    assert found.entries


def test_a_recovery_without_its_folder_is_told_from_the_ledger(tmp_path):
    state = lay(tmp_path / "state", here(), without=KEPT)
    for path in folder(state).iterdir():
        path.unlink()
    folder(state).rmdir()
    found = left(state)
    assert found.plan is None
    assert found.entries[-1].event == "verified"
    assert len(found.lacking) == 1


def test_a_folder_that_others_may_have_written_is_not_looked_into(tmp_path):
    state = lay(tmp_path / "state", here())
    folder(state).chmod(0o770)
    found = left(state)
    assert (found.plan, found.before) == (None, None)
    assert "not trusted" in found.lacking[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_neither_is_one_of_somebody_else(tmp_path):
    state = lay(tmp_path / "state", here())
    os.chown(folder(state), 4242, 4242)
    assert "not trusted" in left(state).lacking[0]


def test_a_link_in_its_place_is_none(tmp_path):
    state = lay(tmp_path / "state", here())
    folder(state).rename(tmp_path / "elsewhere")
    folder(state).symlink_to(tmp_path / "elsewhere")
    assert "is no folder" in left(state).lacking[0]


def test_the_folder_of_another_host_is_left_out(tmp_path):
    case = here()
    found = left(lay(tmp_path / "state", replace(case, plan=replace(case.plan, host="elsewhere"))))
    assert (found.plan, found.before, found.settling, found.patch) == (None, None, None, "")
    assert "is of host elsewhere" in found.lacking[0]


def test_a_look_at_another_host_or_at_other_services_is_left_out(tmp_path):
    case = here()
    state = lay(tmp_path / "state", case)
    bundle.save(replace(case.before, host="elsewhere"), folder(state) / BEFORE)
    bundle.save(replace(case.after, services=(replace(case.after.services[0], subject="other.service"),)), folder(state) / AFTER)
    found = left(state)
    assert (found.before, found.after) == (None, None)
    assert "is of host elsewhere" in found.lacking[0]
    assert f"holds no look at {case.subject}" in found.lacking[1]


def test_one_that_was_rolled_back_lacks_no_patch_and_keeps_the_look_that_did_not_prove_it(tmp_path):
    case = here()
    done = {"diagnosed", "step begun", "step done"}
    state = lay(tmp_path / "state", case, events=done)
    with open_ledger(state) as ledger:
        ledger.note(case.plan.id, "proof failed", detail={"why": "fresh: no"})
        ledger.note(case.plan.id, "undoing")
        ledger.note(case.plan.id, "undone")
    found = left(state)
    assert (found.after, found.patch, found.lacking) == (case.after, "", ())


def test_of_one_that_was_killed_on_the_way_only_what_there_was_is_wanted(tmp_path):
    found = left(lay(tmp_path / "state", here(), without=(AFTER, SETTLING, PATCH), events={"diagnosed", "step begun"}))
    assert (found.after, found.settling, found.lacking) == (None, None, ())
    assert found.before is not None


def test_of_one_that_was_refused_nothing_is_lacking(tmp_path):
    state = open_state(str(tmp_path / "state"))
    with open_ledger(state) as ledger:
        ledger.refuse(here().plan, "root", "the same was undone")
    found = left(state)
    assert (found.plan, found.lacking) == (None, ())
    assert found.entries[-1].detail["why"] == "the same was undone"


def test_what_a_terminal_would_obey_is_printable_in_the_patch(tmp_path):
    case = here()
    found = left(lay(tmp_path / "state", replace(case, patch="+a\x1b[2J\tb\r\n")))
    assert found.patch == "+a\\x1b[2J\tb\r\n"
