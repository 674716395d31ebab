"""Which names can be one key: by example, and against all keys that small names stand for."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.checks.wiring.names import Names, is_vague, of_its_own, per_entity, unify

PROPOSAL = "quantum:risk:proposal:<symbol>"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PROPOSAL, PROPOSAL, True),
        (PROPOSAL, "quantum:risk:proposal:BTCUSDT", True),
        (PROPOSAL, "quantum:risk:proposal:<s>", True),
        (PROPOSAL, "quantum:risk:proposal:*", True),
        (PROPOSAL, "quantum:risk:proposal:", False),  # a placeholder stands for something
        (PROPOSAL, "quantum:risk:proposals:<s>", False),
        ("quantum:market:<symbol>", "quantum:market:<SYM>:prices", False),  # a symbol holds no colon
        ("quantum:market:<key>", "quantum:market:BTC:prices", True),
        ("quantum:<kind>:<symbol>", "quantum:risk:BTCUSDT", True),
        ("quantum:<a>:state:<b>", "quantum:risk:<c>:<d>", True),
        ("quantum:<a>:x", "quantum:<b>:y", False),
        ("<ns>:risk", "quantum:risk", True),
        ("<prefix>:<key>", "quantum:risk", False),  # says nothing: unresolved instead
        ("quantum:stream:", "quantum:stream:<topic>", False),
        ("a.b*", "axb1", False),
    ],
)
def test_unify(one, other, same):
    assert unify(one, other) is same
    assert unify(other, one) is same


def test_what_says_too_little_is_vague():
    assert is_vague("<key>")
    assert is_vague("<prefix>:<key>")
    assert is_vague("quantum:stream:")
    assert not is_vague("app:<key>")
    assert not is_vague("app")


def test_whose_keys_they_are():
    assert per_entity("app:state:<symbol>")
    assert per_entity("app:state:<self.symbol>")
    assert not per_entity("app:state:<worker>")
    assert of_its_own("app:beat:<service_name>")
    assert not of_its_own("app:limits:<input>")


SMALL = st.lists(st.sampled_from(["a", "b", ":", "<symbol>", "<any>"]), min_size=1, max_size=5).map("".join)
KEYS = [f"{one}{two}{three}{four}" for one in "ab:" for two in ("", *"ab:") for three in ("", *"ab:") for four in ("", *"ab:")]


def keys_of(name):
    """All short keys that a name stands for."""
    pattern = "".join({"<symbol>": "[^:]+", "<any>": ".+"}.get(part, re.escape(part)) for part in re.findall(r"<\w+>|.", name))
    return {key for key in KEYS if re.fullmatch(pattern, key)}


@given(SMALL, SMALL)
def test_names_that_share_a_key_unify(one, other):
    """Names are told apart from vague ones by a common beginning."""
    shared = keys_of(one) & keys_of(other)
    found = unify(f"zz{one}!", f"zz{other}!")
    assert found or not shared
    assert unify(f"zz{other}!", f"zz{one}!") is found


@given(SMALL, SMALL)
def test_names_that_unify_and_are_short_share_a_key(one, other):
    """Placeholders in a row count as one: how many letters they need at least is not held against them."""
    parts = len(re.findall(r"<\w+>|.", one)) + len(re.findall(r"<\w+>|.", other))
    if parts <= 4 and "><" not in one + other and unify(f"zz{one}!", f"zz{other}!"):
        assert keys_of(one) & keys_of(other)


@given(st.lists(SMALL, max_size=8), SMALL)
def test_the_index_finds_what_comparing_with_all_finds(names, sought):
    known, asked = {f"zz{name}!" for name in names}, f"zz{sought}!"
    assert sorted(Names(known).like(asked)) == sorted(name for name in known if unify(asked, name))


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_a_name(one, other):
    assert unify(one, other) is unify(other, one)
    assert set(Names([one, other]).like(one)) <= {one, other}


def test_long_patterns_end():
    assert not unify("zz<a>" * 400, "zz<b>y" * 400)


@pytest.mark.parametrize("name", ["zz" + "<a>" * 30 + "!", "zz" + "<a>a" * 30 + "!", "zz" + "<a>:" * 30 + "!"])
def test_a_name_of_many_placeholders_is_no_trap(name):
    began = time.monotonic()
    assert not unify(name, "zz" + "a" * 150)
    assert not unify(name, "zz" + "a:" * 75)
    assert time.monotonic() - began < 5
