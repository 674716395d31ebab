"""The walk on a tiny scale. Times are not judged here."""

import pytest

from tests.bench import walk
from tests.bench.measuring import Effort
from tests.bench.results import Result


@pytest.mark.slow
def test_the_walk_is_measured_with_and_without_compiled_files() -> None:
    results: list[Result] = list(walk.measure(Effort(rounds=1)))

    assert [(result.bar.partition(",")[0], result.limit) for result in results] == [
        ("import walk", 2.0),
        ("import walk of files never run", None),
    ]
    assert all(result.value > 0.5 for result in results)
    assert all(int(result.how.partition(" ")[0]) > 25 for result in results)
