"""Lengths of time on the command line: ``60``, ``60s``, ``1.5s``, ``2m``, ``1h``, ``1d``."""

import re
from typing import Final

import click

from qtops.facts.text import quoted

_FORM: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|m|h|d)?", re.ASCII)
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Duration(click.ParamType[float]):
    """A length of time, in seconds where no unit is given; more than zero."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        if isinstance(value, float | int):
            return float(value)
        match = _FORM.fullmatch(value.strip())
        seconds = float(match[1]) * _UNITS[match[2] or "s"] if match else 0.0
        if seconds <= 0.0:
            self.fail(
                f"{quoted(value)} is no length of time: give seconds (60, 60s), minutes (2m), hours (1h) or days (1d)", param, ctx
            )
        return seconds


DURATION: Final = Duration()
