"""Evidence is written whole or not at all, for its owner alone; a stranger's folder is read without trusting anything in it."""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.bundle import evidence
from qtops.bundle.evidence import read_evidence, write_evidence
from qtops.bundle.writing import BundleError
from qtops.errors import NotPermitted, QtopsError, Unavailable
from qtops.evidence.numbering import by_name, sha256
from qtops.evidence.objections import verdict
from qtops.evidence.records import INDEX, EvidenceError, Index
from qtops.evidence.splitting import joined
from qtops.findings import Verdict
from tests.bundle.test_file import nobody  # noqa: F401  (a fixture)
from tests.evidence.cases import founding_case
from tests.evidence.reports import Written

REPORT = Written(founding_case())
FIRST, LAST = REPORT.records[0], REPORT.records[-1]


@pytest.fixture
def folder(tmp_path) -> Path:
    """The evidence of the founding incident."""
    write_evidence(tmp_path / "evidence", REPORT.index, REPORT.contents)
    return tmp_path / "evidence"


def found(folder):
    return [(one.kind, one.where) for one in read_evidence(folder).objections]


# As it was written


def test_what_was_written_is_read_back(folder):
    read = read_evidence(folder)
    assert (read.index, read.contents, read.objections) == (REPORT.index, REPORT.contents, ())
    assert joined(by_name(read.index.records, read.contents)) == founding_case()


def test_it_is_for_its_owner_alone(tmp_path):
    mask = os.umask(0)
    try:
        write_evidence(tmp_path / "e", REPORT.index, REPORT.contents)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "e").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "e").iterdir()} == {0o600}


def test_an_operator_finds_his_way_by_the_names_of_the_files(folder):
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == len(REPORT.records) + 1
    assert {"E01-before-host.json", "E20-after-keys.json", "E37-patch.patch", INDEX} <= set(names)


def test_every_hash_is_that_of_the_bytes_in_the_file(folder):
    done = subprocess.run(
        ["sha256sum", *(record.file for record in REPORT.records)], cwd=folder, capture_output=True, check=True, text=True
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == [record.sha256 for record in REPORT.records]


def test_the_index_says_what_it_is(folder):
    values = json.loads((folder / INDEX).read_bytes())
    assert next(iter(values.items())) == ("schema", "qtops.evidence/1")
    assert values["records"][0] == msgspec.to_builtins(FIRST)


# Where it is not written


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_nothing_is_written_where_there_is_something(tmp_path, kind):
    path = tmp_path / "e"
    {"folder": path.mkdir, "file": path.touch, "link": lambda: path.symlink_to(tmp_path / "elsewhere")}[kind]()
    with pytest.raises(BundleError, match="there is something already"):
        write_evidence(path, REPORT.index, REPORT.contents)
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_written_that_is_not_what_the_index_says(tmp_path):
    for contents in ({}, REPORT.contents | {FIRST.file: b"x"}, REPORT.contents | {"more": b""}):
        with pytest.raises(BundleError):
            write_evidence(tmp_path / "e", REPORT.index, contents)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    "name", ["../E01-x", "/etc/E01-x", "E01-a/b", ".E01-x", "E01-\x1b", "index.json", "E02-x", "E01-", "E01-" + "x" * 200]
)
def test_no_file_is_written_outside_of_the_folder_or_under_an_odd_name(tmp_path, name):
    index = replace(REPORT.index, records=(replace(FIRST, file=name),))
    with pytest.raises(EvidenceError, match="no name of a record"):
        write_evidence(tmp_path / "e", index, {name: REPORT.contents[FIRST.file]})
    assert [*tmp_path.iterdir()] == []


