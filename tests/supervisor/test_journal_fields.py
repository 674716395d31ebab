"""Entries of the journal: the native protocol, what they say, and what happens where journald is away, behind, or not there."""

import os
import re
import socket
import string
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.findings import Severity
from qtops.incidents import Change, Event, Incident
from qtops.supervisor import journal_fields
from qtops.supervisor.journal_fields import MESSAGE_IDS, MOST, Journal, encoded, for_change

CATALOG = Path(__file__).parents[2] / "deploy" / "qtops.catalog"
AN_ID = re.compile("[0-9a-f]{32}")
OF_THE_SUPERVISOR = {value for value in vars(journal_fields).values() if isinstance(value, str) and AN_ID.fullmatch(value)}
EVERY_ID = {*MESSAGE_IDS.values(), *OF_THE_SUPERVISOR}
NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,10}", fullmatch=True)


def change(event="opened", text="it ended with 1", **fields):
    told = {
        "number": 12, "fingerprint": "x", "unit": "acme.service", "kind": "process", "title": "exits at once", "code": "IMPORT101",
        "began_s": 1e9, "opened_s": 1e9, "last_s": 1e9,
    }  # fmt: skip
    return Change(incident=Incident(**(told | fields)), event=event, at_s=1e9, text=text)


def decoded(datagram: bytes) -> dict[str, str]:
    """An entry, read as journald reads it."""
    fields = {}
    while datagram:
        line, _, rest = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[9 + size :]
        fields[name.decode()] = value.decode()
        datagram = rest
    return fields


