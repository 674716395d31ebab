"""Facts are read back as they were; what is no bundle is refused in words; nothing is written where it should not be."""

import gzip
import json
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops import __version__
from qtops.bundle import Bundle, BundleError, encode, load, read, save
from qtops.bundle.file import LARGEST, decode
from qtops.errors import NotPermitted, Unavailable
from qtops.facts.journal import JournalFacts, Line
from qtops.facts.service import Facts
from tests.bundle.looks import NOW_S, any_of, facts, service
from tests.reports.doctor.reports import HOSTILE

JSON = encode(facts())


@given(any_of(Facts))
@settings(max_examples=60)
def test_facts_are_read_back_as_they_were(looked):
    assert decode(encode(looked)).facts == looked


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_a_file_holds_them_too(tmp_path, name):
    save(facts(), tmp_path / name)
    assert load(tmp_path / name) == facts()
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b") == name.endswith(".gz")


def test_a_bundle_says_what_it_is_and_who_wrote_it(tmp_path):
    save(facts(), tmp_path / "a")
    found = json.loads((tmp_path / "a").read_bytes())
    assert next(iter(found.items())) == ("schema", "qtops.bundle/1")
    assert found["version"] == read(tmp_path / "a").version == __version__


def test_a_bundle_that_is_written_again_is_the_same():
    old = Bundle(**{name: getattr(facts(), name) for name in Facts.__struct_fields__}, version="0.0.1")
    assert decode(encode(old)) == old


def hostile(text: str) -> Facts:
    return facts(service(journal=JournalFacts(lines=(Line(NOW_S, text),))))


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_whatever_is_not_printable_is_escaped_on_the_way_out(text):
    assert decode(encode(hostile(text))).services[0].journal.lines[0].text.isprintable()


def test_whatever_is_not_printable_is_escaped_on_the_way_in():
    stranger = msgspec.json.encode({**json.loads(JSON), "host": HOSTILE, HOSTILE: {HOSTILE: HOSTILE}})
    assert decode(stranger).host.isprintable()


# What may have been added by a later version is no reason to refuse


def test_unknown_fields_are_accepted_everywhere():
    later = json.loads(JSON)
    for place in (later, later["services"][0], later["services"][0]["unit"], later["settings"], later["settings"]["families"][0]):
        place["added_later"] = [1]
    assert decode(json.dumps(later).encode()).facts == facts()


def test_fields_that_an_earlier_version_did_not_have_take_their_defaults():
    early = json.loads(JSON)
    del early["settings"], early["missing"], early["version"], early["services"][0]["changed"]
    assert decode(json.dumps(early).encode()).facts == facts()


# What is no bundle


def with_time(number: bytes) -> bytes:
    return JSON.replace(str(NOW_S).encode(), number)


