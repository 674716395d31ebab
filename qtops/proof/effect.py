"""Did the recovery work? Every criterion is answered with yes, no or "could not tell", each with what was seen.

A service is recovered when it stays up as one process and tells of no failure, the check that found the trouble is clear on fresh
facts, and what it publishes is fresh, sane and written by what was started. Nothing that could not be seen counts for it. What does
not apply is no criterion, and is said: a service may declare no keys, or write what it has to say to a file instead of the journal.
"""

from collections.abc import Collection, Iterator
from typing import Final

from qtops.checks.keys_stale import CHECK as KEYS_STALE
from qtops.checks.newer_than_process import CHECK as NEWER_FILES
from qtops.checks.next_start import BY_SOURCE
from qtops.checks.proposals import registry as proposals
from qtops.checks.registry import BY_CODE, SOURCES
from qtops.checks.starts import CHECKS as START_CHECKS
from qtops.diagnose import DOWN, IMPORTED_AFTER_S, diagnose
from qtops.facts.journal import Traceback
from qtops.facts.recovery import Answer, Criterion, Observed, Proof
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment, span
from qtops.findings import Diagnosis, Finding, Severity
from qtops.proof.authorship import written
from qtops.proof.published import counted, families_of, fresh, sane
from qtops.proof.staying import no_restart, one_process
from qtops.settings import Settings

TRACEBACK: Final = "no new traceback"
DEFINITE: Final = frozenset({"one process", "no restart", TRACEBACK})  # a "no" of these stays a "no", however long one waits
OF_STARTS: Final = frozenset(known.check.code for known in START_CHECKS)
JUDGED_APART: Final = frozenset(  # by "fresh" and "sane"; and a process that a reload left alone is older than what was reloaded
    {KEYS_STALE.code, NEWER_FILES.code, *(known.check.code for known in proposals.CHECKS)}
)
OF_THE_SYSTEM: Final = "EVENT"  # codes of what concerns everything, and is no fault of one service
NO_START: Final = "nothing was to be started: what it publishes was not asked"
NO_KEYS: Final = "it declares no keys: what it publishes was not asked"


def prove(before: ServiceFacts, observed: Observed, codes: Collection[str], settings: Settings) -> Proof:
    """Judge a recovery. ``before``: the look that the diagnosis was made from; ``codes``: the findings that were to be mended."""
    criteria = tuple(_criteria(before, observed, codes, settings))
    proof = Proof(criteria)
    return Proof(criteria, observed.taken_at_s) if proof.is_proven else proof


def is_decided(proof: Proof) -> bool:
    """Whether waiting changes nothing any more."""
    return proof.is_proven or any(criterion.name in DEFINITE and criterion.holds == "no" for criterion in proof.criteria)


def _criteria(before: ServiceFacts, observed: Observed, codes: Collection[str], settings: Settings) -> Iterator[Criterion]:
    yield one_process(before, observed)
    yield no_restart(observed)
    if not (log := _other_log(observed.service)):
        yield Criterion(TRACEBACK, *_no_new_traceback(observed))
    holds, evidence = _check_clear(before, observed, codes, settings)
    unasked = "" if observed.service.families and observed.started else NO_KEYS if observed.started else NO_START
    yield Criterion("check clear", holds, "; ".join(filter(None, [evidence, log, unasked])))
    if unasked:
        return
    yield fresh(observed, settings)
    if any(family.content == "risk-proposal" for family in families_of(observed.service, settings)):
        yield sane(observed, settings)
    yield written(before, observed, settings)


def _other_log(service: ServiceFacts) -> str:
    """That its words do not go to the journal, where that is so and the journal holds none of them."""
    start, lines = service.start, service.journal.lines if service.journal is not None else ()
    if start is None or any(line.source == "service" for line in lines) or not (start.log_file or start.log_silent):
        return ""
    return (
        f"what it says goes to {start.log_file}, which was not read" if start.log_file else f"{start.log_silent}: it is not heard"
    )


