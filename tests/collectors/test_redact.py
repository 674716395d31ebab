"""No secret survives, in whatever shape; what is none stays as it was."""

import base64
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.redact import Redactor
from qtops.facts.journal import Event, JournalFacts, Line
from qtops.facts.service import Missing, ServiceFacts

CANARY = "cAnAry-7f3kQ9z"
PLAIN = Redactor()
KNOWING = Redactor([("DB_PASSWORD", CANARY), ("PATH", "/usr/bin:/bin"), ("WORKERS", "4")])

# What nobody has to know the value for.
SHAPES = {
    "assignment": "QT_DB_PASSWORD={0}",
    "yaml": "password: {0}",
    "quoted": 'api_key = "{0} and more"',
    "json": '{{"user": "a", "secret_key": "{0}", "n": 1}}',
    "json in json": '{{\\"password\\": \\"{0}\\"}}',
    "repr of a dict": "{{'aws_secret_access_key': '{0}'}}",
    "list of pairs": "[('token', '{0}')]",
    "bytes": "{{'token': b'{0}'}}",
    "query": "GET /v1?symbol=a&access_token={0}&n=1 HTTP/1.1",
    "percent": "x?token%3D{0}",
    "xml": "<db><password>{0}</password></db>",
    "url": "redis://:{0}@127.0.0.1:6379/0",
    "url with user": "connecting to postgres://app:{0}@db/app?sslmode=off, then on",
    "header": "Authorization: Bearer {0}",
    "header in a dict": "{{'Authorization': 'Basic {0}', 'Accept': '*/*'}}",
    "digest": 'authorization: Digest username="a", response="{0}"',
    "bare bearer": "sent Bearer {0} to",
    "cookie": "Set-Cookie: session={0}; Path=/",
    "option": "exec app --password {0} --port 8000",
    "option with equals": "exec app --api-key={0}",
    "option in a list": "['app', '--token', '{0}']",
    "redis-cli": "redis-cli -h x -a {0} ping",
    "curl": "curl -su admin:{0} http://x".replace("-su", "-s -u"),
    "redis.conf": "requirepass {0}",
    "keyword argument": "connect(host='x', password='{0}')",
    "pydantic": "Settings(api_key=SecretStr('{0}'))",
}
OWN_FORM = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "xoxb-1234567890-abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "sk-abcdefghijklmnopqrstuvwx",
    "AIza" + "SyD_a1b2c3" * 3 + "x" * 5,
    "q7Zk0pXv2LrT9mWs4NcY1bHd6FgJ8eUa",
    "q7Zk0pXv2LrT9/Ws4NcY1b+d6FgJ8eUaQ7zK0PxV2lR=",
]
HARMLESS = [
    "831b64c86a62493f9f9c97a25e961508 is an invocation, 6547263f0ab4e1c2d3b4a5968778695a4b3c2d1e a commit",
    '  File "/opt/app/venv/lib/python3.11/site-packages/RiskEngine/microservices/Kernel2.py", line 3, in run_V2',
    "ModuleNotFoundError: No module named 'fastapi'",
    "KeyError: 'API_KEY'",
    "DB_PASSWORD is not set",
    "password=None, token='', secret=null",
    "http://127.0.0.1:8000/health and redis://127.0.0.1:6379/0",
    "Basic authentication failed; Bearer of bad news",
    "2026-01-01 12:00:00,123 INFO key=quantum:proposals:BTCUSDT:5m lag=17 entries",
    "app.service: Main process exited, code=exited, status=1/FAILURE",
    "no start line: expected -----BEGIN PRIVATE KEY-----, got nothing",
    "/home/qt/app/microservices/Ai_Engine/risk_kernel_stops_Handler2.py",
    "password=os.environ['DB_PASSWORD']",
]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_secret_beside_a_name_or_in_a_url_is_hidden(shape):
    shown = PLAIN.text(shape.format(CANARY))
    assert CANARY not in shown
    assert "***" in shown
    assert PLAIN.text(shown) == shown


@pytest.mark.parametrize("secret", OWN_FORM)
def test_a_secret_of_a_form_of_its_own_is_hidden(secret):
    assert PLAIN.text(f"refused {secret}, sorry") == "refused ***, sorry"


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_secret_stays(line):
    assert KNOWING.text(line) == line


