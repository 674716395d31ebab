"""A child as another user: whose rights it has, what it knows, and that it ends in time with all that it started."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from qtops.actions.commands import MOST_OUTPUT, Done, NotStarted, OutOfTime, account_of, own_account, run_as
from qtops.errors import NotPermitted
from tests.collectors.people import as_root

PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
SH = "/bin/sh"
CIRCUMSTANCES = """
import os
print(sorted(os.environ), os.getcwd(), oct(os.umask(0)), os.getsid(0) == os.getpid(), sorted(os.listdir("/proc/self/fd")))
"""


def shell(script: str, account: str | None = None, timeout_s: float = 10, **options: object) -> Done:
    return run_as((SH, "-c", script), own_account() if account is None else account, timeout_s, **options)


def test_it_tells_how_a_command_ended_and_what_it_said():
    done = shell("cat; echo complaint >&2; exit 7", stdin=b"\xff in")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"\xff in", b"complaint\n")
    assert 0 < done.took_s < 5
    assert done.last_words == "complaint"
    assert shell("kill -USR1 $$").returncode == -signal.SIGUSR1


@as_root
def test_the_child_has_the_rights_of_the_account_and_no_others():
    done = shell("id -u; id -g; id -G", "nobody")
    assert done.stdout.split() == [b"65534"] * 3
    assert shell("id -u; id -g; id -G", "41000:41001").stdout.split() == [b"41000", b"41001", b"41001"]
    assert shell("id -u", "0").stdout == shell("id -u", "").stdout == b"0\n"
    saved = shell("grep -E '^(Uid|Gid|Groups)' /proc/self/status", "41000:41001").stdout.split()
    assert b"0" not in saved


@as_root
def test_groups_of_the_account_come_along(monkeypatch):
    monkeypatch.setattr(os, "getgrouplist", lambda name, gid: [gid, 42000])
    assert shell("id -G", "nobody").stdout.split() == [b"65534", b"42000"]


def test_the_child_knows_nothing_of_its_caller(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "/evil")
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "secret").open("w") as open_file:
        os.set_inheritable(open_file.fileno(), True)
        done = run_as((PYTHON, "-I", "-c", CIRCUMSTANCES), own_account(), 10, environ={"EXTRA": "1"})
    names = ["EXTRA", "HOME", "LANG", "PATH"]
    known = [*names, "LC_CTYPE"] if b"LC_CTYPE" in done.stdout else names  # set by the interpreter itself
    assert done.stdout.decode() == f"{sorted(known)} / 0o77 True ['0', '1', '2', '3']\n"  # the last is the listing's own


def test_output_is_bounded_and_what_is_thrown_away_is_counted():
    done = shell(f"head -c {MOST_OUTPUT + 5} /dev/zero; head -c {MOST_OUTPUT + 7} /dev/zero >&2")
    assert (len(done.stdout), len(done.stderr), done.thrown_away) == (MOST_OUTPUT, MOST_OUTPUT, 12)
    assert shell("true").thrown_away == 0


def test_much_input_and_much_output_do_not_block_each_other():
    text = os.urandom(MOST_OUTPUT // 2)
    assert shell("cat", stdin=text).stdout == text
    assert shell("exit 3", stdin=text).returncode == 3  # who does not read does not mind
    assert shell("exec <&-; sleep 0.1; exit 4", stdin=text).returncode == 4


def is_gone(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_gone(pid)


def test_at_its_limit_the_whole_group_is_killed_and_what_it_said_is_kept():
    begun = time.monotonic()
    with pytest.raises(OutOfTime, match=r"^/bin/sh did not end within 0\.3 s and was killed; its last words: [0-9]+$") as caught:
        shell("trap '' TERM INT; sleep 60 & echo $!; wait", timeout_s=0.3)
    assert time.monotonic() - begun < 3
    assert caught.value.done.returncode == -signal.SIGKILL
    assert wait_until_gone(int(caught.value.done.stdout))
    assert caught.value.exit_code == 4
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # no zombie


def test_an_endless_talker_ends_at_the_limit_too():
    with pytest.raises(OutOfTime) as caught:
        shell("exec cat /dev/zero", timeout_s=0.3)
    assert len(caught.value.done.stdout) == MOST_OUTPUT
    assert caught.value.done.thrown_away > 0


def test_what_a_command_leaves_in_its_group_ends_with_it():
    done = shell("sleep 60 & echo $!")
    assert done.returncode == 0
    assert done.took_s < 5
    assert wait_until_gone(int(done.stdout))


def test_nobody_is_waited_for_who_left_the_group_and_holds_the_output():
    done = shell("setsid sleep 60 & echo $!; sleep 0.2")
    leaver = int(done.stdout)
    assert done.took_s < 5
    assert not is_gone(leaver)
    os.kill(leaver, signal.SIGKILL)


def test_an_interrupted_caller_leaves_nothing_running(tmp_path):
    told = tmp_path / "pid"
    interrupt = threading.Timer(0.5, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        shell(f"echo $$ > {told}; exec sleep 60")
    interrupt.join()
    assert wait_until_gone(int(told.read_text()))


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("/no/such",), r"^/no/such cannot be run as \S+: No such file or directory$"),
        (("/etc/passwd",), r"^/etc/passwd cannot be run as \S+: Permission denied$"),
        ((SH, "a\0b"), r"^/bin/sh cannot be run as \S+: embedded null byte$"),
        (("/no/\x1b[2Jsuch",), r"^/no/\\x1b\[2Jsuch cannot be run"),
        ((), r"^an empty command cannot be run"),
    ],
)
def test_what_cannot_be_run_is_said(argv, said):
    with pytest.raises(NotStarted, match=said) as caught:
        run_as(argv, own_account(), 5)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    "account", ["no-such-account", "4294967295:0", "0:4294967295", "4294967295", "99999999999:1", "-1", "\x1b[2J", "٣"]
)
def test_an_account_that_is_none_is_refused(account):
    """4294967295 is -1 to the kernel, which would leave the rights as they are: root's."""
    with pytest.raises(NotStarted, match="there is no account"):
        run_as((SH, "-c", "id"), account, 5)


