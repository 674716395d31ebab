"""Expressions that no hostile line can keep busy."""

import time

import pytest

from qtops.guides.expressions import LINE, Expression


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|b)*c", "(x){3}", "a*b*c*", r"\\(a+)+", "a{2}b{3}c{4}", "x" * 201, "(", "[", "*a", "(?P<1>)"]
)
def test_refused(pattern):
    with pytest.raises(ValueError, match=r"^the expression "):
        Expression(pattern)


@pytest.mark.parametrize("pattern", ["^active$", r"[A-Z]+[0-9]{3}", "(a|b)c", r"\(a\)+", "(active|failed)?x"])
def test_taken(pattern):
    Expression(pattern)


def test_it_is_found_in_a_line():
    active = Expression("^active$")
    assert active.found_in("inactive\nactive\n")
    assert not active.found_in("inactive\nactive (running)\n")
    assert not Expression("b").found_in("a" * LINE + "b")


def test_it_is_the_whole_of_a_value():
    digits = Expression("[0-9]{1,5}")
    assert digits.fits("123")
    assert not digits.fits("123\n")
    assert not digits.fits("x123")


@pytest.mark.parametrize("pattern", [".*.*x", "a+.*x", r"(a|a)a*\w*x"])
def test_the_worst_line_is_searched_in_no_time(pattern):
    began = time.perf_counter()
    assert not Expression(pattern).found_in("a" * 10_000)
    assert time.perf_counter() - began < 1
