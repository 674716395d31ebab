"""Keys are held against all patterns at once."""

from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.wiring_patterns import Patterns


def counted(names, *keys):
    patterns = Patterns(names)
    for key in keys:
        patterns.add(key)
    return {name: (patterns.count(name), patterns.sample(name)) for name in patterns.names}


def test_every_match_is_counted_and_one_is_kept():
    assert counted(["a:<s>", "b:<s>:<t>", "<x>:end"], "a:2", "a:1", "b:1:2", "b:1", "other") == {
        "a:<s>": (2, "a:1"),
        "b:<s>:<t>": (1, "b:1:2"),
        "<x>:end": (0, ""),
    }


def test_a_key_is_a_sample_of_the_name_that_says_most_of_it():
    names = ["p:<s>", "p:snapshot:<s>"]
    assert counted(names, "p:snapshot:A") == {"p:<s>": (1, "p:snapshot:A"), "p:snapshot:<s>": (1, "p:snapshot:A")}
    assert counted(names, "p:snapshot:A", "p:z")["p:<s>"] == (2, "p:z")


def test_letters_that_mean_something_to_patterns_are_letters():
    assert counted(["a.[b]*:<s>"], "a.[b]*:1", "axb:1") == {"a.[b]*:<s>": (1, "a.[b]*:1")}


def test_a_placeholder_is_some_text_whatever_it_holds():
    assert counted(["a:<s>"], "a:", "a:\n\udcff", "a:<s>")["a:<s>"][0] == 2


@given(st.lists(st.tuples(st.text("ab:", max_size=3), st.text("ab:", max_size=2)), max_size=6), st.text("ab:", max_size=8))
def test_the_same_is_found_as_by_trying_one_pattern_after_the_other(parts, key):
    names = [f"{before}<x>{after}" for before, after in parts]
    expected = {
        name for before, after in parts for name in [f"{before}<x>{after}"]
        if len(key) > len(before) + len(after) and key.startswith(before) and key.endswith(after)
    }  # fmt: skip
    assert {name for name, (count, _) in counted(names, key).items() if count} == expected
    assert Patterns(names).speak_of(key) == bool(expected)
