"""The JSON Schema of every machine-readable output: made from the types, and shipped next to this file.

``python -m qtops.schemas --write`` makes the files again, ``--check`` tells whether one is out of date. Within one version of its
name a schema only grows: whoever validates by it has to accept fields that are not in it.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

SCHEMAS: Final = (
    ("bundle", "qtops.bundle.file:Bundle"),
    ("bundle.diff", "qtops.bundle.difference:Difference"),
    ("config", "qtops.settings:Configuration"),
    ("demo", "qtops.reports.demo:Outcome"),
    ("doctor", "qtops.reports.doctor.document:Document"),
    ("events", "qtops.reports.events.document:Document"),
    ("evidence", "qtops.evidence.records:Index"),
    ("install", "qtops.reports.install.report:Report"),
    ("hold", "qtops.reports.incidents.document:Holds"),
    ("incidents", "qtops.reports.incidents.document:Document"),
    ("incidents.show", "qtops.reports.incidents.document:Shown"),
    ("map", "qtops.reports.wiring.document:Document"),
    ("notice", "qtops.reports.notices.document:Document"),
    ("phases", "qtops.reports.phases.document:Document"),
    ("preflight", "qtops.reports.preflight.document:Document"),
    ("recover", "qtops.reports.recovery.document:Document"),
    ("recover.list", "qtops.reports.recovery.document:Records"),
    ("report", "qtops.evidence.document:Document"),
    ("report.check", "qtops.reports.examined.document:Document"),
    ("runbook", "qtops.guides.outcome:Record"),
    ("top", "qtops.reports.top.document:Document"),
    ("verify.cadence", "qtops.reports.cadence.document:Document"),
    ("verify.freshness", "qtops.reports.freshness.document:Document"),
    ("verify.proposals", "qtops.reports.proposals.document:Document"),
    ("verify.streams", "qtops.reports.streams.document:Document"),
)
"""Name, and the type as ``module:attribute``: imported only when a schema is made."""

FOLDER: Final = Path(__file__).parent


def path(name: str) -> Path:
    """The shipped file of a schema."""
    return FOLDER / f"{name}.json"


def read(name: str) -> str:
    """The shipped schema."""
    return path(name).read_text("utf-8")


def make(target: str) -> str:
    """The schema of a type, as the shipped file has it."""
    import msgspec

    module, _, attribute = target.partition(":")
    kind: Any = getattr(import_module(module), attribute)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_open(msgspec.json.schema(kind))}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def _open(schema: Any) -> Any:
    """The schema without its bans on further fields, and with descriptions on one line."""
    match schema:
        case dict():
            kept = {key: _open(value) for key, value in schema.items() if (key, value) != ("additionalProperties", False)}
            return (
                kept | {"description": " ".join(kept["description"].split())} if isinstance(kept.get("description"), str) else kept
            )
        case list():
            return [_open(item) for item in schema]
    return schema


def stale() -> tuple[str, ...]:
    """Names of the schemas whose shipped file is absent or differs from its type."""
    return tuple(name for name, target in SCHEMAS if not path(name).is_file() or read(name) != make(target))
