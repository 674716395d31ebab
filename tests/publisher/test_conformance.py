"""The recorded vectors through both kernels, and the comparison itself: it must find what differs."""

import json
from collections import Counter
from dataclasses import replace
from math import inf, nan, nextafter
from pathlib import Path

import pytest
from click.testing import CliRunner

from publisher.cli import cli
from publisher.conformance import Case, VectorError, difference, read_cases, replay_batch, replay_scalar
from publisher.kernel import Proposal, Theta, compute
from tests.publisher.builders import SYMBOL, market, position

VECTORS = Path(__file__).parents[1] / "data" / "kernel_v1_public.jsonl"
REPLAYS = pytest.mark.parametrize("replay", [replay_scalar, replay_batch])


@pytest.fixture(scope="module")
def cases():
    with VECTORS.open(encoding="utf-8") as lines:
        return list(read_cases(lines))


def vector(given=None, out=None, **replaced):
    """A line of a vector file whose expected output is what the kernel gives."""
    held = {
        "symbol": SYMBOL,
        "side": "LONG",
        "entry_price": 100.0,
        "current_price": 100.5,
        "peak_price": 101.0,
        "trough_price": 100.0,
    }
    state = {"sigma": 0.012, "ts": 0.05, "regime_probs": {"trend": 0.2, "mr": 0.3, "chop": 0.5}}
    proposal = compute(SYMBOL, market(), position())
    expected = {name: getattr(proposal, name) for name in Proposal.__slots__}
    inputs = {"symbol": SYMBOL, "market_state": state, "position": held, "theta": None} | (given or {})
    return json.dumps({"id": "case", "cat": "typical", "in": inputs, "out": expected if out is None else out} | replaced)


# -- the recorded vectors


@REPLAYS
def test_all_recorded_vectors_are_equal_to_the_last_bit(replay, cases):
    replayed = list(replay(cases))
    assert len(replayed) == 1000
    assert [text for case, got in replayed if (text := difference(case, got))] == []


@REPLAYS
def test_errors_are_equal_by_type(replay, cases):
    failing = [case for case in cases if isinstance(case.expected, str)]
    assert Counter(got for _, got in replay(failing)) == Counter(case.expected for case in failing)
    assert Counter(case.expected for case in failing) == {"ValueError": 9, "TypeError": 6}


# -- the comparison finds what differs


@pytest.mark.parametrize("name", [name for name in Proposal.__slots__ if name != "reason_codes"])
def test_one_bit_in_one_number_is_found(name, cases):
    case, got = next(replay_scalar(cases))
    planted = replace(got, **{name: nextafter(getattr(got, name), inf)})
    assert difference(case, got) is None
    assert difference(case, planted) == f"{case.id}: {name} expected {getattr(got, name)!r}, got {getattr(planted, name)!r}"


@pytest.mark.parametrize(
    "change",
    [
        lambda got: replace(got, reason_codes=got.reason_codes[::-1]),
        lambda got: replace(got, reason_codes=()),
        lambda got: replace(got, proposed_sl=nan),
        lambda got: "ValueError",
    ],
)
def test_other_differences_are_found(change, cases):
    case, got = next(replay_scalar(cases))
    assert case.id in (difference(case, change(got)) or "")


def test_an_error_of_another_type_and_a_result_in_place_of_an_error_are_found():
    failing = Case("case", SYMBOL, market(), position(side="FLAT"), Theta(), "ValueError")
    assert difference(failing, "ValueError") is None
    assert difference(failing, "TypeError") == "case: expected 'ValueError', got 'TypeError'"
    assert difference(failing, compute(SYMBOL, market(), position())) is not None


def test_two_nans_are_equal():
    proposal = replace(compute(SYMBOL, market(), position()), proposed_sl=nan)
    assert (
        difference(Case("case", SYMBOL, market(), position(), Theta(), proposal), replace(proposal, proposed_sl=float("nan")))
        is None
    )


