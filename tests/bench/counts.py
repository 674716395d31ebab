"""What a cycle asks of Redis, by the server's own count: exact, whatever the weather."""

from collections.abc import Iterator

from publisher.connection import Client, connect
from publisher.cycle import Cycle
from publisher.link import Link
from publisher.options import Options
from publisher.report import Report
from tests.bench.market import INTERVAL_S, Market, symbols
from tests.bench.measuring import Effort, pinned_server
from tests.bench.results import Result

LIMITS = {"news": 9.5, "steady": 6.5}
"""Commands per symbol, those that a script runs included: two reads, and a script that asks for the owner, writes and lets expire;
where the content is news, the track as well. The half is for what a cycle asks once."""
READ_LIMIT = 2.0
SEARCHES = ("keys", "scan", "hscan", "hgetall")


def measure(effort: Effort) -> Iterator[Result]:
    """A cycle in which every proposal is news, and one in which none is; not the first, which also looks for a predecessor."""
    names = symbols(effort.symbols)
    with pinned_server() as server:
        link, client = Link(server.url, timeout_s=10.0), connect(server.url)
        market = Market(link, names)
        options = Options(server.url, names, publisher_id="benchmark", interval_s=10 * INTERVAL_S)
        cycle = Cycle(link, options, names)
        cycle.run(market.now_s, 0.0, Report())
        for kind, factor in (("news", 1.01), ("steady", 1.01)):
            market.advance(lambda _, factor=factor: factor)  # type: ignore[misc]
            before = _calls(client)
            report = cycle.run(market.now_s, 0.0, Report())
            counts = {name: calls - before.get(name, 0) for name, calls in _calls(client).items()}
            counts = {name: calls for name, calls in counts.items() if calls and name not in ("info", "config|resetstat")}
            yield from _results(kind, counts, len(report.published) if kind == "news" else report.unchanged)
        link.close()
        client.close()


def _results(kind: str, counts: dict[str, int], symbols: int) -> Iterator[Result]:
    how = ", ".join(f"{calls:,} {name.upper()}" for name, calls in sorted(counts.items(), key=lambda item: -item[1]))
    yield Result(
        f"commands per symbol of a cycle, {kind}", sum(counts.values()) / symbols, "commands", LIMITS[kind], how=how, timed=False
    )
    reads = counts.get("hmget", 0) / symbols
    yield Result(f"reads per symbol of a cycle, {kind}", reads, "HMGET", READ_LIMIT, how=f"{symbols:,} symbols", timed=False)
    searches = float(sum(counts.get(name, 0) for name in SEARCHES))
    yield Result(
        f"searches of a cycle, {kind}", searches, "commands", 0.0, how="none of " + ", ".join(SEARCHES).upper(), timed=False
    )


def _calls(client: Client) -> dict[str, int]:
    stats: dict[str, dict[str, int]] = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): values["calls"] for name, values in stats.items()}
