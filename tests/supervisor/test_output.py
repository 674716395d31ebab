"""Looking at what services write: real servers, the real publisher, and what is put into the queue."""

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import pytest

from publisher.contract import market_key, position_key
from qtops.findings import Severity
from qtops.incidents import Outcome, Reached, Stands
from qtops.settings import PROPOSALS, Family, RedisSettings, Service, Settings, Supervision, TimeRule
from qtops.supervisor.output import OutputWatch
from qtops.supervisor.place import Place
from tests.faults.publishing import publishing
from tests.faults.servers import running, stopped, wait_until
from tests.publisher.builders import market_hash, position_hash

UNIT = "quantum-risk-proposal.service"
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
INTERVAL_S = 1.0
FAMILY = Family(
    name="risk-proposal",
    pattern=PROPOSALS.pattern,
    times=(
        TimeRule(field="heartbeat_ms", interval_s=INTERVAL_S, warn_s=3, critical_s=5, required=False),
        TimeRule(field="computed_at_utc", interval_s=60, warn_s=90, critical_s=150),
    ),
    only_while="open_position",
    witness=PROPOSALS.witness,
    content="risk-proposal",
)
WRITER = Service(name="risk-proposal", unit=UNIT, families=("risk-proposal",))


def settings(url, **changes):
    given = {"families": (FAMILY,), "services": (WRITER,), "supervise": Supervision(every_s=5.0)}
    return Settings(redis=RedisSettings(url=url), **{**given, **changes})


class Watch:
    """A watch, and everything that it has said."""

    def __init__(self, settings, **options):
        self.queue, self.said, self.woken = SimpleQueue(), [], 0
        self.watch = OutputWatch(settings, self.queue, wake=self._wake, **options)

    def _wake(self):
        self.woken += 1

    def know(self, pid, invocation="a" * 32):
        self.watch.know({UNIT: Stands(unit=UNIT, at_s=time.time(), main_pid=pid, invocation=invocation)})

    def seen(self, kind):
        """Everything of a kind so far."""
        try:
            while True:
                self.said.append(self.queue.get_nowait())
        except Empty:
            return [one for one in self.said if isinstance(one, kind)]

    def codes(self):
        """Codes of all findings so far."""
        return {finding.code for one in self.seen(Outcome) for finding in one.findings}

    def wait(self, kind, true, limit_s, what):
        """Wait for something of this kind of which it is true, and give it."""
        wait_until(lambda: any(true(one) for one in self.seen(kind)), limit_s, what)
        return next(one for one in self.seen(kind) if true(one))

    def forget(self):
        self.seen(Outcome)
        self.said.clear()


@contextmanager
def watching(settings, pid=0, **options):
    one = Watch(settings, **options)
    one.know(pid)
    one.watch.start()
    try:
        yield one
    finally:
        one.watch.close()


def feed_all(client):
    """Market states and positions that are no copies of each other."""
    now = int(time.time())
    for number, name in enumerate(SYMBOLS, 1):
        price = 100.0 * number
        market = market_hash(ts_timestamp=now, sigma=f"0.01{number}00000", ts=f"0.05{number}000", mu=f"0.0006{number}000")
        prices = {"entry_price": price, "mark_price": price + number / 2, "current_price": price + number / 2}
        client.hset(market_key(name), mapping=market)
        client.hset(position_key(name), mapping=position_hash(symbol=name, ts_epoch=now, **prices))


@contextmanager
def published(tmp_path, server):
    """A publisher at work, whose proposals are there."""
    feed_all(server.client)
    with publishing(tmp_path / "log", server.url, SYMBOLS, interval_s=INTERVAL_S) as publisher:
        wait_until(lambda: server.client.exists(*(f"quantum:risk:proposal:{name}" for name in SYMBOLS)) == 3, 10, "proposals")
        yield publisher


@pytest.fixture
def server(tmp_path):
    with running(tmp_path / "redis") as server:
        yield server


def has(code):
    return lambda one: any(finding.code == code for finding in one.findings)


@pytest.mark.heavy
def test_what_is_well_is_quiet(tmp_path, server):
    config = settings(server.url, supervise=Supervision(every_s=0.5))
    with published(tmp_path, server) as publisher, watching(config, publisher.process.pid) as watch:
        time.sleep(10)
        outcomes = watch.seen(Outcome)
        assert len(outcomes) >= 15
        assert watch.codes() == set()
        assert {doubt for one in outcomes for doubt in one.doubts} == set()
        assert {(one.redis, one.trouble, one.units) for one in watch.seen(Reached)} == {(server.url, "", (UNIT,))}
        assert {(age.symbol, age.state) for age in watch.watch.ages()} == {(name, "FRESH") for name in SYMBOLS}
        assert all(0 <= age.age_s < INTERVAL_S + 1.5 for age in watch.watch.ages())
        assert watch.woken >= len(outcomes)