def test_what_stands_around_stays():
    assert PLAIN.text("redis://app:x1y2@10.0.0.1:6379/0 refused") == "redis://app:***@10.0.0.1:6379/0 refused"
    assert PLAIN.text('{"api_key": "k", "n": 1}') == '{"api_key": "***", "n": 1}'
    assert PLAIN.text("app --password k --port 8000") == "app --password *** --port 8000"


WAYS = [
    lambda secret: secret,
    lambda secret: f"<{secret}>",
    lambda secret: quote(secret, safe=""),
    lambda secret: json.dumps({"x": secret}),
    repr,
    lambda secret: base64.b64encode(secret.encode()).decode(),
    lambda secret: base64.b64encode(f"user:{secret}@".encode()).decode(),
    lambda secret: base64.urlsafe_b64encode(f"us:{secret}".encode()).decode(),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", ["hunter2", 'quo"te\\s', "per%cent & co", "ünïcode", "12345678", CANARY])
def test_a_known_value_is_hidden_however_it_is_written(way, secret):
    written = way(secret)
    assert written not in Redactor([("APP_TOKEN", secret)]).text(f"before {written} after")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"), ("ADMIN_PIN_TOKEN", "12345678"), ("QT_KEY", "aB3dE5fG7hJ9kL1m"), ("API_KEY", "/x8KdQzz"),
        ("SECRET_KEY", "correct horse"), ("DSN", "host=db password=hunter2 user=a"), ("REDIS_URL", "redis://:hunter2@h:1/0"),
    ],
)  # fmt: skip
def test_what_an_environment_holds_that_is_secret(name, value):
    secret = "hunter2" if "hunter2" in value else value
    assert Redactor([(name, value)]).text(f"x {secret} y") == "x *** y"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "short"), ("TOKEN_FILE", "/run/credentials/app/token"), ("TOKEN_TTL", "86400000"),
        ("DB_HOST", "db.example.org"), ("TOKEN_URL", "https://auth.example.org/token"), ("SECRET_MODE", "disabled"),
        ("LOG_LEVEL", "WARNING"), ("PWD", "/home/qt/app"), ("PYTHONPATH", "/home/qt/App2/src"),
    ],
)  # fmt: skip
def test_what_an_environment_holds_that_is_not(name, value):
    assert Redactor([(name, value)]).text(f"x {value} y") == f"x {value} y"


PEM = (
    "-----BEGIN EC PRIVATE KEY-----\n"
    + "\n".join(["MHcCAQEEIBq7Zk0pXv2LrT9mWs4NcY1bHd6FgJ8eUa"] * 3)
    + "\nshort=\n-----END EC PRIVATE KEY-----"
)


def test_a_key_block_keeps_its_lines():
    shown = PLAIN.text(f"before\n{PEM}\nafter\nmore").split("\n")
    assert shown == ["before", "-----BEGIN EC PRIVATE KEY-----", *["***"] * 4, "-----END EC PRIVATE KEY-----", "after", "more"]
    escaped = PLAIN.text(json.dumps({"key": PEM, "n": 1}))
    assert "MHcC" not in escaped
    assert json.loads(escaped)["n"] == 1
    assert PLAIN.text(PEM.partition("short")[0] + "\nINFO next").endswith("***\n\nINFO next")


def test_the_words_of_a_command_line():
    assert KNOWING.argv(["/usr/bin/app", "--password", "x", "--port", "80", "-p", "y", f"--x={CANARY}", "--db-token=z"]) == (
        "/usr/bin/app", "--password", "***", "--port", "80", "-p", "***", "--x=***", "--db-token=***",
    )  # fmt: skip
    assert PLAIN.argv(["serve", "-p", "8000"]) == ("serve", "-p", "8000")
    assert PLAIN.argv(["/usr/bin/redis-cli", "-p", "6379", "-a", "x"]) == ("/usr/bin/redis-cli", "-p", "6379", "-a", "***")
    assert PLAIN.argv(["app", "--password", "--verbose"]) == ("app", "--password", "--verbose")
    assert PLAIN.argv([]) == ()


