"""Incidents and changes as tests want them: one crash of one service, unless a test says otherwise."""

from typing import Any

from msgspec.structs import replace

from qtops.actions.incidents.store import Store
from qtops.findings import Severity
from qtops.incidents import Change, Event, Incident
from qtops.settings import Endpoint

NOW = 1_795_000_000.0
OPS = Endpoint(name="ops", command=("/bin/true",))


def incident(name: str = "a", at_s: float = NOW, **given: Any) -> Incident:
    """One that was noticed just now."""
    healthy = {
        "fingerprint": f"{name}.service|process",
        "unit": f"{name}.service",
        "kind": "process",
        "title": f"{name} died",
        "began_s": at_s,
        "opened_s": at_s,
        "last_s": at_s,
    }
    return Incident(**(healthy | given))


def opened(name: str = "a", at_s: float = NOW, **given: Any) -> Change:
    """The change that opens one, and has it told."""
    return Change(incident=incident(name, at_s, **given), event="opened", at_s=at_s, text=f"{name} died", tell=True)


def changed(kept: Incident, event: Event, at_s: float = NOW + 10, *, tell: bool = False, **given: Any) -> Change:
    """A change of one that is on record, as somebody makes it who knows it as ``kept``."""
    return Change(incident=replace(kept, **given), event=event, at_s=at_s, text=event, tell=tell)


def resolved(kept: Incident, at_s: float = NOW + 60) -> Change:
    """The change that ends one."""
    return changed(kept, "resolved", at_s, tell=True, state="resolved", resolved_s=at_s)


def open_one(store: Store, name: str = "a", at_s: float = NOW, *endpoints: Endpoint, **given: Any) -> Incident:
    """Have one on record, told to these."""
    (made,) = store.apply([opened(name, at_s, **given)], endpoints)
    return made


def ids(store: Store, now_s: float = NOW, most: int = 100) -> list[str]:
    """What is due."""
    return [notice.id for notice in store.due(now_s, most)]


def endpoint(name: str = "ops", **given: Any) -> Endpoint:
    """One that is told everything."""
    return Endpoint(**({"name": name, "command": ("/bin/true",)} | given))


WARNING = Severity.WARNING
CRITICAL = Severity.CRITICAL
