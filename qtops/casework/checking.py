"""Does a report say what its evidence says? Hash the records, read them again, write the report anew, and compare."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from qtops.bundle.evidence import ReadEvidence, read_evidence
from qtops.bundle.writing import BundleError, complaint
from qtops.casework.writing import COMPOSERS, RENDERINGS
from qtops.errors import ConfigError
from qtops.evidence.checking import objections, text_objections
from qtops.evidence.document import Document
from qtops.evidence.encoding import refuse_repeated
from qtops.evidence.examined import Examined, examined
from qtops.evidence.numbering import by_name, recorded, sha256
from qtops.evidence.objections import Objection, shown
from qtops.evidence.records import FOLDER, INDEX, EvidenceError, Index
from qtops.evidence.splitting import joined, split
from qtops.findings import Verdict
from qtops.reports.written.signs import contradictions
from qtops.reports.written.templates import Templates, load

DOCUMENT: Final = "report.json"
LARGEST: Final = 64 << 20  # bytes of one file of a report


def examine(report: Path, templates: Templates) -> Examined:
    """Check a report: its folder, or a file in it.

    Raises BundleError where it is none, or where no evidence lies beside it; NotPermitted, Unavailable.
    """
    folder = _folder(report)
    texts = _texts(folder, report)
    found = read_evidence(folder / FOLDER)
    stored = _document(folder / DOCUMENT, texts[DOCUMENT])
    composed = _composed(found)
    told = objections(found.index, found.contents, stored, composed, found.objections)
    texts_told = _of_texts(texts, stored, composed, found.index, templates)
    return examined(str(report), found.index, stored, (*told, *texts_told))


def _folder(report: Path) -> Path:
    """The folder of a report, which may be named by one of its files. Raises BundleError, NotPermitted."""
    try:
        if stat.S_ISDIR(report.stat().st_mode):
            return report
    except FileNotFoundError as error:
        if report.name not in RENDERINGS:
            raise complaint(report, "cannot be read", error) from None  # of a report's own file the evidence may say more
    except (OSError, ValueError) as error:
        raise complaint(report, "cannot be read", error if isinstance(error, OSError) else OSError(str(error))) from None
    if report.name not in RENDERINGS:
        raise BundleError(f"{report}: is none of the files of a report, which are {', '.join(RENDERINGS)}: name one, or its folder")
    return report.parent


def _composed(found: ReadEvidence) -> Document | EvidenceError:
    """The report that the records lead to now; why they lead to none."""
    try:
        case = joined(by_name(found.index.records, found.contents))
        composed = COMPOSERS[case.kind](case, recorded(split(case)))
    except EvidenceError as why:
        return why
    return msgspec.json.decode(RENDERINGS[DOCUMENT](composed, Templates({})), type=Document)


def _of_texts(
    texts: dict[str, str], stored: Document, composed: Document | EvidenceError, index: Index, templates: Templates
) -> Iterator[Objection]:
    """What of the files that people read is not what the evidence leads to. A document that it does not lead to is not rendered:
    who made it may have made one that takes hours.
    """
    shipped = load(None)
    fitting = next((one for one in (templates, shipped) if one.hashes() == index.templates), None)
    for name in sorted({*texts, *index.reports}):
        if name not in texts:
            yield Objection("missing", name, f"{name}: is not there", Verdict.WARNING)
            continue
        told = index.reports.get(name)
        if told != sha256(texts[name].encode()):
            why = "is not as it was written: its sha256 is another than the index has" if told else "is not in the index"
            yield Objection("altered", name, f"{name}: {why}")
        if stored != composed:  # what differs was told by what it is, and lines would repeat it
            yield from _of_verdicts(name, texts[name], stored)
        elif name == DOCUMENT or fitting:
            yield from _of_text(name, texts[name], stored, fitting or shipped)
        else:
            why = f"{name}: was written with other templates than those in force; name them with --templates"
            yield Objection("wording", name, why, Verdict.UNKNOWN)
            yield from _of_verdicts(name, texts[name], stored)


def _of_verdicts(name: str, text: str, stored: Document) -> Iterator[Objection]:
    """Verdicts that are not the document's, in whatever a rendering has around them."""
    if name != DOCUMENT:
        yield from (Objection("verdict", name, f"{name}: {shown(why)}") for why in contradictions(text, stored))


def _of_text(name: str, text: str, document: Document, templates: Templates) -> Iterator[Objection]:
    """Lines that the document does not make."""
    try:
        rendered = RENDERINGS[name](document, templates)
    except ConfigError as error:
        yield Objection("wording", name, f"{name}: cannot be rendered anew: {error}", Verdict.UNKNOWN)
        return
    yield from (msgspec.structs.replace(one, where=f"{name} {one.where}") for one in text_objections(text, rendered))


def _texts(folder: Path, named: Path) -> dict[str, str]:
    """The files of a report. Raises BundleError where there is no report, NotPermitted, Unavailable."""
    try:
        (folder / FOLDER / INDEX).lstat()
    except (FileNotFoundError, NotADirectoryError):
        why = f"no evidence lies beside it ({folder / FOLDER / INDEX}): nothing it says can be checked"
        raise BundleError(f"{named}: {why}") from None
    except OSError as error:
        raise complaint(folder / FOLDER, "cannot be read", error) from None
    found = {}
    for name in RENDERINGS:
        try:
            found[name] = _read(folder / name)
        except FileNotFoundError:
            continue
        except UnicodeDecodeError as error:
            raise BundleError(f"{folder / name}: is no text: {error.reason} at byte {error.start}") from None
        except OSError as error:
            raise complaint(folder / name, "cannot be read", error) from None
    if DOCUMENT not in found:
        raise BundleError(f"{folder / DOCUMENT}: is not there: what the report says cannot be compared; write it anew with --from")
    return found


def _read(path: Path) -> str:
    """A regular file of a report, no link."""
    _refuse(path, path.lstat())  # to open a device may do something
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _refuse(path, os.fstat(descriptor))
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BundleError(f"{path}: is larger than {LARGEST >> 20} MiB, which no report is")
    return content.decode()


def _refuse(path: Path, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise BundleError(f"{path}: is a link; none is followed")
    if not stat.S_ISREG(status.st_mode):
        raise BundleError(f"{path}: is no regular file")
    if status.st_size > LARGEST:
        raise BundleError(f"{path}: is larger than {LARGEST >> 20} MiB, which no report is")


def _document(path: Path, text: str) -> Document:
    """The document in a report.json. Raises BundleError where there is none."""
    try:
        refuse_repeated(text)
        return msgspec.json.decode(text, type=Document)
    except RecursionError:
        raise BundleError(f"{path}: nested too deeply to be a report") from None
    except ValueError as error:  # ValidationError, DecodeError
        raise BundleError(f"{path}: is no report: {error}") from None
