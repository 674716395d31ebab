"""The Redis that it uses does not serve it.

What it is: the server that the service's own settings name is down, hung, loading, refuses the password or the command,
or takes no writes (read-only replica, out of memory, failed snapshot).

Why it matters: whatever depends on it fails, each in its own words; the services are not where to mend it.

What to do: the advice beside the state. Restarting the services does not help before Redis is well.
"""

import re
from collections.abc import Iterator
from typing import Final

from qtops.facts.service import Facts, RedisFacts, ServiceFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("REDIS201", "Redis does not serve it", Severity.CRITICAL, ("redis",))
REMEDIES: Final = {
    "down": "`systemctl start redis-server`, or correct the URL",
    "hung": "`systemctl status redis-server`: a stopped process, a blocking command (`redis-cli SLOWLOG GET`) or swapping",
    "loading": "Wait: `redis-cli INFO persistence` shows how far it is",
    "read_only": "Point the service at the master: `redis-cli INFO replication`",
    "out_of_memory": "Free memory or raise maxmemory: `redis-cli INFO memory`, `redis-cli --bigkeys`",
    "disk_error": "Mend the disk that holds the snapshot (`df -h`, Redis' log), then `redis-cli BGSAVE`",
    "wrong_password": "Correct the password or the user in the URL that the service is given",
    "no_permission": "Give its user the command or key: `redis-cli ACL LOG`",
    "bad_address": "Correct the host name in the URL: `getent hosts NAME`",
    "too_many_clients": "Find who holds the connections: `redis-cli CLIENT LIST`",
    "busy": "A script blocks it: `redis-cli SCRIPT KILL`",
}


def check(service: ServiceFacts, _: Facts) -> Iterator[Finding]:
    """At most one finding."""
    redis = service.redis
    if redis is None or (redis.reading.state == "ok" and not redis.writes_refused):
        return
    reading = redis.reading
    evidence = [f"{reading.url}, named by {redis.named_by}", *filter(None, [reading.detail, reading.advice])]
    state = reading.state if reading.state != "ok" else redis.writes_refused
    other = re.search(r"answers on the same port to (\w+://)", reading.detail)
    remedy = REMEDIES.get(state, "See Redis' log: `journalctl -u redis-server -n 50`")
    if other is not None:
        remedy = f"Write {other[1]} in {redis.named_by}"
    elif "DB index" in reading.detail:
        remedy = (
            f"Correct the number of the database in {redis.named_by}: `redis-cli CONFIG GET databases` tells how many there are"
        )
    yield CHECK.finding(service.subject, _summary(redis, state), tuple(evidence), remedy)


def _summary(redis: RedisFacts, state: str) -> str:
    words = state.replace("_", " ")
    if redis.reading.state == "ok":
        return f"Redis at {redis.reading.url} answers, and takes no writes: {words}"
    return f"Redis at {redis.reading.url} does not serve it: {words}"