REFUSED = {
    "empty": (b"", "no JSON"),
    "binary": (b"\x00\xff\xfe", "no JSON"),
    "a list": (b"[]", "is no bundle"),
    "null": (b"null", "is no bundle"),
    "an object": (b"{}", "is no bundle"),
    "a number for a name": (b'{"schema": 7}', "is no bundle"),
    "another output": (b'{"schema": "qtops.doctor/1"}', "is no bundle"),
    "a later version": (b'{"schema": "qtops.bundle/2"}', "another version, 'qtops.bundle/2': this qtops "),
    "nothing in it": (b'{"schema": "qtops.bundle/1"}', "missing required field `host`"),
    "cut short": (JSON[:-200], "truncated"),
    "NaN": (with_time(b"NaN"), "no JSON"),
    "infinite": (with_time(b"1e999"), "out of range"),
    "no time": (with_time(b"1e17"), "'1e+17' is no value of 'taken_at_s'"),
    "no number": (JSON.replace(b":812", b":1" + b"0" * 400), "is no value of 'main_pid'"),
    "no UTF-8": (JSON.replace(b"risk-1", b"risk-\xff"), "no JSON"),
    "another type": (JSON.replace(b'"risk-1"', b"1"), "Expected `str`, got `int` - at `$.host`"),
    "deep lists": (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    "deep objects": (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
    "cut short, compressed": (gzip.compress(JSON)[:-9], "truncated"),
    "more behind": (gzip.compress(JSON) + b"x", "more follows"),
    "not really compressed": (b"\x1f\x8b" + JSON, "and is none"),
    "a bomb": (gzip.compress(bytes(LARGEST + 1), 1), "larger than 64 MiB once decompressed"),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_bundle_is_refused_in_words(tmp_path, content, why):
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(BundleError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert why in str(refused.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "a"
    path.touch()
    os.truncate(path, 1 << 40)  # nearly all of it is a hole
    with pytest.raises(BundleError, match="larger than 64 MiB"):
        load(path)


def leaves(value, path=()):
    """Every place in some plain values."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield from leaves(item, (*path, name))


PLACES = [path for path in leaves(json.loads(JSON)) if path]
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.just([]), st.just({})
)


@given(st.sampled_from(PLACES), ODD)
def test_an_edited_bundle_is_read_or_refused_and_nothing_else(path, value):
    edited = json.loads(JSON)
    place = edited
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with suppress(BundleError):
        assert isinstance(decode(msgspec.json.encode(edited)).facts, Facts)


@given(st.binary(max_size=40), st.integers(0, len(JSON)))
def test_any_bytes_are_read_or_refused_and_nothing_else(junk, at):
    for content in (junk, b"\x1f\x8b" + junk, JSON[:at] + junk + JSON[at:]):
        with suppress(BundleError):
            assert isinstance(decode(content), Bundle)


# Where it is read from and written to


@pytest.mark.parametrize("kind", ["absent", "directory", "fifo"])
def test_what_is_no_file_is_not_read(tmp_path, kind):
    path = tmp_path / "a"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    with pytest.raises(BundleError, match=r"cannot be read: No such file|no regular file"):
        load(path)


def test_a_bundle_is_for_its_owner_alone(tmp_path):
    mask = os.umask(0)
    try:
        save(facts(), tmp_path / "a")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_an_older_bundle_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a"
    save(facts(host="old"), path)
    with path.open("rb") as reader:
        save(facts(host="new"), path)
        assert b'"old"' in reader.read()  # whoever reads it goes on reading the old one
    assert load(path).host == "new"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("target", ["file", "nowhere"])
def test_nothing_is_written_through_a_link(tmp_path, target):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "a").symlink_to(tmp_path / target)
    with pytest.raises(BundleError, match="is a link"):
        save(facts(), tmp_path / "a")
    assert (tmp_path / "file").read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", ["directory", "fifo"])
def test_nothing_is_written_over_what_is_no_file(tmp_path, kind):
    (tmp_path / "a").mkdir() if kind == "directory" else os.mkfifo(tmp_path / "a")
    with pytest.raises(BundleError, match="no file"):
        save(facts(), tmp_path / "a")
    assert len([*tmp_path.iterdir()]) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_nothing_is_written_over_somebody_elses_file(tmp_path):
    path = tmp_path / "a"
    path.write_text("theirs")
    os.chown(path, 12345, 12345)
    with pytest.raises(BundleError, match="belongs to user 12345"):
        save(facts(), path)
    assert path.read_text() == "theirs"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(BundleError, match="none/a: cannot be written: No such file"):
        save(facts(), tmp_path / "none" / "a")


@pytest.fixture
def nobody() -> Iterator[None]:
    """Without the rights of root for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.mark.usefixtures("nobody")
def test_what_this_user_may_not_do_is_told():
    with pytest.raises(NotPermitted, match="/etc/a: cannot be written: Permission denied"):
        save(facts(), Path("/etc/a"))
    with pytest.raises(NotPermitted, match="/etc/shadow: cannot be read: Permission denied"):
        load(Path("/etc/shadow"))


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else(tmp_path):
    path: Path = tmp_path / "a"
    save(facts(host="old"), path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        with pytest.raises(Unavailable, match="cannot be written: File too large"):
            save(facts(), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert load(path).host == "old"
    assert [*tmp_path.iterdir()] == [path]
