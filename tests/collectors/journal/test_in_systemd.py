"""The reader against a real journald: what services write there, however they write it, and who may read it."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from qtops.collectors.journal.reading import Wanted, read_journals, reads_own_only
from qtops.facts.journal import JournalFacts
from qtops.facts.service import Missing

pytestmark = pytest.mark.systemd

BOOM = "print('ready')\nraise ValueError('no')\n"


def read(*wanted, timeout_s=10.0):
    return read_journals(wanted, timeout_s, lambda text: text)


def facts_of(name, invocation, **options):
    found = read(Wanted(f"{name}.service", invocation, **options))[f"{name}.service"]
    assert isinstance(found, JournalFacts)
    return found


def own(facts):
    return [line.text for line in facts.lines if line.source == "service"]


def test_a_program_that_ends_at_once(journal):
    facts = facts_of("short", journal.service("short", BOOM))
    assert own(facts)[0] == "ready"
    (only,) = facts.tracebacks
    assert (only.message, only.final, only.frames[0].file) == ("ValueError: no", True, "/srv/short.py")
    assert [(run.code, run.status) for run in facts.runs] == [("exited", 1)]
    assert {"exited", "failed"} <= {event.kind for event in facts.events}
    assert journal.calls() == 1


def test_an_operator_who_forces_colours_reads_the_same(journal, monkeypatch):
    monkeypatch.setenv("SYSTEMD_COLORS", "16")
    facts = facts_of("coloured", journal.service("coloured", BOOM))
    assert [one.message for one in facts.tracebacks] == ["ValueError: no"]


FORMS = r"""
import os
def say(data): os.write(1, data + b"\n")
say(b"\x1b[31mred\x1b[0m")
say(b"caf\xe9")
say(b"a\0b")
say(b"word " * 1200)
say(b"z" * 50_000 + b" last")
say(b"")
say("naïve 比特币".encode())
say(b"<3>told as an error")
raise SystemExit(3)
"""


def test_lines_of_every_form(journal):
    facts = facts_of("forms", journal.service("forms", FORMS))
    texts = own(facts)
    assert texts[:4] == ["red", r"caf\xe9", "a", "b"]  # journald itself ends a line at NUL
    assert texts[4] == "word " * 1199 + "word"
    assert texts[5] == "z" * 16384 + " …"
    assert texts[6:] == ["naïve 比特币", "told as an error"]
    assert [line.text for line in facts.lines if line.priority == 3] == ["told as an error"]
    assert [signature.pattern for signature in facts.signatures] == ["told as an error"]


def test_a_restart_loop_and_its_runs(journal):
    invocation = journal.service("loop", BOOM, "Restart=always", "RestartSec=50ms", "[Unit]", "StartLimitBurst=3")
    facts = facts_of("loop", invocation)
    assert [(run.code, run.status, run.last_line) for run in facts.runs] == [("exited", 1, "ValueError: no")] * 3
    assert facts.runs[-1].invocation == facts.invocation == invocation
    assert "start_limit" in {event.kind for event in facts.events}
    assert len(facts.tracebacks) == 1
    assert facts.signatures[0].count == 3


def test_an_old_failure_is_not_told_of_a_service_that_runs(journal):
    journal.service("healed", BOOM)
    journal.box.write("/srv/healed.py", "import time\nprint('up')\ntime.sleep(600)\n")
    journal.box.systemctl("start", "healed.service")
    time.sleep(0.3)
    invocation = journal.settled("healed", "any")
    for sick in (True, False):
        facts = facts_of("healed", invocation, sick=sick)
        assert (own(facts), facts.tracebacks, facts.signatures, len(facts.runs)) == (["up"], (), (), 1)
    journal.box.systemctl("stop", "healed.service")


def test_services_that_speak_at_once_and_a_noisy_loop_do_not_hide_each_other(journal):
    quiet = journal.service("quiet", BOOM)
    noise = "for number in range(2500): print('ERROR noise', number)\nraise KeyError('k')\n"
    noisy = journal.service(
        "noisy", noise, "LogRateLimitIntervalSec=0", "Restart=always", "RestartSec=10ms", "[Unit]", "StartLimitBurst=8"
    )
    found = read(Wanted("quiet.service", quiet), Wanted("noisy.service", noisy), Wanted("dbus.service", "", None, False))
    assert journal.calls() == 2
    assert own(found["quiet.service"])[-1] == "ValueError: no"
    assert found["quiet.service"].tracebacks[0].message == "ValueError: no"
    assert not found["quiet.service"].cut
    assert found["noisy.service"].tracebacks[-1].message == "KeyError: 'k'"
    assert found["noisy.service"].cut
    assert len(found["noisy.service"].lines) == 200


def test_a_failure_of_long_ago_is_heard_though_others_said_much_since(journal):
    quiet = journal.service("longago", BOOM)
    noise = "for number in range(6000): print('INFO noise', number)\nraise SystemExit(3)\n"
    wanted = [Wanted("longago.service", quiet)]
    names = ("noise1", "noise2", "noise3")
    wanted += [Wanted(f"{name}.service", journal.service(name, noise, "LogRateLimitIntervalSec=0")) for name in names]
    found = read(*wanted)
    assert found["longago.service"].tracebacks[0].message == "ValueError: no"
    assert [own(found[item.unit])[-1] for item in wanted[1:]] == ["INFO noise 5999"] * 3
    assert journal.calls() <= 5


def test_nothing_from_before_the_time_of_interest(journal):
    invocation = journal.service("since", "import time\nprint('early')\ntime.sleep(1.1)\nprint('late')\nraise SystemExit(3)\n")
    at_s = {line.text: line.at_s for line in facts_of("since", invocation).lines}
    assert own(facts_of("since", invocation, since_s=at_s["late"] - 0.5)) == ["late"]


def test_fifty_services_are_two_calls(journal):
    invocation = journal.service("fifty", BOOM)
    many = [Wanted(f"no-such-{number}.service", f"{number:032x}", None, number % 2 == 0) for number in range(50)]
    found = read(Wanted("fifty.service", invocation), *many)
    assert journal.calls() == 2
    assert found["fifty.service"].tracebacks
    assert found["no-such-7.service"] == JournalFacts(invocation=f"{7:032x}", runs=found["no-such-7.service"].runs)


def test_a_unit_that_never_ran(journal):
    journal.box.unit("never.service", "[Unit]\nConditionPathExists=/no/such\n[Service]\nExecStart=/bin/true\n")
    journal.box.reload()
    journal.box.systemctl("start", "never.service")
    journal.box.run("journalctl", "--sync")
    facts = facts_of("never", "")
    assert "unmet condition" in facts.lines[-1].text
    assert facts_of("not-there", "") == JournalFacts()


def test_who_may_not_read_is_told_what_would_help(journal):
    invocation = journal.service("private", BOOM)
    journal.read_as("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    missing = read(Wanted("private.service", invocation))["private.service"]
    assert isinstance(missing, Missing)
    assert missing.source == "journal"
    assert missing.enable.startswith("sudo usermod -aG systemd-journal ")
    journal.read_as("setpriv", "--reuid=65534", "--regid=65534", "--groups", "systemd-journal")
    assert facts_of("private", invocation).tracebacks


def test_who_may_read_only_what_is_his_own_is_known_by_the_files():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (machine := Path(folder) / "0165789ef2dd4bfcbff1c1711cf529de").mkdir()
        assert not reads_own_only((folder,))
        (machine / "system.journal").touch(0o600)
        (machine / "user-1500.journal").touch(0o644)
        assert not reads_own_only((folder,))
        os.seteuid(1500)
        try:
            assert reads_own_only((folder,))
        finally:
            os.seteuid(0)


def test_a_journal_that_does_not_answer_in_time(journal):
    journal.read_as("sh", "-c", "'sleep 60'")
    began = time.monotonic()
    missing = read(Wanted("any.service", ""), timeout_s=0.3)["any.service"]
    assert isinstance(missing, Missing)
    assert "0.3 s" in missing.why
    assert time.monotonic() - began < 2


def test_what_was_read_in_time_is_used(journal):
    invocation = journal.service("slow", BOOM)
    journal.read_as("sh", "-c", """'journalctl "$@"; exec sleep 60'""")
    facts = read(Wanted("slow.service", invocation), timeout_s=1.0)["slow.service"]
    assert facts.tracebacks


def test_without_journalctl(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = read(Wanted("a.service", ""))["a.service"]
    assert (missing.source, missing.why) == ("journal", "journalctl is not installed")


def test_lines_that_are_no_entries_are_left_out(journal):
    invocation = journal.service("damaged", BOOM)
    journal.read_as("sh", "-c", """'echo "{"; echo garbage; head -c 5000000 /dev/zero | tr "\\\\0" x; echo; journalctl "$@"'""")
    assert facts_of("damaged", invocation).tracebacks


@pytest.mark.slow
def test_one_service_in_a_large_journal_is_read_at_once(journal):
    line = "print(f'2026-01-01 12:00:00 INFO app: request {number} of client done, status 200')"
    flood = f"for number in range(200_000): {line}\nraise SystemExit(3)\n"
    invocation = journal.service("flood", flood, "LogRateLimitIntervalSec=0")
    times = []
    for _ in range(5):
        began = time.perf_counter()
        facts = facts_of("flood", invocation)
        times.append(time.perf_counter() - began)
    print(f"one service of a journal of 200,000 entries: {sorted(times)[2] * 1000:.0f} ms")
    assert facts.cut
    assert len(facts.lines) == 200
    assert sorted(times)[2] < 1.0
