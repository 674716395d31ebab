"""One record for each question that a report rests on: what was asked, when, how it ended, and what came of it, by its hash."""

from typing import Final

import msgspec

from qtops.errors import UsageError
from qtops.evidence.case import Kind
from qtops.facts.text import printable

FOLDER: Final = "evidence"  # beside the report
INDEX: Final = "index.json"  # in that folder
LARGEST: Final = 96 << 20  # bytes of one record: the largest journal of the largest bundle, laid out


class EvidenceError(UsageError):
    """Evidence that cannot be what it claims to be. ``record`` is the name of the record at fault; empty: all of them together."""

    def __init__(self, record: str, why: str) -> None:
        super().__init__(f"{printable(record[:200])}: {why}" if record else why)
        self.record = record


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence. Its bytes are the file ``file`` of the evidence folder, redacted."""

    id: str  # "E07", what claims cite; in the order of reading
    name: str  # "after/quantum-risk-proposal.service/keys": tells what it is of, once in a report
    asked: str  # the command, the D-Bus or Redis call, or the file that it comes from
    at_s: float
    exit: int | None  # of what was asked: 0 where it answered, 1 where it did not; None: it is no question, but a record of qtops
    file: str  # "E07-after-keys.json"
    sha256: str
    size: int


class Index(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.evidence/1"):
    """All records of a report, and the report's own files by their hashes."""

    version: str
    kind: Kind
    host: str
    subject: str
    made_at_s: float
    records: tuple[Record, ...]
    reports: dict[str, str] = {}  # name of a file beside the evidence folder to its sha256: report.json, report.md, report.html
    templates: dict[str, str] = {}  # name of a template to its sha256, as they were when the report was written
