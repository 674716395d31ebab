"""The evidence folder of a report: a file for each record, and an index. It may come from a stranger: nothing in it is trusted.

No link is followed, nothing but regular files is opened, and no more is read than evidence may have. What is wrong with one record
is told as an objection, so that the others can be looked at all the same.
"""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from errno import ELOOP, ENOTDIR
from pathlib import Path
from typing import Final

import msgspec

from qtops import __version__
from qtops.bundle.writing import BundleError, complaint, write
from qtops.evidence.checking import extra, of_records
from qtops.evidence.encoding import refuse_repeated
from qtops.evidence.numbering import FILE
from qtops.evidence.objections import Objection, distinct, shown
from qtops.evidence.records import INDEX, LARGEST, EvidenceError, Index, Record
from qtops.facts.text import all_printable, printable, quoted
from qtops.findings import Verdict

LARGEST_INDEX: Final = 16 << 20  # bytes: some 30,000 records
ALL: Final = 256 << 20  # bytes of all records together: three looks of the largest kind, and what is around them
PRIVATE_FOLDER: Final = 0o700


class ReadEvidence(msgspec.Struct, frozen=True):
    """What was found in a folder: the index, the bytes of those files of it that could be read, and what speaks against them."""

    index: Index
    contents: dict[str, bytes]
    objections: tuple[Objection, ...]


def write_evidence(folder: Path, index: Index, contents: Mapping[str, bytes]) -> None:
    """Write records into a folder that only its owner may look into, the index last: without it the folder is no evidence.

    Raises BundleError where there is something already, and where what is to be written is not what the index says; NotPermitted,
    Unavailable (a full disk).
    """
    if wrong := next(of_records(index, contents), None):
        raise BundleError(f"{folder}: {wrong.text}")
    if (size := sum(map(len, contents.values()))) > ALL:
        raise BundleError(f"{folder}: this evidence takes {size} bytes, more than {ALL >> 20} MiB; name fewer services")
    for record in index.records:
        _refuse_name(record)
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        raise BundleError(f"{folder}: there is something already; name another place") from None
    except OSError as error:
        raise complaint(folder, "cannot be made", error) from None
    for file, content in contents.items():
        write(folder / file, content)
    write(folder / INDEX, msgspec.json.format(msgspec.json.encode(index), indent=2) + b"\n")


def read_evidence(folder: Path) -> ReadEvidence:
    """All that can be read of a folder. Raises BundleError where it is no evidence at all; NotPermitted, Unavailable."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (ELOOP, ENOTDIR) and folder.is_symlink():
            raise BundleError(f"{folder}: is a link; name the folder itself") from None
        raise complaint(folder, "cannot be read", error) from None
    with closing(_Folder(folder, descriptor)) as reading:
        index, foreign = reading.index()
        objections = [*foreign, *reading.records(index)]
        found = of_records(index, reading.contents)
        return ReadEvidence(index, reading.contents, distinct((*objections, *found, *reading.strangers(index))))


class _Unread(Exception):
    """Why a file was not read."""


class _Folder:
    """One folder, held open: what happens to its name meanwhile does not matter."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor
        self._left = ALL
        self.contents: dict[str, bytes] = {}

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)

    def index(self) -> tuple[Index, tuple[Objection, ...]]:
        """What the folder says that it holds, and what speaks against that. Raises BundleError."""
        path = self._path / INDEX
        try:
            return _decoded(self._read(INDEX, LARGEST_INDEX))
        except FileNotFoundError:
            raise BundleError(f"{path}: is not there: this is no evidence, or it was not written to its end") from None
        except OSError as error:
            raise complaint(path, "cannot be read", error) from None
        except (_Unread, EvidenceError) as why:
            raise BundleError(f"{path}: {why}") from None

    def records(self, index: Index) -> Iterator[Objection]:
        """Read every record; why that was not possible."""
        for record in index.records:
            try:
                content = self._read(record.file, min(LARGEST, self._left))
            except FileNotFoundError:
                continue  # told of all that is not there
            except OSError as error:
                why = f"{record.file}: cannot be read: {error.strerror or type(error).__name__}"
                yield Objection("missing", record.id, why, Verdict.UNKNOWN)
            except _Unread as why_not:
                yield Objection("missing", record.id, f"{record.file}: {why_not}")
            else:
                self._left -= len(content)
                self.contents[record.file] = content

    def strangers(self, index: Index) -> Iterator[Objection]:
        """Files that no record has."""
        known = {INDEX, *(record.file for record in index.records)}
        yield from (extra(printable(name)) for name in self._names() if name not in known)

    def _names(self) -> list[str]:
        with os.scandir(self._descriptor) as entries:
            return sorted(entry.name for entry in entries)

    def _read(self, name: str, most: int) -> bytes:
        """The bytes of a regular file. Raises OSError, and _Unread for whatever else it is."""
        _refuse_kind(os.stat(name, dir_fd=self._descriptor, follow_symlinks=False).st_mode)  # to open a device may do something
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._descriptor)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            _refuse_kind(status.st_mode)
            content = b"" if status.st_size > most else file.read(most + 1)  # a large file may be one hole
        if max(len(content), status.st_size) > most:
            whole = f"it and the records before it are larger than {ALL >> 20} MiB"
            raise _Unread(whole if most == self._left else f"is larger than {most >> 20} MiB, which no record is")
        return content


def _refuse_kind(mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise _Unread("is a link; none is followed")
    if not stat.S_ISREG(mode):
        raise _Unread("is no regular file")


def _decoded(content: bytes) -> tuple[Index, tuple[Objection, ...]]:
    """The index in these bytes. Raises EvidenceError saying why there is none."""
    try:
        refuse_repeated(content)
        values = msgspec.json.decode(content)
        tag = Index.__struct_config__.tag
        if not isinstance(values, dict) or values.get("schema") != tag:
            raise EvidenceError("", f"is no index of evidence that this qtops reads: it does not begin as {tag}")
        if all_printable(values) != values:
            raise EvidenceError("", "holds characters that are not printable: it was not written by qtops")
        index = msgspec.convert(values, Index)
    except RecursionError:
        raise EvidenceError("", "nested too deeply to be an index") from None
    except msgspec.ValidationError as error:
        raise EvidenceError("", f"is not as an index should be: {error}") from None
    except ValueError as error:
        raise EvidenceError("", f"is no JSON that can be read: {error}; was it cut short, or edited?") from None
    for name in ("id", "name", "file"):
        counted = Counter(getattr(record, name) for record in index.records)
        if twice := next((value for value, count in counted.items() if count > 1), ""):
            raise EvidenceError("", f"has two records with the {name} {quoted(twice)}")
    for record in index.records:
        _refuse_name(record)
    return index, tuple(_foreign(values, index))


def _foreign(values: Mapping[str, object], index: Index) -> Iterator[Objection]:
    """What stands in an index besides what this version writes into one."""
    known = msgspec.json.decode(msgspec.json.encode(index))
    if index.version == __version__ and known != values:
        names = sorted(values.keys() - known.keys())
        what = f"{shown(', '.join(names))}, which" if names else "something that"
        yield Objection("altered", "index", f"the index says {what} no index of this version does")


def _refuse_name(record: Record) -> None:
    """Raise EvidenceError for a file that is not in the folder, or is called as no record is."""
    if not FILE.fullmatch(record.file) or not record.file.startswith(f"{record.id}-"):
        raise EvidenceError("", f"{shown(record.id)} has the file {quoted(record.file)}, which is no name of a record")
