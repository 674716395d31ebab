"""One publish cycle: read, compute, write, and report. What is remembered changes only by what Redis acknowledged."""

from collections.abc import Sequence

from publisher.codec import Refused
from publisher.inputs import Inputs, ServerTrouble, key_trouble
from publisher.kernel import compute
from publisher.link import Link
from publisher.options import Options
from publisher.outbox import Outbox
from publisher.proposing import (
    NUMBERS_TO_BATCH,
    Candidate,
    Published,
    Ready,
    encode_proposal,
    encode_stream_entry,
    is_news,
    judge,
    next_seq,
    prepare,
    proposed_track,
    published,
)
from publisher.report import Report, status_fields
from publisher.tracking import Track, encode_track
from publisher.writing import Write, Writer, Written

CHUNK = 1000  # symbols a round trip: some 600 kB of replies, 40 ms


class Cycle:
    """Publishes the proposals of ``symbols``; remembers what was acknowledged for each."""

    def __init__(self, link: Link, options: Options, symbols: Sequence[str]) -> None:
        self._options, self._symbols = options, symbols
        self._inputs = Inputs(link, symbols, options.position_source)
        self._writer = Writer(link, options.publisher_id, options.ttl_ms)
        self._outbox = Outbox(link)
        self._constants = {"publisher_id": options.publisher_id, "interval_sec": f"{options.interval_s:g}"}
        self._published: dict[str, Published] = {}
        self._tracks: dict[str, Track] = {}
        self._removed: dict[str, bool] = {}

    def run(self, now_s: float, now: float, report: Report) -> Report:
        """One cycle at the wall clock's ``now_s`` and the monotonic clock's ``now``, filed in ``report``."""
        try:
            report.stream_refused = self._inputs.read_events()
            for start in range(0, len(self._symbols), CHUNK):
                self._run_chunk(self._symbols[start : start + CHUNK], report, now_s, now)
                if len(report.unreachable) == start + CHUNK:
                    break  # nothing of the first chunks got an answer: the others would wait as long for none
            self._flush_stream(report, now_s)
            key_trouble(self._writer.status(status_fields(report, self._options, len(self._symbols), now_s)))
        except ServerTrouble as error:
            report.lose((), error.trouble)
        return report

    def _run_chunk(self, symbols: Sequence[str], report: Report, now_s: float, now: float) -> None:
        given = self._inputs.read(symbols, [symbol for symbol in symbols if symbol not in self._tracks])
        for symbol, found in given.unreachable.items():
            report.lose([symbol], found)
        ready: list[Ready] = []
        closed: dict[str, bool] = {}
        for symbol in symbols:
            if symbol in given.unreachable:
                continue
            track = self._tracks.get(symbol) or given.tracks.get(symbol)
            prepared = prepare(symbol, given.markets[symbol], given.positions[symbol], track, now_s, self._options.limits)
            if isinstance(prepared, Ready):
                ready.append(prepared)
            elif isinstance(prepared, Refused):
                report.refused[symbol] = prepared
            else:
                closed[symbol] = prepared.stated
        self._remove(closed, report)
        candidates = self._candidates(ready, report)
        gone = self._write(candidates, report, now_s, now, whole=False)
        self._write(gone, report, now_s, now, whole=True)

    def _candidates(self, ready: Sequence[Ready], report: Report) -> list[Candidate]:
        if len(ready) < NUMBERS_TO_BATCH:
            proposals = iter([compute(each.symbol, each.market.state, each.position) for each in ready])
        else:
            from publisher.kernel_batch import columns, compute_batch

            proposals = compute_batch(columns([(each.market.state, each.position) for each in ready])).rows()
        candidates = []
        for each, proposal in zip(ready, proposals, strict=True):
            judged = judge(each, proposal)
            if isinstance(judged, Refused):
                report.refused[each.symbol] = judged
            else:
                candidates.append(judged)
        return candidates

    def _write(self, candidates: Sequence[Candidate], report: Report, now_s: float, now: float, *, whole: bool) -> list[Candidate]:
        """Write what is news, and a heartbeat for the rest; return those whose proposal has gone and must be written ``whole``."""
        writes, numbers = [], []
        for candidate in candidates:
            symbol = candidate.ready.symbol
            last = self._published.get(symbol)
            self._tracks[symbol] = candidate.ready.track
            seq = next_seq(candidate, last) if whole or is_news(candidate, last, now) else 0
            content = encode_proposal(candidate, seq, now_s, self._constants) if seq else None
            writes.append(Write(symbol, content, encode_track(proposed_track(candidate, seq)) if seq else ()))
            numbers.append(seq)
        gone = []
        written = self._writer.write(writes, int(now_s * 1000))
        for candidate, write, seq, result in zip(candidates, writes, numbers, written, strict=True):
            if self._acknowledged(write.symbol, result, report):
                if result.done and write.content is not None:
                    self._remember(candidate, seq, write, report, now_s, now)
                elif result.done:
                    report.unchanged += 1
                else:
                    gone.append(candidate)
        return gone

    def _acknowledged(self, symbol: str, result: Written, report: Report) -> bool:
        if result.owner not in (None, self._options.publisher_id) and symbol in self._published:
            report.rivals[symbol] = str(result.owner)
        try:
            refused = key_trouble(result.error)
            untracked = key_trouble(result.track_error)
        except ServerTrouble as error:
            report.lose([symbol], error.trouble)
            return False
        if untracked:
            report.untracked[symbol] = untracked
        if refused:
            report.refused[symbol] = refused
        return refused is None

    def _remember(self, candidate: Candidate, seq: int, write: Write, report: Report, now_s: float, now: float) -> None:
        symbol = write.symbol
        self._published[symbol] = published(candidate, seq, now)
        self._tracks[symbol] = proposed_track(candidate, seq)
        self._removed.pop(symbol, None)
        report.published[symbol] = candidate
        if self._options.stream and write.content is not None:
            self._outbox.add(encode_stream_entry(write.content), int(now_s * 1000))

    def _remove(self, closed: dict[str, bool], report: Report) -> None:
        """Take away the proposals of closed positions; forget a position only where its writer says that it is closed."""
        report.closed.update(closed)
        leaving = [symbol for symbol in closed if self._removed.get(symbol) != closed[symbol]]
        stated = [symbol for symbol in leaving if closed[symbol]]
        for symbol, reply in zip(leaving, self._writer.remove(leaving, stated), strict=True):
            try:
                refused = key_trouble(reply)
            except ServerTrouble as error:
                report.lose([symbol], error.trouble)
                continue
            if refused:
                report.refused[symbol] = refused
                continue
            if self._published.pop(symbol, None):
                report.removed.append(symbol)
            if closed[symbol]:
                self._tracks.pop(symbol, None)
            self._removed[symbol] = closed[symbol]

    def _flush_stream(self, report: Report, now_s: float) -> None:
        if not self._options.stream:
            return
        for _ in range(2):  # the second time for entries that had to take another id
            problem = self._outbox.flush(int(now_s * 1000))
            report.stream_refused = key_trouble(problem) or report.stream_refused
