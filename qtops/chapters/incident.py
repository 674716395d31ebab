"""The report on one incident of one service, in the order in which operators write theirs.

A pure function of its case. Every sentence cites the records that bear it; where a part of the case is not there its section stays
in place, and says what could not be told and which command would tell.
"""

from datetime import UTC, datetime

from qtops import __version__
from qtops.chapters import (
    appendices,
    changes,
    configuration,
    contrast,
    criteria,
    problem,
    remaining,
    root_cause,
    timeline,
    verification,
)
from qtops.chapters.baseline import baseline
from qtops.chapters.status import status
from qtops.chapters.story import Story, story
from qtops.chapters.summary import summary
from qtops.chapters.telling import untold
from qtops.evidence.case import Case
from qtops.evidence.document import Document, Listed, Section, words
from qtops.evidence.records import Record
from qtops.facts.text import printable


def incident(case: Case, records: tuple[Record, ...]) -> Document:
    """Compose the report on an incident."""
    told = story(case, records)
    stands = status(told)
    return Document(
        version=__version__,
        kind="incident",
        title=_title(told),
        status=stands.word,
        tone=stands.tone,
        summary=summary(told, stands),
        host=printable(case.host),
        subject=printable(case.subject),
        made_at=rfc3339(case.made_at_s),
        made_at_s=case.made_at_s,
        exit_code=stands.exit_code,
        sections=_sections(told),
        records=records,
    )


def rfc3339(at_s: float) -> str:
    """A moment as JSON has it, in UTC."""
    try:
        return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return f"epoch {at_s:g}"


def _title(told: Story) -> str:
    codes = ", ".join(told.codes)
    return f"Incident: {words(told.case.subject)}" + (f" ({codes})" if codes else "")


def _sections(told: Story) -> tuple[Section, ...]:
    return _numbered(
        (
            *problem.sections(told),
            *root_cause.sections(told),
            timeline.section(told),
            *changes.sections(told),
            *configuration.sections(told),
            *verification.sections(told),
            _baseline(told),
            criteria.section(told),
            contrast.section(told),
            remaining.failed_services(told),
            remaining.next_steps(told),
        )
    ) + appendices.sections(told)


def _numbered(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The same with a number before each title of the second level."""
    numbers = iter(range(1, len(sections) + 1))
    return tuple(Section(f"{next(numbers)}. {one.title}", one.blocks) if one.level == 2 else one for one in sections)


def _baseline(told: Story) -> Section:
    look = told.latest
    if look is None:
        why, command = "no look at the service is on record", f"systemctl status {told.case.subject}"
        return Section("Performance baseline", (Listed((untold("what it takes", why, command),)),))
    return Section("Performance baseline", baseline(look))
