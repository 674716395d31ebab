"""What has to be seen on the host before a finding is blamed for how a service's last run ended."""

from collections.abc import Callable
from typing import Final

from qtops.causes.predictions import ENDS_WITH_A_MESSAGE, last_words, not_found, predicted_traceback
from qtops.checks.ending import Ending
from qtops.checks.last_traceback import last_traceback
from qtops.checks.standing import asked_to_end, stop_request
from qtops.facts.service import ServiceFacts
from qtops.facts.times import utc
from qtops.findings import Finding

Agree = Callable[[Finding, ServiceFacts, Ending], str]
"""What on the host agrees with a finding, in words; nothing where nothing does."""

PYTHON_CANNOT_OPEN: Final = ("can't open file", "No module named", "can't find '__main__' module", "No such file or directory")


def agreement(finding: Finding, service: ServiceFacts, end: Ending) -> str:
    """What on the host agrees with a finding being the reason; empty where nothing does, or where it never is one."""
    agree = AGREES.get(finding.code)
    return agree(finding, service, end) if agree else ""


def rank(code: str) -> int:
    """The place of a check among those that can be the reason: where several agree, the lowest is the root."""
    return _RANKS.get(code, len(_RANKS))


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


def _dependency(_: Finding, service: ServiceFacts, end: Ending) -> str:
    unit = service.unit
    if unit is None or unit.active_state in {"active", "reloading"} or end.kind not in {"none", "clean"}:
        return ""
    events = service.journal.events if service.journal else ()
    failed = next((event for event in reversed(events) if event.kind == "job_failed"), None)
    if failed is not None and failed.result == "dependency":
        return f"systemd says at {utc(failed.at_s)}: {failed.text}"
    required = unit.named("Requires", "Requisite", "BindsTo")
    bad = next((r for r in required if r.load_state in {"not-found", "masked"}), None)
    if bad is not None:
        return f"{bad.setting}={bad.unit} is {bad.load_state}: no job can start it"
    lost = next((r for r in required if r.active_state == "failed"), None)
    if lost is not None:
        return f"{lost.setting}={lost.unit} has failed, and takes it along"
    return f"systemd says at {utc(failed.at_s)}: {failed.text}" if failed is not None else ""


def _redis(_: Finding, service: ServiceFacts, end: Ending) -> str:
    """The last words are about Redis, and Redis does not serve now."""
    if end.kind not in {*ENDS_WITH_A_MESSAGE, "timeout", "watchdog"}:
        return ""
    final = last_traceback(service, is_loop=True)
    if final is not None:
        is_redis = final.type.startswith("redis.") or any("/redis/" in frame.file for frame in final.frames)
        return f"the program ended with {final.message}" if is_redis or "redis" in final.message.lower() else ""
    said = next((line for line in last_words(service) if "redis" in line.lower()), "")
    return f"its last words: {said}" if said else ""


def _exception(_: Finding, service: ServiceFacts, end: Ending) -> str:
    final = last_traceback(service, is_loop=True)
    is_end = end.kind in ENDS_WITH_A_MESSAGE or (end.kind == "clean" and stop_request(service) is None)
    if final is None or not is_end or asked_to_end(service):
        return ""
    return f"the last lines of the run that ended with status {end.status}, at {utc(final.at_s)}"


def _message(_: Finding, service: ServiceFacts, end: Ending) -> str:
    is_told = last_traceback(service, is_loop=True) is not None or asked_to_end(service) is not None
    if is_told or end.kind not in ENDS_WITH_A_MESSAGE or not end.status:
        return ""
    return f"the last words before it ended with status {end.status}"


def _killed(finding: Finding, service: ServiceFacts, end: Ending) -> str:
    return "" if asked_to_end(service) else _kind("signal")(finding, service, end)


def _stopped(_: Finding, service: ServiceFacts, end: Ending) -> str:
    asked = asked_to_end(service)
    if asked is not None and end.kind in {"status", "signal"}:
        return f"systemd said before: {asked.text}"
    return ""


def _ended_well(_: Finding, __: ServiceFacts, end: Ending) -> str:
    if end.kind != "clean" or end.code not in {"exited", ""}:
        return ""
    return f"it ended with status {end.status}" if end.code else "it ended with success, says systemd"


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
    "UNIT109": _either(_step(200, 203, 226), _cannot_open, not_found),
    "UNIT115": _either(_step(200, 203), _cannot_open),
    "UNIT116": _either(_step(200, 203), _cannot_open),
    "UNIT101": _step(203),
    "UNIT102": _step(203),
    "UNIT104": _step(200),
    "UNIT103": _cannot_open,
    "UNIT117": not_found,
    "CODE101": predicted_traceback,
    "IMPORT103": predicted_traceback,
    "IMPORT101": predicted_traceback,
    "CODE102": _ended_well,
    "UNIT209": _kind("step", "resources"),
    "UNIT212": _kind("oom", "signal"),
    "UNIT213": _kind("watchdog"),
    "REDIS201": _redis,
    "LOG201": _exception,
    "UNIT210": _kind("control"),
    "UNIT215": _kind("protocol"),
    "UNIT214": _kind("timeout"),
    "UNIT211": _killed,
    "LOG203": _message,
    "UNIT204": _ended_well,
    "UNIT205": _either(_kind("none", "clean"), _stopped),
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
