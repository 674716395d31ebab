"""Standard output whose failures can be told from all others: a full disk, or a reader (``| head``) that has gone."""

import io
import os
import sys
from errno import EPIPE
from pathlib import Path

from qtops.errors import Exit, Unavailable

BROKEN_PIPE = 128 + 13  # as a shell reports a process ended by SIGPIPE


class OutputError(OSError):
    """Standard output takes no more."""

    @property
    def exit_code(self) -> int:
        """What a pipeline expects of a process that lost its reader; otherwise: try again."""
        return BROKEN_PIPE if self.errno == EPIPE else Exit.UNAVAILABLE


class _StandardOutput(io.FileIO):
    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError as error:
            raise OutputError(error.errno, error.strerror) from None


def install() -> None:
    """Make ``sys.stdout`` raise OutputError, and never fail on a character that its encoding lacks.

    Raises Unavailable where it is closed: the next file to be opened would take its place. Talk has no such claim: where standard
    error is closed, as under some job runners, it goes nowhere.
    """
    stdout = sys.stdout
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # takes the descriptor before a socket does
    if stdout is None:
        raise Unavailable("standard output is closed; send it to /dev/null if it is not wanted")
    if stdout is sys.__stdout__ and isinstance(stdout, io.TextIOWrapper):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_StandardOutput(stdout.fileno(), "w", closefd=False)),
            encoding=stdout.encoding,
            errors="backslashreplace",
            line_buffering=stdout.line_buffering or stdout.write_through,
        )


def let_go() -> None:
    """Flush both streams, and should one fail, send what is left nowhere: the interpreter flushes once more at its end,
    and would complain, and end with 120.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
