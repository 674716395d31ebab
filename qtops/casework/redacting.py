"""A case without secrets, whose names are still those that its records have."""

from collections.abc import Iterator

from qtops.collectors.redact import Redactor
from qtops.evidence.case import Case
from qtops.facts.wiring import WiringFacts


def redacted(case: Case, redactor: Redactor) -> Case:
    """The same without secrets; what names its records stays as it is, and so do names in Redis that a map was made of."""
    records = [record for record in (case.recovery, *case.recoveries) if record is not None]
    names = [text for record in records for text in (record.id, record.unit, record.folder, record.fingerprint)]
    plans = [case.plan.id] if case.plan is not None else []
    wirings = [look.wiring for look in (case.before, case.after, case.now) if look is not None and look.wiring is not None]
    mapped = [name for wiring in wirings for name in _mapped(wiring)]
    return redactor.facts(case, (case.host, case.subject, *names, *plans, *mapped))


def _mapped(wiring: WiringFacts) -> Iterator[str]:
    """The names of a map, which has been redacted with an eye to what is a name: ``auth:token:refresh``."""
    yield from (end.name for unit in wiring.units for end in unit.ends)
    yield from (state.name for state in wiring.names or ())
    yield from wiring.found
