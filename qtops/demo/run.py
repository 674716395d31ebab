"""Run the chain and look at its proposals, again and again, with the code of ``qtops verify freshness``."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from publisher.contract import proposal_key
from publisher.embedded import NoServer
from qtops.checks.freshness import Freshness, judge
from qtops.collectors.keys import Look, Selection
from qtops.collectors.redis import Source
from qtops.collectors.sampling import beats
from qtops.demo.chain import Chain, running_chain
from qtops.demo.ending import Ending
from qtops.demo.watching import Watch
from qtops.errors import Unavailable
from qtops.facts.text import printable
from qtops.reports.demo import Outcome
from qtops.settings import PROPOSALS, RedisSettings, Settings, TimeRule

START_LIMIT_S: Final = 20.0  # a first proposal takes one or two seconds
LONGEST_LOOK_S: Final = 1.0  # between two looks, and at most half an interval
LEVELS: Final = ("position_side", "position_current_price", "proposed_sl", "proposed_tp", "flags")


@dataclass(frozen=True, slots=True)
class Row:
    """One symbol in one sample. ``levels`` are the texts of LEVELS, None where there is no proposal.

    ``excused``: there is none yet, since its position may have opened only now.
    """

    symbol: str
    levels: tuple[str | None, ...]
    freshness: Freshness
    excused: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at all symbols."""

    at_s: float
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome, and where it is not ok the last lines that each part of the chain said, under its name."""

    outcome: Outcome
    last_words: tuple[str, ...]


def demo_settings(url: str, symbols: Sequence[str], interval_s: float) -> Settings:
    """What to verify: the proposals, by the limits that their usual family has, at this interval."""
    heartbeat = TimeRule(field="heartbeat_ms", interval_s=interval_s, warn_s=2 * interval_s, critical_s=3 * interval_s)
    family = msgspec.structs.replace(PROPOSALS, times=(heartbeat, *PROPOSALS.times[1:]))
    return Settings(symbols=tuple(symbols), redis=RedisSettings(url=url), families=(family,))


def run_demo(
    symbols: Sequence[str], seconds: float, interval_s: float, seed: int, ending: Ending, show: Callable[[Sample], None]
) -> Result:
    """Run for ``seconds``, or until asked to end or something fell. Raises Unavailable where there is no Redis to run."""
    watch = Watch(interval_s)
    try:
        with running_chain(symbols, interval_s, seed) as chain:
            ended_by = _watched(chain, demo_settings(chain.url, symbols, interval_s), seconds, watch, ending, show)
            outcome = watch.outcome(ended_by or "time", whole=ended_by in ("", "key", "interrupt"))
            words = () if outcome.ok else tuple(_last_words(chain))
    except NoServer as error:
        raise Unavailable(f"no private Redis could be started: {error}") from error
    return Result(outcome, words)


def _last_words(chain: Chain) -> Iterator[str]:
    for part in chain.parts:
        yield f"--- last words of the {part.name}:"
        yield from map(printable, part.last_words())


def _watched(chain: Chain, settings: Settings, seconds: float, watch: Watch, ending: Ending, show: Callable[[Sample], None]) -> str:
    """Look until the end; why it came before the time, empty where it did not."""
    source, began = Source(settings.redis), time.monotonic()
    try:
        for _ in beats(min(LONGEST_LOOK_S, watch.interval_s / 2), seconds, sleep=ending.wait):
            if ending.asked:
                return "interrupt" if ending.signal else "key"
            fallen = chain.fallen()
            if fallen is not None:
                return f"the {fallen.name} ended by itself with {fallen.process.returncode}"
            at_s = time.monotonic() - began
            show(_sample(source, settings, at_s, watch))
            if not watch.begun and at_s > START_LIMIT_S:
                return f"no proposal within {START_LIMIT_S:g} s"
    finally:
        source.close()
    return ""


def _sample(source: Source, settings: Settings, at_s: float, watch: Watch) -> Sample:
    (family,) = settings.families
    selections = [Selection(family, settings.symbols)]
    verdicts = [judge(reading, family, settings) for reading in Look(source, source.greet(), selections)]
    excused = watch.add(at_s, verdicts)
    keys = [proposal_key(found.subject) for found in verdicts]
    replies = source.ask([("HMGET", key, *LEVELS) for key in keys], keys)
    return Sample(
        at_s,
        tuple(
            Row(found.subject, _levels(reply), found, found.subject in excused)
            for found, reply in zip(verdicts, replies, strict=True)
        ),
    )


def _levels(reply: object) -> tuple[str | None, ...]:
    values = reply if isinstance(reply, list) else [None] * len(LEVELS)
    return tuple(None if value is None else printable(value.decode("utf-8", "backslashreplace")) for value in values)
