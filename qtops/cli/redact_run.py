"""What ``qtops redact`` does once its options are read: learn the known values, tell what the file is, and redact it as such."""

import codecs
import gzip
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, cast

import click

from qtops.bundle import encode
from qtops.bundle.file import LARGEST, decode
from qtops.bundle.writing import BundleError, complaint, replacing
from qtops.cli.context import Context
from qtops.collectors.redact import HIDDEN, Redactor
from qtops.collectors.redact_stream import Part, redacted
from qtops.errors import ConfigError, UsageError
from qtops.evidence.records import FOLDER, INDEX
from qtops.unitfile.environment_file import parse

PIECE: Final = 1 << 18  # bytes
LARGEST_ENVIRONMENT: Final = 1 << 20  # bytes
STANDARD_INPUT: Final = Path("-")
_GZIP: Final = b"\x1f\x8b"
_BUNDLE: Final = re.compile(rb'\s*\{\s*"schema"\s*:\s*"qtops\.bundle/')


def run(context: Context, source: Path, environments: Sequence[Path], to: Path | None) -> None:
    """Redact one file, bundle or report, and say on standard error how much was hidden.

    Raises UsageError (BundleError where the file is not as it should be), ConfigError for an environment file, NotPermitted,
    Unavailable.
    """
    redactor = Redactor(variable for file in environments for variable in _values(file))
    if source != STANDARD_INPUT and source.is_dir():
        from qtops.cli.redact_report import run as run_report  # composing and rendering are of no use to a log

        click.echo(run_report(context, source, redactor, to), err=True)
        return
    _refuse_evidence(to)
    with _opened(source) as file:
        begin = _read(source, file.peek, 4096)
        parts = _bundle(source, file, redactor) if _BUNDLE.match(begin) else redacted(_texts(source, file), redactor)
        hidden, lines = _write(parts, to)
    click.echo(f"{count(hidden, 'value')} hidden in {count(lines, 'line')}", err=True)


def _values(path: Path) -> Iterator[tuple[str, str]]:
    with _opened(path) as file:
        content = _all(path, file, LARGEST_ENVIRONMENT)
    read = parse(str(path), content)
    if read.failure:
        raise ConfigError(f"{path}: {read.failure}; systemd would not take it for an EnvironmentFile either")
    if not read.variables:
        raise ConfigError(f"{path}: sets no variable; name a file of lines NAME=value, as EnvironmentFile= does")
    return ((variable.name, variable.value.reveal()) for variable in read.variables)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """What a file holds, decompressed where it is compressed. A FIFO, which might never begin, is not waited for."""
    if path == STANDARD_INPUT:
        yield _plain(cast("BufferedReader", sys.stdin.buffer))
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise complaint(path, "cannot be read", error) from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BundleError(f"{path}: is no regular file; what comes through a pipe is read by `qtops redact -`")
        yield _plain(file)


def _plain(file: BufferedReader) -> BufferedReader:
    return BufferedReader(cast("BufferedReader", gzip.open(file))) if file.peek(2)[:2] == _GZIP else file


def _read(path: Path, read: Callable[[int], bytes], size: int) -> bytes:
    try:
        return read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BundleError(f"{path}: begins like gzip and cannot be decompressed: {error}") from None
    except OSError as error:
        raise complaint(path, "cannot be read", error) from None


def _all(path: Path, file: BufferedReader, largest: int) -> bytes:
    content = _read(path, file.read, largest + 1)
    if len(content) > largest:
        raise BundleError(f"{path}: larger than {largest >> 20} MiB, which none is")
    return content


def _texts(path: Path, file: BufferedReader) -> Iterator[str]:
    """The file in pieces; bytes that are no UTF-8 stand for themselves (PEP 383)."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while piece := _read(path, file.read, PIECE):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _bundle(path: Path, file: BufferedReader, redactor: Redactor) -> Iterator[Part]:
    """The one part of a bundle: itself, as it is written, in a line."""
    try:
        before = decode(_all(path, file, LARGEST))
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from None
    old = encode(before).decode()
    new = encode(redactor.facts(before)).decode()
    yield Part(new, new.count(HIDDEN) - old.count(HIDDEN), int(new != old))


def _write(parts: Iterator[Part], to: Path | None) -> tuple[int, int]:
    """Write all parts; how many secrets are hidden in them, and in how many lines."""
    if to is None:
        return _pour(parts, sys.stdout.buffer)
    with replacing(to) as file:
        if not to.name.endswith(".gz"):
            return _pour(parts, file)
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed:
            return _pour(parts, cast("BinaryIO", compressed))


def _pour(parts: Iterator[Part], file: BinaryIO) -> tuple[int, int]:
    hidden = lines = 0
    for part in parts:
        file.write(part.text.encode("utf-8", "surrogateescape"))
        hidden, lines = hidden + part.hidden, lines + part.lines
    return hidden, lines


def _refuse_evidence(to: Path | None) -> None:
    """Evidence is not altered, not even for the better: a report that cites it would no longer hold."""
    if to is not None and any((to.parent / place).exists() for place in (Path(INDEX), Path(FOLDER, INDEX))):
        raise UsageError(
            f"{to}: stands in a report, whose files are known by their hashes: redact the report as a whole, into a new folder, "
            f"with `qtops redact {to.parent} --to DIR`"
        )


def count(number: int, thing: str) -> str:
    """So and so many things."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
