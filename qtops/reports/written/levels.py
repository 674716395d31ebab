"""The picture of levels: for each symbol its stop and target as a bracket around the price, on one scale."""

from collections.abc import Iterator, Sequence
from typing import Final

from qtops.evidence.document import Level, Levels
from qtops.facts.times import moment
from qtops.reports.plot.scale import Scale, padded
from qtops.reports.written import prose, svg

TOP: Final = 22.0  # below the title
ROW: Final = 100.0  # units in height for one moment
AXIS: Final = 42.0  # of a row, from its top
LABELS: Final = {"price": -10.0, "stop": 21.0, "target": 34.0}  # from the axis: none can be over another
ARM: Final = 5.0  # of a bracket


def pictures(block: Levels, now_s: float) -> Iterator[str]:
    """One for each symbol and side, with a bracket for each moment."""
    symbols: dict[tuple[str, str], list[Level]] = {}
    for level in block.levels:
        symbols.setdefault((level.symbol, level.side), []).append(level)
    for (symbol, side), found in symbols.items():
        described = "; ".join(f"{moment(level.at_s, now_s)}: {_described(level)}" for level in found)
        yield svg.picture(f"{symbol} {side}".strip(), described, TOP + ROW * len(found), _rows(found, now_s))


def _rows(found: Sequence[Level], now_s: float) -> Iterator[str]:
    low, high = padded(value for level in found for value in _values(level).values() if value is not None)
    across = Scale(low, high, svg.MARGIN, svg.WIDTH - svg.MARGIN)
    for number, level in enumerate(found):
        yield from _row(level, across, TOP + ROW * number, now_s)


def _row(level: Level, across: Scale, top: float, now_s: float) -> Iterator[str]:
    tone, why = prose.faults(level)
    axis = top + AXIS
    if tone == "bad":
        yield svg.box(1, top + 2, svg.WIDTH - 1, top + ROW - 4, "wrong")
    yield svg.words(svg.MARGIN - 6, top + 14, moment(level.at_s, now_s))
    yield svg.words(svg.WIDTH - 6, top + 14, prose.MARKS[tone], svg.shape(tone), "end")
    if tone != "good":
        yield svg.words(svg.MARGIN - 6, top + ROW - 10, svg.shortened(why), svg.shape(tone))
    yield svg.line(across.start, axis, across.end, axis, "grid")
    places = {name: across(value) for name, value in _values(level).items() if value is not None}
    if "price" in places:
        for name in ("stop", "target"):
            if name in places:
                yield svg.box(places["price"], axis - 3, places[name], axis + 3, f"span {name}")
    for name, x in places.items():
        y = axis + LABELS[name]
        yield svg.line(x, axis, x, y - 8 if y > axis else y + 3, "stem")
        yield _sign(name, x, axis, other=places.get("price"))
        yield svg.beside(x, y, _label(name, level), f"name-{name}")


def _sign(name: str, x: float, y: float, other: float | None) -> str:
    """A ring for the price; brackets that open towards it, the stop's heavy, the target's double."""
    if name == "price":
        return f'<circle class="price" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
    arm = ARM if other is None or other >= x else -ARM
    path = f"M{x + arm:.1f} {y - 9:.1f}H{x:.1f}V{y + 9:.1f}h{arm:g}"
    inner = f"M{x + arm * 0.8:.1f} {y - 5:.1f}v10" if name == "target" else ""
    return f'<path class="sign {name}" d="{path}{inner}"/>'


def _label(name: str, level: Level) -> str:
    value = _values(level)[name]
    away = prose.distance(value, level.price) if value is not None and name != "price" else ""
    return f"{name} {prose.number(value)}{f' ({away})' if away else ''}"


def _values(level: Level) -> dict[str, float | None]:
    return {"price": level.price, "stop": level.stop_loss, "target": level.take_profit}


def _described(level: Level) -> str:
    tone, why = prose.faults(level)
    known = [_label(name, level) for name, value in _values(level).items() if value is not None]
    return ", ".join([*known, *([why] if tone != "good" else [])]) or "nothing known"
