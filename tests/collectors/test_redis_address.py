"""Which Redis a service uses: who is asked first, what counts as an address, and what of it may be seen."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.connection import check_url
from qtops.collectors.redis_address import Address, address_of, secrets_in
from qtops.facts.service import Missing
from qtops.settings import RedisSettings, Service, Settings

from .environments import FILE, environment

SETTINGS = Settings(redis=RedisSettings(url="redis://settings:1/0", password_file="/etc/password"))
WRITER = Service(name="app", unit="app.service", families=("risk-proposal",))


def found(service=None, *, given=False, **variables):
    address = address_of(environment(**variables), service, SETTINGS, given=given)
    if isinstance(address, Address):
        check_url(address.url)
    return address


def url(**variables):
    return found(**variables).url


# who is asked first


def test_its_own_environment_has_the_first_word():
    own = found(replace_service(redis_url="redis://configured/0"), given=True, REDIS_URL="redis://own:1/0")
    assert (own.url, own.named_by, own.own) == ("redis://own:1/0", f"REDIS_URL at {FILE}:1", True)


def replace_service(**changes):
    return Service(name="app", unit="app.service", **changes)


def test_then_what_is_configured_for_it_then_the_command_line():
    configured = found(replace_service(redis_url="redis://configured/0"), given=True, LOG_LEVEL="INFO")
    assert (configured.url, configured.own) == ("redis://configured/0", False)
    assert configured.named_by == "the service's redis_url in the configuration"
    option = found(given=True)
    assert (option.url, option.named_by, option.password_file) == ("redis://settings:1/0", "--redis", "/etc/password")


def test_the_settings_alone_count_for_services_that_write_keys():
    assert found(WRITER).named_by == "redis.url in the configuration"
    assert found(replace_service()) is None
    assert found(None) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("REDIS_URL", "APP_REDIS_URL"), ("REDIS_URI", "APP_REDIS_URL"), ("REDIS_URL", "REDIS_HOST"), ("A_REDIS_URL", "REDIS_HOST"),
        ("REDIS_HOST", "APP_REDIS_HOST"), ("A_REDIS_URL", "B_REDIS_URL"),
    ],
)  # fmt: skip
def test_of_several_names_the_plainest_counts(first, second):
    assert found(**{second: "unix:///second", first: "unix:///first"}).url == "unix:///first"


@pytest.mark.parametrize("name", ["MYREDIS_URL_X", "REDIS_URLS", "PREDIS_URL", "REDIS_TIMEOUT", "CELERY_BROKER"])
def test_other_names_say_nothing(name):
    assert found(**{name: "redis://h:1/0"}) is None


def test_an_empty_variable_says_nothing():
    assert url(REDIS_URL=" ", REDIS_HOST="h") == "redis://h:6379/0"


# what counts as an address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://h:1/2", "redis://h:1/2"),
        ("redis://u:p@h", "redis://u:p@h"),
        ("  redis://h  ", "redis://h"),
        ("h:1", "redis://h:1"),
        ("h:1/2", "redis://h:1/2"),
        ("valkey://h:1/2", "redis://h:1/2"),
        ("valkeys://h:1", "rediss://h:1"),
        ("redis+socket:///r.sock", "unix:///r.sock"),
        ("unix:///r.sock?db=3", "unix:///r.sock?db=3"),
        ("redis://h/0?decode_responses=true&health_check_interval=30", "redis://h/0"),
        ("redis://h?db=2&max_connections=5", "redis://h?db=2"),
        ("redis://h?ssl_cert_reqs=none", "redis://h"),
        ("rediss://h?ssl_cert_reqs=CERT_NONE", "rediss://h?ssl_cert_reqs=none"),
        ("redis+sentinel://a:1,b:2/main?x=1", "redis+sentinel://a:1,b:2/main"),
    ],
)
def test_a_url_is_taken_as_its_client_takes_it(text, expected):
    assert url(REDIS_URL=text) == expected
    assert url(REDIS_HOST="redis://x") == "redis://x"


@pytest.mark.parametrize(
    ("kin", "expected"),
    [
        ({}, "redis://h:6379/0"),
        ({"REDIS_PORT": "6380", "REDIS_DB": "5"}, "redis://h:6380/5"),
        ({"REDIS_PASSWORD": "p@ss/w?"}, "redis://:p%40ss%2Fw%3F@h:6379/0"),
        ({"REDIS_USERNAME": "app", "REDIS_PASSWORD": "p"}, "redis://app:p@h:6379/0"),
        ({"REDIS_SSL": "True"}, "rediss://h:6379/0"),
        ({"OTHER_REDIS_PORT": "1"}, "redis://h:6379/0"),
    ],
)
def test_a_host_is_taken_with_its_kin(kin, expected):
    assert url(REDIS_HOST="h", **kin) == expected


def test_a_host_may_be_of_any_kind_and_carry_a_prefix():
    assert url(REDIS_HOST="::1") == "redis://[::1]:6379/0"
    assert url(REDIS_HOST="/run/redis.sock", REDIS_DB="1") == "unix:///run/redis.sock?db=1"
    assert url(QUANTUM_REDIS_HOST="h", QUANTUM_REDIS_PORT="7", REDIS_PORT="8") == "redis://h:7/0"
    assert url(REDIS_HOSTNAME="h") == "redis://h:6379/0"


def test_a_password_that_stands_apart_belongs_to_the_url_that_has_none():
    assert url(REDIS_URL="redis://h/1", REDIS_PASSWORD="p/q") == "redis://:p%2Fq@h/1"
    assert url(REDIS_URL="redis://u@h/1", REDIS_PASSWORD="p") == "redis://u:p@h/1"
    assert url(REDIS_URL="redis://:own@h/1", REDIS_PASSWORD="p") == "redis://:own@h/1"
    assert found(REDIS_URL="redis://h", REDIS_PASSWORD_FILE="/run/p").password_file == "/run/p"
    assert found(REDIS_HOST="h", REDIS_PASSWORD_FILE="/run/p").complete
    assert not found(REDIS_HOST="h").complete


@pytest.mark.parametrize(
    "variables",
    [
        {"REDIS_URL": "nonsense"},
        {"REDIS_URL": "redis://:a?b@h"},
        {"REDIS_URL": "redis://:a#b@h"},
        {"REDIS_URL": "redis://h\x1b[2J"},
        {"REDIS_HOST": "its-host", "REDIS_PORT": "tcp://10.0.0.1:6379"},
        {"REDIS_HOST": "its-host", "REDIS_DB": "main"},
        {"REDIS_HOST": "a host"},
        {"REDIS_HOST": "$OTHER"},
    ],
)
def test_what_is_no_address_is_could_not_tell_and_not_shown(variables):
    address = found(WRITER, given=True, **variables)
    assert isinstance(address, Missing)
    assert address.source == "redis"
    assert not any(value in address.why for value in variables.values())


def test_what_only_the_start_tells_is_could_not_tell():
    variables = environment(REDIS_URL="redis://%i/0")
    doubtful = {"REDIS_URL": replace(variables["REDIS_URL"], unknown=("%i",))}
    assert isinstance(address_of(doubtful, None, SETTINGS, given=False), Missing)


# what of it may be seen

TEXT = st.text(st.characters(codec="ascii", exclude_characters="\r\n\0"), max_size=12)


@given(
    TEXT, TEXT, st.sampled_from(["redis://{u}:{p}@h:1/0", "unix://{u}:{p}@/r.sock?db=1", "redis://h:1/0?username={u}&password={p}"])
)
def test_no_secret_is_seen_of_any_address(user, password, shape):
    user, password = f"canary-{user}", f"canary-{password}"
    text = shape.format(u=quote(user, safe=""), p=quote(password, safe=""))
    address = found(REDIS_URL=text)
    assert "canary" not in address.shown + repr(address)
    assert {user, password} <= set(secrets_in(address.url))


@given(TEXT)
def test_nothing_of_a_broken_url_is_seen(text):
    address = address_of(environment(REDIS_URL=f"redis://:canary{text}@h:1/0"), None, SETTINGS, given=False)
    assert "canary" not in (address.shown if isinstance(address, Address) else address.why) + repr(address)


@given(TEXT, TEXT)
@example(":", "")
@example("a://", "")
def test_parts_of_any_kind_make_an_address_or_none(host, password):
    address = address_of(environment(REDIS_HOST=host, REDIS_PASSWORD=password), None, SETTINGS, given=False)
    if isinstance(address, Address):
        check_url(address.url)
