"""Layers of the configuration: who wins, what is merged, and where each value comes from."""

from pathlib import Path

import msgspec
import pytest

from qtops.config import Layer, search
from qtops.errors import ConfigError
from qtops.settings import MARKET_STATE, PHASES, PROPOSALS, STREAMS, Budget, Settings, Supervision
from tests.configured import FAMILY, SERVICE, Host


@pytest.fixture
def host(tmp_path, monkeypatch):
    host = Host(tmp_path)
    monkeypatch.chdir(host.here)
    return host


def test_without_any_file_the_defaults_hold(host):
    configuration = host.load()
    assert configuration.settings == Settings()
    assert configuration.files == ()
    assert set(configuration.origins.values()) == {"default"}
    assert set(configuration.origins) == {
        "symbols", "redis.url", "redis.password_file", "redis.timeout_s", "clock_skew_warn_s", "state",
        "families.risk-proposal", "families.marketstate", "services.risk-proposal", "prices",
        *(f"supervise.{name}" for name in Supervision.__struct_fields__ if name != "budget"),
        *(f"supervise.budget.{name}" for name in Budget.__struct_fields__),
        *(f"streams.{stream.name}" for stream in STREAMS), *(f"phases.{phase.number}" for phase in PHASES),
    }  # fmt: skip


def test_each_layer_wins_over_those_before_it(host):
    layers = [
        host.write(host.etc / "qtops.toml", "redis.url = 'unix:///etc'"),
        host.write(host.etc / "conf.d" / "10-a.toml", "redis.url = 'unix:///a'"),
        host.write(host.etc / "conf.d" / "20-b.toml", "redis.url = 'unix:///b'"),
        host.write(host.home / ".config" / "qtops" / "qtops.toml", "redis.url = 'unix:///home'"),
        host.write(host.here / "qtops.toml", "redis.url = 'unix:///here'"),
    ]
    option = Layer("--redis", {"redis": {"url": "unix:///option"}})

    def outcome(*options, **environ):
        found = host.load(None, *options, **environ)
        return found.settings.redis.url, found.origins["redis.url"]

    assert outcome(option, QTOPS_REDIS_URL="unix:///variable") == ("unix:///option", "--redis")
    assert outcome(QTOPS_REDIS_URL="unix:///variable") == ("unix:///variable", "QTOPS_REDIS_URL")
    assert outcome() == ("unix:///here", "qtops.toml")
    for path, url in zip(reversed(layers[:-1]), ("home", "b", "a", "etc"), strict=True):
        (host.here / "qtops.toml").unlink(missing_ok=True)
        assert outcome() == (f"unix:///{url}", str(path))
        path.unlink()
    assert outcome() == ("redis://127.0.0.1:6379/0", "default")


def test_the_files_read_are_named_in_order(host):
    first = host.write(host.etc / "qtops.toml", "")
    second = host.write(host.etc / "conf.d" / "a.toml", "")
    host.write(host.etc / "conf.d" / ".a.toml.swp", "not TOML")
    host.write(host.etc / "conf.d" / ".hidden.toml", "not TOML")
    host.write(host.etc / "conf.d" / "README", "not TOML")
    assert host.load().files == (str(first), str(second))


def test_a_named_file_takes_the_place_of_the_search_but_not_of_the_variables(host):
    host.write(host.etc / "qtops.toml", "symbols = ['A']\nclock_skew_warn_s = 9")
    named = host.write(host.here / "other.toml", "symbols = ['B']")
    configuration = host.load(named, QTOPS_REDIS_TIMEOUT_S="0.5")
    assert configuration.files == (str(named),)
    assert configuration.settings.symbols == ("B",)
    assert configuration.settings.clock_skew_warn_s == Settings().clock_skew_warn_s
    assert configuration.settings.redis.timeout_s == 0.5


def test_a_named_file_has_to_exist(host):
    with pytest.raises(ConfigError, match=r"absent\.toml: no such file"):
        host.load(host.here / "absent.toml")


def test_tables_are_merged_and_lists_replaced(host):
    host.write(host.etc / "qtops.toml", "symbols = ['A', 'B']\n[redis]\nurl = 'unix:///a'\ntimeout_s = 2")
    host.write(host.here / "qtops.toml", "symbols = ['C']\n[redis]\ntimeout_s = 3")
    configuration = host.load()
    assert configuration.settings.symbols == ("C",)
    assert configuration.settings.redis.url == "unix:///a"
    assert configuration.settings.redis.timeout_s == 3
    assert configuration.origins["redis.url"] == str(host.etc / "qtops.toml")
    assert configuration.origins["redis.timeout_s"] == "qtops.toml"


def test_a_family_of_a_new_name_is_added(host):
    host.write(host.here / "qtops.toml", FAMILY.format(name="thing"))
    configuration = host.load()
    assert [family.name for family in configuration.settings.families] == ["risk-proposal", "marketstate", "thing"]
    assert configuration.origins["families.thing"] == "qtops.toml"
    assert configuration.origins["families.marketstate"] == "default"


