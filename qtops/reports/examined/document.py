"""For programs: what came of checking a report, as JSON. Within ``/1`` it only grows."""

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.evidence.examined import Examined
from qtops.evidence.objections import Objection
from qtops.facts.text import all_printable
from qtops.facts.times import utc
from qtops.findings import Verdict


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.report.check/1"):
    """What ``qtops report check -o json`` prints. ``status``, ``report_host``, ``made_at``: what the report says of itself."""

    version: str
    host: str
    time: str
    time_s: float
    path: str
    verdict: Verdict
    exit_code: int
    status: str
    subject: str
    report_host: str
    report_version: str
    made_at: str
    made_at_s: float
    records: int
    claims: int
    unbacked: int
    objections: tuple[Objection, ...]


def render(found: Examined, host: str, now_s: float) -> str:
    """One line of JSON."""
    document = Document(
        version=__version__,
        host=host,
        time=utc_iso(now_s),
        time_s=now_s,
        path=found.path,
        verdict=found.verdict,
        exit_code=found.verdict.exit_code,
        status=found.status,
        subject=found.subject,
        report_host=found.host,
        report_version=found.version,
        made_at=_iso(found.made_at_s),
        made_at_s=found.made_at_s,
        records=found.records,
        claims=found.claims,
        unbacked=found.unbacked,
        objections=found.objections,
    )
    return msgspec.json.encode(all_printable(msgspec.to_builtins(document))).decode()


def _iso(moment_s: float) -> str:
    """A moment that a stranger wrote down: one that no calendar has is given as it is."""
    try:
        return utc_iso(moment_s)
    except (OverflowError, ValueError, OSError):
        return utc(moment_s)
