"""Verdicts, and what the command's exit code says."""

import json

import pytest
from rich.console import Console

from tests.bench.results import Result, Verdict, exit_code
from tests.bench.table import document, number, show

MET = Result("quick", 1.2, "× baseline", 1.5)
MISSED = Result("slow", 1.6, "× baseline", 1.5)
VOID = Result("slow", 1.6, "× baseline", 1.5, noise="others used 0.90 CPUs")
COUNT = Result("reads", 3.0, "HMGET", 2.0, timed=False)
REPORTED = Result("start", 18.0, "× python -c pass", spread=1.3, how="230 ms")


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (MET, Verdict.MET),
        (MISSED, Verdict.MISSED),
        (VOID, Verdict.VOID),
        (COUNT, Verdict.MISSED),
        (REPORTED, Verdict.REPORTED),
        (Result("batch", 49.0, "×", 50.0, "at least"), Verdict.MISSED),
        (Result("batch", 50.0, "×", 50.0, "at least"), Verdict.MET),
        (Result("at the limit", 1.5, "×", 1.5), Verdict.MET),
        (Result("no number", float("nan"), "×", 1.5), Verdict.MISSED),
    ],
)
def test_verdict(result: Result, verdict: Verdict) -> None:
    assert result.verdict is verdict


@pytest.mark.parametrize(
    ("results", "code"),
    [([MET, REPORTED], 0), ([MET, MISSED], 1), ([MET, VOID], 3), ([VOID, COUNT], 1), ([], 0)],
)
def test_exit_code(results: list[Result], code: int) -> None:
    assert exit_code(results) == code


def test_the_table_names_bar_limit_spread_verdict_and_noise() -> None:
    console = Console(width=100)
    with console.capture() as captured:
        show(console, [MET, VOID, COUNT, REPORTED])

    assert [" ".join(line.split()) for line in captured.get().split("\n") if line.strip()] == [
        "bar measured limit spread verdict",
        "quick 1.2 × baseline ≤ 1.5 met",
        "slow 1.6 × baseline ≤ 1.5 void",
        "noisy: others used 0.90 CPUs",
        "reads 3 HMGET ≤ 2 MISSED",
        "start 18 × python -c pass 1.3× reported",
        "230 ms",
    ]


def test_the_document_is_json_with_the_verdicts() -> None:
    found = json.loads(document([MET, VOID], {"cpus": 2}))

    assert found["schema"] == "qtops.bench/1"
    assert found["machine"] == {"cpus": 2}
    assert [result["verdict"] for result in found["results"]] == ["met", "void"]
    assert found["results"][1]["noise"] == VOID.noise


@pytest.mark.parametrize(("value", "text"), [(1.3456, "1.35"), (0.0, "0"), (123.4, "123"), (0.01234, "0.0123"), (1000.0, "1000")])
def test_three_digits_are_enough(value: float, text: str) -> None:
    assert number(value) == text
