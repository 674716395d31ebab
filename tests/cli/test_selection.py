"""Which families and subjects a command line selects."""

import pytest

from qtops.cli.selection import ad_hoc_family, select
from qtops.errors import UsageError
from qtops.settings import Settings
from tests.checks.readings import family, rule

PER_SYMBOL = family(name="proposal", pattern="p:{symbol}")
OWN_SYMBOLS = family(name="index", pattern="i:{symbol}", symbols=("DAX",))
SINGLE = family(name="clock", pattern="clock")
SETTINGS = Settings(symbols=("BTC", "ETH"), families=(PER_SYMBOL, OWN_SYMBOLS, SINGLE))


def selected(*symbols, names=(), ad_hoc=None, scan=False, settings=SETTINGS):
    return [(one.family.name, one.subjects) for one in select(settings, symbols, names, ad_hoc, scan=scan)]


def ad_hoc(pattern="app:{symbol}", kind="hash", time_field="beat", limit_s=30.0, critical_s=None, interval_s=None):
    return ad_hoc_family(pattern, kind, time_field, limit_s, critical_s, interval_s)


def test_all_families_with_their_own_or_the_configured_symbols():
    assert selected() == [("proposal", ("BTC", "ETH")), ("index", ("DAX",)), ("clock", ("",))]


def test_families_by_name_in_the_order_given_each_once():
    assert selected(names=("clock", "proposal", "clock")) == [("clock", ("",)), ("proposal", ("BTC", "ETH"))]


def test_named_symbols_replace_the_configured_ones_and_leave_out_keys_of_no_symbol():
    assert selected("SOL", "SOL", "BTC") == [("proposal", ("SOL", "BTC")), ("index", ("SOL", "BTC"))]


def test_a_key_of_no_symbol_is_kept_where_its_family_is_named():
    assert selected("SOL", names=("clock", "index")) == [("clock", ("",)), ("index", ("SOL",))]


def test_an_ad_hoc_family_is_alone_unless_others_are_named():
    assert selected(ad_hoc=ad_hoc()) == [("app:{symbol}", ("BTC", "ETH"))]
    assert selected(ad_hoc=ad_hoc("one")) == [("one", ("",))]
    assert selected(names=("clock",), ad_hoc=ad_hoc()) == [("clock", ("",)), ("app:{symbol}", ("BTC", "ETH"))]


def test_a_search_adds_to_configured_symbols_but_an_ad_hoc_family_has_none_of_its_own():
    assert selected(scan=True)[0] == ("proposal", ("BTC", "ETH"))
    assert selected(ad_hoc=ad_hoc(), scan=True) == [("app:{symbol}", ())]
    assert selected("SOL", ad_hoc=ad_hoc(), scan=True) == [("app:{symbol}", ("SOL",))]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"names": ("propsal",)}, "did you mean 'proposal'?"),
        ({"names": ("x\x1b",)}, r"no family is called 'x\x1b'; there are: proposal, index, clock"),
        ({"names": ("x",), "settings": Settings(families=())}, "there are: none"),
        ({"settings": Settings(families=())}, "nothing is selected"),
    ],
)
def test_what_selects_nothing_is_a_usage_error(arguments, words):
    with pytest.raises(UsageError) as error:
        selected(**arguments)
    assert words in str(error.value)


def test_an_empty_symbol_is_a_usage_error():
    with pytest.raises(UsageError, match="empty"):
        selected("BTC", "")


def test_symbols_that_no_family_has_keys_for_are_a_usage_error():
    with pytest.raises(UsageError, match="nothing is selected"):
        selected("BTC", settings=Settings(families=(SINGLE,)))


# families from the command line


def test_one_limit_is_enough():
    assert ad_hoc().times == (rule("beat", interval_s=30, warn_s=30, critical_s=30),)


def test_all_three_can_be_told():
    assert ad_hoc(critical_s=60.0, interval_s=10.0).times == (rule("beat", interval_s=10, warn_s=30, critical_s=60),)


@pytest.mark.parametrize("kind", ["string", "stream"])
def test_strings_and_streams_need_no_field(kind):
    made = ad_hoc(kind=kind, time_field=None)
    assert (made.kind, made.times[0].field) == (kind, "")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"limit_s": None}, "--limit"),
        ({"time_field": None}, "--time-field"),
        ({"time_field": ""}, "--time-field"),
        ({"critical_s": 10.0}, "--interval <= --limit <= --critical"),
        ({"interval_s": 60.0}, "--interval <= --limit <= --critical"),
        ({"pattern": ""}, "--pattern"),
        ({"pattern": "a\x1b"}, r"'a\x1b'"),
    ],
)
def test_what_makes_no_family_is_a_usage_error(wrong, words):
    with pytest.raises(UsageError) as error:
        ad_hoc(**wrong)
    assert words in str(error.value)
    assert str(error.value).isprintable()
