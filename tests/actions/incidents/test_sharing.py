"""Two processes at the same store: each waits its turn, and neither fails nor undoes what the other did."""

import os
from collections.abc import Callable

from qtops.actions.incidents.opening import open_store, reach_store
from tests.actions.incidents.builders import NOW, changed, endpoint, open_one, opened

OFTEN = 40
OPS = endpoint(most_per_hour=1000)


def beside(*doings: Callable[[], None]) -> list[int]:
    """Do these in processes of their own, at the same time; how each ended."""
    children = []
    for do in doings:
        child = os.fork()
        if not child:
            code = 1
            try:
                do()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_what_both_write_is_all_there(tmp_path):
    folder = str(tmp_path / "state")
    open_store(folder).close()

    def apply_as(name: str) -> None:
        with open_store(folder) as store:
            for number in range(OFTEN):
                store.apply([opened(f"{name}{number}")], [OPS], fault=f"{name}|{number}")
                store.apply([changed(store.incidents()[0], "noted")], [OPS])

    assert beside(lambda: apply_as("a"), lambda: apply_as("b")) == [0, 0]
    with open_store(folder) as store:
        assert [one.number for one in store.incidents()] == [*range(2 * OFTEN, 0, -1)]
        assert (store.faults(0), store.waiting()) == (2 * OFTEN, 2 * OFTEN)


def test_a_death_and_its_notice_are_counted_once_however_many_note_it(tmp_path):
    folder = str(tmp_path / "state")
    open_store(folder).close()

    def note() -> None:
        with open_store(folder) as store:
            for number in range(OFTEN):
                store.apply([opened("a", NOW + number)], [OPS], fault=f"a|{number}")

    assert beside(note, note) == [0, 0]
    with open_store(folder) as store:
        (kept,) = store.incidents()
        assert (kept.times, len(store.timeline(1)), store.faults(0), store.waiting()) == (OFTEN, OFTEN, OFTEN, 1)


def test_commands_of_a_person_are_not_undone_by_the_supervisor_that_goes_on(tmp_path):
    folder = str(tmp_path / "state")
    with open_store(folder) as store:
        for number in range(OFTEN):
            open_one(store, f"u{number}")

    def supervise() -> None:
        with open_store(folder) as store:
            stale = store.live(NOW, 600)
            for times in (2, 3):
                for kept in stale:
                    store.apply([changed(kept, "clear", times=times)])

    def acknowledge() -> None:
        for number in range(1, OFTEN + 1):
            with reach_store(folder) as store:
                store.acknowledge(number, "alice", "", NOW + 1)

    assert beside(supervise, acknowledge) == [0, 0]
    with open_store(folder) as store:
        assert {(one.state, one.acknowledged_by) for one in store.incidents()} == {("acknowledged", "alice")}
        assert {one.times for one in store.incidents()} == {3}
