"""For programs: the JSON form. What is not known is null."""

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.facts.text import all_printable
from qtops.reports.top.report import Report


class Document(Report, frozen=True, kw_only=True, tag_field="schema", tag="qtops.top/1"):
    """What ``qtops top -o json`` prints: one row per service, key, proposal, stream, open incident and hold, the worst first."""

    version: str
    time: str
    exit_code: int


def render(report: Report) -> str:
    """One line of JSON; every text in it is printable."""
    fields = {name: getattr(report, name) for name in report.__struct_fields__}
    made = Document(**fields, version=__version__, time=utc_iso(report.taken_at_s), exit_code=report.verdict.exit_code)
    return msgspec.json.encode(all_printable(msgspec.to_builtins(made))).decode()
