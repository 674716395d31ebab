"""The state between two settings of a unit, and what every way of reading one needs."""

from collections.abc import Callable
from typing import Any

from qtops.unitfile import words
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin
from qtops.unitfile.service import Setting
from qtops.unitfile.specifiers import BadSpecifier, Expanded, Specifiers
from qtops.unitfile.syntax import Assignment


class Refused(Exception):
    """systemd reads no further in this file."""


class Reading:
    """What the files read so far have set, by the names of the fields of ServiceUnit."""

    def __init__(self, specifiers: Specifiers) -> None:
        self.fields: dict[str, Any] = {}
        self.diagnostics: list[Diagnostic] = []
        self.specifiers = specifiers
        self.emptied: Origin | None = None
        """The line that last took all commands of ExecStart= away."""

    def note(self, item: Assignment, effect: Effect, text: str) -> None:
        """Keep a diagnostic of an assignment."""
        self.diagnostics.append(Diagnostic(item.origin, effect, text))

    def refuse(self, item: Assignment, text: str) -> Refused:
        """Keep a diagnostic that ends the reading; to be raised."""
        self.note(item, Effect.REFUSED, text)
        return Refused(text)

    def put(self, field: str, value: Any, item: Assignment, unknown: tuple[str, ...] = ()) -> None:
        """Set a single value."""
        self.fields[field] = Setting(value, item.origin, unknown)

    def add(self, field: str, value: Any) -> None:
        """Append to a list."""
        self.fields[field] = (*self.fields.get(field, ()), value)

    def expand(self, text: str, item: Assignment, *, in_name: bool = False) -> Expanded | None:
        """Replace specifiers; None, and a diagnostic, where systemd cannot."""
        try:
            found = self.specifiers.expand(text, in_name=in_name)
        except BadSpecifier as why:
            self.note(item, Effect.IGNORED, f"{item.key}=: {why}")
            return None
        if found.unknown:
            self.note(item, Effect.UNKNOWN, f"{item.key}=: no file tells what {', '.join(found.unknown)} stands for")
        return found

    def words(self, item: Assignment, rules: words.Rules) -> list[str]:
        """The words of a value as far as they can be cut."""
        found: list[str] = []
        try:
            for word in words.split(item.value, rules):
                found.append(word)  # noqa: PERF402  (those before the error count)
        except words.BadQuoting as why:
            self.note(item, Effect.IGNORED, f"{item.key}=: {why}; the rest of the line is ignored")
        return found


Reader = Callable[[Reading, str, Assignment], None]
"""How a setting is read: into the field of that name."""
