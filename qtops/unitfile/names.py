"""Names of units: prefix, instance, type, and the drop-in directories that belong to a name (systemd.unit(5), "DESCRIPTION")."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_TYPES = "service|socket|target|device|mount|automount|swap|timer|path|slice|scope"
_NAME = re.compile(rf"(?P<prefix>[A-Za-z0-9:_.\\-]+)(?:@(?P<instance>[A-Za-z0-9:_.\\@-]*))?\.(?P<type>{_TYPES})")
_LONGEST = 255

LOOKUP_PATH = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")
"""Where the system's units are looked for, the first wins (systemd.unit(5), "UNIT FILE LOAD PATH"; not those made at run time)."""


@dataclass(frozen=True, slots=True)
class UnitName:
    """``prefix@instance.type``. ``instance`` is None for a plain unit and empty for a template."""

    prefix: str
    instance: str | None
    type: str

    def __str__(self) -> str:
        return f"{self.stem}.{self.type}"

    @property
    def stem(self) -> str:
        """The name without its type."""
        return self.prefix if self.instance is None else f"{self.prefix}@{self.instance}"

    @property
    def is_template(self) -> bool:
        """``foo@.service``: a pattern for instances, which cannot be started itself."""
        return self.instance == ""


def parse_name(text: str) -> UnitName | None:
    """A unit name; None when systemd would not take it for one."""
    match = _NAME.fullmatch(text) if len(text) <= _LONGEST else None
    return UnitName(match["prefix"], match["instance"], match["type"]) if match else None


def unescape(text: str) -> str | None:
    r"""``a-b\x2dc`` is ``a/b-c`` (systemd.unit(5), "STRING ESCAPING FOR INCLUSION IN UNIT NAMES"); None when an escape is none."""
    out = bytearray()
    for part in re.findall(r"\\x[0-9a-fA-F]{2}|[^\\]|\\", text):
        if part == "\\":
            return None
        escape = len(part) == 4
        out += bytes.fromhex(part[2:]) if escape else b"/" if part == "-" else part.encode("utf-8", "surrogateescape")
    return out.decode("utf-8", "surrogateescape")


def dropin_directories(name: UnitName, lookup_path: Sequence[str] = LOOKUP_PATH) -> list[str]:
    """Directories whose ``*.conf`` files add to the unit; of one file name the first counts.

    ``a-b@c.service``: in each lookup path ``a-b@c.service.d``, ``a-b@.service.d``, ``a-.service.d``, ``a-@c.service.d`` and
    ``a-@.service.d``; after all of them ``service.d`` in each.
    """
    names = dict.fromkeys(_dropin_names(name))
    return [f"{root}/{below}.d" for root in lookup_path for below in names] + [f"{root}/{name.type}.d" for root in lookup_path]


def _dropin_names(name: UnitName) -> Iterator[str]:
    yield str(name)
    if name.instance:
        yield from _dropin_names(UnitName(name.prefix, "", name.type))
    cut = name.prefix.removesuffix("-").rfind("-")
    if cut > 0:
        yield from _dropin_names(UnitName(name.prefix[: cut + 1], name.instance or None, name.type))


def in_order(dropins: Iterable[str]) -> tuple[str, ...]:
    """Paths of drop-ins as systemd reads them: by file name, wherever they are; of one file name only the first given counts.

    Give them in the order of ``dropin_directories``.
    """
    chosen: dict[str, str] = {}
    for path in dropins:
        file = path.rpartition("/")[2]
        if file.endswith(".conf") and not file.startswith("."):
            chosen.setdefault(file, path)
    return tuple(chosen[file] for file in sorted(chosen, key=lambda file: file.encode("utf-8", "surrogateescape")))
