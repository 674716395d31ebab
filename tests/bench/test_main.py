"""What is measured when, what is measured again, and what comes out."""

import json
from collections.abc import Iterator

import pytest

from tests.bench import __main__ as command
from tests.bench.measuring import FULL, Effort
from tests.bench.results import Result


class Bar:
    """A bar that gives one result after the other, and counts how often it is asked."""

    def __init__(self, *results: Result) -> None:
        self._results = iter(results)
        self.efforts: list[Effort] = []

    def __call__(self, effort: Effort) -> Iterator[Result]:
        self.efforts.append(effort)
        yield next(self._results)


QUIET = Result("cycle", 1.2, "×", 1.5, spread=1.1)
WILD = Result("cycle", 1.9, "×", 1.5, spread=7.0)
COUNT = Result("reads", 3.0, "HMGET", 2.0, timed=False)


@pytest.fixture(autouse=True)
def _quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests may run next to these: what they use is no neighbour's here."""
    monkeypatch.setattr(command, "MOST_FOREIGN_CPUS", 1000.0)


def measured(monkeypatch: pytest.MonkeyPatch, **bars: Bar) -> None:
    monkeypatch.setattr(command, "BARS", bars)


def test_a_quiet_bar_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = Bar(QUIET)
    measured(monkeypatch, cycle=bar)

    assert command.main([]) == 0
    assert bar.efforts == [FULL]


def test_a_noisy_bar_is_measured_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    measured(monkeypatch, cycle=Bar(WILD, QUIET))

    assert command.main([]) == 0
    assert "noisy" not in capsys.readouterr().out


def test_a_bar_that_stays_noisy_says_so_and_is_neither_met_nor_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(monkeypatch, cycle=Bar(WILD, WILD))

    assert command.main(["-o", "json"]) == 3
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert (result["verdict"], result["noise"]) == ("void", "slowest to fastest round 7.0, more than 3")


def test_busy_neighbours_are_noise(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "MOST_FOREIGN_CPUS", -1.0)
    measured(monkeypatch, cycle=Bar(QUIET, QUIET))

    assert command.main(["-o", "json"]) == 0
    assert "others used" in json.loads(capsys.readouterr().out)["results"][0]["noise"]


def test_a_count_is_missed_whatever_the_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MOST_FOREIGN_CPUS", -1.0)
    measured(monkeypatch, counts=Bar(COUNT))

    assert command.main([]) == 1


def test_only_what_is_named_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured(monkeypatch, cycle=Bar(QUIET), other=Bar())

    assert command.main(["cycle", "--tiny"]) == 0


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["nothing"])
    assert "cycle" in capsys.readouterr().err