def test_a_disk_that_is_full_leaves_no_folder_that_passes_for_evidence(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(Unavailable, match="File too large"):
            write_evidence(tmp_path / "e", REPORT.index, REPORT.contents)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(BundleError, match="not written to its end"):
        read_evidence(tmp_path / "e")


WRITE = """
import sys
from pathlib import Path
from qtops.bundle.evidence import write_evidence
from tests.bundle.test_evidence import REPORT
print("ready", flush=True)
sys.stdin.readline()
write_evidence(Path(sys.argv[1]), REPORT.index, REPORT.contents)
"""


@pytest.mark.slow
def test_whoever_is_killed_while_writing_leaves_nothing_that_passes_for_evidence(tmp_path):
    for turn in range(8):
        path = tmp_path / str(turn)
        command = [sys.executable, "-c", WRITE, str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            process.stdout.readline()
            process.stdin.write(b"\n")
            process.stdin.flush()
            time.sleep(turn * 0.01)
            process.send_signal(signal.SIGKILL)
        if (path / INDEX).exists():
            assert read_evidence(path).objections == ()
        else:
            with pytest.raises(BundleError):
                read_evidence(path)


# A stranger's folder


def test_a_file_that_is_not_there_is_named_and_the_others_are_read(folder):
    (folder / FIRST.file).unlink()
    read = read_evidence(folder)
    assert [(one.kind, one.where) for one in read.objections] == [("missing", "E01")]
    assert len(read.contents) == len(REPORT.records) - 1


@pytest.mark.parametrize(
    "content", [b"", b"x", REPORT.contents[FIRST.file] + b"\n", REPORT.contents[FIRST.file].replace(b"box", b"bax")]
)
def test_a_file_that_is_not_as_it_was_written_is_named(folder, content):
    (folder / FIRST.file).write_bytes(content)
    assert found(folder) == [("altered", "E01")]


def test_files_that_nobody_knows_are_named(folder):
    (folder / "E99-more.json").touch()
    (folder / "notes\x1b[2J").mkdir()
    assert found(folder) == [("extra", "E99-more.json"), ("extra", "notes\\x1b[2J")]
    assert verdict(read_evidence(folder).objections) is Verdict.WARNING


def stand_in(folder, kind):
    """Something else in the place of the first record."""
    path = folder / FIRST.file
    path.rename(folder.parent / "kept")
    match kind:
        case "link":
            path.symlink_to(folder.parent / "kept")
        case "link to nowhere":
            path.symlink_to(folder.parent / "nowhere")
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)


@pytest.mark.parametrize("kind", ["link", "link to nowhere", "fifo", "folder", "socket"])
def test_nothing_but_files_is_opened(folder, kind):
    stand_in(folder, kind)
    read = read_evidence(folder)
    assert [(one.kind, one.where) for one in read.objections] == [("missing", "E01")]
    assert ("none is followed" if "link" in kind else "no regular file") in read.objections[0].text
    assert verdict(read.objections) is Verdict.CRITICAL


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a device")
def test_no_device_is_opened(folder):
    (folder / FIRST.file).unlink()
    try:
        os.mknod(folder / FIRST.file, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("this container makes no devices")
    assert found(folder) == [("missing", "E01")]


def test_a_file_that_is_too_large_is_not_read(folder):
    os.truncate(folder / FIRST.file, 1 << 40)  # nearly all of it is a hole
    read = read_evidence(folder)
    assert "larger than 96 MiB" in read.objections[0].text
    assert FIRST.file not in read.contents


def test_all_records_together_are_bounded_as_well(folder, monkeypatch):
    monkeypatch.setattr(evidence, "ALL", 20_000)
    read = read_evidence(folder)
    assert sum(map(len, read.contents.values())) <= 20_000
    assert any("it and the records before it" in one.text for one in read.objections)
    with pytest.raises(BundleError, match="more than 0 MiB"):
        write_evidence(folder / "more", REPORT.index, REPORT.contents)


@pytest.mark.usefixtures("nobody")
def test_a_file_that_this_user_may_not_read_cannot_be_told():
    with pytest.raises(NotPermitted):
        read_evidence(Path("/root/evidence"))


def no_index(folder):
    (folder / INDEX).unlink()


def index_link(folder):
    (folder / INDEX).rename(folder.parent / "index")
    (folder / INDEX).symlink_to(folder.parent / "index")


def index_fifo(folder):
    no_index(folder)
    os.mkfifo(folder / INDEX)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(no_index, "was not written to its end"), (index_link, "none is followed"), (index_fifo, "no regular file")],
)  # fmt: skip
def test_without_an_index_it_is_no_evidence(folder, spoil, why):
    spoil(folder)
    with pytest.raises(BundleError, match=why):
        read_evidence(folder)


