"""A project in memory, and what its source says of Redis: a test lays out files and spells out the ends."""

from collections.abc import Mapping
from textwrap import dedent

from qtops.facts.wiring import End
from qtops.imports.files import Files
from qtops.imports.tree import MemoryTree
from qtops.wiring.source import Read, Unit, Variable, read_unit

APP = "/srv/app"
CLIENT = "import os, redis\nr = redis.Redis()\n"


def read(
    sources: str | Mapping[str, str | bytes],
    environment: Mapping[str, str] | None = None,
    *,
    script: str = "main.py",
    module: str = "",
    path: tuple[str, ...] = (APP,),
) -> Read:
    """Read a project: files below APP, or the text of main.py, which then begins with a client named ``r``."""
    if isinstance(sources, str):
        sources = {"main.py": CLIENT + dedent(sources)}
    placed = {f"{APP}/{name}": dedent(text) if isinstance(text, str) else text for name, text in sources.items()}
    variables = {name: Variable(value, f"{name} at /etc/app.env:1") for name, value in (environment or {}).items()}
    unit = Unit("app.service", f"{APP}/{script}" if script else "", path, (APP,), variables, module=module)
    return read_unit(Files(MemoryTree(placed)), unit)


def ends(sources: str | Mapping[str, str | bytes], environment: Mapping[str, str] | None = None, **more: str) -> tuple[End, ...]:
    """Its ends."""
    return read(sources, environment, **more).ends  # type: ignore[arg-type]


def spoken(sources: str | Mapping[str, str | bytes], environment: Mapping[str, str] | None = None, **more: str) -> set[str]:
    """Its ends as ``COMMAND name``."""
    return {f"{end.command} {end.name}" for end in ends(sources, environment, **more)}
