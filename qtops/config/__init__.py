"""Load the settings, layer upon layer; a later layer wins.

    built-in default  <  /etc/qtops/qtops.toml  <  /etc/qtops/conf.d/*.toml, by name  <  $XDG_CONFIG_HOME/qtops/qtops.toml
    <  ./qtops.toml  <  QTOPS_* variables  <  command-line options

A file named on the command line takes the place of the whole search. Merge rule: a table is merged key by key; any other value,
lists included, replaces the one below it. ``families``, ``services``, ``streams`` and ``notify`` are merged by name, ``phases`` by
number: one takes the whole place of one with the same name, built-in or not, and is added where there is none. ``phases = []``
leaves no plan, ``services = []`` no service.

A variable is named after its key: ``QTOPS_REDIS_URL`` is ``redis.url``. A list is written with commas; an empty variable counts as
not set. Tables of names and lists of tables are for files only.
"""

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from qtops.config.lost import DEFAULT, refuse_lost, unknown
from qtops.errors import ConfigError, NotPermitted
from qtops.settings import Configuration, Settings

__all__ = ["DEFAULT", "ETC", "Layer", "load", "search", "template_folder"]

ETC: Final = Path("/etc/qtops")
NOT_SETTINGS: Final = ("QTOPS_DEBUG",)  # read by qtops.cli.main
MERGED_BY: Final = {"families": "name", "services": "name", "streams": "name", "notify": "name", "phases": "number"}
EMPTIED: Final = ("phases", "services")  # an empty list of these leaves none of those below it
_LARGEST_FILE: Final = 1 << 20  # bytes; a configuration has some kilobytes


@dataclass(frozen=True, slots=True)
class Layer:
    """Some of the settings, as plain values, and who says so: a file, a variable, an option."""

    origin: str
    values: Mapping[str, Any]


def load(
    file: Path | None = None, *, options: Sequence[Layer] = (), environ: Mapping[str, str] = os.environ, etc: Path = ETC
) -> Configuration:
    """Read all layers; ``file`` replaces the search, ``options`` come last.

    Raises ConfigError naming the layer and the key at fault, NotPermitted for a file that this user may not read.
    """
    paths = (file,) if file else search(environ, etc)
    files = [Layer(str(path), values) for path in paths if (values := _read_toml(path)) is not None]
    if file and not files:
        raise ConfigError(f"{file}: no such file")
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in (Layer(DEFAULT, msgspec.to_builtins(Settings())), *files, *_variables(environ), *options):
        _check(layer)
        merged = _overlay(merged, layer.values, layer.origin, origins)
    settings = _check(Layer("all layers together", merged))
    refuse_lost(settings, origins)
    return Configuration(settings=settings, origins=origins, files=tuple(layer.origin for layer in files))


def search(environ: Mapping[str, str] = os.environ, etc: Path = ETC) -> tuple[Path, ...]:
    """Every place where a configuration file may lie, in the order of reading, whether there is one or not."""
    xdg = Path(environ.get("XDG_CONFIG_HOME", ""))
    if not xdg.is_absolute():  # the XDG specification: a relative path is to be ignored
        xdg = Path(environ.get("HOME", ""), ".config")
    user = (xdg / "qtops" / "qtops.toml",) if xdg.is_absolute() else ()  # a service may have no home
    return (etc / "qtops.toml", *_drop_ins(etc / "conf.d"), *user, Path("qtops.toml"))


def template_folder(file: Path | None = None, environ: Mapping[str, str] = os.environ, etc: Path = ETC) -> Path | None:
    """Where an operator keeps templates of reports: ``templates/`` beside the configuration, the user's before the host's."""
    places = (
        (file,)
        if file
        else tuple(path for path in search(environ, etc)[::-1] if path.is_absolute() and path.parent != etc / "conf.d")
    )
    return next((folder for path in places if (folder := path.parent / "templates").is_dir()), None)


def _drop_ins(folder: Path) -> tuple[Path, ...]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208  (Path.glob hides a folder that may not be read)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except PermissionError:
        raise NotPermitted(f"{folder}: this user may not read it; qtops cannot tell what is configured there") from None
    return tuple(folder / name for name in names if name.endswith(".toml") and not name.startswith("."))


