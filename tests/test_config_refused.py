"""What the configuration refuses, and how it says so."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.config import Layer, load
from qtops.errors import ConfigError, NotPermitted
from qtops.settings import Settings
from tests.configured import FAMILY, SERVICE, Host

PHASE = "[[phases]]\nnumber = 6\ntitle = 'six'\n"
CRITERION = PHASE + "[[phases.criteria]]\ntitle = 'a'\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def host(tmp_path, monkeypatch):
    host = Host(tmp_path)
    monkeypatch.chdir(host.here)
    return host


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("symbol = ['A']", "symbol: unknown key; did you mean symbols?"),
        ("[redis]\ntimout_s = 1", "redis.timout_s: unknown key; did you mean timeout_s?"),
        ("[redis]\nxyzzy = 1", "redis.xyzzy: unknown key; there are: url, password_file, timeout_s"),
        ("[rediss]\nurl = ''", "rediss: unknown key; did you mean redis?"),
        (FAMILY.format(name="a") + "kinds = 'hash'", "families[0].kinds: unknown key; did you mean kind?"),
        (FAMILY.format(name="a").replace("warn_s", "warm_s"), "families[0].times[0].warm_s: unknown key; did you mean warn_s?"),
        ("[redis]\ntimeout_s = '1'", "redis.timeout_s: Expected `float`, got `str`"),
        ("redis = 'unix:///a'", "redis: Expected `object`, got `str`"),
        ("symbols = 'BTCUSDT'", "symbols: Expected `array`, got `str`"),
        ("symbols = [1979-05-27]", "symbols[0]: Expected `str`, got `date`"),
        ("symbols = []", "wants at least one symbol, and each once"),
        ("[redis]\ntimeout_s = nan", "redis: wants 0 < timeout_s, finite"),
        ("clock_skew_warn_s = inf", "wants 0 <= clock_skew_warn_s, finite"),
        ("[[families]]\nname = 'a'\npattern = 'b'", "families[0]: Object missing required field `times`"),
        (
            FAMILY.format(name="a").replace("= 10", "= 99"),
            "families[0].times[0]: wants 0 < interval_s <= warn_s <= critical_s, all finite",
        ),
        (FAMILY.format(name="a") + FAMILY.format(name="a"), "wants each family name once"),
        (
            SERVICE.format(name="a") + "auto_recover = ['IMPORT1O1']",
            "services[0]: wants codes of checks in auto_recover, such as IMPORT101",
        ),
        (
            FAMILY.format(name="thing") + SERVICE.format(name="a") + "auto_recover = ['IMPORT100']",
            "services.a: auto_recover: IMPORT100: unknown check; did you mean IMPORT103?",
        ),
        ("[[notify]]\nname = 'ops'", "notify[0]: wants either command or url_file"),
        ("[supervise]\nmetrics = ':9468'", 'supervise: wants metrics on loopback, such as "127.0.0.1:9468", or ""'),
        (
            "[supervise.budget]\nfirst_s = 61",
            "supervise.budget: wants restarts >= 0, 0 < first_s <= most_s < window_s, and 0 < rearm_s, all finite",
        ),
        ("families = {}", "families: Expected `array`, got `object`"),
        (SERVICE.format(name="a") + "familes = []", "services[0].familes: unknown key; did you mean families?"),
        (SERVICE.format(name="a") + "redis_uri = ''", "services[0].redis_uri: unknown key; did you mean redis_url?"),
        ("[[services]]\nname = 'a'", "services[0]: Object missing required field `unit`"),
        ("[[services]]\nname = 'a'\nunit = 'a'", "services[0]: wants a printable name, and a unit that ends in .service"),
        (SERVICE.format(name="a") * 2, "wants each service name once"),
        (SERVICE.format(name="a") + "off.UNIT114 = true", "services[0].off[...]: Expected `str`, got `bool`"),
        (
            SERVICE.format(name="a") + "off.UNIT114 = 'noisy'",
            'services[0]: off: wants a date and a reason for UNIT114, such as "2026-11-23: until the move"',
        ),
        (
            SERVICE.format(name="a") + "off.'restart loop' = '2026-11-23: noisy'",
            "services[0]: off: wants codes of checks, such as UNIT114, not 'restart loop'",
        ),
        (PHASE + "deps = [1]", "phases[0].deps: unknown key; did you mean depends?"),
        (PHASE * 2, "wants each phase number once"),
        (PHASE + "depends = [6]", "phases[0]: wants no dependency of a phase on itself"),
        (PHASE + "depends = [7]", "phases.6: depends: there is no phase 7; there are: 1, 2, 3, 4, 5, 6"),
        (PHASE + "[[phases.criteria]]\nrun = true", "phases[0].criteria[0].run: unknown key; did you mean runs?"),
        (PHASE + "[[phases.criteria]]\nruns = true", "phases[0].criteria[0]: Object missing required field `title`"),
        (CRITERION + "within_s = 0", "phases[0].criteria[0]: wants within_s and every_s above 0, finite"),
        (CRITERION + "every_s = nan", "phases[0].criteria[0]: wants within_s and every_s above 0, finite"),
        (CRITERION + "fed = true", "phases[0].criteria[0]: wants names of streams in about, where it wants them to be fed or read"),
        (CRITERION + "clear = ['UNIT14']", "phases[0].criteria[0]: clear: wants codes of checks, such as UNIT114, not 'UNIT14'"),
        (CRITERION + "clear = ['KEYS202']", "phases.6: KEYS202: unknown check; did you mean KEYS201?"),
        (CRITERION + 'says = "a\\u001bb"', "phases[0].criteria[0]: wants printable text in says and never_says"),
        (PHASE + "[[phases.deliverables]]\ntitle = 'a'\nby = 'hand'", "phases[0].deliverables[0].by: Invalid enum value 'hand'"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(host, text, complaint):
    assert host.refusal(text) == complaint


@pytest.mark.parametrize(
    "content",
    [b"symbols = ", b"\xff", b"a = \x00", b"a = " + b"9" * 5000, b"a = " + b"[" * 100_000, b"a = 1\na = 2"],
    ids=["unfinished", "not UTF-8", "NUL", "endless number", "endless nesting", "doubled"],
)
def test_what_is_no_toml_is_refused(host, content):
    assert host.refusal(content).startswith(("not valid TOML", "nested too deeply"))


def test_a_byte_order_mark_is_no_trouble(host):
    assert host.load(host.write(host.here / "a.toml", "\ufeffsymbols = ['A']")).settings.symbols == ("A",)


def test_only_regular_files_of_sane_size_are_read(host):
    os.mkfifo(host.here / "fifo")
    with pytest.raises(ConfigError, match="not a regular file"):
        host.load(host.here / "fifo")
    with pytest.raises(ConfigError, match="not a regular file"):
        host.load(host.here)
    with (host.here / "large").open("wb") as large:
        large.truncate(1 << 30)
    with pytest.raises(ConfigError, match="larger than"):
        host.load(host.here / "large")
    with pytest.raises(ConfigError, match="cannot be opened"):
        host.load(Path("a\0b"))


@as_root
def test_root_trusts_only_files_that_nobody_else_can_write(host):
    file = host.write(host.etc / "qtops.toml", "symbols = ['A']")
    file.chmod(0o646)
    with pytest.raises(ConfigError, match="anyone may write it"):
        host.load()
    os.chown(file, 0, 4)
    file.chmod(0o664)
    with pytest.raises(ConfigError, match="group 4 may write it, and root trusts only its own files: chown root, chmod go-w"):
        host.load()
    file.chmod(0o644)
    os.chown(file, 12345, 0)
    with pytest.raises(ConfigError, match="belongs to user 12345"):
        host.load()
    os.chown(file, 0, 0)
    assert host.load().settings.symbols == ("A",)


@as_root
@pytest.mark.parametrize(("unreadable", "mode"), [("qtops.toml", 0o600), ("conf.d/a.toml", 0o600), ("conf.d", 0o711)])
def test_what_may_not_be_read_is_not_taken_for_absent(unreadable, mode):
    with TemporaryDirectory() as folder:  # that of pytest is closed to a plain user
        host = Host(Path(folder))
        host.write(host.etc / "qtops.toml", "")
        host.write(host.etc / "conf.d" / "a.toml", "")
        Path(folder).chmod(0o755)
        (host.etc / unreadable).chmod(mode)
        os.seteuid(65534)
        try:
            with pytest.raises(NotPermitted, match=f"{host.etc / unreadable}: this user may not read it"):
                host.load()
        finally:
            os.seteuid(0)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("QTOPS_REDIS_URI", "x", "QTOPS_REDIS_URI: unknown variable; did you mean QTOPS_REDIS_URL?"),
        ("QTOPS_REDIS_PASSWORD", "x", "QTOPS_REDIS_PASSWORD: unknown variable; did you mean QTOPS_REDIS_PASSWORD_FILE?"),
        ("QTOPS_FAMILIES", "x", "QTOPS_FAMILIES: unknown variable"),
        ("QTOPS_SERVICES", "x", "QTOPS_SERVICES: unknown variable"),
        ("QTOPS_REDIS_TIMEOUT_S", "soon", "QTOPS_REDIS_TIMEOUT_S: Expected `float`, got `str`"),
        ("QTOPS_REDIS_TIMEOUT_S", "٣", "QTOPS_REDIS_TIMEOUT_S: Expected `float`, got `str`"),
        ("QTOPS_REDIS_TIMEOUT_S", "nan", "QTOPS_REDIS_TIMEOUT_S: redis: wants 0 < timeout_s, finite"),
        ("QTOPS_SYMBOLS", "A,,B", "QTOPS_SYMBOLS: wants printable symbols without blanks, not ''"),
        ("QTOPS_REDIS_URL", "\udcff", "QTOPS_REDIS_URL: not UTF-8"),
    ],
)
def test_a_wrong_variable_is_named(host, name, text, complaint):
    with pytest.raises(ConfigError) as caught:
        host.load(**{name: text})
    assert str(caught.value).startswith(complaint)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_content_is_a_traceback(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    with suppress(ConfigError):  # anything else fails the test
        assert isinstance(load(file, environ={}).settings, Settings)


KEYS = st.sampled_from(
    ["symbols", "redis", "url", "families", "services", "name", "unit", "off", "times", "field", "interval_s"]
) | st.text(max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_no_value_is_a_traceback(values):
    with suppress(ConfigError):
        assert isinstance(load(environ={}, etc=Path("/nonexistent"), options=(Layer("--test", values),)).settings, Settings)
