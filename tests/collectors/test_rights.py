"""What an account may do: held against the kernel itself, and what is made of it against a real systemd."""

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.collectors.accounts import Accounts, Identity
from qtops.collectors.owners import Entry, Owned, owned
from qtops.collectors.rights import BITS, Rights, may
from qtops.collectors.tree import RootedTree

from .people import as_root, folder

USERS, GROUPS = (40001, 40002), (50001, 50002, 50003)


# the rule, and the kernel


def acl(mode: int, *entries: Entry, mask: int = 7) -> bytes:
    """The attribute as the kernel keeps it: the mode's own classes, and some more."""
    nobody = 0xFFFFFFFF
    lines = [
        Entry(0x01, mode >> 6 & 7, nobody),
        Entry(0x04, mode >> 3 & 7, nobody),
        Entry(0x10, mask, nobody),
        Entry(0x20, mode & 7, nobody),
    ]
    ordered = sorted(
        {(entry.tag, entry.number): entry for entry in (*lines, *entries)}.values(), key=lambda entry: (entry.tag, entry.number)
    )
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in ordered)


MODES = st.integers(0, 0o777) | st.sampled_from([0o700, 0o711, 0o750, 0o755, 0o644, 0o640, 0o600])
ENTRIES = st.lists(
    st.builds(Entry, st.just(0x02), st.integers(0, 7), st.sampled_from(USERS))
    | st.builds(Entry, st.just(0x08), st.integers(0, 7), st.sampled_from(GROUPS)),
    max_size=3,
)
OWNERS = st.tuples(st.sampled_from((0, *USERS)), st.sampled_from((0, *GROUPS)))
PLACES = st.tuples(MODES, OWNERS, st.none() | st.tuples(ENTRIES, st.integers(0, 7)))
IDENTITIES = st.builds(Identity, st.just("qt"), st.sampled_from(USERS), st.frozensets(st.sampled_from(GROUPS), min_size=1))


def close(path: Path, place) -> None:
    mode, owner, listed = place
    os.chown(path, *owner)
    path.chmod(mode)
    if listed is not None:
        entries, mask = listed
        os.setxattr(path, "system.posix_acl_access", acl(mode, *entries, mask=mask))


def kernel(identity: Identity, path: Path, right: str) -> bool:
    """What a process of the account meets."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    status = 1
    try:
        first, *_ = sorted(identity.groups)
        os.setgroups(sorted(identity.groups))
        os.setgid(first)
        os.setuid(identity.user)
        if right == "search":
            os.chdir(path)
        elif right == "read":
            os.close(os.open(path, os.O_RDONLY))
        elif not os.access(path, os.X_OK):
            raise PermissionError
        status = 0
    except PermissionError:
        pass
    finally:
        os._exit(status)


@as_root
@pytest.mark.slow
@settings(max_examples=250)
@given(IDENTITIES, st.lists(PLACES, min_size=1, max_size=3), PLACES, st.sampled_from(("search", "read", "execute")), st.booleans())
def test_the_verdict_is_that_of_the_kernel(identity, above, last, right, linked):
    with folder() as top:
        target = top.joinpath(*(f"d{number}" for number in range(len(above))), "last")
        target.parent.mkdir(parents=True)
        target.mkdir() if right == "search" else target.touch()
        asked = target
        if linked:
            (top / "aside").mkdir()
            asked = top / "aside" / "link"
            asked.symlink_to("../d0/" + "/".join(target.relative_to(top / "d0").parts))
            close(top / "aside", above[0])
        for path, place in zip((target, *target.parents), (last, *above), strict=False):
            close(path, place)
        tree = RootedTree("/")
        denied = Rights(tree, Accounts(tree)).denied(identity, str(asked), right)
        assert (not denied) is kernel(identity, asked, right), (denied, [owned(str(path)) for path in (target, *target.parents)])


def test_the_first_class_that_fits_decides_alone():
    """The owner who may not is not saved by what the group or anybody may."""
    me = Identity("qt", 40001, frozenset({50001}))
    assert not may(me, Owned(0o077, 40001, 50001), BITS["read"])
    assert not may(me, Owned(0o707, 40002, 50001), BITS["read"])
    assert may(me, Owned(0o704, 40002, 50002), BITS["read"])


@pytest.mark.parametrize("data", [b"", b"\x02", struct.pack("<I", 9) + b"\0" * 8, struct.pack("<I", 2) + b"\0" * 7])
def test_a_list_that_is_not_understood_is_none(data):
    from qtops.collectors import owners

    assert tuple(owners._entries(data)) == ()
