"""Run ``journalctl`` with a time limit, and take its answer in line by line."""

import os
import pwd
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from qtops.collectors.journal.entries import Entry, entry
from qtops.collectors.journal.facts import Redact, put_together
from qtops.collectors.journal.questions import MOST_AGAIN, MOST_NOISE, Question, Wanted, again, first, second
from qtops.facts.journal import JournalFacts
from qtops.facts.service import Missing
from qtops.facts.text import printable

__all__ = ["Fetched", "Wanted", "fetch_journals", "read_journals", "reads_own_only"]

MOST_CHARACTERS: Final = 2_000_000  # of one service
LONGEST_ENTRY: Final = 4 * 1024 * 1024  # bytes of JSON; what is longer is left out
_JOURNALS: Final = ("/var/log/journal", "/run/log/journal")
_ENDING_S: Final = 1.0


class Fetched(msgspec.Struct, frozen=True):
    """Raw entries of services. They may hold secrets: only what ``facts`` makes of them is shown or kept."""

    wanted: tuple[Wanted, ...]
    at_s: float
    entries: dict[str, list[Entry]]
    incomplete: frozenset[str]
    missing: Missing | None = None

    def facts(self, redact: Redact) -> dict[str, JournalFacts | Missing]:
        """What the journal says of each unit, or why it could not be read."""
        return {
            item.unit: self.missing
            or put_together(
                self.entries.get(item.unit, ()),
                item.invocation,
                is_whole=item.unit not in self.incomplete,
                now_s=self.at_s,
                redact=redact,
            )
            for item in self.wanted
        }


def read_journals(wanted: Sequence[Wanted], timeout_s: float, redact: Redact) -> dict[str, JournalFacts | Missing]:
    """What the journal says of each unit. Lines of other services, other boots and other invocations are not among it."""
    return fetch_journals(wanted, timeout_s).facts(redact)


def fetch_journals(wanted: Sequence[Wanted], timeout_s: float) -> Fetched:
    """The entries, for when the secrets that must not be in them are known later. What was read until ``timeout_s`` is used."""
    began_s, deadline = time.time(), time.monotonic() + timeout_s
    catch = _Catch(wanted)
    missing = not_permitted() if wanted and reads_own_only() else None
    missing = missing or catch.take(first(wanted), timeout_s, deadline, most_noise=MOST_NOISE)
    for _ in range(MOST_AGAIN):
        if missing is None and catch.unheard:
            missing = catch.take(again(wanted, catch.unheard, catch.oldest_s), timeout_s, deadline, most_noise=MOST_NOISE)
    missing = missing or catch.take(second(wanted), timeout_s, deadline)
    return Fetched(tuple(wanted), began_s, catch.entries, frozenset(catch.incomplete), missing)


def reads_own_only(folders: Sequence[str] = _JOURNALS) -> bool:
    """Whether this user may not read the journal of the system: journalctl then shows what is his own, and says nothing of it."""
    files = [file for folder in folders for file in Path(folder).glob("*/system.journal")]
    return bool(files) and not any(os.access(file, os.R_OK, effective_ids=True) for file in files)


class _Answer:
    """Lines of one call of journalctl. ``is_whole``: it came to its end."""

    def __init__(self, descriptor: int, deadline: float) -> None:
        self._descriptor, self._deadline = descriptor, deadline
        self.is_whole, self.number = False, 0

    def __iter__(self) -> Iterator[bytes]:
        held, is_skipping = b"", False
        while chunk := self._chunk():
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                self.number += 1
                if not is_skipping:
                    yield line
                is_skipping = False
            if len(held) > LONGEST_ENTRY:
                held, is_skipping = b"", True

    def _chunk(self) -> bytes:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0 or not select.select([self._descriptor], [], [], left_s)[0]:
            return b""
        chunk = os.read(self._descriptor, 1 << 18)
        self.is_whole = not chunk
        return chunk


class _Catch:
    """Entries by unit, no more of each than was asked for."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self.entries: dict[str, list[Entry]] = {item.unit: [] for item in wanted}
        self.incomplete: set[str] = set()
        self._by_invocation = {item.invocation: item.unit for item in wanted if item.invocation}
        self._since = {item.unit: item.since_s or 0.0 for item in wanted}
        self._characters = dict.fromkeys(self.entries, 0)
        self.unheard: frozenset[str] = frozenset()  # by the last question, because of others' noise
        self.oldest_s = 0.0  # of the entries that it gave

    def take(self, question: Question | None, timeout_s: float, deadline: float, most_noise: int | None = None) -> Missing | None:
        """Ask one question; why there is no answer, if so. Entries of services that have had their share are noise."""
        self.unheard = frozenset()
        if question is None:
            return None
        program = shutil.which("journalctl")
        if program is None:
            return Missing("journal", "journalctl is not installed", "apt install systemd")
        with tempfile.TemporaryFile() as stderr:
            try:
                child = subprocess.Popen(
                    [program, *question.arguments()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    env={**os.environ, "SYSTEMD_COLORS": "0"},  # where colours are forced, its JSON is none
                )
            except (OSError, ValueError) as error:
                return Missing("journal", f"journalctl cannot be run: {printable(str(error))}")
            with child:
                answer = _Answer(child.stdout.fileno() if child.stdout else -1, deadline)
                try:
                    self._take(answer, question, most_noise)
                    status = child.wait(_ENDING_S) if answer.is_whole else 0
                except subprocess.TimeoutExpired:
                    status = 0
                finally:
                    child.kill()
            stderr.seek(0)
            said = stderr.read(65536).decode("utf-8", "surrogateescape")
        if answer.is_whole and not answer.number:
            return reason(said, status)
        if not answer.number:
            return Missing("journal", f"journalctl had not answered after {timeout_s:g} s", "journalctl --verify")
        return reason(said, 0)

    def _take(self, answer: _Answer, question: Question, most_noise: int | None) -> None:
        open_units, noise = dict(question.units), 0
        for line in answer:
            if (found := entry(line)) is not None:
                self.oldest_s = found.at_s
                units = (self._by_invocation.get(found.invocation, found.unit), *found.also)
                kept = [self._keep(found, unit, open_units) for unit in units]
                noise += not any(kept)
            if not open_units or (most_noise is not None and noise > most_noise):
                break
        if not answer.is_whole or answer.number >= question.most:
            self.incomplete.update(question.units)
            self.unheard = frozenset(open_units) if noise else frozenset()

    def _keep(self, found: Entry, unit: str, open_units: dict[str, int]) -> bool:
        """Take an entry of a unit that has not had enough. ``open_units``: how many more of each."""
        if unit not in open_units or found.at_s < self._since[unit]:
            return False
        self._characters[unit] += len(found.text)
        self.entries[unit].append(found)
        open_units[unit] -= 1
        if not open_units[unit] or self._characters[unit] > MOST_CHARACTERS:
            del open_units[unit]
            self.incomplete.add(unit)
        return True


def reason(said: str, status: int) -> Missing | None:
    """What keeps the journal from being read, by what journalctl says of it."""
    first = printable(said.partition("\n")[0])
    if "insufficient permissions" in said:
        return not_permitted()
    if "No journal files were found" in said:
        return Missing("journal", "this host keeps no journal", "systemctl status systemd-journald")
    return Missing("journal", f"journalctl exited {status}: {first}", "journalctl --verify") if status else None


def not_permitted() -> Missing:
    """What keeps this user from reading what services write."""
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = str(os.geteuid())
    enable = f"sudo usermod -aG systemd-journal {user}"
    return Missing("journal", f"{user} may not read the journal of the system's services", enable)
