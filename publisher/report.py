"""What one cycle did, and how the publisher states it of itself in Redis."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from publisher.codec import Refused
from publisher.connection import ADVICE, Trouble
from publisher.options import Options
from publisher.proposing import Candidate

STATUS_SCHEMA = "quantum.risk.publisher/1"


@dataclass(slots=True)
class Report:
    """What one cycle did, by symbol. ``trouble`` is the first thing wrong with the server, ``unreachable`` what it held up."""

    cycle: int = 0
    cycles_skipped: int = 0
    started_at_s: float = 0.0
    published: dict[str, Candidate] = field(default_factory=dict)
    unchanged: int = 0
    closed: dict[str, bool] = field(default_factory=dict)  # whether the position's writer says so
    removed: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)
    untracked: dict[str, Refused] = field(default_factory=dict)
    rivals: dict[str, str] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)
    trouble: Trouble | None = None
    stream_refused: Refused | None = None

    @property
    def complete(self) -> bool:
        """Everything that was due is acknowledged: what a watchdog may be told."""
        return self.trouble is None

    def settle(self) -> None:
        """What no symbol is permitted is no matter of the symbols: it is said once, of the server."""
        reasons = {refused.reason for refused in self.refused.values()}
        if self.published or self.unchanged or reasons != {"no_permission"}:
            return
        self.lose(self.refused, Trouble("no_permission", ADVICE["no_permission"], next(iter(self.refused.values())).detail))
        self.refused.clear()
        if self.stream_refused and self.stream_refused.reason == "no_permission":
            self.stream_refused = None

    def lose(self, symbols: Iterable[str], found: Trouble) -> None:
        """Note that the server's trouble kept these symbols from being read or written."""
        self.trouble = self.trouble or found
        self.unreachable.update(symbols)


def status_fields(report: Report, options: Options, symbols: int, now_s: float) -> dict[str, str]:
    """The fields of contract.PUBLISHER_FIELDS."""
    return {
        "schema": STATUS_SCHEMA,
        "publisher_id": options.publisher_id,
        "heartbeat_ms": str(int(now_s * 1000)),
        "started_at_ms": str(int(report.started_at_s * 1000)),
        "cycle": str(report.cycle),
        "cycles_skipped": str(report.cycles_skipped),
        "interval_sec": f"{options.interval_s:g}",
        "shard": str(options.shard),
        "position_source": options.position_source,
        "symbols": str(symbols),
        "published": str(len(report.published)),
        "unchanged": str(report.unchanged),
        "closed": str(len(report.closed)),
        "refused": json.dumps(Counter(refused.reason for refused in report.refused.values())),
    }
