"""What to do about an exception, by its last line; and whose line it was."""

import pytest
from msgspec.structs import replace

from qtops.checks.circumstances import of_a_variable
from qtops.checks.exception_remedies import missing_variable, remedy
from qtops.checks.frames import where
from qtops.facts.journal import Frame
from qtops.facts.preflight import SettingFact, VariableFact
from qtops.facts.service import ChangedFile

from .services import HEALTHY, NOW_S, traceback, unit
from .starts import PYTHON, imports, start
from .starts import UNIT as UNIT_FILE

MAIN = Frame("/srv/app/main.py", 12, "<module>")
REDIS = Frame("/srv/app/venv/lib/python3.11/site-packages/redis/connection.py", 1077, "connect")
OS = Frame("<frozen os>", 679, "__getitem__")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("PermissionError: [Errno 13] Permission denied: '/srv/key'", "Let the user app use /srv/key"),
        ("PermissionError: [Errno 13] Permission denied", "CAP_NET_BIND_SERVICE"),
        ("OSError: [Errno 98] Address already in use", "`ss -ltnp`"),
        ("OSError: [Errno 99] Cannot assign requested address", "`ip addr`"),
        ("OSError: [Errno 30] Read-only file system: '/srv/app/data/x'", "ReadWritePaths=/srv/app/data in [Service]"),
        ("OSError: [Errno 30] Read-only file system: '/var/log/app/x.log'", "LogsDirectory=app in [Service] makes /var/log/app"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/run/app/x.sock'", "RuntimeDirectory=app in [Service] makes"),
        ("PermissionError: [Errno 13] Permission denied: '/run/app.pid'", "RuntimeDirectory=NAME in [Service] makes /run/NAME"),
        ("PermissionError: [Errno 1] Operation not permitted", "MemoryDenyWriteExecute="),
        ("OSError: [Errno 97] Address family not supported by protocol", "RestrictAddressFamilies="),
        ("OSError: [Errno 28] No space left on device", "df -h"),
        ("OSError: [Errno 24] Too many open files: 'x'", "LimitNOFILE="),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/etc/app.toml'", "Provide /etc/app.toml"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'models/m.pkl'", "models/m.pkl is looked up in /srv/app"),
        ("ModuleNotFoundError: No module named 'lib.rules'", "From the files lib.rules is found: see whether User=app may read it"),
        ("ImportError: cannot import name 'x' from 'y' (/a/y.py)", "which file the module was taken from"),
        ("SyntaxError: invalid syntax", "the unit's own interpreter"),
        ("MemoryError", "MemoryMax"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "Start the server that it calls"),
        ("socket.gaierror: [Errno -2] Name or service not known", "getent hosts"),
        (
            "redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6390. Connection refused.",
            "It called 127.0.0.1:6390, and REDIS_URL at",
        ),
        ("redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused.", "answers at redis://"),
        ("redis.exceptions.ConnectionError: Error 13 connecting to /run/r.sock. Permission denied.", "`namei -l /run/r.sock`"),
        ("redis.exceptions.AuthenticationError: HELLO must be called with", "Correct the password"),
        ("redis.exceptions.ReadOnlyError: You can't write against a read only replica.", "INFO replication"),
        ("redis.exceptions.ResponseError: WRONGTYPE Operation against a key", "TYPE KEY"),
        ("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)", "empty, cut short"),
        ("ValueError: could not convert string to float: '0.65   # note'", "ENV102"),
        ("ValueError: invalid literal for int() with base 10: ''", "ENV102"),
        ("KeyError: 'QUEUE_URL'", "Set QUEUE_URL"),
        (
            "pydantic_core.ValidationError: 1 validation error for Settings\\nredis_url\\n  Field required",
            "Set REDIS_URL in Environment= of the unit",
        ),
        ("UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3", "PYTHONUTF8=1"),
        ("TypeError: {unit} {0} %s", "Mend /srv/app/main.py:12"),
    ],
)
def test_what_helps(message, told):
    assert told in remedy(traceback(message, MAIN), HEALTHY)


def test_a_missing_variable_is_told_by_where_it_was_looked_for():
    assert missing_variable(traceback("KeyError: 'path'", MAIN, OS)) == "path"
    assert "EnvironmentFile=" in remedy(traceback("KeyError: 'path'", MAIN, OS), HEALTHY)
    assert missing_variable(traceback("KeyError: 'path'", MAIN)) == ""


def test_the_line_is_that_of_the_project_not_of_a_library():
    assert where(traceback("x", MAIN, REDIS)) == "/srv/app/main.py:12"
    assert where(traceback("x", MAIN, Frame("/usr/lib/python3.11/json/decoder.py", 355, "decode"))) == "/srv/app/main.py:12"
    assert where(traceback("x", REDIS, OS)) == ""
    assert remedy(traceback("AttributeError: x", REDIS), HEALTHY) == "Mend the code, or deploy the version before it"


class TestWhatElseIsKnown:
    def test_a_line_that_was_to_set_it_is_named(self):
        told = "API_URL is not set: `export` is shell, systemd takes it for part of the name"
        facts = replace(HEALTHY, start=start(settings=(SettingFact("/etc/app.env:3", "ignored", told),)))
        assert of_a_variable("API_URL", facts) == f"Correct /etc/app.env:3: {told}"

    def test_a_variable_of_nearly_that_name(self):
        facts = replace(HEALTHY, start=start(variables=(VariableFact("EXCHANGE_URI", "/etc/app.env:4", False),)))
        assert of_a_variable("EXCHANGE_URL", facts).endswith("(did you mean EXCHANGE_URI, which is set at /etc/app.env:4?)")

    def test_a_variable_that_is_set_by_now(self):
        facts = replace(HEALTHY, start=start(variables=(VariableFact("MODE", f"{UNIT_FILE}:4", True),)))
        assert of_a_variable("MODE", facts) == f"MODE is set at {UNIT_FILE}:4 by now: start it again"

    def test_a_drop_in_that_systemd_has_not_read(self):
        changed = (ChangedFile("unit", "/etc/systemd/system/app.service.d/x.conf", NOW_S),)
        facts = replace(unit(need_daemon_reload=True), changed=changed)
        assert "x.conf sets MODE: systemd has not read it, so `systemctl daemon-reload`" in of_a_variable("MODE", facts)

    @pytest.mark.parametrize(
        "message",
        ["ImportError: cannot import name 'Random' from 'random' (/srv/app/random.py)",
         "AttributeError: module 'random' has no attribute 'Random'"],
    )  # fmt: skip
    def test_a_file_that_hides_the_standard_library_is_to_be_renamed(self, message):
        hiding = imports(followed=("/srv/app/random.py",), own_folders=("/srv/app",))
        words = remedy(traceback(message, MAIN), replace(HEALTHY, start=hiding))
        assert words == "Rename /srv/app/random.py: it hides the standard library's random"

    def test_what_a_distribution_needs_is_to_be_installed(self):
        kombu = Frame("/opt/web/lib/python3.11/site-packages/kombu/transport/redis.py", 119, "<module>")
        words = remedy(traceback("ModuleNotFoundError: No module named 'packaging'", MAIN, kombu), HEALTHY)
        assert words == f"{PYTHON} -m pip install the distribution that provides packaging: {kombu.file} needs it"

    def test_and_a_name_that_a_library_lacks_is_not(self):
        words = remedy(traceback("AttributeError: module 'asyncio' has no attribute 'coroutine'", MAIN), HEALTHY)
        assert words.startswith("Mend /srv/app/main.py:12")
