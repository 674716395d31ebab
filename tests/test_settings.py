"""What the configuration may say, and what it may not."""

from math import inf, nan

import pytest

from publisher import contract
from qtops.settings import MARKET_STATE, PROPOSALS, SYMBOLS, Family, RedisSettings, Service, Settings, TimeRule


def rule(**changes):
    return TimeRule(**{"field": "heartbeat_ms", "interval_s": 10, "warn_s": 20, "critical_s": 30} | changes)


def family(**changes):
    return Family(**{"name": "a", "pattern": "quantum:a:{symbol}", "times": (rule(),)} | changes)


def test_the_defaults_describe_the_founding_system():
    settings = Settings()
    assert settings.symbols == SYMBOLS == ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    assert settings.families == (PROPOSALS, MARKET_STATE)
    (publisher,) = settings.services
    assert (publisher.name, publisher.unit) == ("risk-proposal", "quantum-risk-proposal.service")
    assert set(publisher.families) <= {family.name for family in settings.families}


def test_the_default_families_name_keys_and_fields_of_the_wire():
    assert PROPOSALS.pattern == contract.proposal_key("{symbol}")
    assert PROPOSALS.witness == contract.track_key("{symbol}")
    assert MARKET_STATE.pattern == contract.market_key("{symbol}")
    assert {rule.field for rule in PROPOSALS.times} <= {field.name for field in contract.PROPOSAL_FIELDS}
    (rule_of_market,) = MARKET_STATE.times
    assert {field.name: field.kind for field in contract.MARKET_FIELDS}[
        rule_of_market.field
    ] == "epoch_s"  # `ts` would be trend strength


@pytest.mark.parametrize(
    "changes",
    [
        {"interval_s": 0},
        {"interval_s": -1},
        {"interval_s": nan},
        {"warn_s": 5},
        {"warn_s": nan},
        {"critical_s": 15},
        {"critical_s": inf},
        {"critical_s": nan},
    ],
)
def test_limits_without_sense_are_refused(changes):
    with pytest.raises(ValueError, match="interval_s <= warn_s <= critical_s"):
        rule(**changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "printable"),
        ({"pattern": ""}, "pattern"),
        ({"pattern": "quantum:\x1b[2J"}, "printable"),
        ({"times": ()}, "one of times"),
        ({"times": (rule(field=""),)}, "field"),
        ({"symbols": ()}, "at least one symbol"),
        ({"symbols": ("A", "A")}, "each once"),
    ],
)
def test_a_family_that_cannot_be_judged_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        family(**changes)


def test_a_string_or_a_stream_may_be_a_time_itself():
    assert family(kind="string", times=(rule(field=""),)).times[0].field == ""
    assert family(kind="stream", times=(rule(field=""),)).kind == "stream"


@pytest.mark.parametrize("symbol", ["", "BTC USDT", "BTC\n", "BTC\x1b]0;x\x07", "\u202eTDSU", "\x9b31m", "\ud800"])
def test_a_symbol_that_would_harm_a_key_or_a_terminal_is_refused(symbol):
    with pytest.raises(ValueError, match="printable symbols without blanks"):
        Settings(symbols=("ETHUSDT", symbol))


@pytest.mark.parametrize("timeout_s", [0, -1, nan, inf])
def test_every_wait_is_bounded(timeout_s):
    with pytest.raises(ValueError, match="timeout_s"):
        RedisSettings(timeout_s=timeout_s)


@pytest.mark.parametrize("skew_s", [-1, nan, inf])
def test_the_tolerated_skew_is_a_number(skew_s):
    with pytest.raises(ValueError, match="clock_skew_warn_s"):
        Settings(clock_skew_warn_s=skew_s)


def test_families_are_told_apart_by_name():
    with pytest.raises(ValueError, match="each family name once"):
        Settings(families=(family(), family(pattern="quantum:b")))


def service(**changes):
    return Service(**{"name": "a", "unit": "a.service"} | changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": ""}, "printable name"),
        ({"name": "a\x1b[2J"}, "printable name"),
        ({"unit": "a.timer"}, "unit that ends in .service"),
        ({"unit": "a\n.service"}, "unit that ends in .service"),
        ({"off": {"unit114": "2026-11-23: why"}}, "codes of checks"),
        ({"off": {"": "2026-11-23: why"}}, "codes of checks"),
        *(
            ({"off": {"UNIT114": reason}}, "a date and a reason for UNIT114")
            for reason in (
                "",
                "2026-11-23",
                "2026-11-23: ",
                "2026-11-31: no such day",
                "2026-W01-1: a week",
                "why",
                "2026-11-23: a\nb",
            )
        ),
    ],
)
def test_a_service_that_says_too_little_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        service(**changes)


def test_a_check_is_off_since_a_day_and_for_a_reason():
    assert service(off={"UNIT114": "2026-02-28: until the move"}).off


def test_services_are_told_apart_by_name():
    with pytest.raises(ValueError, match="each service name once"):
        Settings(services=(service(), service(unit="b.service")))
