"""The JSON form of the report. Within ``/1`` it only grows."""

import msgspec

from qtops.reports.install.report import Report


def render(report: Report) -> str:
    """One line of JSON. Texts are printable already."""
    return msgspec.json.encode(report).decode()