def _read_toml(path: Path) -> dict[str, Any] | None:
    content = _read(path)
    if content is None:
        return None
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError, and int() of thousands of digits
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _read(path: Path) -> bytes | None:
    """The content of a regular file, None where there is no file. Root reads only what nobody but root can write."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not make us wait
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise NotPermitted(f"{path}: this user may not read it") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be opened: {error}") from None
    try:
        _refuse_doubtful(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(_LARGEST_FILE)
    finally:
        os.close(descriptor)


def _refuse_doubtful(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: not a regular file")
    if os.geteuid() == 0 and (why := _writer(status)):
        raise ConfigError(f"{path}: {why}, and root trusts only its own files: chown root, chmod go-w")
    if status.st_size > _LARGEST_FILE:
        raise ConfigError(f"{path}: larger than {_LARGEST_FILE} bytes")


def _writer(status: os.stat_result) -> str:
    """Who but root can write a file; empty where nobody can."""
    if status.st_mode & stat.S_IWOTH:
        return "anyone may write it"
    if status.st_mode & stat.S_IWGRP and status.st_gid:
        return f"group {status.st_gid} may write it"
    return f"it belongs to user {status.st_uid}" if status.st_uid else ""


def _variables(environ: Mapping[str, str]) -> Iterator[Layer]:
    """One layer per QTOPS_* variable."""
    known = {"QTOPS_" + "_".join(path).upper(): (path, hint) for path, hint in _scalars(Settings)}
    for name, text in sorted(environ.items()):
        if not name.startswith("QTOPS_") or name in NOT_SETTINGS or not text:
            continue
        if name not in known:
            raise ConfigError(f"{name}: {unknown(name, known, 'variable')}")
        (*tables, key), hint = known[name]
        value: Any = [part.strip() for part in text.split(",")] if get_origin(hint) is tuple else text
        try:
            text.encode()
            values = {key: msgspec.convert(value, hint, strict=False)}
        except UnicodeEncodeError:
            raise ConfigError(f"{name}: not UTF-8") from None
        except msgspec.ValidationError as error:
            raise ConfigError(f"{name}: {error}") from None
        for table in reversed(tables):
            values = {table: values}
        yield Layer(name, values)


def _scalars(struct: type[msgspec.Struct]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and type of every key that has one value, or a list of plain ones: all but tables and lists of tables."""
    for name, hint in get_type_hints(struct).items():
        inner = _struct_in(hint)
        if inner is None:
            if get_origin(hint) is not dict:
                yield (name,), hint
        elif inner is hint:
            yield from (((name, *path), below) for path, below in _scalars(inner))


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """The table that a type is, or is a list of; None for any other type."""
    kinds = (hint, *get_args(hint))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None)


def _check(layer: Layer) -> Settings:
    """What the layer says on top of the defaults; raises ConfigError naming the layer, the key and what is wrong with it."""
    _refuse_unknown(layer.origin, layer.values, Settings, "")
    try:
        return msgspec.convert(layer.values, Settings)
    except msgspec.ValidationError as error:
        wrong, _, path = str(error).partition(" - at `$")
        key = path.strip("`.")
        raise ConfigError(f"{layer.origin}: {key + ': ' if key else ''}{wrong}") from None


def _refuse_unknown(origin: str, values: object, hint: Any, path: str) -> None:
    struct = _struct_in(hint)
    if struct is None:
        return
    if isinstance(values, list):
        for index, value in enumerate(values):
            _refuse_unknown(origin, value, struct, f"{path}[{index}]")
    elif isinstance(values, dict):
        hints = get_type_hints(struct)
        for key, value in values.items():
            name = f"{path}.{key}" if path else key
            if key not in hints:
                raise ConfigError(f"{origin}: {name}: {unknown(key, hints, 'key')}")
            _refuse_unknown(origin, value, hints[key], name)


def _overlay(
    below: Mapping[str, Any], above: Mapping[str, Any], origin: str, origins: dict[str, str], path: str = ""
) -> dict[str, Any]:
    """``above`` laid on ``below`` by the merge rule; ``origins`` learns who said what."""
    merged = dict(below)
    for key, value in above.items():
        name = path + key
        if name in MERGED_BY:
            by, kept = MERGED_BY[name], below.get(key, ()) if value or name not in EMPTIED else ()
            merged[key] = list({item[by]: item for item in (*kept, *value)}.values())
            origins |= {f"{name}.{item[by]}": origin for item in value}
            origins.pop(name, None)
            if not merged[key] and origin != DEFAULT:  # who says that there is none
                origins[name] = origin
        elif isinstance(value, dict):
            merged[key] = _overlay(below.get(key, {}), value, origin, origins, f"{name}.")
        else:
            merged[key], origins[name] = value, origin
    return merged
