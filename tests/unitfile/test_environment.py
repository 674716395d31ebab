"""The effective environment: every source in systemd's order, and what was odd on the way."""

import pytest

from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.environment import SEARCH_PATH, Account, effective
from qtops.unitfile.starting import processes
from qtops.unitfile.variables import Secret, is_secret_like
from qtops.unitfile.wildcards import matching
from tests.unitfile.files import MemoryFiles
from tests.unitfile.reading import PATH, said, service

APP = Account("app", "/home/app", "/bin/bash")


def environ(lines, files=None, account=None):
    found = effective(service(lines), MemoryFiles(files or {}), account).reveal()
    assert found.pop("PATH", None) == SEARCH_PATH or "PATH" in lines or "ExecSearchPath" in lines
    return found


def test_later_sources_win_and_files_win_over_the_unit():
    files = {"/a": "A=a\nB=a\nC=a\n", "/b": "B=b\nC=b\n"}
    assert environ("EnvironmentFile=/a\nEnvironmentFile=/b\nEnvironment=A=unit D=unit\nEnvironment=D=again", files) == {
        "A": "a", "B": "b", "C": "b", "D": "again"
    }  # fmt: skip


def test_an_empty_assignment_takes_back_what_was_there():
    assert environ("Environment=A=1\nEnvironment=\nEnvironment=B=2\nEnvironmentFile=/none\nEnvironmentFile=\n") == {"B": "2"}


def test_unset_takes_names_and_assignments():
    assert environ('Environment=A=1 B=2 C=3 "D=4 5"\nUnsetEnvironment=A B=0 C=3 "D=4 5"') == {"B": "2"}


def test_passed_names_are_set_by_whom_no_file_tells():
    found = effective(service("PassEnvironment=A B\nEnvironment=A=1"), MemoryFiles({}))
    assert found.passed == ("B",)


def test_the_account_of_the_user():
    assert environ("User=app", account=APP) == {"HOME": "/home/app", "LOGNAME": "app", "USER": "app", "SHELL": "/bin/bash"}
    assert environ("User=app", account=Account("app", "/", "/usr/sbin/nologin")) == {"LOGNAME": "app", "USER": "app"}
    assert environ("User=app\nEnvironment=HOME=/x", account=APP)["HOME"] == "/x"
    assert environ("", account=APP) == {}


def test_directories_that_systemd_makes():
    assert environ("RuntimeDirectory=b a/c a\nStateDirectory=x:y") == {
        "RUNTIME_DIRECTORY": "/run/a:/run/a/c:/run/b",
        "STATE_DIRECTORY": "/var/lib/x",
    }


def test_a_required_file_that_is_missing_fails_the_start_and_an_optional_one_does_not():
    unit = service("EnvironmentFile=/none\nEnvironment=A=1")
    found = effective(unit, MemoryFiles({}))
    assert str(found.failure) == f"{PATH}:5: environment file /none: No such file or directory (refused)"
    found = effective(service("EnvironmentFile=-/none\nEnvironment=A=1"), MemoryFiles({}))
    assert (found.failure, found.reveal()["A"]) == (None, "1")


def test_a_useless_file_fails_the_start_at_its_line_and_an_optional_one_sets_nothing():
    found = effective(service("EnvironmentFile=/e"), MemoryFiles({"/e": b"A=1\nB=\xff"}))
    assert str(found.failure) == "/e:2: environment file /e: there is an assignment that is not UTF-8 (refused)"
    assert environ("EnvironmentFile=-/e", {"/e": b"A=1\nB=\xff"}) == {}


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (IsADirectoryError("/e"), "Is a directory"),
        (OSError("?"), "OSError"),
    ],
)
def test_a_file_that_cannot_be_read(error, why):
    files = MemoryFiles({}, {"/e": error})
    assert effective(service("EnvironmentFile=/e"), files).failure.text == f"environment file /e: {why}"


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("/d/*.env", ["/d/10-a.env", "/d/9-b.env"]), ("/d/[!1]*v", ["/d/9-b.env"]), ("/d/[0-8]?-a.env", ["/d/10-a.env"]),
        ("/?/9-b.en[v]", ["/d/9-b.env"]),
        ("/d/.*", ["/d/.hidden"]), ("/d/\\*.env", []), ("/none/*", []), ("/d/[*", []), ("/*/*/*", ["/d/sub/x"]),
    ],
)  # fmt: skip
def test_wildcards(pattern, paths):
    files = MemoryFiles(dict.fromkeys(("/d/9-b.env", "/d/10-a.env", "/d/.hidden", "/d/sub/x"), ""))
    assert matching(pattern, files) == paths


def test_files_of_a_wildcard_are_read_in_order():
    assert environ("EnvironmentFile=/d/*.env", {"/d/20.env": "A=2", "/d/10.env": "A=1\nB=1"}) == {"A": "2", "B": "1"}
    assert (
        effective(service("EnvironmentFile=/d/*.env"), MemoryFiles({})).failure.text == "environment file /d/*.env: no file matches"
    )


def test_variables_set_twice_with_different_values():
    found = effective(service("Environment=A=1 B=1\nEnvironment=B=1\nEnvironmentFile=/e"), MemoryFiles({"/e": "A=2"}))
    assert [str(item) for item in found.diagnostics] == [f"/e:1: A overrides another value, set at {PATH}:5 (noted)"]


def test_a_secret_in_the_unit_is_noted():
    assert said(service("Environment=API_KEY=x PORT=1")) == [
        ("noted", "API_KEY: whoever may ask systemd reads it here, a file with EnvironmentFile= can be kept from them")
    ]


def test_secret_like_names():
    assert all(
        map(
            is_secret_like,
            ["PASSWORD", "REDIS_PASSWORD", "api_key", "BINANCE_API_SECRET", "GITHUB_TOKEN", "DB_PASS", "JWT_SIGNING_KEY"],
        )
    )
    assert not any(
        map(is_secret_like, ["PATH", "KEYBOARD", "TOKENIZERS_PARALLELISM", "PASSENGER_COUNT", "MONKEY", "COMPASS", "STREAM_KEY"])
    )


def test_a_secret_hides_itself():
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert (secret.reveal(), secret == Secret("hunter2"), secret == "hunter2") == ("hunter2", True, False)


def test_what_a_start_runs():
    unit = service(
        "User=app\nWorkingDirectory=~\nExecStartPre=/bin/mkdir -p $LOGS\nEnvironment=LOGS=/l MODE=live\nExecStop=/bin/kill ${MODE}"
    )
    pre, main, stop = processes(unit, MemoryFiles({}), APP)
    assert (pre.setting, pre.argv, pre.cwd) == ("ExecStartPre", ["/bin/mkdir", "-p", "/l"], "/home/app")
    assert (main.setting, main.executable, main.environ["MODE"]) == ("ExecStart", "/usr/bin/python3", "live")
    assert stop.argv == ["/bin/kill", "live"]
    assert [process.cwd for process in processes(unit, MemoryFiles({}))] == [None] * 3
    assert processes(service(), MemoryFiles({}))[0].cwd == "/"


def test_what_only_the_host_knows_is_said():
    unit = service("Environment=HOST=%H\nEnvironmentFile=/etc/%H.env")
    found = effective(unit, MemoryFiles({}))
    assert (found.failure, found.variables["HOST"].unknown) == (None, ("%H",))
    assert {item.effect for item in (*unit.diagnostics, *found.diagnostics)} == {Effect.UNKNOWN}
