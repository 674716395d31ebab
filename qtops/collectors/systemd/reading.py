"""The services of this host as systemd has them now, whichever way it can be asked."""

import shutil
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Literal, Self

from qtops.collectors.systemd.bus import Bus
from qtops.collectors.systemd.command import Systemctl
from qtops.collectors.systemd.connection import Connection, NotInstalled, absence
from qtops.collectors.systemd.listing import matching_services, own_services
from qtops.collectors.systemd.names import BadName, service_name, service_pattern, template_of
from qtops.collectors.systemd.properties import brief, failed_unit, related_names, state
from qtops.collectors.systemd.source import INSTALL, NoManager, Source
from qtops.facts.host import FailedUnit
from qtops.facts.service import Missing
from qtops.facts.unit import UnitState
from qtops.unitfile.names import parse_name

__all__ = ["BadName", "Manager", "NoManager", "open_manager"]
EVERYTHING: Final = "*"
_SOCKET: Final = "/run/dbus/system_bus_socket"
Via = Literal["pystemd", "systemctl"]


class Manager:
    """systemd as it can be asked here. Each question takes at most the time limit."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def via(self) -> Via:
        """The way it is asked."""
        return self._source.via

    @property
    def version(self) -> str:
        """The version of systemd; empty where it is not known."""
        return self._source.version

    def close(self) -> None:
        """End the connection, if there is one."""
        self._source.close()

    def units(self, patterns: Sequence[str]) -> list[str]:
        """Full names of services that match a pattern: those with a unit file, and those that systemd knows besides (instances).

        ``*`` stands for all that are this host's own, not the system's. Raises BadName and NoManager.
        """
        wanted = [service_pattern(pattern) for pattern in patterns if pattern != EVERYTHING]
        own = own_services() if EVERYTHING in patterns else []
        files = dict.fromkeys((*own, *(matching_services(wanted) if wanted else [])))
        instances = [name.replace("@.", "@*.") for name in own if _is_template(name)]
        names = [name for name in files if not _is_template(name)]
        sought = [*wanted, *instances]
        known = self._source.find(sought, names) if sought else []
        return sorted({*names, *(name for name in known if template_of(name) in own or _matches(name, wanted))})

    def read(self, names: Sequence[str]) -> dict[str, UnitState | Missing]:
        """The state of every service that is asked for, by the name it was asked for with. Raises BadName.

        A unit that there is not is a state as well: ``not-found``. Missing is what could not be read.
        """
        full = {name: service_name(name) for name in names}
        found = self._source.properties(tuple(dict.fromkeys(full.values()))) if full else {}
        read = {name: properties for name, properties in found.items() if not isinstance(properties, Missing)}
        known = {properties["Id"]: brief(properties) for properties in read.values()}
        unknown = sorted(set().union(*map(related_names, read.values())) - known.keys())
        related = {**known, **(self._source.briefs(unknown) if unknown else {})}
        states: dict[str, UnitState | Missing] = {
            name: value if isinstance(value, Missing) else state(value, related) for name, value in found.items()
        }
        return {asked: states[name] for asked, name in full.items()}

    def failed(self) -> tuple[FailedUnit, ...]:
        """All units of any type that systemd calls failed, by name. Raises NoManager."""
        return tuple(failed_unit(found) for found in self._source.failed() if found["ActiveState"] == "failed")


def open_manager(timeout_s: float, via: str | None = None) -> Manager:
    """Over pystemd where that is installed, through systemctl otherwise, or the way that is asked for. Raises NoManager."""
    try:
        if via != "systemctl":
            return Manager(Bus(Connection(timeout_s)))
    except NotInstalled:
        if via == "pystemd":
            raise
    if shutil.which("systemctl") is None:
        raise NoManager("systemctl is not installed, and neither is pystemd", INSTALL)
    if not Path("/run/systemd/system").is_dir() and not Path(_SOCKET).exists():
        raise NoManager(*absence())
    return Manager(Systemctl(timeout_s))


def _is_template(name: str) -> bool:
    unit = parse_name(name)
    return unit is not None and unit.is_template


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
