"""The wiring of the founding system as it was found: ten services, and what kept them from each other."""

from tests.fleet.case import Case, Fault, unit
from tests.fleet.near_misses import BUS

MARKET = "quantum:marketstate:<symbol>"
FOUNDING = Case(
    "founding",
    (
        unit("market-state", '''
            import os
            import time

            import redis

            class MarketStatePublisher:
                """Publishes the state of the market of each symbol."""

                def __init__(self, redis_client):
                    self.redis = redis_client
                    self.symbols = os.getenv("MARKETSTATE_SYMBOLS", "BTCUSDT,ETHUSDT").split(",")
                    self.prefix = "quantum:marketstate"

                def publish_state(self, symbol, state):
                    key = f"{self.prefix}:{symbol}"
                    data = {
                        "sigma": f"{state['sigma']:.8f}", "mu": f"{state['mu']:.8f}", "ts": f"{state['ts']:.6f}",
                        "p_trend": "0.4", "p_mr": "0.3", "p_chop": "0.3", "dp": "0", "vr": "1", "spike_proxy": "0",
                        "ts_timestamp": int(time.time()), "buffer_size": 256,
                    }
                    self.redis.hset(key, mapping=data)
                    self.redis.expire(key, 600)
                    self.redis.xadd("quantum:stream:marketstate", {"symbol": symbol, "sigma": data["sigma"]}, maxlen=10000)

                def _load_candles(self, symbol):
                    for key in (f"candles:{symbol}:1m", f"klines:{symbol}:1m"):
                        kind = self.redis.type(key)
                        if kind == "zset":
                            return self.redis.zrange(key, -300, -1)
                    return []

                def run(self):
                    while True:
                        for symbol in self.symbols:
                            self._load_candles(symbol)
                            self.publish_state(symbol, {"sigma": 0.01, "mu": 0.0, "ts": 0.1})
                        time.sleep(60)

            MarketStatePublisher(redis.Redis(host=os.getenv("REDIS_HOST", "localhost"))).run()
            '''),
        unit("risk-proposal", '''
            import os
            from typing import Optional

            import redis

            class RiskProposalPublisher:
                def __init__(self):
                    self.redis_client = redis.Redis(decode_responses=True)
                    self.symbols = [s.strip() for s in os.getenv("SYMBOLS", "BTCUSDT,ETHUSDT").split(",")]

                def get_position(self, symbol: str) -> Optional[dict]:
                    data = self.redis_client.hgetall(f"quantum:state:positions:{symbol}")
                    if not data:
                        return None
                    return {"side": data.get("side", "LONG"), "entry": float(data.get("entry_price", 0))}

                def get_market_state(self, symbol: str) -> Optional[dict]:
                    data = self.redis_client.hgetall(f"quantum:marketstate:{symbol}")
                    return {"sigma": float(data.get("sigma", 0)), "dummy": float(data.get("p_trend", 0))}

                def publish_proposal(self, symbol: str, proposal: dict):
                    self.redis_client.hset(
                        f"quantum:risk:proposal:{symbol}",
                        mapping={"proposed_sl": str(proposal["sl"]), "stop_dist_pct": "0.01", "computed_at_utc": "x"},
                    )

            publisher = RiskProposalPublisher()
            for symbol in publisher.symbols:
                publisher.get_position(symbol)
                publisher.get_market_state(symbol)
                publisher.publish_proposal(symbol, {"sl": 1})
            '''),
        unit("harvest-proposal", '''
            def load(symbol):
                market = r.hgetall("quantum:marketstate:" + symbol)
                risk = r.hgetall("quantum:risk:proposal:" + symbol)
                fills = r.xrevrange("quantum:stream:execution", count=100)
                return float(market["p_trend"]), float(risk["stop_dist_pct"]), float(risk.get("proposed_sl", 0)), fills

            def publish(symbol):
                r.hset(f"quantum:harvest:proposal:{symbol}", mapping={"harvest_action": "NONE", "ts": "0.1", "sigma": "0.01"})

            for symbol in os.getenv("SYMBOLS", "BTCUSDT").split(","):
                load(symbol)
                publish(symbol)
            '''),
        unit("governor", '''
            import time

            import redis

            class RiskGuard:
                EVENTS = "quantum:stream:risk.events"

                def __init__(self, client):
                    self.r = client

                def activate(self, guard_type, reason, seconds):
                    self.r.setex(f"quantum:risk:guard_active:{guard_type}", seconds, reason)
                    self.r.xadd(self.EVENTS, {"event": "RISK_GUARD_ACTIVATED", "guard_type": guard_type, "reason": reason})

                def is_active(self, guard_type):
                    return self.r.exists(f"quantum:risk:guard_active:{guard_type}")

                def spread(self, symbol):
                    return float(self.r.hget(f"quantum:market_state:{symbol}", "spread_bps") or 0)

            guard = RiskGuard(redis.Redis())
            while True:
                guard.spread("BTCUSDT")
                if not guard.is_active("drawdown"):
                    guard.activate("drawdown", "DRAWDOWN_LIMIT", 3600)
                time.sleep(60)
            '''),
        unit("portfolio-governor", '''
            def regime(symbol):
                market = r.hgetall(f"quantum:state:market:{symbol}")
                return market.get("vol_regime", "normal")

            for symbol in input().split():
                regime(symbol)
            '''),
        unit("position-brain", '''
            def snapshot(symbol, position):
                key = f"quantum:position:snapshot:{symbol}"
                r.hset(key, mapping={"position_amt": "1", "side": "LONG", "mark_price": "2", "ts_epoch": "3"})
                r.expire(key, 3600)

            snapshot(input(), {})
            '''),
        unit("execution", '''
            import asyncio
            from bus import EventBus

            asyncio.run(EventBus().publish("execution.result", {"symbol": "BTCUSDT", "status": "filled"}))
            '''),
        unit("attribution", '''
            last_id = "0"
            while True:
                for _, entries in r.xread({"quantum:stream:execution.result": last_id}, count=100, block=1000):
                    for last_id, fields in entries:
                        print(fields["symbol"], float(fields.get("realized_pnl", 0)), fields.get("regime"))
            '''),
        unit("heat-gate", '''
            IN, OUT = os.getenv("HEAT_IN", "quantum:stream:harvest.proposal"), os.getenv("HEAT_OUT", "quantum:stream:heat.out")

            def calibrate(symbol):
                r.hset(f"quantum:harvest:proposal:{symbol}", mapping={"calibrated": "1", "ts": "1700000000"})
                r.expire(f"quantum:harvest:proposal:{symbol}", 300)

            while True:
                for _, entries in r.xreadgroup("p26_heat_gate", "w", {IN: ">"}):
                    for entry_id, fields in entries:
                        calibrate(fields["symbol"])
                        r.xadd(OUT, {"symbol": fields["symbol"], "heat_level": "hot"}, maxlen=1000)
            ''', "Environment=HEAT_IN=quantum:stream:plan.apply HEAT_OUT=quantum:stream:harvest.proposal"),
        unit("apply-layer", '''
            PLAN_STREAM = "quantum:stream:apply.plan"

            def plan(symbol):
                proposal = r.hgetall(f"quantum:harvest:proposal:{symbol}")
                r.xadd(PLAN_STREAM, {"symbol": symbol, "action": proposal["harvest_action"]}, maxlen=10000)

            while True:
                for _, entries in r.xreadgroup("apply", "w", {"quantum:stream:harvest.proposal": ">"}):
                    for _, fields in entries:
                        plan(fields["symbol"])
            '''),
        unit("exit-brain", '''
            def build(symbol):
                state = r.hgetall(f"quantum:marketstate:{symbol}")
                return state.get("regime_probs"), float(state.get("sigma", 0))

            build(input())
            '''),
    ),
    (
        Fault("no writer", ("candles:<symbol>:1m",)),
        Fault("no writer", ("klines:<symbol>:1m",)),
        Fault("no writer", ("quantum:state:positions:<symbol>",), ("near miss",)),
        Fault("no writer", ("quantum:market_state:<symbol>",), ("near miss",)),
        Fault("no writer", ("quantum:state:market:<symbol>",), ("near miss",)),
        Fault("no writer", ("quantum:stream:execution",), ("near miss",)),
        Fault("no reader", ("quantum:stream:risk.events",)),
        Fault("no reader", ("quantum:stream:marketstate",)),
        Fault("near miss", ("quantum:stream:plan.apply", "quantum:stream:apply.plan"), ("no writer", "no reader")),
        Fault("two writers", ("quantum:harvest:proposal:<symbol>",)),
        Fault("fields", (MARKET,)),
        Fault("fields", ("quantum:stream:execution.result",)),
    ),
    files={"bus.py": BUS},
)  # fmt: skip