def test_an_account_is_named_or_numbered():
    root = account_of("root")
    assert (root.uid, root.gid, root.home) == (0, 0, "/root")
    assert account_of("0") == account_of("") == root
    assert account_of("41234:41235")[1:] == (41234, 41235, (), "/")


@as_root
def test_whoever_is_not_root_runs_nothing_as_somebody_else(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 41000)
    with pytest.raises(NotPermitted, match="only root can run /bin/sh as nobody: try again with sudo"):
        shell("id", "nobody")
    with pytest.raises(NotPermitted):
        shell("id", "")
    assert shell("echo as I am", "41000:41000").stdout == b"as I am\n"


@as_root
def test_as_a_plain_user_a_command_runs_as_is():
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        try:  # in the child: an interpreter may lie where others cannot go, so this one drops its rights itself
            os.setgroups([])
            os.setgid(41000)
            os.setuid(41000)
            os.write(writer, run_as(("/usr/bin/id", "-u"), own_account(), 5).stdout)
            try:
                run_as(("/usr/bin/id", "-u"), "root", 5)
            except NotPermitted:
                os.write(writer, b"refused")
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(pid, 0)
    with os.fdopen(reader, "rb") as told:
        assert told.read() == b"41000\nrefused"


def test_last_words_are_fit_for_people():
    assert Done(1, b"out\n", b"", 0.0).last_words == "out"
    assert Done(1, b"out\n", b"\x1b[31mred\xff\n\n", 0.0).last_words == "\\x1b[31mred\\xff"
    assert len(Done(1, b"", b"x" * 10_000, 0.0).last_words) == 300
    assert Done(0, b"", b"", 0.0).last_words == ""
