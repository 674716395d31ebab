"""What came of running a runbook: every command with its exit code, time, output and verdict. This is the evidence that is kept."""

from typing import Literal

import msgspec

from qtops.facts.text import printable

StepVerdict = Literal["held", "failed", "declined", "interrupted", "skipped", "not run"]
Outcome = Literal["done", "failed", "declined", "interrupted", "dry run", "unfinished"]


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was run, as it ended. ``output`` is the beginning and the end where it is too large to be kept."""

    started_s: float
    took_s: float
    exit_code: int | None  # None: a signal ended it, or it could not be started
    why: str = ""  # why there is no exit code
    output: bytes = b""
    output_size: int = 0  # bytes, of all of it
    output_sha256: str = ""  # of all of it
    output_cut: bool = False  # the middle was not kept

    @property
    def text(self) -> str:
        """The output, fit for people: lines without control characters, and with blanks for tabs."""
        text = self.output.decode("utf-8", "surrogateescape")
        return "\n".join(printable(line.rstrip("\r").expandtabs()) for line in text.split("\n"))


class StepRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a run. ``objections`` say what did not hold; ``output`` is printable and without secrets."""

    number: int
    name: str
    why: str
    command: tuple[str, ...]
    changes: bool
    way_back: tuple[str, ...]
    verdict: StepVerdict
    objections: tuple[str, ...] = ()
    started: str | None = None
    started_s: float | None = None
    took_s: float | None = None
    exit_code: int | None = None
    output: str = ""
    output_size: int = 0  # bytes, as they came
    output_sha256: str = ""  # of the bytes as they came, those that are not kept included
    output_cut: bool = False


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.runbook/1"):
    """One run of a runbook: what ``qtops runbook run -o json`` prints, and what is kept of it. ``unfinished``: it was killed.

    ``sha256`` is that of the runbook's file as it was run. ``evidence`` is where this record is kept; empty for a dry run.
    """

    version: str
    runbook: str
    title: str
    file: str
    sha256: str
    host: str
    user: str
    started: str
    started_s: float
    ended: str | None
    ended_s: float | None
    parameters: dict[str, str]
    outcome: Outcome
    steps: tuple[StepRecord, ...]
    evidence: str = ""
