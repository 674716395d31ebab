"""Series that are in order by default: updated every 10 s as declared, looked at every 2.5 s for three minutes."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from msgspec.structs import replace

from publisher.timestamps import utc_iso
from qtops.checks.cadence.registry import judge
from qtops.facts.cadence import Began, CadenceFacts, LimitFact, Series
from qtops.facts.keys import ClockReading, ServerReading
from qtops.findings import Judged, Severity
from qtops.settings import Settings

NOW_S = 1_771_372_710.0  # 2026-02-17T23:58:30Z
LOOK_S = 2.5
SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok", clock=ClockReading(NOW_S, NOW_S, 0.001))
LIMITS = (LimitFact("critical_s of app beat", 30.0), LimitFact("its TTL", 32.0, "", "ttl"))


def watched(moments_s: Sequence[float], *, every_s: float = LOOK_S, for_s: float = 180.0, **more: Any) -> Series:
    """What looks at every ``every_s`` during the last ``for_s`` see of a field that was set at these moments."""
    began_s = NOW_S - for_s
    seen: list[tuple[float, float]] = []
    looks = [began_s + index * every_s for index in range(int(for_s / every_s) + 1)]
    for look_s in looks:
        held = [moment for moment in moments_s if moment <= look_s]
        if held and (not seen or seen[-1][0] != held[-1]):
            seen.append((held[-1], look_s))
    texts = tuple(utc_iso(moment) for moment, _ in seen)
    healthy = {
        "family": "app", "subject": "BTC", "field": "beat", "declared_s": 10.0, "moments_s": tuple(moment for moment, _ in seen),
        "seen_at_s": tuple(look for _, look in seen), "texts": texts, "watched_s": looks[-1] - looks[0],
        "sampled_every_s": every_s, "blind_s": every_s, "limits": LIMITS,
    }  # fmt: skip
    return Series(**{**healthy, **more})


def every(interval_s: float, *, for_s: float = 180.0, look_s: float = LOOK_S, **more: Any) -> Series:
    """A field that is updated every so often, the last time a third of an interval ago."""
    count = ceil(for_s / interval_s) + 2
    last_s = NOW_S - interval_s / 3
    return watched([last_s - (count - index) * interval_s for index in range(count + 1)], every_s=look_s, for_s=for_s, **more)


def ids(*moments_s: float, declared_s: float | None = 60.0, **more: Any) -> Series:
    """A stream with entries of these ages' moments."""
    return Series(**{"family": "quantum:stream:marketstate", "declared_s": declared_s, "moments_s": moments_s, **more})


def facts(*series: Series, starts: tuple[Began, ...] = (), **more: Any) -> CadenceFacts:
    """One look that ended now."""
    return CadenceFacts(**{"server": SERVER, "taken_at_s": NOW_S, "series": series, "starts": starts, **more})


def judged(*series: Series, starts: tuple[Began, ...] = ()) -> Judged:
    """What all checks say."""
    return judge(facts(*series, starts=starts), Settings())


def codes(*series: Series, starts: tuple[Began, ...] = (), notes: bool = False) -> list[str]:
    """Codes of what is found, notes left out."""
    found = judged(*series, starts=starts).findings
    return sorted({finding.code for finding in found if notes or finding.severity is not Severity.INFO})


def but(series: Series, **changes: Any) -> Series:
    """The series with something else."""
    return replace(series, **changes)
