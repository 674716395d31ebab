"""What looks like a fault and is well: the check that must not speak, and the map."""

from .maps import MARKET, TICKS, beside, end, ghost, off, reads, stream, there, unit, writes
from .sick import IN, OUT, READER, WRITER

QUIET = [
    ("WIRING101", beside(READER, unit("maker", writes("", "app:stream:<topic>")))),  # a name that is built may be any
    ("WIRING101", beside(unit("admin", reads("", "app:*", command="SCAN")))),
    ("WIRING101", beside(unit("model", reads("", "<key>")))),
    (
        "WIRING101",
        beside(READER, unit("maker", writes("", IN)), streams=(ghost(IN, "model"),)),
    ),  # nothing happened
    ("WIRING102", beside(WRITER, streams=(stream(OUT, "pager"),))),  # a group of somebody whose source is elsewhere
    ("WIRING102", beside(WRITER, unit("pager", reads("", OUT, group="p"), **off()), streams=(stream(OUT, "p", "other"),))),
    ("WIRING102", beside(unit("a", writes("", "app:stream:orders.dlq")))),  # for somebody to look at one day
    ("WIRING101", beside(unit("a", end("", "SUBSCRIBE", "__keyevent@0__:expired")))),  # Redis itself speaks there
    ("WIRING101", beside(unit("a", reads("", "app:limits")), states=(there("app:limits"),))),  # somebody set it
    ("WIRING102", beside(unit("job", end("", "SET", "app:lock:job"), end("", "EXISTS", "app:lock:job")))),
    ("WIRING102", beside(unit("all", reads("", "app:stream:<name>", command="XREAD")), WRITER)),
    ("WIRING103", beside(unit("a", writes("", "app:stream:klines.1m"), reads("", "app:stream:klines.1m")))),
    ("WIRING103", beside(*(unit(n, writes("", f"app:stream:{n}"), reads("", f"app:stream:{n}")) for n in ("order", "orders")))),
    (
        "WIRING104",
        beside(
            *(
                unit(f"w@{n}", writes("", "app:regime", command="SET"), reads("", "app:regime", command="GET"), script="/srv/w.py")
                for n in (1, 2)
            )
        ),
    ),
    ("WIRING104", beside(unit("feed", writes("", "app:market:<symbol>", "funding")))),
    ("WIRING104", beside(unit("old", writes("", "app:market:<symbol>", "price"), **off()))),
    (
        "WIRING104",
        beside(*(unit(n, writes("", "app:hits", "count", command="HINCRBY"), reads("", "app:hits", "count")) for n in ("a", "b"))),
    ),
    ("WIRING104", beside(unit("other", writes("", "app:stream:orders", "event", "reason")))),
    ("WIRING104", beside(unit("other", writes("", TICKS, "symbol", "price", "size")))),
    (
        "WIRING104",
        beside(
            *(unit(n, writes("", "app:policy", "v", where="lib/policy.py:9"), reads("", "app:policy", "v")) for n in ("a", "b"))
        ),
    ),
    (
        "WIRING105",
        beside(
            unit("w", writes("", "app:bag:<symbol>"), writes("", "app:bag:count", command="SET"), reads("", "app:bag:<symbol>"))
        ),
    ),
    (
        "WIRING105",  # told to who listens, and kept for who comes later
        beside(
            unit("a", writes("", OUT, command="PUBLISH"), writes("", OUT)),
            unit("b", reads("", OUT, command="SUBSCRIBE"), reads("", OUT)),
        ),
    ),
    ("WIRING105", beside(unit("all", end("", "HGETALL", "app:<key>")), unit("any", end("", "DEL", TICKS)))),
    (
        "WIRING105",
        beside(
            unit("pub", end("", "PUBLISH", "app:market"), reads("", "app:market", command="SUBSCRIBE"), writes("", "app:market"))
        ),
    ),
    ("WIRING106", beside(READER, unit("job", writes("", IN), **off(triggered_by=("job.timer",))))),
    ("WIRING106", beside(READER, unit("old", writes("", IN), **off()), unit("new", writes("", IN)))),
    ("WIRING106", beside(READER, unit("maker", writes("", IN), active_state=""))),  # systemd could not be asked
    ("WIRING106", beside(unit("both", writes("", IN), reads("", IN), **off()))),
    ("WIRING107", beside(unit("exit", reads("", MARKET, "price", "prices")))),  # tries both names
    ("WIRING107", beside(unit("w", writes("", IN)), unit("m", reads("", IN, "anything")))),  # what is written is not known
    ("WIRING107", beside(unit("w", writes("", IN, "payload")), unit("m", reads("", IN, "payload", "symbol")))),
    ("WIRING107", beside(unit("w", writes("", "app:h", "a_<n>")), unit("m", reads("", "app:h", "a_1")))),
    (
        "WIRING108",
        beside(unit("model", reads("", IN, origin="FEATURES at /etc/a.env:3")), unit("m", writes("", IN, origin="default of OUT"))),
    ),
    ("WIRING109", beside(streams=(stream(OUT, "g"),))),
]
