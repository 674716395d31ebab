"""What a look at proposals is compared with: the one before it, and never more than that one."""

import pytest

from qtops.cli.context import Context
from qtops.cli.proposals_look import LOOK, after
from qtops.facts.proposals import ProposalFacts
from qtops.facts.service import Facts
from tests.bench.proposals import Market
from tests.checks.proposals.proposals import NOW_S, looks, reading


def seen(second: float, **more) -> Facts:
    """One look, so many seconds later."""
    return Facts(host="h", taken_at_s=NOW_S + second, proposals=looks(reading(now_s=NOW_S + second), **more))


def moments(facts: Facts) -> list[float]:
    return [look.taken_at_s - NOW_S for look in facts.proposals.looks]


def test_the_earlier_look_stands_in_front():
    assert moments(after(seen(0), seen(10))) == [0, 10]


def test_however_long_it_goes_on_two_looks_are_kept():
    facts = seen(0)
    for second in (10, 20, 30):
        facts = after(facts, seen(second))
    assert moments(facts) == [20, 30]


@pytest.mark.parametrize(
    "earlier",
    [
        Facts(host="h", taken_at_s=NOW_S),
        Facts(host="h", taken_at_s=NOW_S, proposals=ProposalFacts(family="risk-proposal", symbols=(), looks=())),
        seen(0, family="another"),
    ],
)
def test_what_cannot_be_compared_is_left_out(earlier):
    assert moments(after(earlier, seen(10))) == [10]


def test_a_look_needs_no_option_of_the_command(redis_url):
    """Whoever looks again and again has options of its own."""
    (symbol,) = Market(redis_url, 1).names
    facts = LOOK.collect(Context(redis_url=redis_url), {"symbol": (symbol,)}, lambda *_: None)
    assert LOOK.report(facts, {}).verdict == "ok"