class Journald:
    """A socket in its place."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "socket")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.address)
        self.socket.setblocking(False)
        self.journal = Journal(self.address)

    def event(self, message="something", **options) -> dict[str, str]:
        self.journal.event(message, **({"message_id": "0" * 32, "priority": 5} | options))
        return decoded(self.socket.recv(1 << 20))


@pytest.fixture
def journald(tmp_path):
    it = Journald(tmp_path)
    yield it
    it.journal.close()
    it.socket.close()


def test_an_entry_carries_its_fields(journald):
    journald.journal.change(change())
    assert decoded(journald.socket.recv(1 << 16)) == {
        "MESSAGE": "acme.service: incident 12 opened: it ended with 1",
        "MESSAGE_ID": MESSAGE_IDS["opened"],
        "PRIORITY": "3",
        "SYSLOG_IDENTIFIER": "qtops",
        "QTOPS_EVENT": "opened",
        "QTOPS_INCIDENT": "12",
        "QTOPS_UNIT": "acme.service",
        "QTOPS_KIND": "process",
        "QTOPS_CODE": "IMPORT101",
        "QTOPS_SEVERITY": "critical",
        "QTOPS_STATE": "open",
        "QTOPS_TITLE": "exits at once",
    }


def test_nothing_that_is_said_of_a_unit_looks_as_if_the_unit_had_said_it():
    for event in get_args(Event):
        assert all(name.startswith("QTOPS_") for name in for_change(change(event)).fields)


@pytest.mark.parametrize(
    ("event", "severity", "priority"),
    [
        ("opened", Severity.CRITICAL, 3),
        ("opened", Severity.WARNING, 4),
        ("opened", Severity.INFO, 5),
        ("gave up", Severity.WARNING, 2),
        ("resolved", Severity.CRITICAL, 5),
        ("seen again", Severity.CRITICAL, 6),
    ],
)
def test_how_urgent_an_entry_is(event, severity, priority):
    assert for_change(change(event, severity=severity)).priority == priority


@given(st.dictionaries(NAMES, st.text().filter(lambda text: not re.search("[\ud800-\udfff]", text)), max_size=5))
def test_what_is_encoded_is_read_again(fields):
    assert decoded(encoded(fields)) == fields


def test_a_long_value_is_cut_between_two_characters(journald):
    entry = journald.event("é" * MOST, fields={"QTOPS_LINES": "a\n" * MOST})
    assert entry["MESSAGE"] == "é" * (MOST // 2)
    assert len(entry["QTOPS_LINES"]) == MOST


def test_hostile_text_is_harmless_and_its_lines_stay(journald):
    entry = journald.event(
        "\x1b[31mred\x07\nMESSAGE_ID=forged\n\udcff", fields={"QTOPS_UNIT": "a\u202eb", "_PID": "1", "lower": "x", "QTOPS_CODE": ""}
    )
    assert entry["MESSAGE"] == "\\x1b[31mred\\x07\nMESSAGE_ID=forged\n\\xff"
    assert entry["QTOPS_UNIT"] == "a\\u202eb"
    assert set(entry) == {"MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "QTOPS_UNIT"}
    assert entry["MESSAGE_ID"] == "0" * 32


def test_no_secret_gets_there(journald):
    entry = journald.event("login failed: password=hunter22222", fields={"QTOPS_TITLE": "redis://:s3cretpass@host/0"})
    assert "hunter22222" not in str(entry)
    assert "s3cretpass" not in str(entry)


def test_a_journald_that_does_not_read_delays_nothing(journald):
    began = time.process_time()  # it never waits: what it takes is its own
    for _ in range(300):
        journald.journal.event("x" * 2_000, message_id="0" * 32, priority=6)
    assert time.process_time() - began < 2
    assert journald.journal.dropped > 100


@pytest.mark.parametrize("after", ["closed", "removed"])
def test_without_journald_it_goes_to_stderr(journald, capfd, after):
    journald.socket.close()
    if after == "removed":
        Path(journald.address).unlink()
    journald.journal.event("nobody\nlistens", message_id="0" * 32, priority=3)
    assert capfd.readouterr().err == "nobody\\nlistens\n"
    assert journald.journal.dropped == 0


def test_it_finds_journald_again(journald, capfd):
    journald.socket.close()
    Path(journald.address).unlink()
    journald.journal.event("away", message_id="0" * 32, priority=3)
    journald.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journald.socket.bind(journald.address)
    assert journald.event("back")["MESSAGE"] == "back"
    assert capfd.readouterr().err == "away\n"


def test_stderr_that_is_a_stream_to_the_journal_is_told_the_priority(tmp_path, capfd, monkeypatch):
    stderr = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{stderr.st_dev}:{stderr.st_ino}")
    with closing(Journal(str(tmp_path / "none"))) as journal:
        journal.event("said", message_id="0" * 32, priority=3)
    assert capfd.readouterr().err == "<3>said\n"


def test_a_stderr_that_nobody_reads_delays_nothing(tmp_path):
    reading, writing = os.pipe()
    kept = os.dup(2)
    journal = Journal(str(tmp_path / "none"))
    os.dup2(writing, 2)
    try:
        for _ in range(100):
            journal.event("x" * 10_000, message_id="0" * 32, priority=6)
        os.close(reading)
        journal.event("and it is closed", message_id="0" * 32, priority=6)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(writing)
        journal.close()
    assert 80 < journal.dropped < 101


def described() -> dict[str, str]:
    """The entries of the catalog by their ID."""
    parts = re.split(r"^-- ([0-9a-f]{32})\n", CATALOG.read_text("utf-8"), flags=re.MULTILINE)[1:]
    entries = list(zip(parts[::2], parts[1::2], strict=True))
    assert len(dict(entries)) == len(entries)
    return dict(entries)


def test_the_catalog_says_what_to_do_for_every_id_and_for_no_other():
    assert set(MESSAGE_IDS) == set(get_args(Event))
    assert len(EVERY_ID) == len(MESSAGE_IDS) + len(OF_THE_SUPERVISOR) == len(MESSAGE_IDS) + 7
    entries = described()
    assert set(entries) == EVERY_ID
    for text in entries.values():
        head, _, told = text.partition("\n\n")
        what, _, do = told.partition("\n\nWhat to do:\n")
        assert re.fullmatch(r"Subject: .{10,70}\nDefined-By: qtops", head)
        assert len(what) > 30
        assert re.fullmatch(r"(    [a-z].*\n)+\n", do)


def test_the_catalog_names_only_fields_that_its_entries_have():
    fields = set(for_change(change()).fields)
    for event, message_id in MESSAGE_IDS.items():
        assert set(re.findall("@([A-Z_]+)@", described()[message_id])) <= fields, event
    for message_id in OF_THE_SUPERVISOR:
        assert set(re.findall("@([A-Z_]+)@", described()[message_id])) <= {"QTOPS_SOURCE"}


@pytest.mark.systemd
@pytest.mark.slow
def test_the_journal_of_a_real_journald_has_the_entries_and_explains_them(box):
    box.write("/usr/local/lib/systemd/catalog/qtops.catalog", CATALOG.read_bytes())
    box.run("journalctl", "--update-catalog")
    listed = {line.split()[0] for line in box.text("journalctl", "--list-catalog").splitlines() if "qtops" in line}
    assert listed == EVERY_ID
    marker = f"m{string.ascii_lowercase}{time.time_ns()}"
    script = (
        "from tests.supervisor.test_journal_fields import change\n"
        "from qtops.supervisor.journal_fields import Journal\n"
        f"Journal().change(change(text='first line\\nsecond \\x1b {marker}'))\n"
    )
    box.run("env", f"PYTHONPATH={Path(__file__).parents[2]}", sys.executable, "-c", script)
    box.run("journalctl", "--sync")
    (entry,) = box.journal("QTOPS_INCIDENT=12", f"MESSAGE_ID={MESSAGE_IDS['opened']}")
    assert entry["MESSAGE"] == f"acme.service: incident 12 opened: first line\nsecond \\x1b {marker}"
    assert (entry["PRIORITY"], entry["QTOPS_UNIT"], entry["QTOPS_CODE"]) == ("3", "acme.service", "IMPORT101")
    explained = box.text("journalctl", "-x", "--no-pager", "QTOPS_INCIDENT=12")
    assert "Subject: Incident 12 opened: acme.service" in explained
    assert "qtops doctor acme.service" in explained
    assert marker not in box.text("journalctl", "--no-pager", "-u", "acme.service")
