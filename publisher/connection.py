"""Reach Redis in any of its shapes with every wait bounded, and name what is wrong with it when it does not answer.

    redis://[:password@]host:port/db      rediss://…          unix:///path/redis.sock?db=0
    redis+sentinel://h1:p1,h2:p2/master   redis+cluster://h1:p1,h2:p2

A password may also be given as ``?password=``; a '/', '?', '#' or '@' in it is percent-encoded. TLS takes ``?ssl_ca_certs=`` and
its kin. Any other query is refused: redis-py would let it override the time limits, or make replies something else than bytes.

redis-py retries ten times by default, wrong passwords included, which costs seconds against a dead server: here nothing is retried,
the caller decides. Replies stay bytes: one value that is no UTF-8 would otherwise spoil a whole pipeline.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.connection import parse_url
from redis.exceptions import RedisClusterException
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel

Client: TypeAlias = redis.Redis | redis.RedisCluster

REDIS_ERRORS: Final = (redis.RedisError, RedisClusterException, OSError)
"""What a client call may raise. The cluster's own errors are no RedisError in redis-py 8."""


class UrlError(ValueError):
    """The URL names no Redis."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why Redis does not do what it is asked: ``state`` is one of the words of ``ADVICE``."""

    state: str
    advice: str
    detail: str


ADVICE: Final = {
    "down": "nothing listens there, or its socket may not be opened: start Redis, or correct the URL",
    "hung": "it is connected but does not answer: look for a stopped process, a blocking command or swapping",
    "loading": "it is reading its data set from disk: wait",
    "read_only": "this is a replica, or fewer replicas are connected than min-replicas-to-write: find the master",
    "out_of_memory": "maxmemory is reached and nothing may be evicted: free memory or raise maxmemory; reads still work",
    "disk_error": "the last snapshot failed and writes are stopped: look at Redis' log and the disk",
    "wrong_password": "correct the password or the user; see the option for a password file",
    "no_permission": "the user's ACL lacks this command or key: see ACL LOG",
    "failing_over": "no master is known for these keys yet: wait for the election, or look at the cluster's state",
    "busy": "a script or function blocks the server: see SCRIPT KILL",
    "too_many_clients": "maxclients is reached: see CLIENT LIST",
    "bad_address": "the host name does not resolve",
    "protocol": "what answers is not Redis, or not the kind of Redis that the URL says",
    "refused": "Redis refuses the command; see its words",
}
_PREFIXES: Final = {
    "LOADING": "loading", "READONLY": "read_only", "NOREPLICAS": "read_only", "OOM": "out_of_memory", "MISCONF": "disk_error",
    "NOAUTH": "wrong_password", "WRONGPASS": "wrong_password", "NOPERM": "no_permission", "CLUSTERDOWN": "failing_over",
    "MASTERDOWN": "failing_over", "MOVED": "failing_over", "ASK": "failing_over", "TRYAGAIN": "failing_over", "BUSY": "busy",
}  # fmt: skip
# redis-py strips the error code where it has a class for it
_CLASSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (redis.exceptions.BusyLoadingError, "loading"),
    (redis.exceptions.ReadOnlyError, "read_only"),
    (redis.exceptions.OutOfMemoryError, "out_of_memory"),
    (redis.exceptions.NoPermissionError, "no_permission"),
    (redis.exceptions.AuthorizationError, "no_permission"),
    (redis.exceptions.AuthenticationError, "wrong_password"),
    (redis.exceptions.AuthenticationWrongNumberOfArgsError, "wrong_password"),
    (redis.exceptions.AskError, "failing_over"),
    (redis.exceptions.TryAgainError, "failing_over"),
    (redis.exceptions.ClusterDownError, "failing_over"),
    (redis.exceptions.SlotNotCoveredError, "failing_over"),
    (MasterNotFoundError, "failing_over"),
    (redis.exceptions.InvalidResponse, "protocol"),
)
_WORDS: Final = (
    ("max number of clients", "too_many_clients"),
    ("cluster mode is not enabled", "protocol"),
    ("called with the client already authenticated", "wrong_password"),
    ("the user executing the script can't", "no_permission"),  # Redis 7
    ("acl failure in script", "no_permission"),  # Redis 8
    ("name or service not known", "bad_address"),
    ("name resolution", "bad_address"),
    ("nodename nor servname", "bad_address"),
    ("[ssl:", "protocol"),
)
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]")
_USERINFO: Final = re.compile(r"://[^/].*@", re.DOTALL)  # up to the last @: not every password is encoded as it should be
_SECRET_QUERY: Final = re.compile(r"(?<=[?&])(username|password)=[^&]*")
_QUERY: Final = frozenset(
    {"db", "username", "password", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
)


def trouble(error: BaseException) -> Trouble:
    """Name what an error of a client call, or an error reply, says about the server."""
    text = _UNPRINTABLE.sub("?", str(error))[:300]
    return _named(_state(error, text.lower(), text.partition(" ")[0]), _without_secrets(text))


def _state(error: BaseException, lower: str, code: str) -> str:
    for kind, state in _CLASSES:
        if isinstance(error, kind):
            return state
    for words, state in _WORDS:
        if words in lower:
            return state
    if isinstance(error, redis.exceptions.ResponseError):
        return _PREFIXES.get(code, "refused")
    if isinstance(error, redis.TimeoutError | TimeoutError) or "timeout" in lower or "timed out" in lower:
        return "hung"
    return "down" if isinstance(error, redis.ConnectionError | RedisClusterException | OSError) else "refused"


def _named(state: str, detail: str) -> Trouble:
    return Trouble(state, ADVICE[state], detail)


SERVER_WIDE: Final = frozenset(ADVICE) - {"refused", "no_permission"}
"""States of the server itself; the others can concern a single key."""


def shown_url(url: str) -> str:
    """The URL without user and password, for people and logs."""
    return _without_secrets(url if "://" in url else url.rpartition("@")[2])


def _without_secrets(text: str) -> str:
    return _USERINFO.sub("://", _SECRET_QUERY.sub(r"\1=***", text))


def check_url(url: str) -> None:
    """Raises UrlError when the URL names no Redis; contacts nobody."""
    scheme = url.partition("://")[0]
    try:
        if scheme not in ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster"):
            raise ValueError("unknown scheme; use redis, rediss, unix, redis+sentinel or redis+cluster")
        _, parts = _split(url)
        if scheme != "unix" and "@" in parts.path + parts.query + parts.fragment:
            raise ValueError("a '/', '?', '#' or '@' in a password is written %2F, %3F, %23 or %40")
        if scheme in ("redis+cluster", "redis+sentinel"):
            _check_many(url, scheme)
        else:
            _check_one(url, scheme)
    except ValueError as error:
        raise UrlError(f"{shown_url(url)!r}: {error}") from None


def _split(url: str) -> tuple[str, SplitResult]:
    """User and hosts as they stand, and the rest split: ``urlsplit`` refuses several hosts where one is in brackets (3.11.2)."""
    scheme, _, rest = url.partition("://")
    end = min((index for index in map(rest.find, "/?#") if index >= 0), default=len(rest))
    return rest[:end], urlsplit(f"{scheme}://{rest[end:]}")


def _check_many(url: str, scheme: str) -> None:
    _hosts(url, 0)
    if scheme == "redis+sentinel":
        _master(url)
    elif _split(url)[1].path not in ("", "/", "/0"):
        raise ValueError("a Cluster has database 0 only")
    if _split(url)[1].query:
        raise ValueError("a Sentinel or Cluster takes no query")


def _check_one(url: str, scheme: str) -> None:
    parts = urlsplit(url)
    unknown = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True) if name not in _QUERY]
    if unknown:
        raise ValueError(f"unknown option {unknown[0]!r}; known are {', '.join(sorted(_QUERY))}")
    if scheme == "unix" and not parts.path:
        raise ValueError("the path of the socket is missing: unix:///run/redis/redis.sock")
    if scheme != "unix" and not re.fullmatch(r"/?\d*", parts.path, re.ASCII):
        raise ValueError(f"{parts.path!r} is no database: give its number, such as /0")
    if int(parse_url(url).get("db", 0)) < 0:
        raise ValueError("a database has a number from 0")


