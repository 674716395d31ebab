"""The kernel over columns equals the scalar kernel to the last bit, row by row, whatever the numbers."""

import struct
import subprocess
import sys
from dataclasses import astuple, replace
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.kernel import MarketState, Position, Proposal, Theta, Weights, compute
from publisher.kernel_batch import Columns, columns, compute_batch
from tests.publisher.builders import SYMBOL, market, position

NAMES = ("trend", "mr", "chop", "unknown", "uncertain")
ANY = st.floats() | st.sampled_from([0.0, -0.0, 0.3, 0.1, 1.0, 100.0, 5e-324, 1e308]) | st.floats(0.0, 1.0)
CONSTANT = st.floats(-3.0, 3.0)
FLOOR = st.floats(-1.0, -1e-9) | st.floats(1e-9, 1.0)
WEIGHTS = st.builds(Weights, CONSTANT, CONSTANT, CONSTANT)
THETAS = st.just(Theta()) | st.builds(
    Theta, WEIGHTS, WEIGHTS, WEIGHTS, FLOOR, FLOOR, st.floats(0.0, 1.0), st.booleans(), CONSTANT, CONSTANT
)
POSITIONS = st.builds(Position, st.just(SYMBOL), st.sampled_from(["LONG", "SHORT"]), ANY, ANY, ANY, ANY, current_sl=st.none() | ANY)


@st.composite
def batches(draw):
    """Rows that name the same regimes in the same order: any order, some missing, some unknown to the kernel."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    regimes = st.tuples(*[ANY] * len(names)).map(lambda values: dict(zip(names, values, strict=True)))
    markets = st.builds(MarketState, sigma=ANY, ts=ANY, regime_probs=regimes)
    return draw(st.lists(st.tuples(markets, POSITIONS), min_size=1, max_size=12))


def bits(proposal: Proposal) -> tuple[object, ...]:
    """Every number as its eight bytes, so that 0.0 and -0.0 differ; all NaNs are one."""
    return tuple(
        value if isinstance(value, tuple) else b"nan" if isnan(value) else struct.pack("<d", value) for value in astuple(proposal)
    )


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(rows=batches(), theta=THETAS)
def test_batch_equals_scalar_to_the_last_bit(rows, theta):
    expected = [compute(SYMBOL, market_, position_, theta) for market_, position_ in rows]
    got = list(compute_batch(columns(rows), theta).rows())
    assert [bits(proposal) for proposal in got] == [bits(proposal) for proposal in expected]


def test_a_row_does_not_depend_on_its_neighbours():
    rows = [(market(sigma=0.001 * number), position(side=side)) for number in range(1, 40) for side in ("LONG", "SHORT")]
    alone = [next(compute_batch(columns([row])).rows()) for row in rows]
    assert list(compute_batch(columns(rows)).rows()) == alone


def test_columns_are_contiguous():
    """A stride through rows would cost as much as the arithmetic."""
    table = columns([(market(), position()), (market(), position(side="SHORT"))])
    for name in Columns.__slots__:
        if name != "regimes":
            assert getattr(table, name).flags.c_contiguous, name


def test_an_empty_batch_has_no_rows():
    assert list(compute_batch(columns([])).rows()) == []


def test_the_price_extreme_of_the_other_side_is_not_used():
    rows = [(market(), position(trough_price=None)), (market(), position(side="SHORT", peak_price=None))]
    assert list(compute_batch(columns(rows)).rows()) == [compute(SYMBOL, *row) for row in rows]


@pytest.mark.parametrize(
    ("error", "sick"),
    [
        (ValueError, (market(regime_probs={"mr": 0.3, "trend": 0.2, "chop": 0.5}), position())),  # another order
        (ValueError, (market(regime_probs={"trend": 0.5, "mr": 0.5}), position())),
        *[(ValueError, (market(), position(side=side))) for side in ("long", "BUY", "FLAT", "", None)],
        (TypeError, (market(sigma=None), position())),
        (TypeError, (market(), position(current_price="100.5"))),  # numpy alone would read the text
        (TypeError, (market(), position(peak_price=None))),  # and make this a NaN
        (TypeError, (market(regime_probs={"trend": 0.2, "mr": None, "chop": 0.5}), position())),
    ],
)
def test_what_has_no_row_of_numbers_is_refused(error, sick):
    with pytest.raises(error):
        columns([(market(), position()), sick])


def test_no_regime_is_an_error_as_in_the_scalar_kernel():
    with pytest.raises(ValueError, match="no regime"):
        compute_batch(columns([(market(regime_probs={}), position())]))


def test_monotonicity_off_ignores_the_stop_in_force():
    rows = [(market(), position(current_sl=100.4))]
    (off,) = compute_batch(columns(rows), replace(Theta(), monotonic_sl=False)).rows()
    assert off == compute(SYMBOL, *rows[0], Theta(monotonic_sl=False))
    assert off.proposed_sl < 100.4


def test_the_scalar_path_does_not_import_numpy():
    code = "import sys, publisher.kernel, publisher.codec_json, publisher.conformance; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
