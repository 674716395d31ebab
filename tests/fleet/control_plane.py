"""The founding system's three control-plane streams that stood at 0 events: broken by a letter, unfed, and idle by nature."""

from tests.fleet.case import DISABLED, Case, Fault, unit
from tests.fleet.healthy import worker
from tests.fleet.near_misses import BUS, subscriber

UPDATE, UPDATED = "quantum:stream:policy.update", "quantum:stream:policy.updated"
SOCKET = "/run/control-plane.sock"
AT = f"Environment=REDIS_URL=unix://{SOCKET}"
RETRAIN, CLOSE = "quantum:stream:model.retrain", "quantum:stream:reconcile.close"

CONTROL_PLANE = Case(
    "control",
    (
        unit("policy-store", '''
            import os
            import time

            import redis

            class PolicyStore:
                def __init__(self):
                    self.redis = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)

                def save(self, version):
                    self.redis.xadd(
                        "quantum:stream:policy.update",
                        {"event": "policy.updated", "version": version, "timestamp": str(time.time())},
                        maxlen=100,
                    )

            PolicyStore().save("1.4")
            ''', "Type=oneshot", "RemainAfterExit=yes", AT),
        unit("ai-engine", subscriber("policy.updated"), AT),
        unit("strategic-evolution", '''
            import time
            import redis

            class RetrainManager:
                stream = "quantum:stream:model.retrain"

                def request(self, client, model):
                    client.xadd(self.stream, {"model": model, "timestamp": time.time(), "source": "evolution"})

            RetrainManager().request(redis.Redis(), "lgbm")
            ''', state=DISABLED),
        unit("retrain-worker", worker(RETRAIN, 'fields["model"], fields["timestamp"]'), AT),
        unit("reconcile-engine", '''
            import os
            import time

            import redis

            r = redis.Redis.from_url(os.environ["REDIS_URL"])

            def close(symbol, side, qty):
                r.xadd("quantum:stream:reconcile.close", {"plan_id": "1", "symbol": symbol, "side": side, "qty": qty, "ts": "1"})

            while True:
                time.sleep(1)
                if os.path.exists("/run/drift"):
                    close("BTCUSDT", "SELL", "1")
            ''', AT),
        unit("apply-layer", worker(CLOSE, 'fields["symbol"], fields["qty"]'), AT),
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
