"""The command lines of what the supervisor has done by child processes: the same commands that a person would type."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qtops.collectors.watching.aliases import own_name
from qtops.settings import Settings


@dataclass(frozen=True)
class Commands:
    """``config_file`` and ``redis_url`` are what the supervisor was given itself: its children are to see the same."""

    settings: Settings
    config_file: Path | None = None
    redis_url: str | None = None

    def doctor(self, unit: str, bundle: str) -> tuple[str, ...]:
        """Look with all collectors, and keep the facts in this file; an empty name keeps nothing."""
        return (*self._qtops(), "doctor", *(("--save", bundle) if bundle else ()), "-o", "json", "-q", "--", unit)

    def report(self, unit: str, bundles: Sequence[str], folder: str) -> tuple[str, ...]:
        """Write the report on what was looked at."""
        sources = [word for bundle in bundles for word in ("--from", bundle)]
        return (*self._qtops(), "report", "incident", *sources, "--to", folder, "-o", "json", "-q", "--", own_name(unit))

    def restart(self, unit: str) -> tuple[str, ...]:
        """Have systemd restart it: a verb that polkit can allow for units by name, as it can none else (``deploy/``)."""
        return ("systemctl", "--no-ask-password", "restart", "--", unit)

    def recover(self, unit: str) -> tuple[str, ...]:
        """Recover it through the transaction of ``qtops recover``. Who is not root has the unit do it that root configured."""
        if os.geteuid() == 0:
            return (*self._qtops(), "recover", "--apply", "--automatic", "-o", "json", "-q", "--", unit)
        return self.restart(f"qtops-recover@{self._name(unit)}.service")

    def _name(self, unit: str) -> str:
        """What an operator calls it: an instance of a template has no room for more."""
        return next((one.name for one in self.settings.services if one.unit == unit), unit.removesuffix(".service"))

    def _qtops(self) -> tuple[str, ...]:
        given = (("--config", str(self.config_file.absolute())) if self.config_file else ()) + (
            ("--redis", self.redis_url) if self.redis_url else ()
        )
        return (sys.executable, "-P", "-m", "qtops", *given)
