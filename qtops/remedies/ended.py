"""What to do about an exception that ended the program: start it again, only where what raised it is seen to be gone.

Everything else that an exception tells of is the program's own, or has to be mended first.
"""

import re
from collections.abc import Iterator
from typing import Final

from qtops.facts.journal import Traceback
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Finding
from qtops.remedies.behind import assignment
from qtops.remedies.starting import start
from qtops.steps import Remedy

OF_IMPORTS: Final = ("ModuleNotFoundError", "ImportError")
SAID_BY_REDIS: Final = re.compile(
    r"BusyLoading|ReadOnlyError|OutOfMemoryError|MISCONF|LOADING|[Cc]onnection closed by server|reset by peer"
)
REFUSED: Final = re.compile(r"Error 111 connecting to (?P<address>[\w.:\[\]-]+:\d+)")
WORKED_S: Final = 60.0  # a run of that length has spoken to Redis: what refused it later was Redis, and not the sandbox
STAYS: Final = "what the program ended with is not seen to be gone; a start alone would end the same way"


def remedies(finding: Finding, service: ServiceFacts, facts: Facts) -> Iterator[Remedy]:
    """LOG201. An import error that no walk of the start predicts yields nothing, unless the source has been mended since."""
    raised = _traceback(finding, service)
    if raised is None:
        return
    gone = _variable_set(raised, service) or _redis_back(raised, service) or _source_mended(raised, service, facts)
    if gone:
        yield start(finding, gone)
    elif not raised.type.endswith(OF_IMPORTS):
        yield Remedy(name="mend-the-cause", code=finding.code, title=finding.remedy, why=finding.summary, by_hand=STAYS)


def _traceback(finding: Finding, service: ServiceFacts) -> Traceback | None:
    tracebacks = service.journal.tracebacks if service.journal else ()
    return next((one for one in reversed(tracebacks) if one.message and finding.summary.startswith(one.message)), None)


def _variable_set(raised: Traceback, service: ServiceFacts) -> str:
    """``os.environ`` did not hold a variable that the unit sets by now."""
    missed = re.fullmatch(r"KeyError: '([^']+)'", raised.message)
    of_environ = bool(raised.frames) and raised.frames[-1].file.endswith(("<frozen os>", "/os.py"))
    there = assignment(missed[1], service) if missed and of_environ else None
    return f"{there.name} was not set then, and is by now: {there.where}" if there is not None else ""


def _redis_back(raised: Traceback, service: ServiceFacts) -> str:
    """Redis was in trouble by its own words, or refused whom it had served before; and it serves now."""
    redis = service.redis
    if redis is None or redis.reading.state != "ok" or redis.writes_refused or not raised.type.startswith("redis."):
        return ""
    now = f"and it serves now at {redis.reading.url}"
    if SAID_BY_REDIS.search(f"{raised.type}: {raised.message}"):
        return f"Redis was in trouble then, by its own words ({raised.message}), {now}"
    refused = REFUSED.search(raised.message)
    if refused is None or refused["address"] not in redis.reading.url:
        return ""
    runs = service.journal.runs if service.journal else ()
    worked = any((run.ended_s or 0.0) - (run.began_s or run.ended_s or 0.0) >= WORKED_S for run in runs)
    return f"Redis was away then ({raised.message}), after it had served this service, {now}" if worked else ""


def _source_mended(raised: Traceback, service: ServiceFacts, facts: Facts) -> str:
    """An import failed, the source has changed since, and every import of the next start resolves."""
    imports, changed_s = service.start.imports if service.start else None, service.source_changed_s
    is_well = imports is not None and not imports.failures and not imports.unknown and not imports.script_missing
    if not raised.type.endswith(OF_IMPORTS) or not is_well or changed_s is None or changed_s <= raised.at_s:
        return ""
    return f"its source changed {moment(changed_s, facts.taken_at_s)}, after that, and every import of the next start resolves"
