"""A full disk under the store: what did not fit is not there, what was there stays, and once there is room it goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qtops.actions.incidents.opening import look_into_store, open_store
from qtops.errors import Unavailable
from tests.actions.incidents.builders import NOW, OPS, open_one, opened

ROOM = 512  # kB of the file system


def fill(folder: Path) -> None:
    """Leave no room at all."""
    with (folder / "ballast").open("ab", buffering=0) as file:
        for size in (65_536, 4096, 1):
            while True:
                try:
                    if not file.write(b"x" * size):
                        break
                except OSError:
                    break


def go_on_until_it_is_full(folder: str) -> None:
    """Run within a small file system of its own: apply, fill it, apply, and make room again."""
    with open_store(folder) as store:
        for number in range(5):
            store.apply([opened(f"u{number}", NOW)], [OPS], fault=f"f{number}")
        fill(Path(folder))
        failed: list[str] = []
        for number in range(5, 400):  # what the log of SQLite still holds room for is written
            try:
                store.apply([opened(f"u{number}", NOW), opened(f"v{number}", NOW)], [OPS], fault=f"f{number}")
            except Unavailable as error:
                failed.append(str(error))
                assert len(store.incidents()) % 2 == 1
                assert store.faults(0) == 5 + (len(store.incidents()) - 5) / 2
                if len(failed) == 3:
                    break
        assert ["make room on its file system" in told for told in failed] == [True] * 3, failed
        before = store.incidents()
        (Path(folder) / "ballast").unlink()
        assert store.apply([opened(f"u{number}", NOW)], [OPS], fault=f"f{number}")
        assert len(store.incidents()) == len(before) + 1
        assert store.waiting() > 5
    with look_into_store(folder) as store:
        assert store.incidents()[1:] == before
        assert {len(store.timeline(one.number)) for one in before} == {1}
    print("went on")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_on_a_full_disk_nothing_is_half_written_and_it_goes_on_when_there_is_room(tmp_path):
    run = f"from tests.actions.incidents.test_full import *; go_on_until_it_is_full({str(tmp_path / 'state')!r})"
    mounts = f'mount -t tmpfs -o size={ROOM}k,mode=700 small "$1" && shift && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", mounts, "sh", str(tmp_path), sys.executable, "-c", run]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "went on\n", done.stderr[-2000:]


def test_where_there_is_no_room_it_is_said(store):
    open_one(store)
    store._connection.execute("PRAGMA max_page_count = 1")  # as SQLite's own tests of a full disk have it
    with pytest.raises(Unavailable, match="database or disk is full; make room on its file system"):
        store.apply([opened(f"u{number}", title="x" * 1000) for number in range(100)], fault="f")
    assert (len(store.incidents()), store.faults(0)) == (1, 0)