@pytest.mark.heavy
def test_a_stopped_publisher_is_noticed_within_an_interval_and_two_seconds(tmp_path, server, capsys):
    with published(tmp_path, server) as publisher, watching(settings(server.url), publisher.process.pid) as watch:
        watch.wait(Outcome, lambda one: not one.findings, 5, "a healthy look")
        took = []
        for pause_s in (0.0, 0.3, 0.7):
            time.sleep(1.5 + pause_s)
            watch.forget()
            began = time.monotonic()
            publisher.process.send_signal(signal.SIGSTOP)
            found = watch.wait(Outcome, has("PROCESS201"), 10, "PROCESS201")
            took.append(time.monotonic() - began)
            (finding,) = [one for one in found.findings if one.code == "PROCESS201"]
            assert (finding.subject, finding.severity) == (UNIT, Severity.CRITICAL)
            assert f"process {publisher.process.pid} is stopped" in finding.summary
            assert "it declares one every 1 s" in finding.evidence[-1]
            publisher.process.send_signal(signal.SIGCONT)
            watch.forget()
            watch.wait(Outcome, lambda one: not one.findings, 7, "a look that finds nothing")
        with capsys.disabled():
            print(f"\nfrom SIGSTOP to PROCESS201, at an interval of {INTERVAL_S:g} s:", ", ".join(f"{one:.2f} s" for one in took))
        assert max(took) <= INTERVAL_S + 2


@pytest.mark.slow
def test_a_killed_publisher_is_stale_and_no_signal_holds_it(tmp_path, server):
    config = settings(server.url, supervise=Supervision(every_s=0.5))
    with published(tmp_path, server) as publisher, watching(config, publisher.process.pid) as watch:
        publisher.end(signal.SIGKILL)
        watch.wait(Outcome, has("KEYS201"), 6, "KEYS201")
        time.sleep(2)
        (finding, *_) = watch.seen(Outcome)[-1].findings
        assert (finding.code, finding.severity) == ("KEYS201", Severity.CRITICAL)
        assert "3 of 3 keys" in finding.summary
        assert "PROCESS201" not in watch.codes()


@pytest.mark.slow
def test_keys_that_vanish_while_the_position_is_open_are_found_by_one_look(tmp_path, server):
    config = settings(server.url, supervise=Supervision(every_s=0.3))
    with published(tmp_path, server) as publisher, watching(config, publisher.process.pid) as watch:
        watch.wait(Outcome, lambda one: not one.findings, 5, "a healthy look")
        publisher.process.send_signal(signal.SIGSTOP)
        server.client.delete("quantum:risk:proposal:ETHUSDT")
        found = watch.wait(Outcome, has("KEYS201"), 2, "KEYS201")
        publisher.process.send_signal(signal.SIGCONT)
        (lost,) = [finding for finding in found.findings if finding.code == "KEYS201"]
        assert "ETHUSDT: EXPIRED" in lost.evidence[0]


@pytest.mark.slow
def test_an_emptied_database_is_told(tmp_path, server):
    always = Family(name="app", pattern="app:{symbol}", times=(TimeRule(field="ts", interval_s=1, warn_s=60, critical_s=90),))
    service = Service(name="app", unit=UNIT, families=("app",))
    for name in SYMBOLS:
        server.client.hset(f"app:{name}", "ts", int(time.time()))
    config = settings(server.url, families=(always,), services=(service,), supervise=Supervision(every_s=0.3))
    with watching(config) as watch:
        watch.wait(Outcome, lambda one: not one.findings and not one.doubts, 5, "a healthy look")
        server.client.flushall()
        found = watch.wait(Outcome, has("KEYS201"), 3, "KEYS201")
        assert "3 of 3 keys" in found.findings[0].summary


@pytest.mark.slow
def test_crossed_levels_are_found_by_one_look(tmp_path, server):
    with published(tmp_path, server) as publisher, watching(settings(server.url), publisher.process.pid) as watch:
        watch.wait(Outcome, lambda one: not one.findings, 5, "a healthy look")
        publisher.end(signal.SIGKILL)
        fields = server.client.hgetall("quantum:risk:proposal:BTCUSDT")
        stop, target = fields[b"proposed_sl"], fields[b"proposed_tp"]
        server.client.hset("quantum:risk:proposal:BTCUSDT", mapping={"proposed_sl": target, "proposed_tp": stop})
        watch.forget()
        (found, *_) = watch.watch.look_once()[1:]
        assert "PROPOSAL101" in {finding.code for finding in found.findings}


