"""The log: one line per change of state, in the form operators know from the founding publisher. Nothing is repeated each cycle."""

import logging
import sys
import time
from collections.abc import Iterable
from typing import TypeVar

from publisher.codec import Refused
from publisher.connection import Trouble
from publisher.options import Options
from publisher.proposing import Candidate
from publisher.report import Report

T = TypeVar("T")

LOG = logging.getLogger("publisher")
MOST_LINES = 20  # of one kind in one cycle: a log that is flooded is not read


def configure_log(level: str) -> None:
    """Log to stderr, times in UTC: ``2026-02-17 23:57:12 [INFO] …``."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s [%(levelname)s] %(message)s", "%Y-%m-%d %H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    LOG.handlers[:] = [handler]
    LOG.setLevel(level)
    LOG.propagate = False


def price(value: float) -> str:
    """Four decimals as in the founding log; eight significant digits where four decimals would hide a small price."""
    return f"${value:.4f}" if abs(value) >= 1.0 else f"${value:.8g}"


class Narrator:
    """Remembers what was said, and says what changed."""

    def __init__(self) -> None:
        self._trouble: Trouble | None = None
        self._trouble_since = 0.0
        self._cycles_in_trouble = 0
        self._said: dict[tuple[str, str], str] = {}

    def begin(self, options: Options, symbols: tuple[str, ...], redis: str) -> None:
        """Say what runs."""
        LOG.info("PositionSourceAdapter initialized with mode=%s", options.position_source)
        LOG.info("RiskProposalPublisher initialized as %s, shard %s, on %s", options.publisher_id, options.shard, redis)
        shown = list(symbols) if len(symbols) <= MOST_LINES else f"{len(symbols)} of them"
        LOG.info("  Symbols: %s", shown)
        LOG.info("  Interval: %gs", options.interval_s)
        LOG.info("  Position source: %s", options.position_source)
        LOG.info("  Stream enabled: %s", options.stream)
        if options.position_source == "synthetic":
            LOG.warning("Positions are SYNTHETIC, as asked for: no proposal of this publisher concerns a real position")
        LOG.info("Starting publish loop")

    def tell(self, report: Report, now: float) -> None:
        """Log what one cycle did, where it differs from the one before."""
        self._tell_trouble(report.trouble, now)
        self._tell_symbols("Refused", report.refused, report)
        self._tell_symbols("Not tracked across restarts:", report.untracked, report)
        absent = Refused("no_position", "none is found where positions are looked for; nothing is published")
        self._tell_symbols("Waiting for", {symbol: absent for symbol, stated in report.closed.items() if not stated}, report)
        self._tell_once("stream", "Stream", report.stream_refused)
        for symbol, owner in _first(report.rivals.items()):
            self._change(("rival", symbol), owner, "Another publisher writes %s too: %s", symbol, ascii(owner[:64])[1:-1])
        for key in [key for key in self._said if key[0] == "rival" and key[1] not in report.rivals and not report.trouble]:
            del self._said[key]
        if report.published:
            LOG.info("=== Risk Proposal Publish Cycle ===")
        for candidate in _first(report.published.values()):
            LOG.info("%s", _published(candidate))
        if len(report.published) > MOST_LINES:
            LOG.info("… and %d more proposals", len(report.published) - MOST_LINES)
        for symbol in _first(report.removed):
            LOG.info("Removed proposal for %s: its position is closed", symbol)
        if report.cycles_skipped:
            LOG.debug("%d ticks skipped so far", report.cycles_skipped)

    def tell_skipped(self, ticks: int, took_s: float) -> None:
        """Say that a cycle took longer than the interval."""
        LOG.warning("Cycle took %.1fs: skipped %d tick%s, nothing is stacked", took_s, ticks, "" if ticks == 1 else "s")

    def _tell_trouble(self, found: Trouble | None, now: float) -> None:
        before, self._trouble = self._trouble, found
        if found and (before is None or before.state != found.state):
            if before is None:
                self._trouble_since, self._cycles_in_trouble = now, 0
            LOG.error("Redis: %s (%s); %s", found.state.replace("_", " "), found.detail, found.advice)
        if found:
            self._cycles_in_trouble += 1
        elif before:
            LOG.info("Redis: back after %.1fs and %d cycles", now - self._trouble_since, self._cycles_in_trouble)

    def _tell_symbols(self, what: str, refused: dict[str, Refused], report: Report) -> None:
        new = {symbol: why for symbol, why in refused.items() if self._said.get((what, symbol)) != why.reason}
        for symbol, why in _first(new.items()):
            LOG.warning("%s %s: %s (%s)", what, symbol, why.reason, why.detail)
        if len(new) > MOST_LINES:
            LOG.warning("%s: and %d more symbols", what, len(new) - MOST_LINES)
        over = [s for kind, s in self._said if kind == what and s not in refused and not report.trouble]
        for symbol in over:
            del self._said[what, symbol]
        for symbol in _first(over):
            LOG.info("%s %s: no longer", what, symbol)
        self._said.update({(what, symbol): why.reason for symbol, why in new.items()})

    def _tell_once(self, key: str, what: str, why: Refused | None) -> None:
        if why:
            self._change((key, ""), why.reason, "%s: %s", what, f"{why.reason} ({why.detail})")
        else:
            self._said.pop((key, ""), None)

    def _change(self, key: tuple[str, str], state: str, message: str, *details: str) -> None:
        if self._said.get(key) != state:
            self._said[key] = state
            LOG.warning(message, *details)


def _published(candidate: Candidate) -> str:
    ready, proposal = candidate.ready, candidate.proposal
    line = f"Published proposal for {ready.symbol}: SL={price(proposal.proposed_sl)} TP={price(proposal.proposed_tp)}"
    line += f" reasons={','.join(proposal.reason_codes)} source={ready.given.source}"
    return line + (f" flags={','.join(candidate.flags)}" if candidate.flags else "")


def _first(items: Iterable[T]) -> list[T]:
    return list(items)[:MOST_LINES]
