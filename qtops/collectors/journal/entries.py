"""One entry of ``journalctl -o json``: its fields as typed values, its text without control characters."""

import re
from typing import Any, Final

import msgspec

from qtops.facts.text import printable

FIELDS: Final = (
    "MESSAGE", "PRIORITY", "MESSAGE_ID", "_PID", "_UID", "_STREAM_ID", "_LINE_BREAK", "_TRANSPORT", "_SYSTEMD_UNIT",
    "_SYSTEMD_INVOCATION_ID", "UNIT", "INVOCATION_ID", "OBJECT_SYSTEMD_UNIT", "OBJECT_SYSTEMD_INVOCATION_ID", "EXIT_CODE",
    "EXIT_STATUS", "COMMAND", "UNIT_RESULT", "JOB_RESULT", "JOB_TYPE", "ERRNO", "EXECUTABLE", "CONFIG_FILE", "N_RESTARTS",
)  # fmt: skip
LONGEST: Final = 16 * 1024  # characters of a text that are kept
_WORD: Final = 512  # a text is not cut within a word that is no longer than this: half a secret is not recognised as one
_FACTS: Final = FIELDS[FIELDS.index("EXIT_CODE") :]
_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC: titles, links
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"
)


class Entry(msgspec.Struct, frozen=True):
    """One entry. ``text`` may have several lines; each of them is printable."""

    order: tuple[int, int]  # unique within a boot, and in the order of arrival
    at_s: float
    text: str
    unit: str = ""  # the unit that it comes from, or that systemd speaks of
    invocation: str = ""
    is_systemds: bool = False  # systemd speaks of the unit, or a child of it that has not become the service's program yet
    transport: str = ""
    priority: int = 6
    pid: int = 0
    stream: str = ""
    message_id: str = ""
    is_split: bool = False  # the line was too long for one entry: the next one of the stream continues it
    facts: dict[str, str] = {}  # the fields of systemd's own messages
    also: tuple[str, ...] = ()  # further units that systemd speaks of in the same breath: those of an ordering cycle


def entry(line: bytes) -> Entry | None:
    """The entry that a line of JSON holds; None where it holds none."""
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    order = (_number(fields.get("__MONOTONIC_TIMESTAMP")), _sequence_number(fields.get("__CURSOR")))
    at_us = _number(fields.get("__REALTIME_TIMESTAMP"))
    if not at_us:
        return None
    unit, invocation, is_systemds = _whose(fields)
    return Entry(
        order=order,
        at_s=at_us / 1e6,
        text=text(fields.get("MESSAGE")),
        unit=unit,
        also=tuple(name for name in _words(fields.get("UNIT")) if name != unit) if _word(fields.get("_PID")) == "1" else (),
        invocation=invocation,
        is_systemds=is_systemds,
        transport=_word(fields.get("_TRANSPORT")),
        priority=_number(fields.get("PRIORITY"), 6),
        pid=_number(fields.get("_PID")),
        stream=_word(fields.get("_STREAM_ID")),
        message_id=_word(fields.get("MESSAGE_ID")),
        is_split=_word(fields.get("_LINE_BREAK")) == "line-max",
        facts={name: _word(fields[name]) for name in _FACTS if name in fields} if is_systemds else {},
    )


def text(message: Any) -> str:
    r"""A MESSAGE as lines of printable text: it is a string, a list of bytes, or null.

    Escape sequences go as a whole, so that no ``[31m`` is left of them; what else is not printable is escaped.
    """
    if isinstance(message, list):
        try:
            message = bytes(message).decode("utf-8", "surrogateescape")
        except (TypeError, ValueError):  # a field that is there twice is a list of texts
            message = "\n".join(part for part in message if isinstance(part, str))
    if not isinstance(message, str):
        return ""
    if message.isprintable():
        return cut(message, LONGEST)
    plain = _SEQUENCE.sub("", message).replace("\r\n", "\n").rstrip("\r\n")
    return "\n".join(printable(part.expandtabs(4)) for part in cut(plain, LONGEST).split("\n"))


def cut(text: str, longest: int) -> str:
    """``text``, at most so many characters of it, and no part of a word."""
    if len(text) <= longest:
        return text
    end = max(text.rfind(" ", longest - _WORD, longest), text.rfind("\n", longest - _WORD, longest))
    return text[: end if end > 0 else longest] + " …"


def _whose(fields: dict[str, Any]) -> tuple[str, str, bool]:
    """The unit and the invocation that an entry is about, and whether systemd says it.

    Any program can send ``UNIT=`` and ``INVOCATION_ID=``: they are believed of PID 1, of a process of that very unit, and of root's
    processes that had ended before journald looked, as a child does that could not become the program (systemd.journal-fields(7)).
    """
    own, about = _word(fields.get("_SYSTEMD_UNIT")), next(iter(_words(fields.get("UNIT"))), "")
    by_root = _word(fields.get("_UID")) == "0"
    if about and (_word(fields.get("_PID")) == "1" or own == about or (not own and by_root)):
        return about, _word(fields.get("INVOCATION_ID")) or _word(fields.get("_SYSTEMD_INVOCATION_ID")), True
    concerned = _word(fields.get("OBJECT_SYSTEMD_UNIT"))
    if concerned and by_root:
        return concerned, _word(fields.get("OBJECT_SYSTEMD_INVOCATION_ID")), True
    return own, _word(fields.get("_SYSTEMD_INVOCATION_ID")), False


def _word(value: Any) -> str:
    return printable(value) if isinstance(value, str) else ""


def _words(value: Any) -> list[str]:
    """The values of a field: an entry may have several of one name (systemd.journal-fields(7))."""
    return [word for part in (value if isinstance(value, list) else [value]) if (word := _word(part))]


def _number(value: Any, default: int = 0) -> int:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else default


def _sequence_number(cursor: Any) -> int:
    """The ``i=`` of a cursor, which tells entries of one microsecond apart."""
    found = re.search(r";i=([0-9a-f]{1,16});", cursor) if isinstance(cursor, str) else None
    return int(found[1], 16) if found else 0
