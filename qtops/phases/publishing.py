"""Is what a service writes there, by its own hand, and fresh? Ages are counted at the look, by the clock of Redis."""

from collections.abc import Callable, Iterator, Sequence
from math import floor, isfinite
from typing import Final

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.checks.freshness import VERDICTS, State, judge
from qtops.facts.keys import KeyReading
from qtops.facts.recovery import Answer
from qtops.facts.service import ServiceFacts
from qtops.facts.text import printable
from qtops.facts.times import moment, span, utc
from qtops.findings import Verdict
from qtops.phases.look import Look
from qtops.phases.verdict import ORDER, Source, Told

NAMED: Final = 3  # keys that are named; the rest are alike
CODE: Final = "KEYS201"
_Key = tuple[Answer, str]


def written(service: ServiceFacts, look: Look) -> Told:
    """Whether its process has written keys of its families since it began: one at least, and every one that is there."""
    unit = service.unit
    sources: tuple[Source, ...] = ((service.subject, "keys"), (service.subject, "unit"), (service.subject, "proposals"))
    began_s = next((s for s in (unit.exec_main_start_s, unit.active_enter_s) if s is not None), None) if unit else None
    if began_s is None or not isfinite(began_s):
        return Told("could not tell", "systemd does not say when its process began", sources)
    return _judged(service, look, sources, lambda reading: _by_it(reading, service, look, began_s))


def fresh(service: ServiceFacts, look: Look, within_s: float) -> Told:
    """Whether the newest time in each of its keys is no older; what lies ahead of the clock is no time of writing."""
    sources: tuple[Source, ...] = ((service.subject, "keys"),)
    told = _judged(service, look, sources, lambda reading: _aged(reading, within_s, look.settings.clock_skew_warn_s))
    return told._replace(codes=_code(service, look)) if told.holds == "no" else told


def there(service: ServiceFacts, look: Look, symbols: Sequence[str]) -> Told:
    """Whether each of its families has a key of each of these symbols."""
    sources: tuple[Source, ...] = ((service.subject, "keys"),)
    readings = {(reading.family, reading.subject): reading for reading in service.keys}
    found = dict[str, list[str]]({"no": [], "could not tell": [], "yes": []})
    for family in look.families(service):
        for symbol in symbols:
            reading = readings.get((family.name, symbol))
            state = None if reading is None else reading.present
            found["could not tell" if state is None else "yes" if state else "no"].append(
                reading.key if reading else f"{family.name} {symbol}"
            )
    if found["no"]:
        closed = _closed(service, look)
        rightly = f" (no position is open: {_named([key for key in found['no'] if key in closed])})" if closed else ""
        return Told("no", f"absent: {_named(found['no'])}{rightly}", sources, _code(service, look))
    if found["could not tell"] or not found["yes"]:
        unread = f"not read: {_named(found['could not tell'])}" if found["could not tell"] else "it declares no keys"
        return Told("could not tell", look.lack(service, "keys", "redis") or unread, sources)
    return Told("yes", f"there: {_named(found['yes'], len(found['yes']))}", sources)


def _closed(service: ServiceFacts, look: Look) -> set[str]:
    """Keys that are absent because there is nothing that they could be about."""
    families = {family.name: family for family in look.families(service)}
    known = [reading for reading in service.keys if reading.family in families]
    return {reading.key for reading in known if judge(reading, families[reading.family], look.settings).state is State.IDLE}


def _judged(service: ServiceFacts, look: Look, sources: tuple[Source, ...], judge_key: Callable[[KeyReading], _Key]) -> Told:
    """The answer for all of its keys that are there; where none is, nothing is published."""
    families = {family.name for family in look.families(service)}
    readings = [reading for reading in service.keys if reading.family in families]
    present = [reading for reading in readings if reading.present]
    answers = [(judge_key(reading), reading.key) for reading in present]
    told: dict[Answer, list[str]] = {
        holds: [f"{key}: {seen}" for (answer, seen), key in answers if answer == holds] for holds in ORDER
    }
    why = look.lack(service, "keys", "redis") or _unread(readings)
    if told["no"]:
        return Told("no", _named(told["no"]), sources)
    if why or told["could not tell"]:
        return Told("could not tell", "; ".join(filter(None, (why, _named(told["could not tell"])))), sources)
    if not present:
        return Told("no", f"none of its {len(readings)} keys is there", sources, _code(service, look))
    return Told("yes", _named(told["yes"], 1) if len(present) > 1 else told["yes"][0], sources)