def _no_new_traceback(observed: Observed) -> tuple[Answer, str]:
    """Whether the journal of this invocation, read from its beginning, holds none."""
    service, journal = observed.service, observed.service.journal
    if journal is None or not journal.invocation or service.unit is None or not service.unit.invocation_id:
        told = [missing.told for missing in service.missing if missing.source in {"journal", "systemd"}]
        return "could not tell", "; ".join(told) or "its journal could not be read"
    invocation = service.unit.invocation_id
    raised = [one for one in journal.tracebacks if _is_new(one, invocation, observed)]
    if raised:
        last = raised[-1]
        ended = ", and it ended by it" if last.final else ""
        return "no", f"{len(raised)}, the last {moment(last.at_s, observed.taken_at_s)}: {last.message}{ended}"
    if journal.invocation != invocation:  # what was said before is shown for as long as a new run says nothing
        return "yes", "the new invocation has written nothing"
    began = any(run.invocation == invocation and run.began_s is not None for run in journal.runs)
    reaches_back = not observed.started and journal.lines and journal.lines[0].at_s <= observed.restarted_at_s
    if journal.cut and not began and not reaches_back:
        return (
            "could not tell",
            f"it writes so much that the beginning of its invocation was not read: journalctl -u {service.subject}",
        )
    own = sum(line.source == "service" for line in journal.lines)
    since = f" since {moment(journal.lines[0].at_s, observed.taken_at_s)}" if journal.lines else ""
    return "yes", f"none in its invocation; {counted(own, 'line')} of its own read{since}"


def _is_new(raised: Traceback, invocation: str, observed: Observed) -> bool:
    """Whether it is of the new invocation; by its time where it names none, or where the invocation is the one of before."""
    if raised.invocation and observed.started:
        return raised.invocation == invocation
    return raised.invocation in {"", invocation} and not raised.at_s < observed.restarted_at_s


def _check_clear(before: ServiceFacts, observed: Observed, codes: Collection[str], settings: Settings) -> tuple[Answer, str]:
    """Whether a diagnosis of fresh facts is without these findings, and without another root that was not there before."""
    now = _diagnosis(observed.service, observed.taken_at_s, observed.host, settings)
    left = [finding for finding in now.findings if finding.code in codes]
    if left:
        return "no", "; ".join(f"{finding.code} is still found: {finding.summary}" for finding in left)
    known = {f.code for f in _diagnosis(before, observed.restarted_at_s, observed.host, settings).findings}
    if now.root is not None and _is_news(now.root, known):
        return "no", f"another root than before: {now.root.code} {now.root.summary}"
    if now.condition in DOWN:
        return "no", f"nothing more is found, and yet it is down: {now.state}"
    if not codes:
        return "could not tell", "no finding was named that is to be clear"
    doubts = [f"{code}: {why}" for code in sorted(codes) if (why := _doubt(code, before, observed))]
    if doubts:
        return "could not tell", "; ".join(doubts)
    return "yes", f"{', '.join(sorted(codes))} not found any more, and no other root ({now.state})"


def _diagnosis(service: ServiceFacts, at_s: float, host: str, settings: Settings) -> Diagnosis:
    (diagnosis,) = diagnose(Facts(host=host, taken_at_s=at_s, services=(service,), settings=settings))
    return diagnosis


def _is_news(root: Finding, known: Collection[str]) -> bool:
    is_apart = root.code in JUDGED_APART or root.code.startswith(OF_THE_SYSTEM)
    return root.severity is not Severity.INFO and root.code not in known and not is_apart


def _doubt(code: str, before: ServiceFacts, observed: Observed) -> str:
    """Why the check of a code could not look; empty where it could."""
    service = observed.service
    known = BY_CODE.get(code)
    if known is None:
        return "there is no such check"
    sources = {SOURCES.get(need, need) for need in known.check.needs}
    lacking = [missing.told for missing in service.missing if missing.source in sources]
    if lacking:
        return "; ".join(lacking)
    if code not in OF_STARTS:
        return "its unit could not be read" if service.unit is None else ""
    if service.start is None:
        return "what its next start would meet could not be looked at"
    earlier = before.start.missing if before.start is not None else ()
    new = [reason for reason in service.start.missing if reason not in earlier]
    unknown = service.start.imports.unknown if service.start.imports is not None and code in BY_SOURCE else ""
    if unknown and not _has_imported(observed):
        new.append(f"{unknown}; a process that has run for {span(IMPORTED_AFTER_S)} has imported what it imports")
    return "; ".join(new)


def _has_imported(observed: Observed) -> bool:
    unit = observed.service.unit
    began_s = unit.exec_main_start_s if unit is not None and unit.main_pid else None
    return began_s is not None and observed.taken_at_s - began_s >= IMPORTED_AFTER_S
