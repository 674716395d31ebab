"""``qtops redact`` of a report: it is written anew from its evidence without the secrets, and follows from that as before."""

from collections.abc import Iterable
from pathlib import Path

from qtops.casework.recorded import from_evidence
from qtops.casework.redacting import redacted
from qtops.casework.writing import compose, put
from qtops.cli.context import Context
from qtops.collectors.redact import HIDDEN, Redactor
from qtops.config import template_folder
from qtops.errors import UsageError
from qtops.evidence.records import FOLDER, INDEX
from qtops.evidence.splitting import split
from qtops.reports.written.templates import load


def run(context: Context, folder: Path, redactor: Redactor, to: Path | None) -> str:
    """Write a report into a folder of its own; what is to be said of it.

    Raises UsageError, BundleError for evidence that is not as it was written, NotPermitted, Unavailable.
    """
    if not any((folder / place).exists() for place in (Path(INDEX), Path(FOLDER, INDEX))):
        raise UsageError(f"{folder}: is a folder, and no report's; name a file, or the folder that `qtops report` wrote")
    if to is None:
        raise UsageError(f"{folder}: a report is redacted into a folder of its own: name one with --to")
    case = from_evidence(folder)
    report = compose(redacted(case, redactor), load(template_folder(context.config_file)))
    put(report, to)
    hidden = _marks(report.contents.values()) - _marks(part.content for part in split(case))
    return f"{hidden} {'value' if hidden == 1 else 'values'} hidden in its evidence; `qtops report check {to}` checks it"


def _marks(contents: Iterable[bytes]) -> int:
    return sum(content.count(HIDDEN.encode()) for content in contents)
