"""Every file that `qtops install` puts in place: where it comes from, where it goes, and what is filled in."""

import json
import re
from collections.abc import Sequence
from typing import Final, Literal, get_args

import msgspec

from qtops.settings import Settings

Part = Literal["supervisor", "publisher", "freshness", "settings"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)

PYTHON: Final = "/opt/qtops/bin/python"  # the interpreter that shipped units name
ENABLED: Final[dict[Part, str]] = {  # the unit that ``--enable`` starts for a part
    "supervisor": "qtops-supervisor.service",
    "publisher": "quantum-risk-proposal.service",
    "freshness": "qtops-freshness.timer",
}
_UNITS: Final = ("/etc/systemd/system", "/usr/lib/systemd/system")
_SYSUSERS: Final = ("/etc/sysusers.d", "/usr/lib/sysusers.d")
_TMPFILES: Final = ("/etc/tmpfiles.d", "/usr/lib/tmpfiles.d")
_POLKIT: Final = ("/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d")
_CATALOG: Final = ("/usr/local/lib/systemd/catalog", "/usr/lib/systemd/catalog")
_LISTED: Final = re.compile(r"(?<=var units = \[\n)[^\]]*?(?=\n *\];)")
_PLAIN_PATH: Final = re.compile(r"/[A-Za-z0-9/._+-]+")  # means itself in a unit file, which has specifiers and quotes
_INSTANCE: Final = re.compile(r"[A-Za-z0-9:_.-]+")  # means itself in a unit's name, which has escapes


class Shipped(msgspec.Struct, frozen=True):
    """A file of ``deploy/``. ``folders``: where an administrator's lies, and where a package's does."""

    name: str
    part: Part
    folders: tuple[str, str]

    def path(self, *, packaged: bool) -> str:
        """Where it goes."""
        return f"{self.folders[packaged]}/{self.name.rpartition('/')[2]}"


SHIPPED: Final = (
    Shipped("qtops.toml", "settings", ("/etc/qtops", "/etc/qtops")),
    Shipped("sysusers.d/qtops.conf", "supervisor", _SYSUSERS),
    Shipped("tmpfiles.d/qtops.conf", "supervisor", _TMPFILES),
    Shipped("polkit-1/rules.d/50-qtops.rules", "supervisor", _POLKIT),
    Shipped("qtops.catalog", "supervisor", _CATALOG),
    Shipped("qtops-supervisor.service", "supervisor", _UNITS),
    Shipped("qtops-recover@.service", "supervisor", _UNITS),
    Shipped("qtops-freshness.service", "freshness", _UNITS),
    Shipped("qtops-freshness.timer", "freshness", _UNITS),
    Shipped("risk-proposal.env", "publisher", ("/etc/quantum", "/etc/quantum")),
    Shipped("quantum-risk-proposal.service", "publisher", _UNITS),
    Shipped("risk-proposal@.service", "publisher", _UNITS),
)
"""In the order in which they are put in place."""


def granted(settings: Settings) -> tuple[str, ...]:
    """The units that the supervisor may restart: those of the services, and the recoveries that the configuration allows."""
    recoveries = [
        f"qtops-recover@{service.name}.service"
        for service in settings.services
        if service.auto_recover and _INSTANCE.fullmatch(service.name)
    ]
    return tuple(dict.fromkeys([*(service.unit for service in settings.services), *recoveries]))


def not_granted(settings: Settings) -> tuple[str, ...]:
    """Services that are to be recovered by the supervisor, and whose names cannot stand in a unit's name as they are."""
    return tuple(service.name for service in settings.services if service.auto_recover and not _INSTANCE.fullmatch(service.name))


def filled_in(text: str, python: str, units: Sequence[str]) -> str:
    """A shipped text as it is put in place: with this interpreter in commands, and these units in the rule."""
    listed = ",\n".join(f"        {json.dumps(unit)}" for unit in units)
    return _LISTED.sub(lambda _: listed, text).replace(f"={PYTHON} ", f"={python} ")


def is_plain(python: str) -> bool:
    """Whether the path of an interpreter means itself in a unit file."""
    return _PLAIN_PATH.fullmatch(python) is not None
