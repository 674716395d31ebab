"""The kernel backwards: the weights that were used follow from the distances, for the kernel's own vectors too."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from publisher.conformance import read_cases
from publisher.kernel import Theta
from qtops.checks.proposals.solving import Distances, computed, solve

VECTORS = Path(__file__).parents[2] / "data" / "kernel_v1_public.jsonl"
SEED = Distances(0.007777081049674001, 0.011665621574510999, 0.010567613106557)
NAMES = ("p_trend", "p_mr", "p_chop")


def test_the_weights_of_the_recorded_evidence():
    assert solve(SEED, 0.01046083, 0.012886, {}) == (0.0, 0.095056, 0.667403)
    assert solve(SEED, 0.01046083, 0.012886, {"p_trend": 0.0, "p_mr": 0.095056}) == (0.0, 0.095056, 0.667403)


def test_what_no_weights_give_is_not_solved():
    assert solve(SEED, 0.01046083, 0.012886, {"p_trend": 0.3, "p_mr": 0.3}) is None
    assert solve(SEED, 0.0, 0.0, {}) is None


def test_where_the_floors_decide_nothing_is_told():
    assert solve(Distances(0.005, 0.01, 0.005), 0.0001, 0.1, {}) is None


@pytest.mark.parametrize("known", [(), ("p_mr",), ("p_trend", "p_chop")])
def test_the_vectors_of_the_kernel(known):
    told = 0
    for case in read_cases(VECTORS.read_text().splitlines()):
        probabilities = case.market.regime_probs
        if case.theta != Theta() or isinstance(case.expected, str) or tuple(probabilities) != ("trend", "mr", "chop"):
            continue
        weights = tuple(probabilities.values())
        stated = Distances(case.expected.stop_dist_pct, case.expected.tp_dist_pct, case.expected.trail_gap_pct)
        if not (0.0 < case.market.sigma < 1.0 and all(0.0 <= weight <= 1.0 for weight in weights)):
            continue
        named = dict(zip(NAMES, weights, strict=True))
        found = solve(stated, case.market.sigma, case.market.ts, {name: named[name] for name in known})
        if found is not None:
            assert computed(case.market.sigma, case.market.ts, found).equals(stated)
            told += 1
    assert told > 100


@given(st.tuples(*[st.integers(0, 10**6)] * 3), st.floats(0.02, 0.2), st.floats(0.0, 2.0))
def test_weights_of_six_decimals_come_back_to_the_last_digit(raw, sigma, ts):
    weights = tuple(part / 10**6 for part in raw)
    stated = computed(sigma, ts, weights)
    assume(stated.stop > 0.005 and stated.take > 0.01 and stated.gap > 0.005)
    found = solve(stated, sigma, ts, {})
    if ts <= 0.1 or weights[0] <= 0.3:
        assert found == pytest.approx(weights, abs=1e-6)
    elif found is not None:
        assert computed(sigma, ts, found).equals(stated)