def test_facts_of_any_depth():
    facts = ServiceFacts(
        subject="a.service",
        journal=JournalFacts(lines=(Line(1.0, f"got {CANARY}"),), events=(Event(1.0, "failed", f"no {CANARY}"),)),
        missing=(Missing("journal", "fine"),),
    )
    shown = KNOWING.facts(facts)
    assert shown.journal.lines[0].text == "got ***"
    assert shown.journal.events[0].text == "no ***"
    assert shown.missing == facts.missing
    assert KNOWING.facts(shown) is shown
    assert Redactor([("PASSWORD", "failed")]).facts(facts).journal.events[0].kind == "failed"  # one of a closed set says nothing
    assert KNOWING.facts({"a": [CANARY, 1], CANARY: None}) == {"a": ["***", 1], "***": None}


pieces = st.sampled_from(
    [
        "password",
        "=",
        ": ",
        '"',
        "'",
        "***",
        "\\",
        "token",
        "://",
        "@",
        ":",
        "a",
        " ",
        "\n",
        "Bearer ",
        CANARY,
        "--",
        ",",
        "}",
        PEM,
        "{",
        "İ",
    ]
    + OWN_FORM
    + [shape.format("x") for shape in SHAPES.values()]
)
texts = st.lists(pieces | st.text(max_size=5), max_size=12).map("".join)


@given(
    texts,
    st.lists(
        st.tuples(st.just("A_SECRET"), st.text(min_size=6, max_size=12) | st.sampled_from(["a***b*", "******", "tokens"])),
        max_size=3,
    ),
)
def test_twice_is_once_and_no_line_is_lost(text, values):
    redactor = Redactor(values)
    once = redactor.text(text)
    assert redactor.text(once) == once
    assert once.count("\n") == text.count("\n")


secrets = st.text(st.characters(codec="utf-8", exclude_characters="*/", exclude_categories=["Cs"]), min_size=6, max_size=40).filter(
    lambda secret: (
        secret.strip() == secret and len(secret.splitlines()) == 1 and not secret.isdecimal()
    )  # a number is one as a whole
)


@given(secrets, texts, texts)
def test_a_known_secret_never_survives(secret, before, after):
    shown = Redactor([("A_PASSWORD", secret)]).text(f"{before}{secret}{after}")
    assert secret not in shown


@given(
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=8, max_size=40),
    st.sampled_from(list(SHAPES.values())),
)
def test_no_value_survives_in_any_shape(value, shape):
    canary = f"cA7{value}9z"
    assert canary not in PLAIN.text(shape.format(canary))


def test_it_does_not_hold_up_a_long_journal():
    lines = "\n".join(f"2026-01-01 12:00:00,123 INFO app: request {number} of client done in 17 ms" for number in range(20_000))
    best = min(_seconds(lines) for _ in range(3))
    print(f"redaction: {len(lines) / 1e6 / best:.0f} MB/s")
    assert best < 1.5


def _seconds(text):
    began = time.perf_counter()
    KNOWING.text(text)
    return time.perf_counter() - began


def test_a_value_is_hidden_by_its_name_in_a_mapping():
    given = {"operator_password": "x9", "reason": "x9", "password": "", "api_key": None, "token": "***", "tokens": "12"}
    assert PLAIN.facts(given) == given | {"operator_password": "***"}


HOSTILE = {  # a piece, and how often it comes
    "password=": 20_000, 'password="': 20_000, "\\": 200_000, "--a-": 50_000, "redis-cli ": 20_000, "://a:": 40_000,
    "\x1b]": 60_000, "%3A%2F%2F": 20_000, "<": 200_000, "-----BEGIN PRIVATE KEY-----\n": 5_000, "user a on ": 20_000, "a": 200_000,
    "aB3": 60_000, "secret-": 30_000, "token:\n": 30_000, "value=": 30_000, " ": 200_000, "token " + " " * 99: 2_000, "'": 200_000,
    "//a:": 50_000,
}  # fmt: skip


@pytest.mark.parametrize(("piece", "times"), HOSTILE.items(), ids=HOSTILE)
def test_no_text_holds_it_up(piece, times):
    began = time.perf_counter()
    KNOWING.text("password: " + piece * times + "#")
    assert time.perf_counter() - began < 5.0
