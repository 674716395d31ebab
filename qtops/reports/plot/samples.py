"""What is drawn, taken from facts: levels and ages, each at a moment. And a history of them that stays bounded."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple, TypeVar

from publisher.timestamps import TimestampError, parse_timestamp
from qtops.facts.proposals import PriceReading, ProposalReading
from qtops.facts.service import Facts
from qtops.facts.streams import StreamReading
from qtops.settings import Family, Settings, TimeRule

SAMPLES: Final = 2000  # of one subject: five hours and a half at one every ten seconds
SUBJECTS: Final = 48  # that are drawn; more are only counted: nobody looks at more pictures
LARGEST: Final = 1e100  # and its reciprocal: what is beyond is no price, and would not leave room for a scale
SILENT: Final = 3.0  # times the declared interval: a stream that is silent for longer is late, see qtops.settings.Stream


class Levels(NamedTuple):
    """A proposal's levels and the price that they are for; None where the field is absent or no positive number."""

    subject: str
    at_s: float
    side: str  # LONG, SHORT, or empty where it is not known
    price: float | None
    stop: float | None
    target: float | None
    live: float | None = None  # what somebody other than the publisher says

    @property
    def fault(self) -> str:
        """What makes the levels impossible as orders; empty where they are possible, or where that cannot be told."""
        sign = {"LONG": 1.0, "SHORT": -1.0}.get(self.side)
        if sign is None or self.stop is None:
            return ""
        if self.target is not None and self.stop * sign >= self.target * sign:
            return "bracket crossed"
        return "stop through the price" if self.price is not None and self.stop * sign >= self.price * sign else ""


class Age(NamedTuple):
    """How old a time of a subject was, and the limits on that. Seconds; a limit is None where there is none."""

    subject: str
    name: str  # the field, or empty
    at_s: float
    age_s: float | None
    warn_s: float | None = None
    critical_s: float | None = None


Sample = Levels | Age
_Kind = TypeVar("_Kind", Levels, Age)


def samples(facts: Facts) -> Iterator[Sample]:
    """Everything in these facts that can be drawn, each look's in its turn."""
    families = {family.name: family for family in facts.settings.families}
    for proposals in filter(None, (facts.proposals, *(service.proposals for service in facts.services))):
        family = families.get(proposals.family)
        for look in proposals.looks:
            for reading in look.readings:
                yield from _of_proposal(reading, family)
    for streams in facts.streams.looks if facts.streams else ():
        yield from (age for stream in streams.streams for age in _of_stream(stream, facts.settings))


def _of_proposal(reading: ProposalReading, family: Family | None) -> Iterator[Sample]:
    if reading.present is None:
        return
    fields = reading.fields
    yield Levels(
        reading.symbol,
        reading.read_at_s,
        fields.get("position_side", ""),
        _positive(fields.get("position_current_price")),
        _positive(fields.get("proposed_sl")),
        _positive(fields.get("proposed_tp")),
        _live(reading.prices),
    )
    for rule in family.times if family else ():
        if rule.required or rule.field in fields:
            yield _age(reading.symbol, reading.read_at_s, fields.get(rule.field), rule)


def _live(prices: Iterable[PriceReading]) -> float | None:
    return next((value for price in prices if (value := _positive(price.price)) is not None), None)


def _positive(text: str | None) -> float | None:
    with suppress(ValueError):
        if 1 / LARGEST < (value := float(text or "")) < LARGEST:
            return value
    return None


def _age(subject: str, at_s: float, text: str | None, rule: TimeRule) -> Age:
    age_s = None
    with suppress(TimestampError):
        age_s = at_s - parse_timestamp(text or "")
    return Age(subject, rule.field, at_s, age_s, rule.warn_s, rule.critical_s)


def _of_stream(stream: StreamReading, settings: Settings) -> Iterator[Age]:
    if stream.present is None or not stream.last_id:
        return
    with suppress(ValueError, TimestampError):
        last_s = parse_timestamp(stream.last_id.partition("-")[0])
        declared = next((one.interval_s for one in settings.streams if one.name == stream.name), None)
        yield Age(stream.name, "", stream.read_at_s, stream.read_at_s - last_s, None if declared is None else declared * SILENT)


class History:
    """The newest samples of each subject, of the subjects that came first; how many others there are is only counted."""

    def __init__(self, most: int = SAMPLES, subjects: int = SUBJECTS) -> None:
        self.levels: dict[str, deque[Levels]] = {}
        self.ages: dict[str, dict[str, deque[Age]]] = {}
        self._most, self._subjects = most, subjects
        self._known: dict[str, None] = {}
        self._others: set[int] = set()

    @property
    def subjects(self) -> tuple[str, ...]:
        """Those that there is something to draw of, in the order in which they came."""
        return tuple(self._known)

    @property
    def left_out(self) -> int:
        """How many further subjects there are."""
        return len(self._others)

    def add(self, new: Iterable[Sample]) -> None:
        """Remember samples; those that are not newer than the newest of their kind are known already, and left out."""
        for sample in new:
            if sample.subject not in self._known:
                if len(self._known) >= self._subjects:
                    self._others.add(hash(sample.subject))  # some bytes each: there may be very many
                    continue
                self._known[sample.subject] = None
            if isinstance(sample, Levels):
                _append(self.levels.setdefault(sample.subject, deque(maxlen=self._most)), sample)
            else:
                fields = self.ages.setdefault(sample.subject, {})
                _append(fields.setdefault(sample.name, deque(maxlen=self._most)), sample)


def _append(ring: deque[_Kind], sample: _Kind) -> None:
    if not ring or sample.at_s > ring[-1].at_s:
        ring.append(sample)
