"""What INFO tells of a server: whether it is loading, and whether it would refuse a write, without one being tried. Pure."""

from collections.abc import Mapping
from typing import Final

_EVICTS_NOTHING: Final = "noeviction"
_ON_REQUEST: Final = "volatile-"  # only keys that expire are evicted


def parse(text: bytes) -> dict[str, str]:
    """Lines of ``name:value``; of a name that comes twice the first counts."""
    found: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            found.setdefault(name, value)
    return found


def writes_refused(info: Mapping[str, str], *, stops_on_failed_save: bool = True) -> str:
    """A state of ``publisher.connection``, or nothing (redis.conf(5): replica-read-only, min-replicas-to-write, maxmemory,
    stop-writes-on-bgsave-error). The last of them INFO does not tell: ``stops_on_failed_save`` is its default.
    """
    if info.get("role") == "slave":
        return "read_only" if info.get("slave_read_only", "1") == "1" else ""
    if info.get("min_slaves_good_slaves") == "0":  # told only where some are wanted
        return "read_only"
    if _is_full(info):
        return "out_of_memory"
    failed_save = info.get("rdb_last_bgsave_status") == "err" and stops_on_failed_save
    failed_log = info.get("aof_enabled") == "1" and info.get("aof_last_write_status") == "err"
    return "disk_error" if failed_save or failed_log else ""


def _is_full(info: Mapping[str, str]) -> bool:
    limit, policy = _number(info, "maxmemory"), info.get("maxmemory_policy", "")
    if not limit or _number(info, "used_memory") - _number(info, "mem_not_counted_for_evict") <= limit:
        return False
    expiring = any(",expires=0," not in f",{value}," for name, value in info.items() if name.startswith("db") and "keys=" in value)
    return policy == _EVICTS_NOTHING or (policy.startswith(_ON_REQUEST) and not expiring)


def _number(info: Mapping[str, str], name: str) -> int:
    text = info.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0
