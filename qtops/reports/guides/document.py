"""The JSON form of a run: its record. Within ``/1`` it only grows. Times are RFC 3339 in UTC, each with its epoch."""

import msgspec

from qtops.guides.outcome import Record


def render(record: Record) -> str:
    """One line of JSON. Texts are printable already, but for the ends of lines in outputs."""
    return msgspec.json.encode(record).decode()
