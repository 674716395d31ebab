"""The JSON form of ``qtops phases``. Within ``/1`` it only grows. Times are RFC 3339, each with its epoch."""

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.facts.text import all_printable
from qtops.reports.phases.report import Remaining, Report, Row


class Document(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.phases/1"):
    """The plan as it stands. ``failed`` is null where systemd was not asked."""

    version: str
    host: str
    time: str
    time_s: float
    exit_code: int
    phases: tuple[Row, ...]
    failed: tuple[Remaining, ...] | None
    missing: tuple[str, ...]


def render(report: Report) -> str:
    """One line of JSON; every text in it is printable."""
    document = Document(
        version=__version__,
        host=report.host,
        time=utc_iso(report.taken_at_s),
        time_s=report.taken_at_s,
        exit_code=report.exit_code,
        phases=report.rows,
        failed=report.failed,
        missing=report.missing,
    )
    return msgspec.json.encode(all_printable(msgspec.to_builtins(document))).decode()