def test_a_family_of_a_known_name_takes_its_whole_place(host):
    host.write(host.etc / "qtops.toml", FAMILY.format(name="thing") + FAMILY.format(name="risk-proposal"))
    host.write(host.here / "qtops.toml", FAMILY.format(name="thing").replace("quantum:thing", "quantum:other"))
    proposals, market, thing = host.load().settings.families
    assert (proposals.name, proposals.pattern, proposals.only_while) == ("risk-proposal", "quantum:thing:{symbol}", "always")
    assert market == MARKET_STATE
    assert thing.pattern == "quantum:other:{symbol}"
    assert PROPOSALS.only_while == "open_position"


def test_services_are_merged_by_name_and_may_name_a_family_of_any_layer(host):
    host.write(host.etc / "conf.d" / "10-services.toml", SERVICE.format(name="thing"))
    host.write(host.etc / "conf.d" / "20-families.toml", FAMILY.format(name="thing"))
    host.write(host.here / "qtops.toml", SERVICE.format(name="risk-proposal"))
    configuration = host.load()
    publisher, thing = configuration.settings.services
    assert (publisher.name, publisher.unit, publisher.families) == ("risk-proposal", "quantum-risk-proposal.service", ("thing",))
    assert publisher.off == {}
    assert thing.families == ("thing",)
    assert configuration.origins["services.risk-proposal"] == "qtops.toml"
    assert configuration.origins["services.thing"].endswith("10-services.toml")


def test_a_service_without_a_family_of_that_name_is_refused_with_its_layer(host):
    file = host.write(host.etc / "conf.d" / "10.toml", SERVICE.format(name="a"))
    host.write(host.here / "qtops.toml", FAMILY.format(name="things"))
    with pytest.raises(ConfigError) as caught:
        host.load()
    assert str(caught.value) == f"{file}: services.a: no family is called 'thing'; did you mean things?"


def test_a_check_is_switched_off_with_a_date_and_a_reason(host):
    text = SERVICE.format(name="a") + "[services.off]\nUNIT114 = '2026-11-23: until the move'"
    host.write(host.here / "qtops.toml", FAMILY.format(name="thing") + text)
    assert host.load().settings.services[-1].off == {"UNIT114": "2026-11-23: until the move"}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("QTOPS_SYMBOLS", "A, B,C", ("A", "B", "C")),
        ("QTOPS_CLOCK_SKEW_WARN_S", "5", 5.0),
        ("QTOPS_REDIS_URL", "unix:///a", "unix:///a"),
        ("QTOPS_REDIS_PASSWORD_FILE", "/run/p", "/run/p"),
        ("QTOPS_REDIS_TIMEOUT_S", "0.25", 0.25),
    ],
)
def test_every_single_value_has_its_variable(host, name, text, expected):
    configuration = host.load(**{name: text})
    (key,) = (key for key, origin in configuration.origins.items() if origin == name)
    value = msgspec.to_builtins(configuration.settings)
    for part in key.split("."):
        value = value[part]
    assert value == expected
    assert "QTOPS_" + key.replace(".", "_").upper() == name


def test_an_empty_variable_and_those_of_others_count_as_not_set(host):
    assert host.load(QTOPS_SYMBOLS="", QTOPS_DEBUG="1", _QTOPS_COMPLETE="x", QTOPSY="1").settings == Settings()


@pytest.mark.parametrize(
    ("environ", "user_file"),
    [
        ({"HOME": "/home/a"}, "/home/a/.config/qtops/qtops.toml"),
        ({"HOME": "/home/a", "XDG_CONFIG_HOME": "/x"}, "/x/qtops/qtops.toml"),
        ({"HOME": "/home/a", "XDG_CONFIG_HOME": "relative"}, "/home/a/.config/qtops/qtops.toml"),
        ({}, None),
    ],
)
def test_where_files_are_searched(host, environ, user_file):
    expected = [host.etc / "qtops.toml", *([Path(user_file)] if user_file else []), Path("qtops.toml")]
    assert list(search(environ, host.etc)) == expected


def test_a_phase_takes_the_whole_place_of_the_one_with_its_number(host):
    host.write(host.here / "qtops.toml", "[[phases]]\nnumber = 3\ntitle = 'Third'\n[[phases]]\nnumber = 6\ntitle = 'Sixth'")
    found = host.load()
    assert [(phase.number, phase.title) for phase in found.settings.phases][2:] == [
        (3, "Third"), (4, PHASES[3].title), (5, PHASES[4].title), (6, "Sixth"),
    ]  # fmt: skip
    assert found.settings.phases[2].criteria == ()
    assert {name for name, origin in found.origins.items() if origin != "default"} == {"phases.3", "phases.6"}


def test_an_empty_list_of_services_leaves_none_of_those_built_in(host):
    host.write(host.etc / "qtops.toml", "services = []")
    assert host.load().settings.services == ()
    host.write(host.here / "qtops.toml", "[[services]]\nname = 'own'\nunit = 'own.service'")
    assert [service.name for service in host.load().settings.services] == ["own"]


def test_an_empty_list_of_phases_leaves_no_plan(host):
    host.write(host.etc / "qtops.toml", "phases = []")
    assert host.load().settings.phases == ()
    host.write(host.here / "qtops.toml", "[[phases]]\nnumber = 1\ntitle = 'First'")
    assert [phase.title for phase in host.load().settings.phases] == ["First"]
