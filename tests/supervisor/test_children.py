"""Children with a deadline: what they said, how they ended, and that none of their group is left."""

import os
import selectors
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtops.supervisor.children import Children, Ended


class Watched:
    """Children, and what became of them."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.children = Children(self.selector)
        self.ended: list[Ended] = []

    def start(self, *argv: str, name: str = "one", timeout_s: float = 10, **options) -> None:
        self.children.start(name, argv, self.ended.append, timeout_s=timeout_s, **options)

    def wait(self, count: int = 1) -> list[Ended]:
        until_s = time.monotonic() + 10
        while len(self.ended) < count:
            assert time.monotonic() < until_s
            for key, _ in self.selector.select(0.05):
                key.data()
            self.children.expire()
        return self.ended


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.children.close()
    watched.selector.close()


def lives(pid: int) -> bool:
    """Whether it is there, and has not been killed a moment ago."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state in "ZX":
            return False
        time.sleep(0.01)
    return True


def test_what_it_was_given_and_what_it_said(watched):
    watched.start("/bin/sh", "-c", 'cat; echo "$NAME" >&2; exit 3', stdin=b"given", environ={"NAME": "said"})
    (ended,) = watched.wait()
    assert (ended.name, ended.returncode, ended.stdout, ended.last_words) == ("one", 3, b"given", "said")
    assert not ended.timed_out
    assert not watched.children.running("one")


def test_a_megabyte_that_nobody_reads_meanwhile_stops_nothing(watched):
    watched.start(sys.executable, "-c", "print('x' * 1_000_000)")
    (ended,) = watched.wait()
    assert len(ended.stdout) == 1_000_001


def test_over_time_it_is_killed_with_its_children(watched, tmp_path):
    told = tmp_path / "pid"
    watched.start("/bin/sh", "-c", f"sleep 60 & echo $! > {told}; wait", timeout_s=0.3)
    (ended,) = watched.wait()
    assert ended.timed_out
    assert ended.took_s < 5
    assert not lives(int(told.read_text()))


def test_what_it_leaves_behind_goes_with_it(watched, tmp_path):
    told = tmp_path / "pid"
    watched.start("/bin/sh", "-c", f"sleep 60 & echo $! > {told}; exit 0")
    (ended,) = watched.wait()
    assert ended.returncode == 0
    assert not lives(int(told.read_text()))


def test_a_program_that_is_not_there_has_ended_at_once(watched):
    watched.start("/nonexistent/program")
    assert watched.ended[0].returncode == 127
    assert watched.ended[0].last_words == "/nonexistent/program: No such file or directory"


def test_one_at_a_time_of_a_name(watched):
    watched.start("/bin/sleep", "5")
    with pytest.raises(ValueError, match="one is under way already"):
        watched.start("/bin/sleep", "5")
    watched.start("/bin/true", name="two")
    assert [ended.name for ended in watched.wait()] == ["two"]


def test_at_the_end_only_those_are_left_that_may_outlive_us(watched, tmp_path):
    pids = {}
    for name, outlives in (("short", False), ("long", True)):
        told = tmp_path / name
        watched.start("/bin/sh", "-c", f"echo $$ > {told}; exec sleep 60", name=name, outlives=outlives)
        while not (told.exists() and told.read_text().strip()):
            time.sleep(0.01)
        pids[name] = int(told.read_text())
    watched.children.close()
    assert watched.ended == []
    assert not lives(pids["short"])
    assert lives(pids["long"])
    os.kill(pids["long"], 9)
    os.waitpid(pids["long"], 0)


def test_descriptors_come_back(watched):
    before = len([*Path("/proc/self/fd").iterdir()])
    for number in range(20):
        watched.start("/bin/true", name=str(number))
    watched.wait(20)
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_what_went_wrong_stands_in_the_first_line_where_the_last_says_where_to_look(watched):
    watched.start("/bin/sh", "-c", "echo Job failed. >&2; echo See the journal. >&2; exit 1")
    (ended,) = watched.wait()
    assert (ended.first_words, ended.last_words) == ("Job failed.", "See the journal.")
