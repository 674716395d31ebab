"""How the programs of a runbook are started: ``qtops`` and ``redis-cli`` speak to the Redis of this command's configuration.

``qtops`` is this one, whatever PATH says, with the options that this one was given. ``redis-cli`` is given the address; a password
goes through the environment, where no list of processes shows it.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from qtops.cli.context import Context
from qtops.collectors.systemd.names import service_name
from qtops.errors import UsageError
from qtops.remedies.streams import redis_cli
from qtops.settings import Settings

QUIET: Final = {  # no colours, no pager, no translation: what is expected is looked for in the output
    "NO_COLOR": "1", "TERM": "dumb", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "PAGER": "cat", "LC_ALL": "C.UTF-8",
    "COLUMNS": "140",
}  # fmt: skip
_SERVER: Final = frozenset({"-h", "-s", "-u", "-p"})


@dataclass(frozen=True)
class Launch:
    """A command as it is shown and as it is started."""

    shown: tuple[str, ...]
    argv: tuple[str, ...] = field(repr=False)
    environment: dict[str, str] = field(repr=False)


def launch(words: Sequence[str], context: Context) -> Launch:
    """Start these words so. Raises UsageError where redis-cli cannot be told which Redis is meant, ConfigError."""
    program, *rest = words
    environment = {**os.environ, **QUIET}
    if program == "qtops":
        options = _root_options(context)
        return Launch((program, *options, *rest), (sys.executable, "-P", "-m", "qtops", *options, *rest), environment)
    if program == "redis-cli" and not _SERVER & set(rest):
        shown = (*_client(context.settings.redis.url), *rest)
        password = _password(context)
        return Launch(shown, shown, {**environment, **({"REDISCLI_AUTH": password} if password else {})})
    return Launch((*words,), (*words,), environment)


def derived(values: dict[str, str], settings: Settings) -> dict[str, str]:
    """The built-in parameters beside those that were given: the unit of ``service``. Raises BadName."""
    if "service" not in values:
        return values
    service = values["service"]
    unit = next((known.unit for known in settings.services if known.name == service), None)
    return {**values, "unit": unit or service_name(service)}


def secrets(context: Context, unit: str = "") -> list[tuple[str, str]]:
    """Names and values that a command of the runbook could print: ours, and those that the unit is given, which its log repeats."""
    redis = [("REDIS_URL", context.settings.redis.url), ("REDIS_PASSWORD", _password(context))]
    return [*os.environ.items(), *redis, *(_given_to(unit) if unit else ())]


def _given_to(unit: str) -> list[tuple[str, str]]:
    from qtops.collectors.live_starts import LiveStarts
    from qtops.facts.unit import UnitState

    state = UnitState(name=unit)
    return LiveStarts([state]).known(state)


def _root_options(context: Context) -> tuple[str, ...]:
    config = ("--config", str(context.config_file)) if context.config_file else ()
    return (*config, *(("--redis", context.redis_url) if context.redis_url else ()))


def _client(url: str) -> tuple[str, ...]:
    words, user = redis_cli(url), urlsplit(url).username
    if len(words) == 1:
        scheme = url.partition("://")[0]
        raise UsageError(f"redis-cli takes no {scheme}:// address: name the server itself, such as --redis redis://HOST:6379/0")
    return (*words, "--user", unquote(user)) if user else words


def _password(context: Context) -> str:
    settings = context.settings.redis
    if settings.password_file:
        from qtops.collectors.redis import configured_password

        return configured_password(settings) or ""
    return unquote(urlsplit(settings.url).password or "")
