"""What has to be seen on the host before a finding is blamed for how a service's last run ended."""

import re
from collections.abc import Callable
from typing import Final

from qtops.checks.ending import Ending
from qtops.facts.journal import Traceback
from qtops.facts.preflight import ImportFailure
from qtops.facts.service import ServiceFacts
from qtops.facts.times import utc
from qtops.findings import Finding

Agree = Callable[[Finding, ServiceFacts, Ending], str]
"""What on the host agrees with a finding, in words; nothing where nothing does."""

LAST_LINES: Final = 20  # of a run: its last words are among them
PYTHON_CANNOT_OPEN: Final = ("can't open file", "No module named", "can't find '__main__' module", "No such file or directory")
NOT_FOUND: Final = ("ModuleNotFoundError: ", "ImportError: cannot import name", "PermissionError: ", "AttributeError: module ")
SPEAKS_OF_IMPORTS: Final = re.compile(r"install|import|module|package|dependenc", re.IGNORECASE)
ENDS_WITH_A_MESSAGE: Final = frozenset({"status", "control", "protocol"})


def agreement(finding: Finding, service: ServiceFacts, end: Ending) -> str:
    """What on the host agrees with a finding being the reason; empty where nothing does, or where it never is one."""
    agree = AGREES.get(finding.code)
    return agree(finding, service, end) if agree else ""


def rank(code: str) -> int:
    """The place of a check among those that can be the reason: where several agree, the lowest is the root."""
    return _RANKS.get(code, len(_RANKS))


def final_traceback(service: ServiceFacts) -> Traceback | None:
    """The traceback that a run ended with."""
    tracebacks = service.journal.tracebacks if service.journal else ()
    return next((traceback for traceback in reversed(tracebacks) if traceback.final), None)


def last_words(service: ServiceFacts) -> tuple[str, ...]:
    """The last lines of the service itself, the newest first."""
    lines = service.journal.lines if service.journal else ()
    return tuple(line.text for line in reversed(lines) if line.source == "service")[:LAST_LINES]


def _step(*statuses: int) -> Agree:
    def agree(_: Finding, __: ServiceFacts, end: Ending) -> str:
        if end.kind in {"step", "control", "status"} and end.status in statuses:
            return f"systemd says the same: status={end.step}"
        return ""

    return agree


def _kind(*kinds: str) -> Agree:
    def agree(_: Finding, service: ServiceFacts, end: Ending) -> str:
        unit = service.unit
        return f"systemd says: {unit.load_state}, Result={unit.result}" if unit is not None and end.kind in kinds else ""

    return agree


def _either(*ways: Agree) -> Agree:
    def agree(finding: Finding, service: ServiceFacts, end: Ending) -> str:
        return next((words for way in ways if (words := way(finding, service, end))), "")

    return agree


def _cannot_open(_: Finding, service: ServiceFacts, end: Ending) -> str:
    """Python ends with 2 where it cannot open the script, and with 1 for ``-m`` (Modules/main.c, Lib/runpy.py)."""
    if end.kind not in ENDS_WITH_A_MESSAGE or end.status not in {1, 2}:
        return ""
    words = last_words(service)
    said = next((line for line in words if any(part in line for part in PYTHON_CANNOT_OPEN)), "")
    if said:
        return f"the journal says the same: {said}"
    return f"it ended with status {end.status}, as Python does then; the journal holds no line of it" if not words else ""


def _not_found(finding: Finding, service: ServiceFacts, end: Ending) -> str:
    """Python did not find, or could not open, a module that the finding names a file of."""
    final = final_traceback(service)
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


def _traceback(finding: Finding, service: ServiceFacts, end: Ending) -> str:
    """The traceback that was predicted is the one that was printed; or nothing was printed, and nothing speaks against it."""
    failure = _failure(finding, service)
    if failure is None or end.kind not in ENDS_WITH_A_MESSAGE or not end.status:
        return ""
    final = final_traceback(service)
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
    if failure is None or probe is None or probe.expected != failure.message or not same_error(probe.said, failure):
        return ""
    cause = f"imported in the unit's own context ({probe.how}): {probe.said}"
    return f"{cause}; {probe.mended_by}: {probe.mended_said or probe.mended_found or 'it imports'}" if probe.mended_by else cause


def same_error(message: str, failure: ImportFailure) -> bool:
    """Whether a traceback's last line is the one that was predicted. Pythons differ in words, not in the type and the name."""
    kind = failure.message.partition(":")[0]
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


