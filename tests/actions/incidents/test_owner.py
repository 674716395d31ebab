"""Root in a folder of the supervisor's user: with that user's rights, and nothing of root's is left there."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtops.actions.incidents.opening import look_into_store, open_store, reach_store
from qtops.actions.incidents.owner import as_owner
from qtops.actions.incidents.place import database_of
from qtops.errors import NotPermitted
from tests.actions.incidents.builders import open_one

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
NOBODY = 65534
GROUP = pwd.getpwuid(NOBODY).pw_gid if os.geteuid() == 0 else 0


@pytest.fixture
def folder() -> Iterator[str]:
    """A folder of nobody's that everybody can come to, which pytest's own are not."""
    place = Path(tempfile.mkdtemp(prefix="qtops-owner-")).resolve()
    place.chmod(0o755)
    state = place / "state"
    state.mkdir(mode=0o700)
    os.chown(state, NOBODY, GROUP)
    yield str(state)
    shutil.rmtree(place)


def owners(folder: str) -> set[tuple[int, int]]:
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in [Path(folder), *Path(folder).rglob("*")]}


def test_root_acts_as_the_owner_and_is_root_again_afterwards(folder):
    groups = os.getgroups()
    os.setgroups([0, 4])
    before = os.getresuid(), os.getresgid(), os.getgroups()
    with as_owner(folder):
        assert os.getresuid() == (0, NOBODY, 0)
        assert os.getegid() == GROUP
        assert not {0, 4} & {*os.getgroups()}
        with pytest.raises(PermissionError):
            Path("/etc/shadow").read_bytes()
    assert (os.getresuid(), os.getresgid(), os.getgroups()) == before
    os.setgroups(groups)


def test_root_is_root_again_after_an_error(folder):
    with pytest.raises(ZeroDivisionError), as_owner(folder):
        raise ZeroDivisionError
    assert os.geteuid() == 0


def test_what_root_writes_belongs_to_the_owner_who_goes_on_with_it(folder):
    with reach_store(folder) as store:
        open_one(store)
        store.acknowledge(1, "alice", "", 1.0)
        store.folder_of(1)
        assert owners(folder) == {(NOBODY, GROUP)}
    assert os.geteuid() == 0
    with as_owner(folder), open_store(folder) as store:
        assert store.incident(1).state == "acknowledged"
        open_one(store, "b")
    with look_into_store(folder) as store:
        assert len(store.incidents()) == 2
    assert owners(folder) == {(NOBODY, GROUP)}


def test_a_link_in_the_folder_leads_root_nowhere(folder):
    secret = Path(folder).parent / "of-root"
    secret.write_text("")
    secret.chmod(0o600)
    for name in ("incidents.db", "incidents.db-wal"):
        link = Path(folder) / name
        link.symlink_to(secret)
        with pytest.raises(Exception, match=r"symbolic links|Permission denied|no regular file"), reach_store(folder) as store:
            open_one(store)
        link.unlink()
        for left in Path(folder).glob("incidents.db*"):
            left.unlink()
    assert secret.read_text() == ""
    with reach_store(folder) as store:
        (Path(folder) / "incidents").symlink_to(Path(folder).parent)
        with pytest.raises(NotPermitted, match="is a link"):
            store.folder_of(1)


def test_a_supervisor_that_is_root_does_not_take_over_what_is_anothers(folder):
    with pytest.raises(NotPermitted, match="belongs to nobody, not to root: run as nobody"):
        open_store(folder)
    assert not Path(database_of(folder)).exists()


def test_a_folder_of_nobody_who_is_known_is_refused(folder):
    os.chown(folder, 4_000_123, 4_000_123)
    with pytest.raises(NotPermitted, match="belongs to uid 4000123, which is no account here"), reach_store(folder):
        pass


def test_a_user_may_not_look_into_what_is_anothers(folder):
    with reach_store(folder) as store:
        open_one(store)
    other = pwd.getpwnam("daemon").pw_uid
    os.seteuid(other)
    try:
        for how in (look_into_store, reach_store):
            with pytest.raises(NotPermitted, match="run it as root"), how(folder):
                pass
    finally:
        os.seteuid(0)