@pytest.mark.slow
def test_close_ends_all_threads_also_where_redis_hangs(server):
    before = threading.active_count()
    with watching(settings(server.url, supervise=Supervision(every_s=0.2))) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        with stopped(server):
            watch.wait(Reached, lambda one: one.trouble.startswith("hung"), 6, "a hung Redis")
            began = time.monotonic()
            watch.watch.close()
            assert time.monotonic() - began < 2
            wait_until(lambda: threading.active_count() == before, 2, "no thread left")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_broke_down_is_begun_anew(server, monkeypatch):
    with watching(settings(server.url, supervise=Supervision(every_s=0.2))) as watch:
        watch.wait(Reached, lambda one: True, 5, "a look")
        with monkeypatch.context() as patched:
            patched.setattr(Place, "look", lambda *_: sys.exit())  # ends a thread without a word
            wait_until(lambda: not any(thread.name == server.url for thread in threading.enumerate()), 5, "the end of the thread")
        watch.forget()
        watch.know(0, invocation="b" * 32)
        watch.wait(Reached, lambda one: True, 8, "a look")


@pytest.mark.slow
def test_one_redis_that_hangs_delays_no_other(tmp_path, server):
    second = Service(name="other", unit="other.service", families=("risk-proposal",))
    with running(tmp_path / "second") as other:
        third = Service(name="risk-proposal", unit=UNIT, families=("risk-proposal",), redis_url=other.url)
        config = settings(server.url, services=(second, third), supervise=Supervision(every_s=0.3))
        with watching(config) as watch, stopped(server):
            time.sleep(3)
            watch.forget()
            time.sleep(2)
            assert sum(one.unit == UNIT for one in watch.seen(Outcome)) >= 4
            watch.wait(Reached, lambda one: one.redis == server.url and bool(one.trouble), 8, "that it hangs")
            assert {one.redis for one in watch.seen(Reached) if one.trouble} == {server.url}
            assert all(not one.findings and "hung" in one.doubts[0] for one in watch.seen(Outcome) if one.unit == "other.service")


@pytest.mark.slow
def test_a_redis_in_trouble_is_told_after_two_looks_and_once_it_is_back(tmp_path, server):
    with watching(settings(server.url, supervise=Supervision(every_s=1.0))) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        server.kill()
        began = time.monotonic()
        lost = watch.wait(Reached, lambda one: one.trouble, 6, "trouble")
        assert time.monotonic() - began >= 0.9
        assert (lost.redis, lost.units, lost.trouble[:5]) == (server.url, (UNIT,), "down:")
        assert "systemctl start redis-server" in lost.advice
        assert "does not serve it: down" in watch.seen(Outcome)[-1].doubts[0]
        assert {(age.age_s, age.state) for age in watch.watch.ages()} == {
            (None, "UNKNOWN")
        }  # what was true then says nothing of now
        watch.forget()
        server.start()
        watch.wait(Reached, lambda one: not one.trouble, 6, "that it is back")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (lambda client: client.config_set("maxmemory", 1), "out of memory: it answers, and takes no writes"),
        (lambda client: client.replicaof("127.0.0.1", 1), "read only: it answers, and takes no writes"),
        (lambda client: client.config_set("min-replicas-to-write", 1), "read only: it answers, and takes no writes"),
        (lambda client: client.config_set("requirepass", "kestrel-fjord"), "no access: "),
        (lambda client: client.acl_setuser("default", enabled=True, commands=["-@all", "+acl"]), "no access: "),
    ],
    ids=["memory", "replica", "no replicas", "password", "permission"],
)
def test_what_keeps_redis_from_serving(server, change, trouble):
    with watching(settings(server.url, supervise=Supervision(every_s=1.0))) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        change(server.client)
        lost = watch.wait(Reached, lambda one: one.trouble, 6, "trouble")
        assert lost.trouble.startswith(trouble)
        assert lost.advice
        assert not watch.codes()


def test_a_password_is_in_no_text(server):
    server.client.config_set("requirepass", "kestrel-fjord")
    url = server.url.replace("://", "://:wrong-heron@")
    watch = Watch(settings(url))
    said = repr(watch.watch.look_once())
    assert "trouble=" in said
    assert "heron" not in said
    assert "fjord" not in said


def test_pid_of_this_test_is_not_stopped(server):
    watch = Watch(settings(server.url))
    watch.know(os.getpid())
    reached, outcome = watch.watch.look_once()
    assert isinstance(reached, Reached)
    assert outcome.findings == ()
