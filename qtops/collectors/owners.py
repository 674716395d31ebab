"""Who owns a file, and what its mode and its access control list grant (acl(5))."""

import errno
import os
import stat
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20  # tags of entries (linux/posix_acl.h)
PERMISSIONS: Final = 0o7777
_VERSION: Final = 2  # of the attribute (linux/posix_acl_xattr.h)
_HEADER: Final = struct.Struct("<I")
_ENTRY: Final = struct.Struct("<HHI")
_NO_ACL: Final = frozenset({errno.ENODATA, errno.ENOTSUP})


class Entry(NamedTuple):
    """One line of an access control list."""

    tag: int
    bits: int
    number: int


class Owned(NamedTuple):
    """Who owns a file, and what its mode and its list grant."""

    mode: int
    user: int
    group: int
    acl: tuple[Entry, ...] = ()

    def with_mode(self, mode: int) -> "Owned":
        """The same after a chmod(2), which changes the list as well (``__posix_acl_chmod_masq`` of Linux)."""
        has_mask = any(entry.tag == MASK for entry in self.acl)
        bits = {USER_OBJ: mode >> 6 & 7, MASK if has_mask else GROUP_OBJ: mode >> 3 & 7, OTHER: mode & 7}
        listed = tuple(entry._replace(bits=bits.get(entry.tag, entry.bits)) for entry in self.acl)
        return Owned(stat.S_IFMT(self.mode) | mode, self.user, self.group, listed)


def owned(path: str) -> Owned:
    """Of a file or a directory itself. Raises OSError."""
    status = os.stat(path, follow_symlinks=False)  # noqa: PTH116  (text in, text out)
    try:
        data = os.getxattr(path, "system.posix_acl_access", follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_ACL:
            raise
        data = b""
    return Owned(status.st_mode, status.st_uid, status.st_gid, tuple(_entries(data)))


def _entries(data: bytes) -> Iterator[Entry]:
    if len(data) < _HEADER.size or _HEADER.unpack_from(data)[0] != _VERSION or (len(data) - _HEADER.size) % _ENTRY.size:
        return
    for tag, bits, number in _ENTRY.iter_unpack(data[_HEADER.size :]):
        yield Entry(tag, bits, number)
