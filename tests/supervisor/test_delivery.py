"""Telling people: in order, at least once, each endpoint for itself, and what goes wrong is tried again and costs nobody else."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from qtops.errors import Unavailable
from qtops.incidents import Change
from qtops.supervisor.delivery import MOST_S, back_off_s
from tests.supervisor.delivering import command, script, telling
from tests.supervisor.told import BEGAN_S, incident

pytestmark = pytest.mark.slow

KEEPS_ID = 'echo "$QTOPS_NOTICE_ID" >>{}'


@pytest.fixture
def told(tmp_path) -> Path:
    """Where hooks keep the ids of what they were told."""
    path = tmp_path / "told"
    path.touch()
    return path


def ids(path: Path) -> list[str]:
    return path.read_text("utf-8").split()


def expected(count: int, endpoint: str = "ops") -> list[str]:
    return [f"{number}-opened-1@{endpoint}" for number in range(1, count + 1)]


def test_a_command_reads_the_document_and_knows_nothing_else_of_us(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    hook = script(tmp_path, f"cat >{tmp_path}/document; env >{tmp_path}/environ; pwd >{tmp_path}/cwd; nice >{tmp_path}/nice")
    with telling(tmp_path / "state", command("ops", hook)) as it:
        it.happen()
        assert it.round() is not None
        it.until(it.all_told)
        assert it.round() is None
        assert (it.delivery.sent, it.delivery.failed, it.reported) == (1, 0, [])
    document = json.loads((tmp_path / "document").read_bytes())
    assert (document["schema"], document["id"], document["attempt"]) == ("qtops.notice/1", "1-opened-1@ops", 1)
    environ = dict(line.split("=", 1) for line in (tmp_path / "environ").read_text().splitlines())
    assert set(environ) - {"PWD", "_", "SHLVL", "OLDPWD"} == {"PATH", "LANG", "QTOPS_NOTICE_ID"}
    assert environ["QTOPS_NOTICE_ID"] == "1-opened-1@ops"
    assert (tmp_path / "cwd").read_text() == "/\n"
    assert int((tmp_path / "nice").read_text()) <= os.getpriority(os.PRIO_PROCESS, 0)  # it waits no longer than we do


def why(it) -> str:
    (notice,) = it.store.due(it.now_s + MOST_S, 1)
    return notice.why


@pytest.mark.parametrize(
    ("text", "mode", "expected_why"),
    [
        ("exit 1", 0o700, "exited with 1"),
        ("echo first >&2; echo the last line >&2; exit 3", 0o700, "exited with 3: the last line"),
        ("echo login failed: password=hunter22222 >&2; exit 1", 0o700, "exited with 1: login failed: password=***"),
        ("printf '\\033[31mred\\n' >&2; exit 1", 0o700, "exited with 1: \\x1b[31mred"),
        ("kill -9 $$", 0o700, "ended by SIGKILL"),
        ("exit 0", 0o600, "exited with 127: {hook}: Permission denied"),
    ],
)
def test_what_went_wrong_is_kept_without_secrets(tmp_path, text, mode, expected_why):
    hook = script(tmp_path, text, mode=mode)
    with telling(tmp_path / "state", command("ops", hook)) as it:
        it.happen()
        it.until(lambda: it.delivery.failed == 1)
        assert why(it) == expected_why.format(hook=hook)
        assert it.reported[0].startswith("notify ops: 1-opened-1@ops was not told, again at 2026-02-17 06:06:")
        assert "hunter22222" not in "".join(it.reported)


def test_a_missing_program_is_said_to_be_missing(tmp_path):
    with telling(tmp_path / "state", command("ops", tmp_path / "none")) as it:
        it.happen()
        it.round()
        assert why(it) == f"exited with 127: {tmp_path}/none: No such file or directory"


def test_a_hook_that_hangs_is_killed_with_all_that_it_started(tmp_path):
    hook = script(tmp_path, f"sleep 1000 & echo $! >{tmp_path}/pid; wait")
    with telling(tmp_path / "state", command("ops", hook, timeout_s=0.5)) as it:
        it.happen()
        it.until(lambda: it.delivery.failed == 1)
        assert why(it) == "not done within 0.5 s, and killed"
    pid = int((tmp_path / "pid").read_text())
    end_s = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_what_failed_is_tried_again_later_and_its_end_is_reported_once(tmp_path, told):
    hook = script(tmp_path, f"test -e {tmp_path}/well && {KEEPS_ID.format(told)}")
    with telling(tmp_path / "state", command("ops", hook)) as it:
        it.happen()
        it.until(lambda: it.delivery.failed == 1)
        next_s = it.round()
        assert 3 < next_s - it.now_s <= 5
        assert it.delivery.failed == 1  # not before its time
        for failures in (2, 3, 4):
            it.now_s += 60
            it.until(lambda failures=failures: it.delivery.failed == failures)
        (tmp_path / "well").touch()
        it.now_s += 60
        it.until(it.all_told)
        assert [line.split(": ", 1)[1][:32] for line in it.reported] == [
            "1-opened-1@ops was not told, aga",
            "told again, after 4 times in a r",
        ]
    assert ids(told) == expected(1)


def test_pauses_double_up_to_ten_minutes_and_are_always_the_same():
    pauses = [back_off_s("12-opened-1@ops", attempts) for attempts in range(1, 30)]
    assert 4 <= pauses[0] <= 5
    assert pauses[:7] == pytest.approx([pauses[0] * 2**n for n in range(7)])
    assert 0.8 * MOST_S <= pauses[8] == pauses[-1] <= MOST_S
    assert back_off_s("13-opened-1@ops", 1) != pauses[0]


def test_one_notice_that_is_never_taken_holds_up_no_other(tmp_path, told):
    hook = script(tmp_path, f'test "$QTOPS_NOTICE_ID" != 1-opened-1@ops && {KEEPS_ID.format(told)}')
    with telling(tmp_path / "state", command("ops", hook)) as it:
        it.happen(20)
        began_s = it.now_s
        while it.store.waiting() > 1:
            it.now_s += 1
            it.round()
        assert it.now_s - began_s < 10 * 60
    assert sorted(ids(told)) == sorted(expected(20)[1:])


def test_an_incident_is_told_in_its_order(tmp_path, told):
    hook = script(tmp_path, f"test -e {tmp_path}/well && {KEEPS_ID.format(told)}")
    with telling(tmp_path / "state", command("ops", hook)) as it:
        it.happen()
        it.until(lambda: it.delivery.failed == 1)
        over = incident(number=1, fingerprint="0", unit="acme-0.service", state="resolved", resolved_s=BEGAN_S + 60)
        it.store.apply([Change(incident=over, event="resolved", at_s=BEGAN_S + 60, text="clear", tell=True)], it.endpoints)
        (tmp_path / "well").touch()
        while not it.all_told():
            it.now_s += 1
            it.round()
    assert ids(told) == ["1-opened-1@ops", "1-resolved-1@ops"]


def test_what_is_on_record_for_an_endpoint_that_is_gone_is_said_and_delays_nobody(tmp_path, told):
    gone, ops = command("gone", "/bin/true"), command("ops", script(tmp_path, KEEPS_ID.format(told)))
    with telling(tmp_path / "state", ops) as it:
        it.happen(3, endpoints=(gone, ops))
        it.until(lambda: it.delivery.sent == 3)
        assert it.store.waiting() == 3
        assert [line for line in it.reported if "the configuration has no such endpoint any more" in line] == it.reported[:1]
        assert len(it.reported) == 1


def test_nothing_is_told_that_is_not_on_record(tmp_path, told, monkeypatch):
    hook = script(tmp_path, KEEPS_ID.format(told))
    with telling(tmp_path / "state", command("ops", hook)) as it:
        it.happen(2)
        full = it.store.attempted
        monkeypatch.setattr(it.store, "attempted", refuse)
        with pytest.raises(Unavailable):
            it.round()
        assert not len(it.children)
        monkeypatch.setattr(it.store, "attempted", full)
        it.until(it.all_told)
    assert ids(told) == expected(2)


def test_what_was_told_and_could_not_be_put_on_record_is_not_told_again(tmp_path, told, monkeypatch):
    hook = script(tmp_path, KEEPS_ID.format(told))
    with telling(tmp_path / "state", command("ops", hook)) as it:
        it.happen(2)
        full = it.store.sent
        monkeypatch.setattr(it.store, "sent", refuse)
        it.delivery.poll(it.now_s)
        while not it.delivery.sent:
            for key, _ in it.selector.select(10):
                key.data()  # does not raise: nobody would catch it there
        for _ in range(3):
            with pytest.raises(Unavailable):
                it.round()
        assert ids(told) == expected(1)
        monkeypatch.setattr(it.store, "sent", full)
        it.until(it.all_told)
        assert it.delivery.sent == 2
    assert ids(told) == expected(2)


def refuse(*_):
    raise Unavailable("store of incidents: the disk is full")


def test_each_is_told_by_itself_while_another_one_hangs(tmp_path, told):
    dead = command("dead", script(tmp_path, "sleep 1000", "dead"), timeout_s=300.0)
    with telling(tmp_path / "state", dead, command("ops", script(tmp_path, KEEPS_ID.format(told)))) as it:
        it.happen(5)
        it.until(lambda: it.delivery.sent == 5)
        assert it.store.waiting() == 5
        assert len(it.children) == 1
    assert ids(told) == expected(5)


@pytest.mark.heavy
def test_a_thousand_notices_pass_beside_a_dead_endpoint(tmp_path, told, capsys):
    count = 1_000
    dead = command("dead", script(tmp_path, "sleep 1000", "dead"), timeout_s=0.5)
    with telling(tmp_path / "state", dead, command("ops", script(tmp_path, KEEPS_ID.format(told)))) as it:
        it.happen(count)
        began_s, clock_s, cpu_s = time.monotonic(), it.now_s, time.process_time()
        while it.delivery.sent < count:
            it.now_s = clock_s + time.monotonic() - began_s
            it.round()
        took_s, cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
        assert 1 <= it.delivery.failed <= took_s / 4  # it rests after each
        assert len(it.reported) == 1
        assert it.store.waiting() == count
    with capsys.disabled():
        told_of = f"{count} notices by a hook beside a dead one: {took_s:.1f} s, {cpu_s / count * 1000:.1f} ms of CPU each"
        print(f"\n  {told_of}; {it.delivery.failed} attempts at the dead one")
    assert ids(told) == expected(count)
    assert cpu_s / count < 0.02


@pytest.mark.heavy
def test_whenever_it_is_killed_each_is_told_and_twice_only_under_the_same_id(tmp_path, told, capsys):
    count, kills, rng = 400, 50, random.Random(7)
    hook, state = script(tmp_path, KEEPS_ID.format(told)), tmp_path / "state"
    with telling(state, command("ops", hook)) as it:
        it.happen(count)
    argv = [sys.executable, "-m", "tests.supervisor.delivering", str(state), str(hook)]
    at_work = 0
    for _ in range(kills):
        before = len(ids(told))
        process = subprocess.Popen(argv, cwd=Path(__file__).parents[2])
        end_s = time.monotonic() + 20
        while len(ids(told)) == before < count and time.monotonic() < end_s:
            time.sleep(0.002)  # so that it is killed at its work, not while it starts
        time.sleep(rng.uniform(0, 0.06))
        at_work += process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(argv, cwd=Path(__file__).parents[2], check=True)
    seen = Counter(ids(told))
    more = sum(seen.values()) - len(seen)
    with capsys.disabled():
        print(f"\n  {kills} kills, {at_work} at work: {len(seen)} of {count} notices told, {more} of them once more")
    assert set(seen) == set(expected(count))
    assert at_work >= kills * 0.8
    assert more <= at_work  # a kill repeats the one that was under way, and no other
