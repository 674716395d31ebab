"""An incident that is plain, and notices of it; a test says what is special."""

from typing import Any

from qtops.incidents import Event, Incident, Notice

BEGAN_S = 1_771_308_363.0  # 2026-02-17 06:06:03 UTC
HOUR_S = 3600.0


def incident(**fields: Any) -> Incident:
    """One that is open, of a service that cannot import a module."""
    plain = {
        "number": 12, "fingerprint": "acme.service|process", "unit": "acme.service", "kind": "process", "code": "IMPORT101",
        "title": "No module named 'ai_engine'", "began_s": BEGAN_S, "opened_s": BEGAN_S + 0.04, "last_s": BEGAN_S,
    }  # fmt: skip
    return Incident(**(plain | fields))


def notice(event: Event = "opened", text: str = "it ended with 1", *, endpoint: str = "ops", **fields: Any) -> Notice:
    """A notice of it."""
    plain = {"id": f"12-{event}-1@{endpoint}", "incident": incident(), "at_s": BEGAN_S + 0.04}
    return Notice(event=event, text=text, endpoint=endpoint, **(plain | fields))
