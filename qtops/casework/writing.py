"""Write a report beside its evidence: a folder that says nothing but what its records say, and can be checked anywhere."""

import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from qtops import __version__
from qtops.actions.state import open_state
from qtops.bundle.evidence import write_evidence
from qtops.bundle.writing import complaint, write
from qtops.chapters.incident import incident
from qtops.chapters.phase import phase
from qtops.errors import UsageError
from qtops.evidence.case import Case, Kind
from qtops.evidence.document import Document
from qtops.evidence.numbering import recorded
from qtops.evidence.records import FOLDER, INDEX, Index, Record
from qtops.evidence.splitting import plain, split
from qtops.reports.written import document as as_json
from qtops.reports.written import markdown, page
from qtops.reports.written.templates import Templates

COMPOSERS: Final[Mapping[Kind, Callable[[Case, tuple[Record, ...]], Document]]] = {"incident": incident, "phase": phase}
RENDERINGS: Final[Mapping[str, Callable[[Document, Templates], str]]] = {
    "report.json": lambda document, _: as_json.render(document),
    "report.md": markdown.render,
    "report.html": page.render,
}
"""The files of a report, and what makes them of its document."""
REPORTS: Final = "reports"  # below the state folder
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9@_.-]+")


@dataclass(frozen=True)
class Report:
    """A report in all its forms, and everything that it rests on. Nothing of it has been written."""

    document: Document
    index: Index
    contents: Mapping[str, bytes]  # of the evidence files, by their names
    texts: Mapping[str, str]  # of the report's own files, by their names


def compose(case: Case, templates: Templates) -> Report:
    """The report on a case. Raises ConfigError for a template that cannot be used."""
    case = plain(case)  # what is read back from the records later
    parts = split(case)
    records = recorded(parts)
    document = COMPOSERS[case.kind](case, records)
    texts = {name: render(document, templates) for name, render in RENDERINGS.items()}
    index = Index(
        version=__version__,
        kind=case.kind,
        host=case.host,
        subject=case.subject,
        made_at_s=case.made_at_s,
        records=records,
        reports={name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
        templates=dict(templates.hashes()),
    )
    contents = {record.file: part.content for record, part in zip(records, parts, strict=True)}
    return Report(document, index, contents, texts)


def put(report: Report, folder: Path) -> Path:
    """Write all of it into a folder of its own, which only its owner may read; the index last, so that half a report is none.

    Raises UsageError where there is something already or the folder is somebody else's, NotPermitted, Unavailable (a full disk).
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (owner := folder.stat().st_uid) != os.geteuid():  # who could put another in its place while it is written
            raise UsageError(f"{folder}: belongs to user {owner}; name a folder of your own, or one that is not there yet")
        if next(folder.iterdir(), None) is not None:
            raise UsageError(f"{folder}: is not empty; name a folder that is, or one that is not there yet")
    except FileExistsError:
        raise UsageError(f"{folder}: there is something that is no folder; name another place") from None
    except OSError as error:
        raise complaint(folder, "cannot be made", error) from None
    with ExitStack() as failing:
        failing.callback(_take_back, report, folder)
        for name, text in report.texts.items():
            write(folder / name, text.encode())
        write_evidence(folder / FOLDER, report.index, report.contents)
        failing.pop_all()
    return folder


def _take_back(report: Report, folder: Path) -> None:
    """Remove what was written of a report that could not be written whole, so that the place is free for the next."""
    evidence = folder / FOLDER
    for file in (*(folder / name for name in report.texts), *(evidence / name for name in (*report.contents, INDEX))):
        with suppress(OSError):
            file.unlink()
    for made in (evidence, folder):
        with suppress(OSError):
            made.rmdir()


def usual_folder(case: Case, state: str) -> Path:
    """Where a report goes that nobody named a place for: in the state folder, named as operators name theirs, by topic and time.

    Raises as ``open_state`` does where that folder cannot be used.
    """
    topic = _NO_NAME.sub("-", f"{case.kind}_{case.subject}".removesuffix(".service")).strip("-.")[:100]
    made = datetime.fromtimestamp(case.made_at_s, UTC)
    reports = Path(open_state(state).path, REPORTS)
    folder = reports / f"{topic}_{made:%Y%m%d_%H%M%S}"
    while folder.exists():  # a second one within the second
        time.sleep(0.01)
        folder = reports / f"{topic}_{datetime.now(UTC):%Y%m%d_%H%M%S_%f}"
    return folder
