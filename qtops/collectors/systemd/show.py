"""The text of ``systemctl show``: blocks of ``Property=value``, one for each unit, with an empty line between them."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from qtops.collectors.systemd.properties import KINDS, Command, Kind, Properties
from qtops.unitfile.values import INFINITY, time_span

_TIME: Final = r"\[[^\]\n]*\]"
_END: Final = (
    rf" ; ignore_errors=(yes|no) ; start_time={_TIME} ; stop_time={_TIME} ; pid=\d+ ; code=([^\s;]+) ; status=(\d+)\S* \}}"
)
_COMMAND: Final = re.compile(rf"\{{ path=(.*?) ; argv\[\]=.*?{_END}", re.DOTALL)
_LINE: Final = re.compile(rf"(?P<name>\w+)=(?P<value>\{{ path=.*?{_END}|[^\n]*)(?:\n|\Z)|(?P<end>\n)|[^\n]*\n?", re.DOTALL)
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)', re.DOTALL)
_CODES: Final = {"exited": 1, "killed": 2, "dumped": 3}
_MOMENT: Final = re.compile(r"\w{3} (\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? UTC")


def blocks(text: str) -> Iterator[Properties]:
    """The properties of each unit, in the order of the text. Command lines may hold line breaks, and empty lines among them."""
    found: Properties = {}
    for match in _LINE.finditer(text):
        if match["end"] and found:
            yield found
            found = {}
        elif match["name"] in KINDS:
            kind = KINDS[match["name"]]
            value = _READ[kind](match["value"])
            found[match["name"]] = (*found.get(match["name"], ()), *value) if kind == "commands" else value
    if found:
        yield found


def _words(text: str) -> tuple[str, ...]:
    r"""A list as it is printed: what holds blanks, quotes, ``\`` or ``$`` stands in double quotes."""
    return tuple(re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) or plain for quoted, plain in _WORD.findall(text))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else INFINITY  # infinity, [not set], [no data]


def _moment(text: str) -> int:
    """Microseconds since the epoch; 0 for never."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return 0
    year, month, day, hour, minute, second, fraction = match.groups(default="")
    at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000 + int(fraction.ljust(6, "0"))


def _commands(text: str) -> tuple[Command, ...]:
    match = _COMMAND.fullmatch(text)
    if match is None:
        return ()
    program, ignored, code, status = match.groups()
    return (Command(program, ignored == "yes", _CODES.get(code, 0), int(status)),)


def _message(text: str) -> str:
    """``org.freedesktop.systemd1.NoSuchUnit "Unit x.service not found."``: the words for people."""
    return text.partition(" ")[2].removeprefix('"').removesuffix('"')


_READ: Final[dict[Kind, Callable[[str], Any]]] = {
    "text": str,
    "words": _words,
    "truth": lambda text: text == "yes",
    "number": _number,
    "code": _number,
    "amount": _number,
    "work": _number,
    "span": lambda text: time_span(text) if text else 0,
    "moment": _moment,
    "commands": _commands,
    "conditions": lambda _: (),  # [unprintable]
    "statuses": lambda text: tuple(int(word) for word in text.split() if word.isdecimal()),
    "id": str,
    "error": _message,
    "job": str,
}
