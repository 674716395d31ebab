"""How phases stood in the last reports on them: a small file in the state folder."""

import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from qtops.actions.state import open_state, state_path
from qtops.bundle.writing import write
from qtops.evidence.case import Stood
from qtops.facts.text import all_printable
from qtops.settings import Settings

STOOD: Final = "phases.json"
LARGEST: Final = 1 << 20  # bytes: some 10,000 phases


class _Kept(msgspec.Struct, frozen=True, tag_field="schema", tag="qtops.stood/1"):
    """The content of the file."""

    stood: tuple[Stood, ...]


class Remembered(NamedTuple):
    """How each phase stood, by number; ``lacking`` says why nothing is known, where the file could not be read."""

    stood: tuple[Stood, ...] = ()
    lacking: tuple[str, ...] = ()


def remember(settings: Settings, *stood: Stood) -> None:
    """Keep how phases stand now, beside what is known of others. What cannot be read is written anew.

    Raises as ``open_state`` does, NotPermitted and Unavailable where the file cannot be written.
    """
    path = Path(open_state(settings.state).path, STOOD)
    known = {one.number: one for one in (*_read(path).stood, *stood)}
    content = msgspec.json.encode(_Kept(tuple(known[number] for number in sorted(known))))
    write(path, msgspec.json.format(content, indent=1) + b"\n")


def stood(settings: Settings) -> Remembered:
    """How phases stood when they were last reported on."""
    return _read(Path(state_path(settings.state), STOOD))


def _read(path: Path) -> Remembered:
    try:
        content = _content(path)
        return Remembered(msgspec.convert(all_printable(msgspec.json.decode(content)), _Kept).stood) if content else Remembered()
    except OSError as error:
        why = error.strerror or str(error)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or of another shape
        why = f"is damaged ({error})"
    return Remembered(lacking=(f"how phases stood in the last reports: {path}: {why}",))


def _content(path: Path) -> bytes:
    """The bytes of the file; none where there is no file. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            raise OSError(0, f"is no regular file of up to {LARGEST >> 20} MiB")
        return file.read(LARGEST)
