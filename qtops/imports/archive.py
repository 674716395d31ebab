"""Zip archives on sys.path: their members, each read when it is wanted and no further than a source may be long."""

import io
import zipfile
import zlib

from qtops.imports.tree import LARGEST_FILE

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)
_END = b"PK\x05\x06"
_FARTHEST = 65_557  # bytes from the end of the file: the record and the longest comment


class Archive:
    """An archive that has been opened; folders end in a slash."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members = frozenset(archive.namelist())

    def read(self, name: str) -> bytes:
        """The contents of a member. Raises OSError."""
        try:
            with self._archive.open(name) as member:
                contents = member.read(LARGEST_FILE + 1)
        except KeyError:
            raise FileNotFoundError(name) from None
        except _BROKEN as error:
            raise OSError(f"{name} in the archive is damaged or encrypted: {error}") from error
        if len(contents) > LARGEST_FILE:
            raise OSError(f"{name} in the archive is larger than {LARGEST_FILE >> 20} MiB")
        return contents


def is_archive(contents: bytes) -> bool:
    """Whether a file ends like a zip archive, whatever stands before it."""
    return _END in contents[-_FARTHEST:]


def open_archive(contents: bytes) -> Archive | None:
    """The archive in a file; None where there is none that can be read."""
    if not is_archive(contents):
        return None
    try:
        return Archive(zipfile.ZipFile(io.BytesIO(contents)))
    except (*_BROKEN, OSError):
        return None
