"""The founding system's three control-plane streams that stood at 0 events: broken by a letter, unfed, and idle by nature."""

from tests.fleet.case import DISABLED, Case, Fault, unit
from tests.fleet.healthy import worker
from tests.fleet.near_misses import BUS, subscriber

UPDATE, UPDATED = "quantum:stream:policy.update", "quantum:stream:policy.updated"
RETRAIN, CLOSE = "quantum:stream:model.retrain", "quantum:stream:reconcile.close"

CONTROL_PLANE = Case(
    "control",
    (
        unit("policy-store", '''
            import time
            import redis

            class PolicyStore:
                def __init__(self):
                    self.redis = redis.Redis(host="127.0.0.1", decode_responses=True)

                def save(self, version):
                    self.redis.xadd(
                        "quantum:stream:policy.update",
                        {"event": "policy.updated", "version": version, "timestamp": str(time.time())},
                        maxlen=100,
                    )

            PolicyStore().save("1.4")
            '''),
        unit("ai-engine", subscriber("policy.updated")),
        unit("strategic-evolution", '''
            import time
            import redis

            class RetrainManager:
                stream = "quantum:stream:model.retrain"

                def request(self, client, model):
                    client.xadd(self.stream, {"model": model, "timestamp": time.time(), "source": "evolution"})

            RetrainManager().request(redis.Redis(), "lgbm")
            ''', state=DISABLED),
        unit("retrain-worker", worker(RETRAIN, 'fields["model"], fields["timestamp"]')),
        unit("reconcile-engine", '''
            def close(symbol, side, qty):
                r.xadd("quantum:stream:reconcile.close", {"plan_id": "1", "symbol": symbol, "side": side, "qty": qty, "ts": "1"})

            while True:
                if input():
                    close("BTCUSDT", "SELL", "1")
            '''),
        unit("apply-layer", worker(CLOSE, 'fields["symbol"], fields["qty"]')),
    ),
    (
        Fault("near miss", (UPDATE, UPDATED), ("no writer", "no reader", "fields")),
        Fault("writer off", (RETRAIN,)),
    ),
    files={"bus.py": BUS},
    redis=(
        ("XADD", UPDATE, "*", "event", "policy.updated", "version", "1.4", "timestamp", "1700000000.5"),
        ("XGROUP", "CREATE", UPDATED, "ai-engine", "0", "MKSTREAM"),
        ("XGROUP", "CREATE", RETRAIN, "workers", "0", "MKSTREAM"),
        ("XGROUP", "CREATE", CLOSE, "workers", "0", "MKSTREAM"),
    ),
    verdicts={UPDATED: "broken", RETRAIN: "unfed", CLOSE: "idle"},
)  # fmt: skip
