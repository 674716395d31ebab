"""Settings with one value: the last assignment counts; what cannot be read is ignored, or refuses the unit."""

from collections.abc import Callable

from qtops.unitfile import values
from qtops.unitfile.characters import is_text
from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.reading import Reader, Reading
from qtops.unitfile.service import Directory
from qtops.unitfile.syntax import Assignment


def text(reading: Reading, field: str, item: Assignment) -> None:
    """Any text, with specifiers; empty takes it back."""
    if not item.value:
        reading.fields.pop(field, None)
    elif found := reading.expand(item.value, item):
        reading.put(field, found.text, item, found.unknown)


def account(reading: Reading, field: str, item: Assignment) -> None:
    """User= and Group= (systemd.exec(5), "USER/GROUP IDENTITY")."""
    text(reading, field, item)
    if item.value and (field not in reading.fields or reading.fields[field].origin != item.origin):
        raise reading.refuse(item, f"{item.key}= cannot be resolved")
    name = reading.fields[field].value if item.value else ""
    if name and not _is_account(name):
        raise reading.refuse(item, f"{item.key}={name[:64]!a} is no name of a user or group")


def _is_account(name: str) -> bool:
    if name.isascii() and name.isdigit():
        return int(name) not in (2**32 - 1, 2**16 - 1) and int(name) < 2**32 and (name == "0" or not name.startswith("0"))
    bad = any(c < " " or c == "\x7f" or c in ":/" for c in name) or name in (".", "..") or name != name.strip(" \t\n\r")
    return not bad and is_text(name) and not name.lstrip("-").isdigit() and len(name) < 255


def path(reading: Reading, field: str, item: Assignment) -> None:
    """One absolute path; empty takes it back."""
    if not item.value:
        reading.fields.pop(field, None)
    elif found := reading.expand(item.value, item):
        if why := found.objection_to_path():
            reading.note(item, Effect.IGNORED, f"{item.key}= is {why}")
        else:
            reading.put(field, values.simplified(found.text), item, found.unknown)


def truth(reading: Reading, field: str, item: Assignment) -> None:
    """Yes or no."""
    value = values.truth(item.value)
    if value is None:
        reading.note(item, Effect.IGNORED, f"{item.key}= is neither yes nor no")
    else:
        reading.put(field, value, item)


def number(parse: Callable[[str], int | None], what: str, *, zero_is_never: bool = False, reset: bool = False) -> Reader:
    """A way to read numbers. ``reset``: empty takes it back."""

    def read(reading: Reading, field: str, item: Assignment) -> None:
        if reset and not item.value:
            reading.fields.pop(field, None)
        elif (value := parse(item.value)) is None:
            reading.note(item, Effect.IGNORED, f"{item.key}= is no {what}")
        else:
            reading.put(field, values.INFINITY if zero_is_never and not value else value, item)

    return read


def timeout(reading: Reading, field: str, item: Assignment) -> None:
    """A time span whose zero means never; ``both`` is TimeoutSec=."""
    for each in ("timeout_start_usec", "timeout_stop_usec") if field == "both" else (field,):
        number(values.time_span, "time span", zero_is_never=True)(reading, each, item)


def size(reading: Reading, field: str, item: Assignment) -> None:
    """Bytes, or a share of the memory of the host; zero is not taken."""
    value = values.size(item.value)
    if not item.value:
        reading.fields.pop(field, None)
    elif item.value.endswith(("%", "‰", "‱")):
        reading.fields.pop(field, None)
        reading.note(item, Effect.UNKNOWN, f"{item.key}=: a share of the host's memory")
    elif not value:
        reading.note(item, Effect.IGNORED, f"{item.key}= is no size")
    else:
        reading.put(field, value, item)


def choice(*choices: str, or_truth: bool = False) -> Reader:
    """A way to read one word of a few, or of those and yes or no."""

    def read(reading: Reading, field: str, item: Assignment) -> None:
        value: str | None = item.value if item.value in choices else None
        if or_truth and value is None and (meant := values.truth(item.value)) is not None:
            value = "yes" if meant else "no"
        if value is None:
            reading.note(item, Effect.IGNORED, f"{item.key}= is none of {', '.join(choices)}")
        else:
            reading.put(field, value, item)

    return read


def directory(reading: Reading, field: str, item: Assignment) -> None:
    """WorkingDirectory=."""
    path = item.value.removeprefix("-")
    optional = path != item.value
    if not item.value:
        reading.fields.pop(field, None)
        return
    if path == "~":
        reading.put(field, Directory(None, optional), item)
        return
    found = reading.expand(path, item)
    why = found.objection_to_path() if found else "not to be resolved"
    if found and not why:
        reading.put(field, Directory(values.simplified(found.text), optional), item, found.unknown)
    elif optional:
        reading.note(item, Effect.IGNORED, f"{item.key}= is {why}")
    else:
        raise reading.refuse(item, f"{item.key}= is {why}")


_OUTPUTS = ("inherit", "null", "tty", "journal", "kmsg", "journal+console", "kmsg+console", "socket")

_OBSOLETE = {"syslog": "journal", "syslog+console": "journal+console"}


def output(reading: Reading, field: str, item: Assignment) -> None:
    """StandardOutput= and StandardError= (systemd.exec(5), "LOGGING AND STANDARD INPUT/OUTPUT")."""
    kind, colon, path = item.value.partition(":")
    if item.value in _OBSOLETE:
        reading.put(field, _OBSOLETE[item.value], item)
    elif colon and kind in {"file", "append", "truncate"}:
        found = reading.expand(path, item)
        why = found.objection_to_path() if found else "not to be resolved"
        if not found or why:
            reading.note(item, Effect.IGNORED, f"{item.key}= is {why}")
            return
        reading.put(field, f"{kind}:{values.simplified(found.text)}", item, found.unknown)
    elif kind == "fd" and colon:
        text(reading, field, item)
    else:
        choice(*_OUTPUTS)(reading, field, item)