def test_the_command_prints_a_planted_difference_and_ends_with_1(tmp_path):
    lines = VECTORS.read_text(encoding="utf-8").splitlines()
    planted = json.loads(lines[41])
    planted["out"]["proposed_sl"] = nextafter(planted["out"]["proposed_sl"], inf)
    lines[41] = json.dumps(planted)
    file = tmp_path / "vectors.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(cli, ["conformance", str(file)])
    assert result.exit_code == 1
    assert result.stdout == "999 equal, 1 different\n"
    assert f"{planted['id']}: proposed_sl expected" in result.stderr


def test_the_command_ends_with_0_when_all_are_equal():
    result = CliRunner().invoke(cli, ["conformance", str(VECTORS)])
    assert (result.exit_code, result.stdout) == (0, "1000 equal, 0 different\n")


# -- files of the same form from elsewhere


def test_a_line_may_leave_out_what_has_a_default_and_add_what_is_not_known():
    extended = {
        "symbol": SYMBOL,
        "market_state": {"regime_probs": {"chop": 1.0}, "new": 1},
        "position": json.loads(vector())["in"]["position"],
    }
    (case,) = read_cases(["\n", json.dumps({"id": 7, "in": extended, "out": {"error": "ValueError"}, "note": "x"})])
    assert (case.id, case.market.sigma, case.theta, case.expected) == ("7", 0.0, Theta(), "ValueError")


def test_the_order_of_the_regimes_is_kept():
    state = {"sigma": 0.01, "ts": 0.0, "regime_probs": {"chop": 0.5, "trend": 0.5}}
    (case,) = read_cases([vector({"market_state": state})])
    assert list(case.market.regime_probs) == ["chop", "trend"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        "NaN",
        "[" * 100_000,
        json.dumps({"id": 1}),
        vector({"position": None}),
        vector({"position": {"symbol": SYMBOL}}),  # no price at all
        vector({"market_state": 5}),
        vector({"theta": []}),
        vector({"theta": {"k_sl": 5}}),
        vector(out={"proposed_sl": 1.0}),
        vector(out=[]),
        vector(out={"reason_codes": 5}),
        vector().replace("0.012", '{"__float__": "one"}'),
        vector().replace("0.012", '{"__float__": null}'),
        vector().replace("0.012", "9" * 5000),
    ],
)
def test_what_is_no_vector_is_refused_by_its_line_number(line):
    if not line:
        assert list(read_cases(["", "  \n"])) == []
        return
    with pytest.raises(VectorError, match="line 2 is not a kernel vector"):
        list(read_cases([vector(), line]))


@pytest.mark.parametrize(
    ("error", "given"),
    [
        ("ValueError", {"symbol": "ETHUSDT"}),
        ("ValueError", {"symbol": None}),
        ("AttributeError", {"market_state": {"sigma": 0.01, "regime_probs": [0.2]}}),
        ("TypeError", {"market_state": {"sigma": [0.01], "regime_probs": {"chop": 1.0}}}),
        ("TypeError", {"theta": {"k_sl": {"trend": "x"}}}),
        ("TypeError", {"theta": {"eps": None}}),
        ("TypeError", {"theta": {"sl_min_pct": []}}),
        ("OverflowError", {"market_state": {"sigma": 10**400, "regime_probs": {"chop": 1.0}}}),
    ],
)
@REPLAYS
def test_hostile_values_end_as_an_error_by_name_in_both_kernels(replay, error, given):
    ((_, got),) = replay(read_cases([vector(given)]))
    assert got == error


@pytest.mark.parametrize(
    "theta", [{"eps": nan}, {"monotonic_sl": []}, {"monotonic_sl": None}, {"sl_min_pct": 2**53 + 1}, {"k_tp": {"mr": inf}}]
)
def test_constants_beyond_the_columns_are_left_to_the_scalar_kernel(theta):
    cases = list(read_cases([vector({"theta": theta})]))
    ((_, scalar),), ((_, batch),) = replay_scalar(cases), replay_batch(cases)
    assert scalar == batch
