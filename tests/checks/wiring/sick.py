"""One sick thing each: the check, the name that it is found on, and the map."""

from .maps import MARKET, TICKS, behind, beside, ghost, off, reads, stream, there, unit, unresolved, writes

IN, OUT = "app:stream:features", "app:stream:alerts"
FAILED = {"active_state": "failed", "sub_state": "failed", "result": "exit-code"}
READER, WRITER = unit("model", reads("", IN, group="model")), unit("guard", writes("", OUT))


def pair(read, written, **kinds):
    """A reader and a writer that never meet."""
    return beside(
        unit("r", reads("", read, **kinds)), unit("w", writes("", written, **{k: v for k, v in kinds.items() if k != "command"}))
    )


SICK = [
    ("WIRING101", IN, beside(READER)),
    ("WIRING101", IN, beside(READER, streams=(stream(IN, "model", age_s=90_000),))),  # left over: nobody writes it any more
    ("WIRING101", IN, beside(READER, unit("bus", unresolved=(unresolved("bus"),)))),
    ("WIRING101", "app:volatility:<symbol>", beside(unit("model", reads("", "app:volatility:<symbol>")))),
    ("WIRING101", "app:jobs", beside(unit("worker", reads("", "app:jobs", command="BRPOP")))),
    ("WIRING102", OUT, beside(WRITER)),
    ("WIRING102", OUT, beside(WRITER, streams=(stream(OUT),))),
    ("WIRING102", "app:queue:mail", beside(unit("mailer", writes("", "app:queue:mail", command="LPUSH")))),
    ("WIRING102", OUT, beside(WRITER, unit("pager", reads("", OUT, group="p"), **FAILED), streams=(stream(OUT, "p"),))),
    (
        "WIRING102",  # switched off on purpose, and what was meant for it waits
        OUT,
        beside(WRITER, unit("pager", reads("", OUT, group="p"), **off()), streams=(behind(OUT, "p"),)),
    ),
    ("WIRING103", "app:stream:policy.updated", pair("app:stream:policy.updated", "app:stream:policy.update")),
    ("WIRING103", "app:stream:trade.intent", pair("app:stream:trade.intent", "app:stream:trade.intnet")),
    ("WIRING103", "app:stream:fill", pair("app:stream:fill", "app:stream:fills")),
    ("WIRING103", "app:stream:exec.result", pair("app:stream:exec.result", "app:stream:exec.res")),
    ("WIRING103", "app:stream:exec.result", pair("app:stream:exec.result", "stream:exec.result")),
    ("WIRING103", "app:stream:exec.result", pair("app:stream:exec.result", "app:stream:exec:result")),
    ("WIRING103", "app:stream:exec.result", pair("app:stream:exec.result", "app:stream:EXEC.result")),
    ("WIRING103", "app:price:<symbol>", pair("app:price:<symbol>", "app:prices:<s>")),
    ("WIRING103", "app:pos:snap:<symbol>", pair("app:pos:snap:<symbol>", "app:pos:<symbol>:snap")),
    ("WIRING103", "app:book:<symbol>:top", pair("app:book:<symbol>:top", "app:book:<symbol>")),
    ("WIRING104", MARKET, beside(unit("feed", writes("", "app:market:<sym>", "price")))),
    ("WIRING104", "app:regime", beside(*(unit(name, writes("", "app:regime", command="SET")) for name in ("a", "b")))),
    ("WIRING104", TICKS, beside(unit("feed", writes("", TICKS, "ticker", "last")))),
    ("WIRING105", TICKS, beside(unit("panel", reads("", TICKS, command="HGETALL")))),
    ("WIRING105", OUT, beside(unit("a", writes("", OUT, command="PUBLISH")), unit("b", reads("", OUT)))),
    ("WIRING105", OUT, beside(unit("a", writes("", OUT)), unit("b", reads("", OUT, command="SUBSCRIBE")))),
    ("WIRING105", MARKET, beside(unit("panel", reads("", "app:market:ETHUSDT", command="GET")))),
    (
        "WIRING105",
        "app:regime",
        beside(unit("a", writes("", "app:regime"), reads("", "app:regime")), states=(there("app:regime", "string"),)),
    ),
    ("WIRING106", IN, beside(READER, unit("maker", writes("", IN), **FAILED))),
    ("WIRING106", IN, beside(READER, unit("maker", writes("", IN), **off()))),
    ("WIRING106", IN, beside(READER, unit("maker", writes("", IN), load_state="not-found", active_state="inactive"))),
    ("WIRING106", IN, beside(READER, unit("maker", writes("", IN), active_state="activating", sub_state="auto-restart"))),
    ("WIRING106", IN, beside(READER, unit("maker", writes("", IN), **FAILED, triggered_by=("maker.timer",)))),
    ("WIRING107", MARKET, beside(unit("exit", reads("", MARKET, "price", "peak_price")))),
    ("WIRING107", TICKS, beside(unit("exit", reads("", TICKS, "data")))),
    ("WIRING107", TICKS, beside(unit("exit", reads("", TICKS, "symbols")))),
    ("WIRING107", IN, beside(unit("m", reads("", IN, "action")), unit("w", writes("", IN, "out_action", "ts_epoch")))),
    (
        "WIRING108",
        IN,
        beside(
            unit("model", reads("", IN, origin="FEATURES at /etc/model.env:3")),
            unit("maker", writes("", "app:stream:vectors", origin="default of FEATURES")),
        ),
    ),
    ("WIRING109", IN, beside(streams=(ghost(IN, "left-behind"),))),
]
