"""``%`` specifiers in values, as far as files tell what they stand for (systemd.unit(5), "SPECIFIERS")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qtops.unitfile.names import UnitName, unescape
from qtops.unitfile.values import objection_to_path

_SPECIFIER = re.compile(r"%(.?)", re.DOTALL)
_SYSTEM = {
    "U": "0", "u": "root", "G": "0", "g": "root", "h": "/root",
    "t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc",
    "T": "/tmp", "V": "/var/tmp",  # noqa: S108  (what they stand for)
}  # fmt: skip
"""Of the system's manager, which is root: User= of the unit does not change them."""
_OF_THE_HOST = frozenset("aAbBcHlmMoqrRsvwW")
"""What only the running host knows: architecture, boot, machine, names, control groups, versions, root's shell."""
_IN_NAMES = frozenset("ijnNpuUgG%") | _OF_THE_HOST - frozenset("crRs")
"""The names of other units may hold no others."""
_OF_THE_INSTANCE = frozenset("iIfnNd")
"""What a template itself, not being an instance, cannot tell."""


class BadSpecifier(ValueError):
    """A specifier that systemd cannot resolve: there is none of that letter, or the name to unescape holds what is no escape."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with its specifiers replaced. ``unknown`` names those left in, because no file tells (``%H``)."""

    text: str
    unknown: tuple[str, ...] = ()

    def objection_to_path(self, *, absolute: bool = True) -> str | None:
        """Why systemd does not take it for a path; None when it does, or when that depends on what is unknown."""
        if self.unknown and self.text.startswith("%"):
            return None
        return objection_to_path(self.text, absolute=absolute)


@dataclass(frozen=True, slots=True)
class Specifiers:
    """What specifiers stand for in one unit."""

    name: UnitName
    fragment: str = ""
    """Path of the unit file, for %y and %Y."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What the caller knows of the host: ``{"H": "box"}``."""

    def expand(self, text: str, *, in_name: bool = False) -> Expanded:
        """Replace the specifiers of a value, or of a unit's name in it. Raises BadSpecifier."""
        unknown: list[str] = []

        def value(match: re.Match[str]) -> str:
            letter = match[1]
            if letter != "%" and not (letter.isascii() and letter.isalnum()):
                return match[0]
            if in_name and letter not in _IN_NAMES:
                raise BadSpecifier(f"there is no {match[0]} in the name of a unit")
            open_to_instances = self.name.is_template and letter in _OF_THE_INSTANCE
            if not open_to_instances and (found := self._value(letter)) is not None:
                return found
            if not open_to_instances and letter not in _OF_THE_HOST:
                raise BadSpecifier(f"there is no {match[0]}")
            unknown.append(match[0])
            return match[0]

        return Expanded(_SPECIFIER.sub(value, text), tuple(unknown)) if "%" in text else Expanded(text)

    def _value(self, letter: str) -> str | None:
        """What the letter stands for; None when no file tells, or nothing does."""
        name, last = self.name, self.name.prefix.rpartition("-")[2]
        plain = {
            "%": "%", "n": str(name), "N": name.stem, "p": name.prefix, "i": name.instance or "", "j": last,
            "y": self.fragment, "Y": self.fragment.rpartition("/")[0], "d": f"/run/credentials/{name}",
        }  # fmt: skip
        escaped = {"P": name.prefix, "I": name.instance or "", "J": last, "f": name.instance or name.prefix}
        if letter in escaped:
            path = unescape(escaped[letter])
            if path is None:
                raise BadSpecifier(f"%{letter} of {name} cannot be unescaped")
            return path if letter != "f" or path.startswith("/") else f"/{path}"
        return self.known.get(letter, plain.get(letter, _SYSTEM.get(letter)))