def _dependency(_: Finding, service: ServiceFacts, end: Ending) -> str:
    unit = service.unit
    if unit is None or unit.active_state in {"active", "reloading"} or end.kind not in {"none", "clean"}:
        return ""
    events = service.journal.events if service.journal else ()
    failed = next((event for event in reversed(events) if event.kind == "job_failed"), None)
    if failed is not None:
        return f"systemd says at {utc(failed.at_s)}: {failed.text}"
    required = unit.named("Requires", "Requisite", "BindsTo")
    bad = next((r for r in required if r.load_state in {"not-found", "masked"}), None)
    if bad is not None:
        return f"{bad.setting}={bad.unit} is {bad.load_state}: no job can start it"
    lost = next((r for r in required if r.active_state == "failed"), None)
    return f"{lost.setting}={lost.unit} has failed, and takes it along" if lost else ""


def _redis(_: Finding, service: ServiceFacts, end: Ending) -> str:
    """The last words are about Redis, and Redis does not serve now."""
    if end.kind not in {*ENDS_WITH_A_MESSAGE, "timeout", "watchdog"}:
        return ""
    final = final_traceback(service)
    if final is not None:
        is_redis = final.type.startswith("redis.") or any("/redis/" in frame.file for frame in final.frames)
        return f"the program ended with {final.message}" if is_redis or "redis" in final.message.lower() else ""
    said = next((line for line in last_words(service) if "redis" in line.lower()), "")
    return f"its last words: {said}" if said else ""


def _exception(_: Finding, service: ServiceFacts, end: Ending) -> str:
    final = final_traceback(service)
    if final is None or end.kind not in ENDS_WITH_A_MESSAGE:
        return ""
    return f"the last lines of the run that ended with status {end.status}, at {utc(final.at_s)}"


def _message(_: Finding, service: ServiceFacts, end: Ending) -> str:
    if final_traceback(service) is not None or end.kind not in ENDS_WITH_A_MESSAGE or not end.status:
        return ""
    return f"the last words before it ended with status {end.status}"


def _ended_well(_: Finding, __: ServiceFacts, end: Ending) -> str:
    return "it ended with status 0" if end.kind == "clean" and end.code == "exited" else ""


AGREES: Final[dict[str, Agree]] = {
    "UNIT113": _kind("not loaded"),
    "UNIT206": _kind("not loaded"),
    "UNIT111": _dependency,
    "UNIT218": _kind("none"),
    "UNIT208": _dependency,
    "UNIT207": _kind("condition"),
    "UNIT106": _kind("resources"),
    "UNIT105": _step(216, 217),
    "UNIT107": _step(209, 222),
    "UNIT108": _step(226),
    "UNIT109": _either(_step(200, 203, 226), _cannot_open, _not_found),
    "UNIT115": _either(_step(200, 203), _cannot_open),
    "UNIT116": _either(_step(200, 203), _cannot_open),
    "UNIT101": _step(203),
    "UNIT102": _step(203),
    "UNIT104": _step(200),
    "UNIT103": _cannot_open,
    "UNIT117": _not_found,
    "CODE101": _traceback,
    "IMPORT103": _traceback,
    "IMPORT101": _traceback,
    "CODE102": _ended_well,
    "UNIT209": _kind("step", "resources"),
    "UNIT212": _kind("oom", "signal"),
    "UNIT213": _kind("watchdog"),
    "REDIS201": _redis,
    "LOG201": _exception,
    "UNIT210": _kind("control"),
    "UNIT215": _kind("protocol"),
    "UNIT214": _kind("timeout"),
    "UNIT211": _kind("signal"),
    "LOG203": _message,
    "UNIT204": _ended_well,
    "UNIT205": _kind("none", "clean"),
}
"""What has to agree before a check's finding is blamed; where several do, the upper one is the root."""
STOPS_A_START: Final = frozenset(
    {
        "UNIT113", "UNIT111", "UNIT106", "UNIT105", "UNIT107", "UNIT108", "UNIT109", "UNIT115", "UNIT116", "UNIT101", "UNIT102",
        "UNIT104", "UNIT103", "UNIT117", "CODE101", "IMPORT103", "IMPORT101", "CODE102",
    }
)  # fmt: skip
"""Checks of the files alone whose findings stop the next start too, whatever stopped the last one."""
_RANKS: Final = {code: rank for rank, code in enumerate(AGREES)}
