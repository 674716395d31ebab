"""Modules as the walk holds them, and the ways in which code can be left: the exceptions that the program itself would raise."""

from dataclasses import dataclass, field
from typing import Literal

from qtops.imports.outcome import Import, Site
from qtops.imports.resolve import Found
from qtops.imports.values import Value

Party = Literal["first", "third", "standard"]


@dataclass(eq=False, repr=False, slots=True)
class LoadedModule:
    """An entry of sys.modules."""

    name: str
    found: Found
    party: Party
    names: dict[str, Value] = field(default_factory=dict)
    package: str = ""
    """``__package__``: what relative imports start from; empty when there is none."""
    opaque: str | None = None
    """Why its names are not all known; None when they are."""
    looked_through: bool = False
    """Whether it has been asked if it arranges its own submodules; only asked of code of others, when one is wanted."""
    complete: bool = False
    """Its body has been executed to the end."""
    file: str | None = None
    """``__file__``."""


class Left(Exception):
    """The program leaves the normal order of execution here."""


class Returned(Left):
    """A ``return``."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class LoopLeft(Left):
    """A ``break`` (``again`` is false) or ``continue``."""

    def __init__(self, again: bool) -> None:
        super().__init__()
        self.again = again


class Runs(Left):
    """A loop without an end: nothing behind it is reached."""


class Raised(Left):
    """An exception of the program. ``cause`` is the import that failed, directly or underneath."""

    def __init__(self, kind: str, message: str | None, site: Site, cause: Import | None = None, value: Value = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.message = message
        self.site = site
        self.cause = cause
        self.value = value

    @property
    def last_line(self) -> str | None:
        """How CPython ends the traceback; None when its words are not known."""
        if self.message is None:
            return None
        return f"{self.kind}: {self.message}" if self.message else self.kind
