"""Which fields of a case go into which part: said once, for splitting and for putting together again. Pure."""

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

import msgspec

from qtops.evidence.case import Kind

SERVICE_PARTS: Final = {
    **{name: (name,) for name in ("unit", "start", "journal", "process")},
    "changed": ("changed", "source_changed_s"),
    **{name: (name,) for name in ("probe", "redis", "keys", "proposals", "events")},
}
LOOK_PARTS: Final = {name: (name,) for name in ("settings", "proposals", "streams", "cadence", "events", "wiring")}
CASE_PARTS: Final = {
    **{name: (name,) for name in ("settling", "recovery", "plan")},
    "ledger": ("entries",),
    "backups": ("backups",),
    "failed/before": ("failed_before",),
    "failed/now": ("failed",),
    "recoveries": ("recoveries",),
    "phases": ("last",),
}
Table = Mapping[str, tuple[str, ...]]
"""Name of a part to the fields that it holds."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One question, and what came of it."""

    name: str
    asked: str
    at_s: float
    exit: int | None
    content: bytes
    suffix: str = "json"


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service that a look was at, and what it is configured to write."""

    subject: str
    families: tuple[str, ...]


class Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a look tells of the host itself."""

    host: str
    taken_at_s: float
    via: Literal["pystemd", "systemctl", ""]
    systemd_version: str
    booted_s: float | None
    services: tuple[Seen, ...]


class UnitFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit's file but for its text."""

    unit: str
    path: str
    read_at_s: float
    sha256: str


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds the other parts together."""

    kind: Kind
    host: str
    subject: str
    made_at_s: float
    unit_files: tuple[UnitFile, ...]
    lacking: tuple[str, ...]
    parts: tuple[str, ...]  # the names of all others


@cache
def slice_of(kind: type[msgspec.Struct], fields: tuple[str, ...]) -> type[msgspec.Struct]:
    """A struct of some fields of another, each with its own type and default."""
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    chosen = [(name, known[name].type, known[name].default) for name in fields]
    return msgspec.defstruct(f"{kind.__name__}Part", chosen, frozen=True, forbid_unknown_fields=True)
