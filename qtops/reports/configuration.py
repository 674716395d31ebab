"""The settings in force, as TOML that can be read back or as JSON."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from qtops.settings import Configuration

_PASSWORD: Final = re.compile(r"(?<=://)([^:/?#]*):.*@")  # up to the last @: a password may hold one, and a slash, by mistake
_PARAMETER: Final = re.compile(r"(?<=[?&]password=)[^&]*")


def masked(configuration: Configuration) -> Configuration:
    """The same without the password that a Redis URL may carry."""
    settings = configuration.settings
    url = _PARAMETER.sub("***", _PASSWORD.sub(r"\1:***@", settings.redis.url))
    redis = msgspec.structs.replace(settings.redis, url=url)
    return msgspec.structs.replace(configuration, settings=msgspec.structs.replace(settings, redis=redis))


def to_json(configuration: Configuration) -> str:
    """The form that ``qtops schema config`` describes."""
    return msgspec.json.format(msgspec.json.encode(configuration), indent=2).decode() + "\n"


def to_toml(configuration: Configuration, *, origins: bool) -> str:
    """A configuration file that says the same; ``origins`` adds to each value, as a comment, who said it."""
    values = msgspec.to_builtins(configuration.settings)
    return "\n".join(_table(values, "", configuration.origins if origins else {})).lstrip("\n") + "\n"


def _table(values: Mapping[str, Any], path: str, origins: Mapping[str, str]) -> Iterator[str]:
    """Lines of one table: its plain values first, as TOML wants it, then the tables in it. What is not set has no line."""
    plain = {key: value for key, value in values.items() if not _holds_tables(value)}
    for key, value in plain.items():
        if value is not None:
            yield f"{key} = {_value(value)}{_comment(origins.get(path + key))}"
    for key, value in values.items():
        if isinstance(value, dict):
            yield from ("", f"[{path}{key}]")
            yield from _table(value, f"{path}{key}.", origins)
        elif key not in plain:
            for item in value:
                origin = origins.get(f"{path}{key}.{item.get('name')}")
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
