"""What both ways of asking systemd have in common."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, Protocol

from qtops.collectors.systemd.properties import Brief, Properties
from qtops.facts.service import Missing

FAILED: Final = ("Id", "Description", "ActiveState", "Result", "StateChangeTimestamp")
MOST_FAILED: Final = 200  # of more than these, only the names are told
INSTALL: Final = "pip install 'qtops[systemd]' (needs gcc, pkg-config and libsystemd-dev)"


class NoManager(Exception):
    """systemd cannot be asked; the text says why, and ``enable`` what would change that."""

    def __init__(self, why: str, enable: str = "") -> None:
        super().__init__(why)
        self.enable = enable

    @property
    def missing(self) -> Missing:
        """The same as a fact."""
        return Missing("systemd", str(self), self.enable)


class NotText(NoManager):
    """A value is no UTF-8, and D-Bus carries no other text."""


class NoProperty(NoManager):
    """The systemd here has no property of that name: it came with a later one."""


class Source(Protocol):
    """A way to ask systemd. Each question takes at most the time limit that the source was opened with."""

    @property
    def via(self) -> Literal["pystemd", "systemctl"]:
        """The way."""

    @property
    def version(self) -> str:
        """The version of systemd; empty where it is not known."""

    def find(self, patterns: Sequence[str], names: Sequence[str]) -> list[str]:
        """Services that systemd knows and whose names match a pattern. ``names`` will be asked for as well. Raises NoManager."""

    def properties(self, names: Sequence[str]) -> dict[str, Properties | Missing]:
        """Everything of each unit."""

    def briefs(self, names: Sequence[str]) -> Mapping[str, Brief]:
        """How units of any type are; without those that could not be asked."""

    def failed(self) -> list[Properties]:
        """All units of any type that are failed: what is told of each in ``FAILED``. Raises NoManager."""

    def close(self) -> None:
        """End the connection."""
