"""Checks that are switched off: which, since when, and why."""

import re
from datetime import date
from typing import Final

CODE: Final = re.compile(r"[A-Z]+[0-9]{3}")
_DATED: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}): \S.*")


def check_off(off: dict[str, str]) -> None:
    """Raise ValueError unless these are codes of checks, each with a date and a reason."""
    for code, reason in off.items():
        if not CODE.fullmatch(code):
            raise ValueError(f"off: wants codes of checks, such as UNIT114, not {code[:32]!a}")
        if not _is_dated(reason):
            raise ValueError(f'off: wants a date and a reason for {code}, such as "2026-11-23: until the move"')


def _is_dated(reason: str) -> bool:
    """Whether it says since when and why, on one line: whoever comes across it later has to know whether it still holds."""
    match = _DATED.fullmatch(reason)
    try:
        return match is not None and reason.isprintable() and bool(date.fromisoformat(match[1]))
    except ValueError:
        return False
