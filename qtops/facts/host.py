"""What was true of the host beside the services that were looked at."""

import msgspec


class FailedUnit(msgspec.Struct, frozen=True):
    """A unit that systemd calls failed."""

    name: str
    description: str = ""
    result: str = ""
    since_s: float | None = None


class UnitText(msgspec.Struct, frozen=True):
    """A file of a unit as it is on the disk. Values of variables that may be secret are taken out of it."""

    unit: str
    path: str
    text: str
    read_at_s: float
    sha256: str  # of the file as it is, secrets included
