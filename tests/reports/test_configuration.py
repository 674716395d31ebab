"""The settings as shown: readable back, with origins, without passwords."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.config import Layer, load
from qtops.reports.configuration import masked, to_json, to_toml
from qtops.settings import Configuration

NOWHERE = Path("/nonexistent")


def configuration(**values) -> Configuration:
    return load(environ={}, etc=NOWHERE, options=(Layer("--test", values),))


def test_the_text_form_is_toml_with_an_origin_at_every_value():
    text = to_toml(configuration(symbols=["BTCUSDT"]), origins=True)
    assert text.startswith(
        'symbols = ["BTCUSDT"]  # --test\nstate = ""  # default\nclock_skew_warn_s = 2.0  # default\n\n[redis]\nurl = '
    )
    assert '\n[[families]]  # default\nname = "risk-proposal"\n' in text
    assert '\n[[services]]  # default\nname = "risk-proposal"\n' in text
    assert tomllib.loads(text)["families"][0]["times"][0]["field"] == "heartbeat_ms"
    assert "#" not in to_toml(configuration(), origins=False)


def test_the_machine_form_names_its_schema():
    shown = json.loads(to_json(configuration(redis={"timeout_s": 3})))
    assert shown["schema"] == "qtops.config/1"
    assert shown["settings"]["redis"]["timeout_s"] == 3
    assert shown["origins"]["redis.timeout_s"] == "--test"
    assert shown["files"] == []


TEXT = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() and " " not in text)
URLS = st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda text: "://" not in text and "password=" not in text)


@given(st.lists(TEXT, min_size=1, max_size=5, unique=True), URLS)
def test_what_is_shown_can_be_read_back(tmp_path_factory, symbols, url):
    off = {"UNIT114": f"2026-11-23: {symbols[0]}"}
    service = {"name": symbols[0], "unit": "a.service", "redis_url": url, "families": ["marketstate"], "off": off}
    shown = masked(configuration(symbols=symbols, redis={"url": url}, services=[service]))
    file = tmp_path_factory.getbasetemp() / "shown.toml"
    file.write_text(to_toml(shown, origins=True), "utf-8")
    assert load(file, environ={}).settings == shown.settings
    assert msgspec.json.decode(to_json(shown), type=Configuration) == shown
    assert to_toml(shown, origins=True).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://h:1/0", "redis://h:1/0"),
        ("redis://u@h/0", "redis://u@h/0"),
        ("redis://:secret@h/0", "redis://:***@h/0"),
        ("redis://u:secret@h/0", "redis://u:***@h/0"),
        ("redis://u:s/ec@re?t@h/0", "redis://u:***@h/0"),
        ("redis+sentinel://u:secret@h1:1,h2:2/m", "redis+sentinel://u:***@h1:1,h2:2/m"),
        ("unix:///a.sock?db=1&password=secret&x=1", "unix:///a.sock?db=1&password=***&x=1"),
    ],
)
def test_a_password_is_never_shown(url, shown):
    service = {"name": "a", "unit": "a.service", "redis_url": url, "off": {"UNIT114": "2026-11-23: until the move"}}
    found = masked(configuration(redis={"url": url}, services=[service]))
    assert found.settings.redis.url == found.settings.services[-1].redis_url == shown
    assert "secret" not in to_json(found) + to_toml(found, origins=True)