def connect(url: str, *, timeout_s: float = 1.0, password: str | None = None, client_name: str = "qtops") -> Client:
    """Make a client. A plain server is not contacted before its first command; a Cluster is asked for its nodes at once.

    Raises UrlError when the URL names no Redis, and one of REDIS_ERRORS when a Cluster cannot be reached.
    """
    check_url(url)
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "client_name": client_name,
        **({} if password is None else {"password": password}),
    }
    if url.startswith("redis+cluster:"):
        nodes = [ClusterNode(host, port) for host, port in _hosts(url, 6379)]
        return redis.RedisCluster(startup_nodes=nodes, require_full_coverage=False, **{**_credentials(url), **options})
    if url.startswith("redis+sentinel:"):
        return _sentinel(url, options)
    return redis.Redis.from_pool(redis.ConnectionPool(**{**parse_url(url), **options}))


def _sentinel(url: str, options: dict[str, Any]) -> redis.Redis:
    master, db = _master(url)
    waits = {name: value for name, value in options.items() if name not in ("password", "client_name")}
    sentinel = Sentinel(_hosts(url, 26379), sentinel_kwargs=waits)
    client: redis.Redis = sentinel.master_for(master, db=db, **{**_credentials(url), **options})
    return client


def _master(url: str) -> tuple[str, int]:
    master, _, db = _split(url)[1].path.strip("/").partition("/")
    if not master:
        raise ValueError("the name of the master is missing: redis+sentinel://host:26379/NAME")
    if not re.fullmatch(r"\d*", db, re.ASCII):
        raise ValueError(f"{db!r} is no database: give its number, such as /{master}/0")
    return master, int(db or 0)


def _hosts(url: str, default_port: int) -> list[tuple[str, int]]:
    hosts = []
    for address in _split(url)[0].rpartition("@")[2].split(","):
        host, _, port = address.rpartition(":") if ":" in address else (address, "", str(default_port))
        if not host:
            raise ValueError("a host is missing")
        if ":" in host and not (host.startswith("[") and host.endswith("]")):
            raise ValueError("an IPv6 address is written in brackets, such as [::1]:7000")
        if not (port.isdecimal() and len(port) <= 5 and int(port) <= 65535):
            raise ValueError(f"{port!r} is no port")
        hosts.append((host.strip("[]"), int(port)))
    return hosts


def _credentials(url: str) -> dict[str, str]:
    user, _, password = _split(url)[0].rpartition("@")[0].partition(":")
    return {name: unquote(value) for name, value in (("username", user), ("password", password)) if value}
