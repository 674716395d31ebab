"""What a demo came to: as a value, in plain words, and as JSON."""

import msgspec

from qtops.checks.freshness import State


class NotFresh(msgspec.Struct, frozen=True):
    """A proposal that was not fresh: from when, in seconds since the start, and in how many samples."""

    symbol: str
    state: State
    at_s: float
    samples: int
    reason: str


class Outcome(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.demo/1"):
    """What the demo showed. ``ok`` only if at least one proposal was seen and every one was fresh throughout and at the end."""

    ok: bool
    simulated: bool  # always true: the market of the demo is invented
    ended_by: str  # time, key, interrupt, or what went wrong
    seconds: float
    interval_s: float
    symbols: tuple[str, ...]
    samples: int
    fresh: int  # proposals found fresh, over all samples
    idle: int  # symbols with no open position, over all samples
    awaited: int  # proposals of positions that may have opened only now, over all samples
    oldest_s: float | None  # greatest age among the fresh
    not_fresh: tuple[NotFresh, ...]


def closing_lines(outcome: Outcome) -> list[str]:
    """What the demo showed, in plain words."""
    lines = ["The market was SIMULATED: prices, regimes and positions are invented. Redis, publisher and verification are real."]
    if outcome.ok:
        lines.append(
            f"Verified FRESH: {outcome.fresh} times a proposal in {outcome.samples} looks over {outcome.seconds:g} s, "
            f"the oldest {outcome.oldest_s:.1f} s old (limit {2 * outcome.interval_s:g} s); "
            f"{outcome.idle} times no position was open, {outcome.awaited} times a new position's first proposal was awaited."
        )
    else:
        lines += _failures(outcome)
    return [
        *lines,
        "Next: qtops run publisher --help for a Redis of your own, qtops verify freshness --watch to keep an eye on it, make test.",
    ]


def _failures(outcome: Outcome) -> list[str]:
    lines = [
        f"NOT FRESH: {found.symbol} {found.state} from {found.at_s:.1f} s on, in {found.samples} looks: {found.reason}"
        for found in outcome.not_fresh
    ]
    if not outcome.fresh:
        lines.append(f"No proposal was seen in {outcome.samples} looks over {outcome.seconds:g} s.")
    if outcome.ended_by not in ("time", "key", "interrupt"):
        lines.append(f"It ended early: {outcome.ended_by}.")
    return lines
