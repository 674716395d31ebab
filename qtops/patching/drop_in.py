"""A drop-in of a unit: lines that add to it, in a file of their own below /etc (systemd.unit(5))."""

import re
import textwrap
from collections.abc import Sequence

from qtops.facts.text import printable
from qtops.patching import CannotPatch
from qtops.steps import DropIn

_UNIT = re.compile(
    r"[A-Za-z0-9:_.\\-]+(@[A-Za-z0-9:_.\\@-]*)?\.(service|socket|target|mount|automount|swap|timer|path|slice|scope)"
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_LONGEST_NAME = 255 - len(".d")  # of a directory, in bytes
_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]*=[^\x00-\x08\x0a-\x1f\x7f]*")
_SECTIONS = ("Unit", "Service")
_WRAPPED = textwrap.TextWrapper(width=100, break_long_words=False, break_on_hyphens=False)


def drop_in_path(unit: str, code: str) -> str:
    """Where the drop-in for a finding goes, one for each code. An operator's own ``override.conf`` is read later, and wins.

    That of ``worker@a.service`` is for this instance alone, that of ``worker@.service`` for all. Raises CannotPatch for what is
    no name of a unit, or of a finding.
    """
    if len(unit) > _LONGEST_NAME or not _UNIT.fullmatch(unit):
        raise CannotPatch(f"{unit!a} is not the name of a unit that could have a drop-in")
    if not _CODE.fullmatch(code):
        raise CannotPatch(f"{code!a} is not the code of a finding")
    return f"/etc/systemd/system/{unit}.d/90-qtops-{code}.conf"


def drop_in_text(changes: Sequence[DropIn], why: str) -> bytes:
    """The drop-in that makes all these changes of one unit: why it is there, how to undo it, and each section once.

    Raises CannotPatch where a line would not be read as the setting that it is meant to be, or there is none.
    """
    if len({change.unit for change in changes}) != 1:
        raise CannotPatch("a drop-in adds to one unit")
    unit = changes[0].unit
    undo = f"To undo it: remove this file, then `systemctl daemon-reload` and `systemctl restart {unit}`."
    comment = [line for text in (f"qtops wrote this. {why}", undo) for line in _WRAPPED.wrap(printable(text))]
    parts = ["".join(f"# {line}{_guard(line)}\n" for line in comment)]
    for section in _SECTIONS:
        lines = [_checked(line) for change in changes if change.section == section for line in change.lines]
        if lines:
            parts.append(f"\n[{section}]\n" + "".join(f"{line}\n" for line in lines))
    if len(parts) == 1:
        raise CannotPatch(f"there is no line to add to {unit}")
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError as error:
        raise CannotPatch(f"systemd reads UTF-8 only, and {error.object[error.start]!a} cannot be written in it") from None


def _guard(line: str) -> str:
    """A backslash at the end of a comment took the next line in before systemd 247."""
    return "." if line.endswith("\\") else ""


def _checked(line: str) -> str:
    if not _LINE.fullmatch(line):
        raise CannotPatch(f"{line!a} is not one setting of a unit on one line")
    if (len(line) - len(line.rstrip("\\"))) % 2:
        raise CannotPatch(f"{line!a} ends in a backslash, which would take the next line in")
    return line
