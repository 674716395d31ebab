"""One look of ``qtops top``: what each source said, and what could not be read of it."""

import msgspec

from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.proposals import ProposalFacts
from qtops.facts.streams import StreamFacts
from qtops.facts.unit import UnitState
from qtops.incidents import Hold, Incident
from qtops.settings import Settings


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What a supervisor has on record of now."""

    incidents: tuple[Incident, ...] = ()  # open ones
    holds: tuple[Hold, ...] = ()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. A source that did not answer in time is named in ``missing``, with the reason."""

    host: str
    taken_at_s: float  # this host's clock
    settings: Settings
    units: tuple[tuple[str, UnitState | None], ...] = ()  # as asked for; None: could not be read
    servers: tuple[ServerReading, ...] = ()  # every Redis that was asked
    keys: tuple[KeyReading, ...] = ()
    proposals: tuple[ProposalFacts, ...] = ()
    streams: StreamFacts | None = None
    records: Records | None = None  # None: no supervisor has any here
    missing: tuple[str, ...] = ()
