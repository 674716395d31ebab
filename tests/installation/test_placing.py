"""What is to be done to a file, by what is there and what is on record."""

from hashlib import sha256

import pytest

from qtops.installation.placing import BESIDE, Entry, Found, Manifest, Wanted, intended, put, settled, taken_away
from qtops.steps import FileState

PATH = "/etc/systemd/system/a.service"
OURS, OLDER, THEIRS = b"ours", b"older", b"theirs"


def digest(content):
    return sha256(content).hexdigest()


def there(content):
    return Found(FileState(sha256=digest(content), size=len(content), mode=0o644, uid=0, gid=0))


WANTED = Wanted(path=PATH, part="supervisor", content=OURS, sha256=digest(OURS), mode=0o644, uid=0, gid=0)


def on_record(*contents, path=PATH):
    return Manifest(files={path: Entry(part="supervisor", sha256=tuple(map(digest, contents)))})


def placed(main=None, beside=None, manifest=None):
    """What is done, as (path, standing, deed) of each file."""
    found = {PATH: main or Found(), f"{PATH}{BESIDE}": beside or Found()}
    return [(one.path, one.standing, one.deed) for one in put([WANTED], found, manifest or Manifest())]


@pytest.mark.parametrize(
    ("main", "manifest", "standing", "deed"),
    [
        (Found(), Manifest(), "new", "put"),
        (Found(), on_record(OLDER), "new", "put"),  # somebody removed it: this puts it back
        (there(OURS), on_record(OURS), "same", "leave"),
        (there(OURS), Manifest(), "same", "leave"),  # somebody copied it there: it is not ours to take away
        (there(OLDER), on_record(OLDER), "older", "replace"),
        (there(OLDER), on_record(OLDER, OURS), "older", "replace"),  # killed before it was replaced
        (Found(unsafe="a symbolic link"), on_record(OURS), "unsafe", "leave"),
    ],
)
def test_what_is_ours_or_not_there_is_written_and_nothing_else(main, manifest, standing, deed):
    assert placed(main, None, manifest) == [(PATH, standing, deed)]


@pytest.mark.parametrize("manifest", [Manifest(), on_record(OLDER)])
def test_what_is_somebodys_own_stays_and_the_new_one_goes_beside_it(manifest):
    assert placed(there(THEIRS), None, manifest) == [(PATH, "yours", "leave"), (f"{PATH}{BESIDE}", "new", "put")]
    assert placed(there(THEIRS), there(OURS), manifest)[1] == (f"{PATH}{BESIDE}", "same", "leave")
    assert placed(there(THEIRS), there(THEIRS), manifest)[1] == (f"{PATH}{BESIDE}", "yours", "leave")
    older = on_record(OLDER, path=f"{PATH}{BESIDE}")
    assert placed(there(THEIRS), there(OLDER), older)[1] == (f"{PATH}{BESIDE}", "older", "replace")


def test_the_one_beside_goes_once_it_was_merged():
    manifest = on_record(OURS, path=f"{PATH}{BESIDE}")
    assert placed(there(OURS), there(OURS), manifest) == [(PATH, "same", "leave"), (f"{PATH}{BESIDE}", "same", "remove")]
    assert placed(there(OURS), there(THEIRS), manifest) == [(PATH, "same", "leave")]


@pytest.mark.parametrize(
    ("main", "standing", "deed"),
    [
        (there(OURS), "same", "remove"),
        (there(OLDER), "same", "remove"),  # killed before it was replaced
        (there(THEIRS), "yours", "leave"),
        (Found(), "new", "leave"),
        (Found(unsafe="a symbolic link"), "unsafe", "leave"),
    ],
)
def test_only_what_is_as_it_was_put_there_is_taken_away(main, standing, deed):
    gone = taken_away(["supervisor"], {PATH: main}, on_record(OLDER, OURS))
    assert [(one.standing, one.deed) for one in gone] == [(standing, deed)]


def test_only_the_parts_that_were_asked_for_go_and_the_last_one_first():
    files = {"/a": Entry(part="supervisor", sha256=("1",)), "/b": Entry(part="publisher", sha256=("2",))}
    files["/c"] = Entry(part="supervisor", sha256=("3",))
    found = {path: Found() for path in files}
    assert [one.path for one in taken_away(["supervisor"], found, Manifest(files=files))] == ["/c", "/a"]


def test_the_manifest_knows_every_content_while_it_is_done_and_the_last_one_afterwards():
    before = on_record(OLDER)
    placings = put([WANTED], {PATH: there(OLDER), f"{PATH}{BESIDE}": Found()}, before)
    meanwhile = intended(before, placings, ["/etc/quantum"], ["a.service"])
    assert meanwhile.files[PATH].sha256 == (digest(OLDER), digest(OURS))
    assert (meanwhile.settled, meanwhile.folders, meanwhile.enabled) == (False, ("/etc/quantum",), ("a.service",))
    afterwards = settled(meanwhile, placings)
    assert afterwards.files[PATH].sha256 == (digest(OURS),)
    assert afterwards.settled


@pytest.mark.parametrize("odd", [Found(unsafe="a symbolic link"), Found(unknown="not for the caller")])
def test_what_is_not_safe_is_ours_still_once_somebody_has_mended_that(odd):
    before = on_record(OLDER)
    gone = taken_away(["supervisor"], {PATH: odd}, before)
    assert settled(intended(before, gone, ()), gone).files == before.files
    placings = put([WANTED], {PATH: odd, f"{PATH}{BESIDE}": Found()}, before)
    assert settled(intended(before, placings, ()), placings).files == before.files


def test_what_went_is_on_record_until_all_is_done():
    before = Manifest(files=on_record(OURS).files, enabled=("a.service",))
    gone = taken_away(["supervisor"], {PATH: there(OURS)}, before)
    assert intended(before, gone, ()).files == before.files
    assert settled(intended(before, gone, ()), gone, ["a.service"]) == Manifest()
