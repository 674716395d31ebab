"""Which Redis does a service use? What its own environment names; else what the settings or the command line say. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv6Address
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from qtops.facts.service import Missing
from qtops.facts.text import printable
from qtops.settings import Service, Settings
from qtops.unitfile.variables import Variable

URL: Final = re.compile(r"(\w+_)?REDIS_UR[LI]")
HOST: Final = re.compile(r"(\w+_)?REDIS_HOST(NAME)?")
_SCHEMES: Final = {"valkey": "redis", "valkeys": "rediss", "redis+socket": "unix"}  # other clients' words for the same
_KNOWN: Final = frozenset({"redis", "rediss", "unix", "redis+sentinel", "redis+cluster"})
_SERVER_OPTIONS: Final = frozenset({"db", "username", "password"})  # further ones are a client's own, such as decode_responses
_TLS_OPTIONS: Final = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"})
_BARE: Final = re.compile(r"[\w.-]+:\d{1,5}(/\d+)?", re.ASCII)
_HOSTNAME: Final = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+(%\w+)?", re.ASCII)
_TRUE: Final = frozenset({"1", "true", "yes", "on"})

Environment = Mapping[str, Variable]


@dataclass(frozen=True, slots=True)
class Address:
    """One Redis as ``publisher.connection`` has it, credentials included: repr shows none of them."""

    url: str = field(repr=False)
    named_by: str = field(compare=False)
    password_file: str = ""
    own: bool = field(default=True, compare=False)  # the credentials are the service's own; others may lack rights that it has
    complete: bool = field(default=True, compare=False)  # what is not named (a password) is not there

    @property
    def shown(self) -> str:
        """Where it is, and nothing else of the URL."""
        scheme, _, rest = self.url.partition("://")
        place = re.split(r"[?#]", rest.rpartition("@")[2])[0]
        return printable(f"{scheme}://{place}")


def secrets_in(url: str) -> tuple[str, ...]:
    """What must not be shown of a URL, as written and as meant, the longest first; the user's name counts as well."""
    before, _, query = url.partition("://")[2].partition("?")
    user, _, password = before.rpartition("@")[0].partition(":")
    options = [value for name, value in parse_qsl(query) if name in {"username", "password"}]
    return tuple(
        sorted({form for text in (user, password, *options) if text for form in (text, unquote(text))}, key=len, reverse=True)
    )


def address_of(environment: Environment, service: Service | None, settings: Settings, *, given: bool) -> Address | Missing | None:
    """The Redis of a service; None where nothing names one, Missing where the name cannot be understood.

    ``given``: the command line names ``settings.redis``. Where nobody else names one, a service that writes families of keys uses
    that of the settings as well.
    """
    for variable in _named(environment, URL):
        return _of_url(variable, environment)
    for variable in _named(environment, HOST):
        return _of_host(variable, environment)
    if service is not None and service.redis_url:
        return Address(service.redis_url, "the service's redis_url in the configuration", own=False)
    if given or (service is not None and service.families):
        redis = settings.redis
        return Address(redis.url, "--redis" if given else "redis.url in the configuration", redis.password_file, own=False)
    return None


def _named(environment: Environment, pattern: re.Pattern[str]) -> Iterable[Variable]:
    """Variables that are set, the plain name before prefixed ones."""
    found = [variable for name, variable in environment.items() if pattern.fullmatch(name) and variable.value.reveal().strip()]
    return sorted(found, key=lambda variable: (bool(pattern.fullmatch(variable.name)[1]), variable.name))  # type: ignore[index]


def _of_url(variable: Variable, environment: Environment) -> Address | Missing:
    if variable.unknown:
        return _doubtful(variable)
    url = _without_client_options(variable.value.reveal().strip())
    if url is None:
        return Missing("redis", f"what {_by(variable)} holds is no address of a Redis that qtops understands")
    prefix = variable.name.rpartition("REDIS_")[0]
    has_password = ":" in url.partition("://")[2].rpartition("@")[0] or "password=" in url.partition("?")[2]
    password, file = ("", "") if has_password else _passwords(prefix, environment)
    return Address(with_password(url, password) if password else url, _by(variable), file)


def _of_host(variable: Variable, environment: Environment) -> Address | Missing:
    """REDIS_HOST with its kin: _PORT, _DB, _USERNAME, _PASSWORD."""
    prefix = variable.name.rpartition("REDIS_")[0]

    def kin(*names: str) -> str:
        found = (environment.get(f"{prefix}REDIS_{name}") for name in names)
        return next((text for item in found if item is not None and (text := item.value.reveal().strip())), "")

    host = variable.value.reveal().strip()
    if "://" in host:
        return _of_url(variable, environment)
    port, db = kin("PORT") or "6379", kin("DB", "DATABASE") or "0"
    if variable.unknown or not (port.isdecimal() and db.isdecimal()):
        return _doubtful(variable)
    user, password = quote(kin("USERNAME", "USER"), safe=""), quote(kin("PASSWORD", "PASS"), safe="")
    login = f"{user}:{password}@" if user or password else ""
    if not (host.startswith("/") or _HOSTNAME.fullmatch(host)) or (":" in host and not _is_ipv6(host)):
        return _doubtful(variable)
    scheme = "rediss" if kin("SSL", "TLS").lower() in _TRUE else "redis"
    place = f"[{host}]" if ":" in host else host
    url = f"unix://{login}{quote(host)}?db={db}" if host.startswith("/") else f"{scheme}://{login}{place}:{port}/{db}"
    file = "" if password else _passwords(prefix, environment)[1]
    return Address(url, _by(variable), file, complete=bool(password or file))


def _is_ipv6(host: str) -> bool:
    try:
        return IPv6Address(host).version == 6
    except AddressValueError:
        return False


def _passwords(prefix: str, environment: Environment) -> tuple[str, str]:
    """The password that the environment gives besides a URL, and where there is none, the file that holds it."""
    found = (environment.get(f"{prefix}REDIS_{name}") for name in ("PASSWORD", "PASSWORD_FILE"))
    password, file = (variable.value.reveal().strip() if variable else "" for variable in found)
    return password, "" if password else file


def with_password(url: str, password: str) -> str:
    """The URL with this password in it, and with the user that it names, if any."""
    scheme, _, rest = url.partition("://")
    login, _, place = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}:{quote(password, safe='')}@{place}"


def _without_client_options(text: str) -> str | None:
    """The URL as ``publisher.connection`` takes it; None where it is none."""
    if _BARE.fullmatch(text):
        return f"redis://{text}"
    scheme, separator, rest = text.partition("://")
    scheme = _SCHEMES.get(scheme, scheme)
    before, _, query = rest.partition("?")
    if not separator or scheme not in _KNOWN or not text.isprintable() or "@" in query or "#" in text:
        return None
    known = _SERVER_OPTIONS | (_TLS_OPTIONS if scheme == "rediss" else frozenset())
    kept = [
        (name, value.lower().removeprefix("cert_") if name == "ssl_cert_reqs" else value)
        for name, value in parse_qsl(query)
        if name in known
    ]
    return f"{scheme}://{before}" + (f"?{urlencode(kept)}" if kept and "," not in before else "")


def _by(variable: Variable) -> str:
    return f"{variable.name} at {printable(str(variable.origin))}"


def _doubtful(variable: Variable) -> Missing:
    return Missing("redis", f"{_by(variable)} and what goes with it do not tell which Redis is meant before the service starts")
