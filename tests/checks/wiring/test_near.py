"""How two names differ that were meant to be one; and names that are two things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.checks.wiring.near import Nearest, difference, distance

NEAR = [
    ("quantum:stream:policy.update", "quantum:stream:policy.updated", "the forms of a word differ"),
    ("quantum:stream:model.training", "quantum:stream:model.trained", "the forms of a word differ"),
    ("quantum:stream:entry", "quantum:stream:entries", "the forms of a word differ"),
    ("quantum:stream:order", "quantum:stream:orders", "singular and plural differ"),
    ("quantum:stream:execution.res", "quantum:stream:execution.result", "one is cut short"),
    ("quantum:stream:trade.intent", "quantum:stream:trade.intnet", "they differ in a few letters"),
    ("quantum:stream:harvest.proposal", "quantum:stream:harvst.propsal", "they differ in a few letters"),
    ("stream:foo.events", "quantum:stream:foo.events", "one has the prefix 'quantum'"),
    ("quantum:market:<SYM>:prices", "quantum:market:<symbol>", "one has the suffix 'prices'"),
    ("quantum:position:<s>", "quantum:position:snapshot:<s>", "one has 'snapshot' in between"),
    ("quantum:market_state:<S>", "quantum:marketstate:<S>", "the separators differ"),
    ("quantum:exec.result", "quantum:exec:result", "the separators differ"),
    ("quantum:stream:Exec", "quantum:stream:exec", "upper and lower case differ"),
    ("quantum:state:market:<S>", "quantum:market:state:<S>", "the words stand in another order"),
]
TWO_THINGS = [
    ("quantum:klines:1m", "quantum:klines:5m"),
    ("quantum:stream:in", "quantum:stream:out"),
    ("quantum:orders:buy", "quantum:orders:sell"),
    ("quantum:stream:exit", "quantum:stream:entry"),
    ("quantum:stream:signal.ai", "quantum:stream:signal.ml"),
    ("quantum:price:BTCUSDT", "quantum:price:<symbol>"),
    ("a:b", "c:b"),
    ("quantum:stream:harvest.proposal", "quantum:stream:harvest.suggestion"),
]


@pytest.mark.parametrize(("one", "other", "how"), NEAR)
def test_near(one, other, how):
    assert difference(one, other) == difference(other, one) == how
    assert Nearest([other]).to(one) == [(other, how)]
    assert Nearest([one]).to(other) == [(one, how)]


@pytest.mark.parametrize(("one", "other"), TWO_THINGS)
def test_two_things(one, other):
    assert difference(one, other) == ""
    assert Nearest([other]).to(one) == []


def test_the_nearest_comes_first():
    names = ["app:stream:policy.updates", "app:stream:policy.updated", "app:stream:other"]
    assert [name for name, _ in Nearest(names).to("app:stream:policy.update")] == [names[1], names[0]]


@pytest.mark.parametrize(
    ("one", "other", "letters"), [("a", "a", 0), ("ab", "ba", 1), ("abc", "abd", 1), ("abc", "c", 2), ("a", "bcdef", 4)]
)
def test_distance(one, other, letters):
    assert distance(one, other) == distance(other, one) == letters


@given(st.text("ab:.", max_size=12), st.text("ab:.", max_size=12))
def test_difference_is_the_same_from_both_sides(one, other):
    assert bool(difference(one, other)) == bool(difference(other, one))
    assert distance(one, other, 20) == distance(other, one, 20)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_can_be_compared(one, other):
    assert isinstance(difference(one, other), str)
    assert len(Nearest([one]).to(other)) <= 1


def test_a_name_that_nobody_writes_is_near_to_none():
    long = "app:" + ":".join("abcdefgh" * 500)
    assert Nearest([long, "app:x" * 100]).to(long[:-1]) == []
