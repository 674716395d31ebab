"""Where a command line is executed, and how a command is found there."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from qtops.imports.tree import Kind, Tree

USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A command line that does not tell what Python runs, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Context:
    """Where a command line is executed."""

    tree: Tree
    directory: str
    environment: Mapping[str, str] = field(default_factory=dict)
    home: str | None = None
    depth: int = 0


def find_program(name: str, context: Context) -> str | None:
    """The file of a command, by PATH where it is no path."""
    if "/" in name:
        path = posixpath.join(context.directory, name)
        return path if context.tree.kind(path) is Kind.FILE else None
    for folder in context.environment.get("PATH", USUAL_PATH).split(":"):
        path = posixpath.join(context.directory, folder, name)
        if context.tree.kind(path) is Kind.FILE:
            return path
    return None
