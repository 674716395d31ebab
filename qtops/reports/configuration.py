"""The settings in force, as TOML that can be read back or as JSON."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from qtops.settings import Configuration

_PASSWORD: Final = re.compile(r"(?<=://)([^:/?#]*):.*@")  # up to the last @: a password may hold one, and a slash, by mistake
_PARAMETER: Final = re.compile(r"(?<=[?&]password=)[^&]*")


def masked(configuration: Configuration) -> Configuration:
    """The same without the passwords that Redis URLs may carry."""
    settings = configuration.settings
    redis = replace(settings.redis, url=_masked_url(settings.redis.url))
    services = tuple(replace(service, redis_url=_masked_url(service.redis_url)) for service in settings.services)
    return replace(configuration, settings=replace(settings, redis=redis, services=services))


def _masked_url(url: str) -> str:
    return _PARAMETER.sub("***", _PASSWORD.sub(r"\1:***@", url))


def to_json(configuration: Configuration) -> str:
    """The form that ``qtops schema config`` describes."""
    return msgspec.json.format(msgspec.json.encode(configuration), indent=2).decode() + "\n"


def to_toml(configuration: Configuration, *, origins: bool) -> str:
    """A configuration file that says the same; ``origins`` adds to each value, as a comment, who said it."""
    known = {name.partition(".")[0] for name in configuration.origins}
    values = {name: value for name, value in msgspec.to_builtins(configuration.settings).items() if value or name in known}
    return "\n".join(_table(values, "", configuration.origins if origins else {})).lstrip("\n") + "\n"


def _table(values: Mapping[str, Any], path: str, origins: Mapping[str, str]) -> Iterator[str]:
    """Lines of one table: its plain values first, as TOML wants it, then the tables in it. What is not set has no line."""
    plain = {key: value for key, value in values.items() if not _holds_tables(value)}
    for key, value in plain.items():
        if value is not None:
            yield f"{key} = {_value(value)}{_comment(origins.get(path + key))}"
    for key, value in values.items():
        if value == {}:
            continue
        if isinstance(value, dict):
            yield from ("", f"[{path}{key}]")
            yield from _table(value, f"{path}{key}.", origins)
        elif key not in plain:
            for item in value:
                origin = origins.get(f"{path}{key}.{item.get('name', item.get('number'))}")
                yield from ("", f"[[{path}{key}]]{_comment(origin)}")
                yield from _table(item, f"{path}{key}.", origins)


def _holds_tables(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value))


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{"".join(map(_character, value))}"'
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
    return str(value)


def _character(c: str) -> str:
    """Itself, or its escape where a terminal or TOML would take it for something else."""
    return c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"


def _comment(origin: str | None) -> str:
    return "" if origin is None else "  # " + "".join(map(_character, origin))