def _by_it(reading: KeyReading, service: ServiceFacts, look: Look, began_s: float) -> _Key:
    at_s, tolerance_s = _newest(reading), look.settings.clock_skew_warn_s
    clock = service.redis.reading.clock if service.redis is not None else None
    ahead_s = max(clock.skew_s, 0.0) if clock is not None and isfinite(clock.skew_s) else 0.0  # dated by either clock
    since_s = floor(began_s + ahead_s)
    if at_s is None:
        return "could not tell", "none of its time fields holds a time"
    if not at_s <= reading.read_at_s + tolerance_s:
        return "could not tell", f"it is dated {span(at_s - reading.read_at_s)} after the look: when it was written nothing says"
    if not at_s >= since_s:
        return "no", f"last written {utc(at_s)}, {span(since_s - at_s)} before its process began"
    name = _publishers(service).get(reading.key, "")
    host, _, pid = name.rpartition(":")
    if unit := service.unit:
        alone = service.process is None or service.process.processes == 1
        if host == look.facts.host and pid.isascii() and pid.isdecimal() and unit.main_pid and pid != str(unit.main_pid) and alone:
            return "no", f"written by {printable(name[:64])}, which is not its process {unit.main_pid}"
    return "yes", f"written {utc(at_s)}, {span(at_s - began_s)} after its process began" + (
        f", by {printable(name[:64])}" if name else ""
    )


def _aged(reading: KeyReading, within_s: float, tolerance_s: float) -> _Key:
    at_s = _newest(reading)
    if at_s is None:
        return "could not tell", "none of its time fields holds a time"
    age_s = reading.read_at_s - at_s
    if not -tolerance_s <= age_s:
        return "no", f"dated {span(-age_s)} after the look, {utc(at_s)}: that is no age"
    if not age_s <= within_s:
        return "no", f"{span(age_s)} old, limit {span(within_s)}"
    return "yes", f"{moment(at_s, reading.read_at_s)}, limit {span(within_s)}"


def _newest(reading: KeyReading) -> float | None:
    return max(_times(reading), default=None)


def _times(reading: KeyReading) -> Iterator[float]:
    for text in reading.values:
        try:
            if text is not None:
                yield parse_timestamp(text)
        except TimestampError:
            continue


def _publishers(service: ServiceFacts) -> dict[str, str]:
    """What each proposal says of who wrote it, by key."""
    readings = service.proposals.looks[-1].readings if service.proposals is not None and service.proposals.looks else ()
    return {reading.key: reading.fields.get("publisher_id", "") for reading in readings if reading.present}


def _unread(readings: Sequence[KeyReading]) -> str:
    if not readings:
        return "none of its keys was read"
    doubtful = [f"{reading.key}: {reading.trouble}" for reading in readings if reading.present is None]
    return _named(doubtful)


def _code(service: ServiceFacts, look: Look) -> tuple[str, ...]:
    """The code of the check of its keys, where that finds something as well."""
    families = {family.name: family for family in look.families(service)}
    judged = [judge(reading, families[reading.family], look.settings) for reading in service.keys if reading.family in families]
    bad = (Verdict.WARNING, Verdict.CRITICAL)
    return (CODE,) if any(VERDICTS[one.state] in bad for one in judged) else ()


def _named(lines: Sequence[str], most: int = NAMED) -> str:
    return "; ".join(lines[:most]) + (f"; and {len(lines) - most} more" if len(lines) > most else "")
