"""Variables: defaults of the source, overlaid by what the unit really has."""

# ruff: noqa: E501

import pytest

from tests.wiring.reading import ends, read, spoken

READS = {
    "getenv": 'S = os.getenv("STREAM_IN", "a:b")\nr.xlen(S)',
    "environ.get": 'S = os.environ.get("STREAM_IN", "a:b")\nr.xlen(S)',
    "environ.get or": 'S = os.environ.get("STREAM_IN") or "a:b"\nr.xlen(S)',
    "imported": 'from os import environ, getenv\nr.xlen(getenv("STREAM_IN", "a:b"))',
    "environ imported": 'from os import environ\nr.xlen(environ.get("STREAM_IN", "a:b"))',
    "default by keyword": 'r.xlen(os.getenv("STREAM_IN", default="a:b"))',
    "in a class": 'class Config:\n    IN = os.getenv("STREAM_IN", "a:b")\nr.xlen(Config.IN)',
    "in an object": (
        'class Config:\n    def __init__(self):\n        self.stream = os.getenv("STREAM_IN", "a:b")\nc = Config()\nr.xlen(c.stream)'
    ),
    "in a dataclass": (
        'from dataclasses import dataclass, field\n@dataclass\nclass C:\n'
        '    s: str = field(default_factory=lambda: os.getenv("STREAM_IN", "a:b"))\nr.xlen(C().s)'
    ),
    "settings": 'from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    stream_in: str = "a:b"\nr.xlen(S().stream_in)',
    "settings with a prefix": (
        'from pydantic_settings import BaseSettings, SettingsConfigDict\nclass S(BaseSettings):\n'
        '    model_config = SettingsConfigDict(env_prefix="STREAM_")\n    in_: str = "x"\n    IN: str = "a:b"\nr.xlen(S().IN)'
    ),
    "settings with the older prefix": (
        'from pydantic import BaseSettings\nclass S(BaseSettings):\n    IN: str = "a:b"\n'
        '    class Config:\n        env_prefix = "STREAM_"\nr.xlen(S().IN)'
    ),
    "settings with an alias": (
        'from pydantic import BaseSettings, Field\nclass S(BaseSettings):\n    s: str = Field("a:b", env="STREAM_IN")\nr.xlen(S().s)'
    ),
    "a helper": 'def env(name, default=None):\n    return os.environ.get(name, default)\nr.xlen(env("STREAM_IN", "a:b"))',
    "stripped": 'r.xlen(os.getenv("STREAM_IN", " a:b ").strip())',
    "an argument's default": (
        'import argparse\ndef f(stream=os.getenv("STREAM_IN", "a:b")):\n    r.xlen(stream)\nf()'
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", READS.values(), ids=READS)
def test_the_default_holds_where_nothing_sets_it(source: str) -> None:
    (end,) = ends(source)
    assert (end.name, end.origin) == ("a:b", "default of STREAM_IN")


@pytest.mark.parametrize("source", READS.values(), ids=READS)
def test_the_unit_s_own_value_wins(source: str) -> None:
    (end,) = ends(source, {"STREAM_IN": "c:d"})
    assert (end.name, end.origin) == ("c:d", "STREAM_IN at /etc/app.env:1")


def test_a_piece_of_a_name():
    source = 'P = os.getenv("PREFIX", "q")\ndef f(symbol):\n    r.get(f"{P}:state:{symbol}")'
    assert [(end.name, end.origin) for end in ends(source)] == [("q:state:<symbol>", "default of PREFIX")]
    assert [end.name for end in ends(source, {"PREFIX": "live"})] == ["live:state:<symbol>"]


def test_a_list_of_symbols():
    source = 'S = os.getenv("SYMBOLS", "A,B").split(",")\nfor s in S:\n    r.get(f"k:{s.strip()}")'
    assert spoken(source) == {"GET k:A", "GET k:B"}
    assert spoken(source, {"SYMBOLS": "C"}) == {"GET k:C"}


def test_a_variable_that_must_be_set():
    source = 'r.get(os.environ["KEY"])'
    assert spoken(source, {"KEY": "a:b"}) == {"GET a:b"}
    (gap,) = read(source).unresolved
    assert gap.why == "the name is <KEY>: KEY is not set in the unit's environment, and source has no default for it"


def test_a_piece_that_is_not_set():
    assert spoken('K = os.getenv("REGION")\nr.get(f"a:{K}")') == {"GET a:<REGION>"}


@pytest.mark.parametrize("name", ["API_TOKEN", "DB_PASSWORD", "SIGNING_KEY"])
def test_secrets_stay_out_of_names(name: str) -> None:
    found = ends(f'T = os.getenv("{name}", "x")\nr.get(f"session:{{T}}")', {name: "hunter2"})
    assert [end.name for end in found] == [f"session:<{name}>"]
    assert "hunter2" not in str(found)


def test_one_module_for_two_units():
    source = 'r.xlen(os.getenv("S", "a:b"))'
    assert spoken(source, {"S": "c:d"}) == {"XLEN c:d"}
    assert spoken(source, {"S": "e:f"}) == {"XLEN e:f"}
