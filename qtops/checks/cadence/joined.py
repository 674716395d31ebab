"""Several looks as one: whoever looks every minute for a few seconds learns the intervals all the same, with more to allow for."""

from typing import Final

from msgspec.structs import replace

from qtops.checks.cadence.forms import moments
from qtops.facts.cadence import CadenceFacts, Series

KEPT: Final = 500  # values of a field: a watch may go on for ever


def joined(earlier: CadenceFacts, later: CadenceFacts) -> CadenceFacts:
    """The later look, its series continued from the earlier one. Ids of streams need no joining."""
    before = {series.name: series for series in earlier.series}
    return replace(later, series=tuple(_continued(before.get(series.name), series) for series in later.series))


def _continued(earlier: Series | None, later: Series) -> Series:
    if earlier is None or not (earlier.seen_at_s and later.seen_at_s):
        return later
    same = later.texts[:1] == earlier.texts[-1:]
    texts, seen_at_s = earlier.texts + later.texts[same:], earlier.seen_at_s + later.seen_at_s[same:]
    ended_s, began_s = earlier.seen_at_s[0] + earlier.watched_s, later.seen_at_s[0]
    between_s = max(began_s - ended_s, 0.0)
    looked = earlier.watched_s > 0 and later.watched_s > 0
    first_s = seen_at_s[-KEPT:][0]
    moved = (earlier.inputs_moved, later.inputs_moved)
    return replace(
        later, texts=texts[-KEPT:], seen_at_s=seen_at_s[-KEPT:], moments_s=moments(texts[-KEPT:]),
        watched_s=began_s + later.watched_s - first_s,
        sampled_every_s=max(earlier.sampled_every_s, later.sampled_every_s, 0.0 if looked else between_s),
        blind_s=max(earlier.blind_s, later.blind_s, between_s), vanished=earlier.vanished + later.vanished,
        inputs_moved=None if moved == (None, None) else (moved[0] or 0) + (moved[1] or 0),
    )  # fmt: skip
