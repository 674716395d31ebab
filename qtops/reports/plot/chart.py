"""What a picture shows, before it has a size: lines, limits, and the times at which something was wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from qtops.facts.times import span
from qtops.reports.plot.samples import Age, History, Levels
from qtops.reports.plot.scale import padded, words

Point = tuple[float, float | None]  # when (epoch seconds), and the value; None: there was none, and the line has a gap
FAR: Final = 3.0  # times the range of everything else: a live price farther away would flatten all other lines


class Line(NamedTuple):
    """One series. ``style`` is its name in the style sheet."""

    name: str
    style: str
    points: tuple[Point, ...]

    @property
    def last(self) -> float | None:
        """Its newest value that is one."""
        return next((value for _, value in reversed(self.points) if value is not None), None)


class Zone(NamedTuple):
    """A time in which something was wrong."""

    from_s: float
    to_s: float
    why: str


class Chart(NamedTuple):
    """One picture. ``low`` and ``high`` are the range of values; ``shown`` puts a value in words."""

    title: str
    description: str
    unit: str
    lines: tuple[Line, ...]
    zones: tuple[Zone, ...]
    low: float
    high: float
    shown: Callable[[float], str]
    note: str = ""

    @property
    def moments(self) -> Iterator[float]:
        """The time of every point."""
        return (at_s for line in self.lines for at_s, _ in line.points)


def charts(history: History, subject: str) -> tuple[Chart, ...]:
    """All pictures of one subject: the levels first, then the ages."""
    levels, ages = history.levels.get(subject), history.ages.get(subject)
    made = [levels_chart(subject, tuple(levels))] if levels else []
    return (*made, age_chart(subject, ages)) if ages else tuple(made)


def levels_chart(subject: str, samples: Sequence[Levels]) -> Chart:
    """Stop and target against the price; times at which they are impossible as orders are marked."""
    lines = [
        Line("price", "price", tuple((one.at_s, one.price) for one in samples)),
        Line("SL", "stop", tuple((one.at_s, one.stop) for one in samples)),
        Line("TP", "target", tuple((one.at_s, one.target) for one in samples)),
    ]
    low, high = padded(_values(lines))
    live, note = Line("live price", "live", tuple((one.at_s, one.live) for one in samples)), ""
    if (newest := live.last) is not None:
        if any(_values(lines)) and not low - FAR * (high - low) <= newest <= high + FAR * (high - low):
            note = f"live price {words(newest)}: off this scale"
        else:
            lines.append(live)
            low, high = padded(_values(lines))
    side = samples[-1].side or "side not known"
    kept = tuple(line for line in lines if line.last is not None)
    zones = tuple(_zones([(one.at_s, one.fault) for one in samples]))
    return Chart(f"{subject} {side}", _told(kept, zones, words, note), "price", kept, zones, low, high, words, note)


def age_chart(subject: str, fields: Mapping[str, Iterable[Age]]) -> Chart:
    """Ages against their limits, of all times of a subject. Times beyond a critical limit are marked."""
    lines, zones = list[Line](), list[Zone]()
    for number, (name, ages) in enumerate(fields.items()):
        samples = tuple(ages)
        newest = samples[-1]
        known = [one.at_s for one in samples]
        lines.append(Line(name or "age", f"age{number % 3}", tuple((one.at_s, one.age_s) for one in samples)))
        for limit_s, style in ((newest.warn_s, "late"), (newest.critical_s, "stale")):
            if limit_s is not None:
                lines.append(Line(f"{style} {span(limit_s)}", style, ((known[0], limit_s), (known[-1], limit_s))))
        zones += _zones([(one.at_s, f"{name} stale".strip() if _beyond(one) else "") for one in samples])
    low, high = padded(_values(lines), floor_at=0.0)
    return Chart(f"{subject} age", _told(lines, zones, span, ""), "age", tuple(lines), tuple(zones), low, high, span)


def _beyond(age: Age) -> bool:
    return age.age_s is not None and age.critical_s is not None and age.age_s > age.critical_s


def _values(lines: Iterable[Line]) -> list[float]:
    return [value for line in lines for _, value in line.points if value is not None]


def _zones(flags: Sequence[tuple[float, str]]) -> Iterator[Zone]:
    """Neighbours with the same fault, together, each up to the moment after: until then nothing else was known."""
    ends = [at_s for at_s, _ in flags[1:]] + [flags[-1][0]] if flags else []
    for why, group in groupby(zip(flags, ends, strict=True), key=lambda pair: pair[0][1]):
        pairs = list(group)
        if why:
            yield Zone(pairs[0][0][0], pairs[-1][1], why)


def _told(lines: Sequence[Line], zones: Sequence[Zone], shown: Callable[[float], str], note: str) -> str:
    """The picture in words, for those who do not see it."""
    limits = {"late", "stale"}
    newest = [line.name if line.style in limits else f"{line.name} {shown(line.last)}" for line in lines if line.last is not None]
    why = dict.fromkeys(zone.why for zone in zones)
    return "; ".join(filter(None, [", ".join(newest) or "no value", *why, note]))
