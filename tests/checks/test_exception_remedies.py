"""What to do about an exception, by its last line; and whose line it was."""

import pytest

from qtops.checks.exception_remedies import missing_variable, remedy, where
from qtops.facts.journal import Frame

from .services import UNIT, traceback

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
        ("OSError: [Errno 30] Read-only file system: '/var/lib/x'", "ReadWritePaths=/var/lib/x"),
        ("OSError: [Errno 28] No space left on device", "df -h"),
        ("OSError: [Errno 24] Too many open files: 'x'", "LimitNOFILE="),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/etc/app.toml'", "Provide /etc/app.toml"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'models/m.pkl'", "models/m.pkl is looked up in /srv/app"),
        ("ModuleNotFoundError: No module named 'lib.rules'", "preflight /etc/systemd/system/app.service` says why lib.rules"),
        ("ImportError: cannot import name 'x' from 'y' (/a/y.py)", "which file the module was taken from"),
        ("SyntaxError: invalid syntax", "the unit's own interpreter"),
        ("MemoryError", "MemoryMax"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "Start the server that it calls"),
        ("socket.gaierror: [Errno -2] Name or service not known", "getent hosts"),
        ("redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6390. Connection refused.", "redis-cli -u URL ping"),
        ("redis.exceptions.AuthenticationError: HELLO must be called with", "Correct the password"),
        ("redis.exceptions.ReadOnlyError: You can't write against a read only replica.", "INFO replication"),
        ("redis.exceptions.ResponseError: WRONGTYPE Operation against a key", "TYPE KEY"),
        ("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)", "empty, cut short"),
        ("ValueError: could not convert string to float: '0.65   # note'", "ENV102"),
        ("ValueError: invalid literal for int() with base 10: ''", "ENV102"),
        ("KeyError: 'QUEUE_URL'", "Set QUEUE_URL"),
        ("UnicodeDecodeError: 'ascii' codec can't decode byte 0xc3", "PYTHONUTF8=1"),
        ("TypeError: {unit} {0} %s", "Mend /srv/app/main.py:12"),
    ],
)
def test_what_helps(message, told):
    assert told in remedy(traceback(message, MAIN), UNIT)


def test_a_missing_variable_is_told_by_where_it_was_looked_for():
    assert missing_variable(traceback("KeyError: 'path'", MAIN, OS)) == "path"
    assert "EnvironmentFile=" in remedy(traceback("KeyError: 'path'", MAIN, OS), UNIT)
    assert missing_variable(traceback("KeyError: 'path'", MAIN)) == ""


def test_the_line_is_that_of_the_project_not_of_a_library():
    assert where(traceback("x", MAIN, REDIS)) == "/srv/app/main.py:12"
    assert where(traceback("x", MAIN, Frame("/usr/lib/python3.11/json/decoder.py", 355, "decode"))) == "/srv/app/main.py:12"
    assert where(traceback("x", REDIS, OS)) == ""
    assert remedy(traceback("AttributeError: x", REDIS), UNIT) == "Mend the code, or deploy the version before it"