@pytest.mark.parametrize("kind", ["absent", "file", "link", "fifo"])
def test_what_is_no_folder_is_refused(tmp_path, folder, kind):
    path = tmp_path / "e"
    match kind:
        case "file":
            path.touch()
        case "link":
            path.symlink_to(folder)
        case "fifo":
            os.mkfifo(path)
    with pytest.raises(BundleError) as refused:
        read_evidence(path)
    assert str(path) in str(refused.value)


def values(**changes):
    return json.loads(msgspec.json.encode(REPORT.index)) | changes


def record(**changes):
    return values(records=[msgspec.to_builtins(FIRST) | changes, *map(msgspec.to_builtins, REPORT.records[1:])])


REFUSED = {
    "empty": (b"", "no JSON"),
    "binary": (b"\x00\xff", "no JSON"),
    "a list": (b"[]", "does not begin as qtops.evidence/1"),
    "another": (values(schema="qtops.evidence/2"), "does not begin as"),
    "no records": ({"schema": "qtops.evidence/1"}, "missing required field"),
    "another type": (record(size="7"), "Expected `int`"),
    "another kind": (values(kind="success"), "Invalid enum value"),
    "unprintable": (values(subject="\x1b[2J"), "not printable"),
    "out of the folder": (record(file="../../etc/passwd"), "no name of a record"),
    "absolute": (record(file="/etc/passwd"), "no name of a record"),
    "the index itself": (record(file=INDEX), "no name of a record"),
    "another's number": (record(file="E02-x.json"), "no name of a record"),
    "twice the same file": (record(file=REPORT.records[1].file, id="E02"), "two records with the id 'E02'"),
    "twice the same name": (record(name=REPORT.records[1].name), "two records with the name"),
    "deep": (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    "too large": (b" " * (evidence.LARGEST_INDEX + 1), "larger than 16 MiB"),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_index_is_refused_in_words(folder, content, why):
    (folder / INDEX).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(BundleError) as refused:
        read_evidence(folder)
    assert str(refused.value).startswith(f"{folder / INDEX}: ")
    assert why in str(refused.value)
    assert str(refused.value).isprintable()


@given(st.binary(max_size=40), st.integers(min_value=0))
@settings(deadline=None)
def test_any_index_is_read_or_refused_and_nothing_else(junk, at):
    old = msgspec.json.encode(REPORT.index)
    at %= len(old)
    for content in (junk, old[:at] + junk + old[at + len(junk) :]):
        with suppress(QtopsError):
            assert isinstance(evidence._decoded(content)[0], Index)


def test_what_happens_to_the_name_of_the_folder_meanwhile_does_not_matter(folder, monkeypatch):
    """It is opened once; a link that takes its place leads nowhere."""
    opened = os.open

    def swapped(path, flags, *more, **named):
        descriptor = opened(path, flags, *more, **named)
        if flags & os.O_DIRECTORY and path == folder:
            folder.rename(folder.parent / "moved")
            folder.symlink_to("/etc")
        return descriptor

    monkeypatch.setattr(os, "open", swapped)
    assert read_evidence(folder).objections == ()


def test_many_records_are_read_soon(tmp_path):
    content = b"{}\n"
    records = tuple(
        replace(
            FIRST, id=f"E{number:05d}", name=str(number), file=f"E{number:05d}-x.json", sha256=sha256(content), size=len(content)
        )
        for number in range(20_000)
    )
    index = replace(REPORT.index, records=records)
    began = time.perf_counter()
    evidence._decoded(msgspec.json.encode(index))
    assert time.perf_counter() - began < 2
