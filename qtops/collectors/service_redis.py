"""Ask the Redises that services use how they are: each once, all at the same time, with a verdict within a second and a half.

Nothing is written to find out whether writes are refused: INFO tells.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from msgspec.structs import replace

from qtops.collectors.redis_address import Address, address_of, secrets_in, with_password
from qtops.collectors.redis_info import parse, writes_refused
from qtops.errors import ConfigError
from qtops.facts.keys import ServerReading
from qtops.facts.service import Missing, RedisFacts
from qtops.facts.text import printable
from qtops.imports.tree import HostTree
from qtops.settings import RedisSettings, Service, Settings
from qtops.unitfile.variables import Variable

if TYPE_CHECKING:
    from publisher.link import Link

VERDICT_S: Final = 1.5
_ALL_WAITS: Final = 0.9  # of that time: what is left is for a busy machine
_ONE_WAIT: Final = 0.55  # an answer that takes longer than this part of it is none
_PLACES: Final = ("a", "b", "c")  # keys that are on three nodes in a cluster of three masters
_READS: Final = (  # what a user who may use Redis at all may do one of; none of them changes anything
    (b"PING",), (b"EXISTS", b"a"), (b"GET", b"a"), (b"HGET", b"a", b"a"), (b"HGETALL", b"a"), (b"HMGET", b"a", b"a"),
    (b"XLEN", b"a"), (b"XRANGE", b"a", b"-", b"+", b"COUNT", b"1"), (b"PUBSUB", b"NUMSUB", b"a"), (b"SCARD", b"a"),
    (b"LLEN", b"a"), (b"ZCARD", b"a"), (b"TTL", b"a"),
)  # fmt: skip
_REFUSALS: Final = ("wrong_password", "no_permission")  # which say something of a service only where they concern its own account
_OTHER_WIRE: Final = {("redis", "down"): "rediss", ("rediss", "hung"): "redis"}  # how each looks to a client of the other kind
_ONE_AND_A_BIT: Final = 1.2  # after more than one wait there is no time left to ask in another way
_UNCHECKED: Final = "?ssl_cert_reqs=none&ssl_check_hostname=false"
_ANSWERS: Final = ("wrong_password", "no_permission", "loading", "busy", "refused")
_NO_COMMAND: Final = "no permissions to run"  # as opposed to a key that it may not touch
_LONG: Final = 4  # a shorter secret may be a part of any word
Found = TypeVar("Found")


class Use(NamedTuple):
    """What may tell which Redis a service uses: its effective environment, and how it is configured, if it is."""

    environment: Mapping[str, Variable] = {}
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class RedisRead:
    """What was found of one service's Redis. ``access`` is how to ask it more, with credentials; None where there is no point."""

    facts: RedisFacts | None = None
    missing: tuple[Missing, ...] = ()
    access: RedisSettings | None = field(default=None, repr=False)


class _Probed(NamedTuple):
    reading: ServerReading
    access: RedisSettings
    writes_refused: str = ""


def read_redis(
    uses: Sequence[Use], settings: Settings, timeout_s: float = VERDICT_S, *, given: bool = False
) -> tuple[RedisRead, ...]:
    """One answer per use, in their order. ``given``: the command line names ``settings.redis``, for whoever names none itself.

    Distinct Redises are asked side by side; the verdicts are there within ``timeout_s``, for what does not answer as well.
    """
    addresses = [address_of(use.environment, use.service, settings, given=given) for use in uses]
    distinct = {address for address in addresses if isinstance(address, Address)}
    one_wait_s = min(settings.redis.timeout_s, timeout_s * _ONE_WAIT)
    probed = side_by_side({address: partial(_probe, address, one_wait_s) for address in distinct}, timeout_s * _ALL_WAITS)
    return tuple(
        _read(address, probed.get(address), timeout_s)
        if isinstance(address, Address)
        else RedisRead(missing=(address,) if address else ())
        for address in addresses
    )


def side_by_side(jobs: Mapping[Any, Callable[[], Found]], timeout_s: float) -> dict[Any, Found]:
    """The results of all jobs that end in time. The others are left behind: no name service or network can be made to hurry."""
    results: dict[Any, Found] = {}

    def run(name: Any, job: Callable[[], Found]) -> None:
        results[name] = job()

    if jobs:
        import qtops.collectors.redis  # noqa: F401  (its cost is not the servers')
    threads = [threading.Thread(target=run, args=item, daemon=True) for item in jobs.items()]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + timeout_s
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    return dict(results)


def _read(address: Address, probed: _Probed | Missing | None, timeout_s: float) -> RedisRead:
    if isinstance(probed, Missing):
        return RedisRead(missing=(probed,))
    if probed is None:
        detail = f"no verdict within {timeout_s:g} s: the name service, the network or the server does not answer"
        return RedisRead(RedisFacts(_trouble(address, "hung", detail), address.named_by))
    reading = replace(probed.reading, url=address.shown, detail=_masked(probed.reading.detail, probed.access.url))
    if reading.state in _REFUSALS and not (address.own and (address.complete or reading.state == "no_permission")):
        why = f"{reading.url}, named by {address.named_by}, wants a password or a right that is not known here: {reading.detail}"
        return RedisRead(missing=(Missing("redis", why, "" if address.own else "redis.password_file in the configuration"),))
    access = probed.access if reading.state == "ok" else None
    return RedisRead(RedisFacts(reading, address.named_by, probed.writes_refused), access=access)


