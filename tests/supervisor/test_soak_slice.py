"""A small slice of ``make soak``: the same scenarios with fewer deaths. Times are not judged here."""

from pathlib import Path

import pytest

from tests.bench.results import Result, Verdict
from tests.box.box import obstacle
from tests.soak.frozen import a_frozen_publisher_is_noticed
from tests.soak.redis import Publisher
from tests.soak.thousand import kills_of_the_supervisor_lose_nothing

pytestmark = [pytest.mark.slow, pytest.mark.systemd, pytest.mark.skipif(bool(obstacle()), reason=str(obstacle()))]


def broken(results: list[Result]) -> dict[str, str]:
    return {result.bar: f"{result.value:g} {result.unit}: {result.how}" for result in results if result.verdict is Verdict.MISSED}


def test_deaths_of_services_and_of_the_supervisor_are_all_on_record_once_and_told(tmp_path: Path) -> None:
    results = list(kills_of_the_supervisor_lose_nothing(tmp_path, deaths=40, kills=4, seconds=8.0, units=4))

    assert broken(results) == {}
    assert next(result.value for result in results if result.bar == "kills of the supervisor") == 4


def test_a_publisher_that_a_signal_holds_has_an_incident(tmp_path: Path) -> None:
    (noticed,) = a_frozen_publisher_is_noticed(tmp_path, [(Publisher("risk-proposal", 2.0, "redis://127.0.0.1:6379/0"), 1)])

    assert noticed.value < 15.0
    assert "PROCESS201" in noticed.how
