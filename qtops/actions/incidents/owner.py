"""Root acts as the owner of a folder: what it made there would lock the owner out, and a link there would lead root astray."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

from qtops.actions.errors import explaining
from qtops.errors import NotPermitted
from qtops.facts.text import printable


@contextmanager
def as_owner(folder: str) -> Iterator[None]:
    """In its body, root has the rights of the user whom the folder belongs to, and no others; that user keeps its own.

    The real user id stays, so that the owner cannot signal or trace this process, and so that root is got back. The whole process
    changes, all its threads. NotPermitted where the owner is no account here, or another user than the caller who is not root.
    """
    with explaining("look at", folder):
        try:
            uid = os.lstat(folder).st_uid
        except FileNotFoundError:
            uid = os.geteuid()
    if os.geteuid() not in {0, uid}:  # whoever made it theirs would lock the supervisor out
        raise NotPermitted(f"{printable(folder)}: belongs to the supervisor's user; run it as root, who acts as that user here")
    if os.geteuid() != 0 or uid == 0:
        yield
        return
    try:
        account = pwd.getpwuid(uid)
    except KeyError:
        raise NotPermitted(
            f"{printable(folder)}: belongs to uid {uid}, which is no account here: `chown` it to the supervisor's user"
        ) from None
    groups, gid = os.getgroups(), os.getegid()
    try:
        os.initgroups(account.pw_name, account.pw_gid)
        os.setegid(account.pw_gid)
        os.seteuid(uid)
        yield
    finally:
        os.seteuid(0)
        os.setegid(gid)
        os.setgroups(groups)
