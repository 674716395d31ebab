"""What the kernel's errors become: who can mend it, and how."""

import errno
import os

import pytest

from qtops.actions.errors import Drift, Refused, Vanished, explained, explaining
from qtops.errors import NotPermitted, QtopsError, Unavailable

KINDS = {
    NotPermitted: (errno.EROFS, errno.EACCES, errno.EPERM),
    Unavailable: (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENOMEM, errno.EAGAIN, errno.EINVAL),
    Refused: (errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR),
    Vanished: (errno.ENOENT,),
    Drift: (errno.ENOTDIR, errno.EEXIST, errno.ESTALE),
}


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind, numbers in KINDS.items() for number in numbers])
def test_each_error_of_the_kernel_names_what_failed_on_what_and_what_to_try(kind: type[QtopsError], number: int) -> None:
    error = explained(OSError(number, os.strerror(number)), "write", "/srv/app/main\n.py")
    assert type(error) is kind
    said, _, advice = str(error).partition("; ")
    assert said == f"/srv/app/main\\n.py: could not write it: {os.strerror(number)}"
    assert advice


def test_what_was_said_in_the_body_is_said_once() -> None:
    with pytest.raises(Vanished, match="could not read it") as caught, explaining("write", "/a"), explaining("read", "/b"):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert str(caught.value).startswith("/b: ")