def _probe(address: Address, one_wait_s: float) -> _Probed | Missing:
    try:
        access = RedisSettings(url=_with_file(address), timeout_s=one_wait_s)
        return _greeted(access)
    except ConfigError as error:
        why = "it is no address of a Redis that qtops understands" if address.own else _masked(str(error), address.url)
        return Missing("redis", f"{address.named_by}: {why}")
    except OSError as error:
        return Missing("redis", f"{address.named_by}: {address.password_file}: {error.strerror}", "sudo, or the same user")


def _with_file(address: Address) -> str:
    """The URL with the password of the file in it. Raises OSError, and ConfigError where there is no text in the file."""
    if not address.password_file:
        return address.url
    try:
        return with_password(address.url, HostTree().read(address.password_file).decode("utf-8").strip("\r\n"))
    except UnicodeDecodeError:
        raise ConfigError(f"{address.password_file} holds no UTF-8 text") from None


def _greeted(access: RedisSettings) -> _Probed:
    """Is it there; may this user do anything; and would it take a write?"""
    from publisher.connection import ADVICE
    from publisher.link import Link
    from qtops.collectors.redis import Source

    began = time.monotonic()
    source = Source(access)
    link = Link(access.url, timeout_s=access.timeout_s, client_name="")  # to give a name may be all that a user may not
    try:
        reading = source.greet()
        if reading.state == "ok" and reading.clock is None:
            reading = _barred(link, reading)
        if reading.state != "ok":
            in_time = time.monotonic() - began < _ONE_AND_A_BIT * access.timeout_s
            return _Probed(_on_the_other_wire(access, reading) if in_time else reading, access)
        states = [_state(link, place) for place in (_PLACES if source.clustered else _PLACES[:1])]
        if "loading" in states:
            return _Probed(replace(reading, state="loading", advice=ADVICE["loading"], detail="INFO: loading:1"), access)
        return _Probed(reading, access, next(filter(None, states), ""))
    finally:
        source.close()
        link.close()


def _on_the_other_wire(access: RedisSettings, reading: ServerReading) -> ServerReading:
    """A server that wants TLS, or has none, hangs up or waits on: asked the other way, without a password, it answers."""
    from publisher.connection import ADVICE, trouble
    from publisher.link import Link

    scheme, _, rest = access.url.partition("://")
    other = _OTHER_WIRE.get((scheme, reading.state))
    if other is None:
        return reading
    place = re.split(r"[/?]", rest.rpartition("@")[2])[0]
    link = Link(f"{other}://{place}" + _UNCHECKED * (other == "rediss"), timeout_s=access.timeout_s / 2, client_name="")
    try:
        (reply,) = link.run([(b"PING",)], ["a"])
    finally:
        link.close()
    found = trouble(reply) if isinstance(reply, BaseException) else None
    if found is None or found.state in _ANSWERS or "certificate required" in found.detail.lower():
        detail = f"{reading.detail.rstrip('.')}. It answers on the same port to {other}://"
        return replace(reading, state="protocol", advice=ADVICE["protocol"], detail=detail)
    return reading


def _barred(link: "Link", reading: ServerReading) -> ServerReading:
    """Of a server that would not tell the time: refused where this user may do nothing at all, or the database is not there."""
    from publisher.connection import ADVICE, trouble

    replies = link.run(_READS, ["a"] * len(_READS))
    troubles = [trouble(reply) if isinstance(reply, BaseException) else None for reply in replies]
    refusals = [found for found in troubles if found is not None]
    of_keys = any(found.state == "no_permission" and _NO_COMMAND not in found.detail for found in refusals)
    if len(refusals) < len(troubles) or of_keys:
        return replace(reading, advice="", detail="")
    state, detail = refusals[0].state, refusals[0].detail
    return replace(reading, state=state, advice=ADVICE[state], detail=detail)


def _state(link: "Link", place: str) -> str:
    """``loading``, why one server would refuse a write, or nothing, also where INFO is not permitted."""
    settings = [(b"CONFIG", b"GET", b"stop-writes-on-bgsave-error"), (b"CONFIG", b"GET", b"save")]
    text, stops, saves = link.run([(b"INFO",), *settings], [place] * 3)
    if not isinstance(text, bytes):
        return ""
    info = parse(text)
    if info.get("loading") == "1":
        return "loading"
    return writes_refused(info, stops_on_failed_save=_setting(stops) != b"no" and _setting(saves) != b"")


def _setting(reply: Any) -> bytes | None:
    """The value in a reply of CONFIG GET; None where it may not be asked for."""
    values = list(reply.values()) if isinstance(reply, dict) else list(reply)[1:] if isinstance(reply, list) else []
    return values[0] if values else None


def _trouble(address: Address, state: str, detail: str) -> ServerReading:
    from publisher.connection import ADVICE

    return ServerReading(address.shown, state, ADVICE[state], detail)


def _masked(text: str, url: str) -> str:
    """What Redis or its client say, without what the URL holds to open it."""
    for secret in secrets_in(url):
        pattern = re.escape(secret) if len(secret) >= _LONG else rf"(?<!\w){re.escape(secret)}(?!\w)"
        text = re.sub(pattern, "***", text)
    return printable(text)
