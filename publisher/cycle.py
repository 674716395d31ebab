"""One publish cycle: read, compute, write, and report. What is remembered changes only by what Redis acknowledged."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from publisher.codec import Closed, PositionInput, Refused
from publisher.garbage import no_collection
from publisher.inputs import Given, GivenMarket, Inputs, Question, ServerTrouble, key_trouble
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
    watch,
)
from publisher.report import Report, status_fields
from publisher.tracking import Track, encode_track
from publisher.writing import Order, Write, Writer, Written

FLUSHES = 20  # a cycle: entries that had to take another id, and what an outage held back; heartbeats wait no longer
CHUNK = 500  # symbols a round trip: some 300 kB of replies, 20 ms


class _Sent(NamedTuple):
    """Candidates that are sent to be written; number 0 is a heartbeat."""

    candidates: Sequence[Candidate]
    numbers: Sequence[int]
    order: Order


class Cycle:
    """Publishes the proposals of ``symbols``; remembers what was acknowledged for each."""

    def __init__(self, link: Link, options: Options, symbols: Sequence[str]) -> None:
        self._link, self._options, self._symbols = link, options, symbols
        self._inputs = Inputs(link, symbols, options.position_source)
        self._writer = Writer(link, options.publisher_id, options.ttl_ms)
        self._outbox = Outbox(link)
        self._constants = {"publisher_id": options.publisher_id, "interval_sec": f"{options.interval_s:g}"}
        self._published: dict[str, Published] = {}
        self._tracks: dict[str, Track] = {}
        self._looked: set[str] = set()  # for what a predecessor remembered
        self._untracked: dict[str, Refused] = {}
        self._removed: dict[str, bool] = {}

    def run(self, now_s: float, now: float, report: Report) -> Report:
        """One cycle at the wall clock's ``now_s`` and the monotonic clock's ``now``, filed in ``report``."""
        with no_collection():
            self._run(report, now_s, now)
        return report

    def _run(self, report: Report, now_s: float, now: float) -> None:
        self._link.begin()
        try:
            report.stream_refused = self._inputs.read_events()
        except ServerTrouble as error:
            report.lose((), error.trouble)  # in a Cluster, the nodes that hold the symbols may answer all the same
        try:
            self._run_chunks(report, now_s, now)
            self._flush_stream(report, now_s)
            report.untracked = {**self._untracked}
            report.settle()
            key_trouble(self._writer.status(status_fields(report, self._options, len(self._symbols), now_s)))
        except ServerTrouble as error:
            report.lose((), error.trouble)

    def _run_chunks(self, report: Report, now_s: float, now: float) -> None:
        """Read, compute and write chunk by chunk; the server works on the one before and the one after meanwhile."""
        sent: _Sent | None = None
        try:
            for given in self._given(report):
                candidates = self._candidates(self._ready(given, report, now_s), report)
                sending = self._send(candidates, now_s, now, whole=False)
                if sent:
                    self._file(sent, report, now_s, now)
                sent = sending
        except ServerTrouble as error:
            report.lose((), error.trouble)
        if sent:
            self._file(sent, report, now_s, now)

    def _given(self, report: Report) -> Iterator[Given]:
        """The inputs chunk by chunk, the next one always asked for before one is handed out."""
        chunks = [self._symbols[start : start + CHUNK] for start in range(0, len(self._symbols), CHUNK)]
        question: Question | None = None
        for chunk, following in zip(chunks, [*chunks[1:], None], strict=True):
            given = self._inputs.collect(question or self._ask(chunk))
            for symbol, found in given.unreachable.items():
                report.lose([symbol], found)
            if len(given.unreachable) == len(chunk):
                return  # nobody answers: the chunks to come would wait as long for nothing
            question = self._ask(following) if following else None
            yield given

    def _ask(self, symbols: Sequence[str]) -> Question:
        return self._inputs.ask(symbols, [symbol for symbol in symbols if symbol not in self._looked])

    def _ready(self, given: Given, report: Report, now_s: float) -> list[Ready]:
        ready: list[Ready] = []
        closed: dict[str, bool] = {}
        self._tracks.update(given.tracks)
        self._looked.update(symbol for symbol in given.markets if symbol not in given.unreachable)
        for symbol, market in given.markets.items():
            if symbol in given.unreachable:
                continue
            position = given.positions[symbol]
            if isinstance(position, Closed):
                closed[symbol] = position.stated
                continue
            prepared = self._prepared(symbol, market, position, now_s)
            if isinstance(prepared, Ready):
                ready.append(prepared)
            else:
                report.refused[symbol] = prepared
        self._remove(closed, report)
        return ready

    def _prepared(self, symbol: str, market: GivenMarket, position: PositionInput | Refused, now_s: float) -> Ready | Refused:
        if isinstance(position, Refused):
            return position
        track = watch(position, self._tracks.get(symbol), now_s, self._options.limits)
        if isinstance(track, Refused):
            return track
        self._tracks[symbol] = track
        return prepare(symbol, market, position, track, now_s, self._options.limits)

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

    def _send(self, candidates: Sequence[Candidate], now_s: float, now: float, *, whole: bool) -> _Sent:
        """Send what is news, and a heartbeat for the rest; everything where it must be written ``whole``."""
        writes, numbers = [], []
        for candidate in candidates:
            symbol = candidate.ready.symbol
            last = self._published.get(symbol)
            seq = next_seq(candidate, last) if whole or is_news(candidate, last, now) else 0
            content = encode_proposal(candidate, seq, now_s, self._constants) if seq else None
            writes.append(Write(symbol, content, encode_track(proposed_track(candidate, seq)) if seq else ()))
            numbers.append(seq)
        return _Sent(candidates, numbers, self._writer.ask(writes, int(now_s * 1000)))

    def _file(self, sent: _Sent, report: Report, now_s: float, now: float) -> None:
        """Remember what Redis acknowledged; what it has no proposal for any more is written whole."""
        gone = []
        written = self._writer.collect(sent.order)
        for candidate, seq, write, result in zip(sent.candidates, sent.numbers, sent.order.writes, written, strict=True):
            if self._acknowledged(write, result, report):
                if result.done and write.content is not None:
                    self._remember(candidate, seq, write, report, now_s, now)
                elif result.done:
                    report.unchanged += 1
                else:
                    gone.append(candidate)
            elif seq:  # unacknowledged content is written again, and counts as proposed where it may have arrived
                self._published.pop(write.symbol, None)
                if result.doubtful:
                    self._tracks[write.symbol] = proposed_track(candidate, seq)
        if gone:
            self._file(self._send(gone, now_s, now, whole=True), report, now_s, now)

    def _acknowledged(self, write: Write, result: Written, report: Report) -> bool:
        symbol = write.symbol
        if result.owner not in (None, self._options.publisher_id) and symbol in self._published:
            report.rivals[symbol] = str(result.owner)
        try:
            refused = key_trouble(result.error)
            untracked = key_trouble(result.track_error)
        except ServerTrouble as error:
            report.lose([symbol], error.trouble)
            return False
        if untracked:
            self._untracked[symbol] = untracked
        elif write.content is not None:  # a heartbeat says nothing of the track
            self._untracked.pop(symbol, None)
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
                self._untracked.pop(symbol, None)
            self._removed[symbol] = closed[symbol]

    def _flush_stream(self, report: Report, now_s: float) -> None:
        if not self._options.stream:
            return
        for _ in range(FLUSHES):
            if not len(self._outbox):
                return
            problem = self._outbox.flush(int(now_s * 1000))
            report.stream_refused = key_trouble(problem) or report.stream_refused
