"""Whether what was predicted from the files is what the last run met: by its traceback, its last words, or a probe."""

import re
from typing import Final

from qtops.checks.ending import Ending
from qtops.checks.last_traceback import last_traceback
from qtops.facts.preflight import ImportFailure
from qtops.facts.service import ServiceFacts
from qtops.facts.times import utc
from qtops.findings import Finding

LAST_LINES: Final = 20  # of a run: its last words are among them
ENDS_WITH_A_MESSAGE: Final = frozenset({"status", "control", "protocol"})
NOT_FOUND: Final = ("ModuleNotFoundError: ", "ImportError: cannot import name", "PermissionError: ", "AttributeError: module ")
SPEAKS_OF_IMPORTS: Final = re.compile(r"install|import|module|package|dependenc", re.IGNORECASE)


def last_words(service: ServiceFacts) -> tuple[str, ...]:
    """The last lines of the service itself, the newest first."""
    lines = service.journal.lines if service.journal else ()
    return tuple(line.text for line in reversed(lines) if line.source == "service")[:LAST_LINES]


def not_found(finding: Finding, service: ServiceFacts, end: Ending) -> str:
    """Python did not find, or could not open, a module that the finding names a file of."""
    final = last_traceback(service, is_loop=True)
    if final is None or end.kind not in ENDS_WITH_A_MESSAGE or not final.message.startswith(NOT_FOUND):
        return ""
    told = "\n".join((finding.summary, *finding.evidence))
    is_meant = any(_is_file_of(name, told) for name in re.findall(r"'([^']+)'", final.message))
    return f"the program ended with {final.message}, at {utc(final.at_s)}" if is_meant else ""


def _is_file_of(name: str, told: str) -> bool:
    """Whether a text names the file of a path, or of a module."""
    if name.startswith("/"):
        return name in told
    return bool(re.search(rf"/{re.escape(name.partition('.')[0])}(?:[/.: ]|$)", told, re.MULTILINE))


def predicted_traceback(finding: Finding, service: ServiceFacts, end: Ending) -> str:
    """The traceback that was predicted is the one that was printed; or nothing was printed, and nothing speaks against it."""
    failure = _failure(finding, service)
    final = last_traceback(service, is_loop=True)
    is_error = end.kind in ENDS_WITH_A_MESSAGE and bool(end.status)
    if failure is None or not (is_error or (end.kind == "clean" and final is not None)):
        return ""
    if final is not None:
        if any(same_error(message, failure) for message in (final.message, *final.causes)):
            return f"the journal holds the traceback that was predicted, at {utc(final.at_s)}: {final.message}"
        return ""
    words = last_words(service)
    if not words:
        return f"it ended with status {end.status}, as an uncaught exception does; the journal holds no line of it"
    said = next((line for line in words if (failure.message and failure.message in line) or _names(line, failure.module)), "")
    return f"the journal names it: {said}" if said else ""


def _names(line: str, module: str) -> bool:
    """Whether a line speaks of a module: by its name, or of installing a distribution that is called so."""
    top = re.escape(module.partition(".")[0]).replace("_", "[-_]")
    is_told = bool(SPEAKS_OF_IMPORTS.search(line)) and bool(re.search(rf"(?<![\w.-]){top}(?![\w-])", line))
    return bool(module) and (repr(module) in line or is_told)


def probed(finding: Finding, service: ServiceFacts) -> str:
    """What a throw-away process said of a prediction; empty where none was asked, or where it was asked for another."""
    failure, probe = _failure(finding, service), service.probe
    if failure is None or probe is None or probe.expected != failure.raised or not same_error(probe.said, failure):
        return ""
    cause = f"imported in the unit's own context ({probe.how}): {probe.said}"
    return f"{cause}; {probe.mended_by}: {probe.mended_said or probe.mended_found or 'it imports'}" if probe.mended_by else cause


def same_error(message: str, failure: ImportFailure) -> bool:
    """Whether a traceback's last line is the one that was predicted. Pythons differ in words, not in the type and the name."""
    kind = failure.raised.partition(":")[0]
    told = message.partition(":")[0] == kind
    if failure.kind == "syntax_error":
        return told or message.startswith(("SyntaxError", "IndentationError", "TabError"))
    named = failure.name or failure.module
    return message == failure.message or (told and bool(named) and repr(named) in message)


def _failure(finding: Finding, service: ServiceFacts) -> ImportFailure | None:
    """The prediction that a finding was made of."""
    failures = service.start.imports.failures if service.start and service.start.imports else ()
    fitting = [failure for failure in failures if finding.where in {failure.where, failure.resolves_without, failure.broken}]
    return next((failure for failure in (*fitting, *failures) if failure.message and failure.message in finding.summary), None) or (
        fitting[0] if fitting else None
    )
