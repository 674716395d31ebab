"""All units of this host that systemd calls failed, whatever their type."""

from typing import Final

from qtops.collectors.redact import Redactor
from qtops.collectors.systemd.reading import NoManager, open_manager
from qtops.facts.host import FailedUnit
from qtops.facts.service import Missing

LIMIT_S: Final = 3.0  # as for the services themselves


def read_failed_units(timeout_s: float = LIMIT_S, via: str | None = None) -> tuple[FailedUnit, ...] | Missing:
    """Each failed unit, by name; Missing where systemd could not be asked."""
    try:
        with open_manager(timeout_s, via) as manager:
            return Redactor().facts(manager.failed())
    except NoManager as silence:
        return silence.missing
