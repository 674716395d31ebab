"""Choose streams to look at, and look: those that are named, those that are configured, those that are found."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final

from publisher.connection import REDIS_ERRORS, Trouble, trouble
from qtops.collectors import redis_info
from qtops.collectors import stream_replies as told
from qtops.collectors.redis import Source
from qtops.collectors.sampling import beats
from qtops.collectors.streams import read_streams
from qtops.facts.keys import ServerReading
from qtops.facts.streams import ClientReading, StreamFacts
from qtops.settings import Settings

SCAN_S: Final = 2.0  # how long to look for streams
MOST_STREAMS: Final = 2_000  # of all that are found: some 3 s of questions
MOST_CLIENTS: Final = 2_000  # CLIENT LIST of more keeps the server busy for longer than a few milliseconds
_BEAT_S: Final = 0.5
Tell = Callable[[str, float, float], None]


def declared(settings: Settings) -> tuple[str, ...]:
    """The streams of which the configuration speaks, one per symbol where their name has ``{symbol}`` in it."""
    patterns = [(stream.name, settings.symbols) for stream in settings.streams]
    patterns += [(f.pattern, f.symbols or settings.symbols) for f in settings.families if f.kind == "stream"]
    names = chain.from_iterable(
        [name.replace("{symbol}", symbol) for symbol in symbols] if "{symbol}" in name else [name] for name, symbols in patterns
    )
    return tuple(dict.fromkeys(names))


def look_at(
    source: Source, settings: Settings, tell: Tell, names: Sequence[str] = (), *, scan: bool = True, observe_s: float | None = None
) -> StreamFacts:
    """Look once, or at the beginning and the end of ``observe_s``. ``names``: at these alone. Raises ConfigError."""
    server = source.greet()
    wanted, missing = tuple(dict.fromkeys(names)) or declared(settings), list[str]()
    found: tuple[str, ...] = ()
    if scan and not names and server.state == "ok":
        tell("looking for streams", 0, 0)
        found, cut = find(source)
        missing += filter(None, [cut])
    everything = tuple(dict.fromkeys((*wanted, *found)))
    looks = [read_streams(source, server, everything)]
    if observe_s is not None and looks[0].server.state == "ok":
        for last in beats(min(_BEAT_S, observe_s), observe_s):
            tell("seconds observed", 0 if not last else observe_s, observe_s)
        looks.append(read_streams(source, source.greet(), everything))
    clients, why = read_clients(source, looks[-1].server)
    missing += filter(None, [why])
    return StreamFacts(looks=tuple(looks), declared=tuple(map(told.text, wanted)), clients=clients, missing=tuple(missing))


def find(source: Source, give_up_s: float = SCAN_S) -> tuple[tuple[str, ...], str]:
    """Names of streams that are there, and what was cut of the search: after ``give_up_s``, or at ``MOST_STREAMS``."""
    names = dict[str, None]()
    try:
        for name in source.scan("{symbol}", give_up_s, kind="stream"):
            if len(names) == MOST_STREAMS and name not in names:
                why = f"only the first {MOST_STREAMS} streams that were found are looked at: name others, or see --no-scan"
                return tuple(names), why
            names[name] = None
    except TimeoutError:
        why = f"the search for streams was ended after {give_up_s:g} s: {len(names)} were found; name others, or see --no-scan"
        return tuple(names), why
    except REDIS_ERRORS as error:
        bad = trouble(error)
        return tuple(names), f"streams could not be searched for: {bad.state}: {bad.detail}: name them, or see --no-scan"
    return tuple(names), ""


def read_clients(source: Source, server: ServerReading) -> tuple[tuple[ClientReading, ...] | None, str]:
    """The connections, or why they were not read. Those of a Cluster are spread over its nodes and are not asked for."""
    if server.state != "ok" or source.clustered:
        return None, ""
    (info,) = source.ask([(b"INFO", b"clients")], [b""])
    if isinstance(info, BaseException):
        return None, f"connections: {_words(trouble(info))}"
    count = redis_info.parse(info).get("connected_clients", "") if isinstance(info, bytes) else ""
    if not (count.isascii() and count.isdigit() and int(count) <= MOST_CLIENTS):
        return (
            None,
            f"connections: {count or 'an unknown number of'} clients are connected, more than {MOST_CLIENTS} are not listed",
        )
    (reply,) = source.ask([(b"CLIENT", b"LIST")], [b""])
    if isinstance(reply, BaseException):
        return None, f"connections: {_words(trouble(reply))}"
    return told.clients(reply), ""


def _words(found: Trouble) -> str:
    return f"{found.state}: {found.detail} ({found.advice})"
