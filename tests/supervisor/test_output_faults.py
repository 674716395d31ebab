"""What is made of clocks that are set, servers that fail over, keys of the wrong kind, and values that are meant to do harm."""

import re
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from msgspec.structs import replace

from qtops.incidents import Outcome, Reached
from qtops.settings import Family, Service, Stream, Supervision, TimeRule
from tests.faults.groups import clustered, watched
from tests.faults.proxy import Wire
from tests.faults.servers import BOUNDED, running
from tests.supervisor.test_output import FAMILY, SYMBOLS, UNIT, Watch, feed_all, has, published, settings, watching

pytestmark = pytest.mark.heavy

OFTEN = Supervision(every_s=0.5)
_TIME = re.compile(rb"\*2\r\n\$10\r\n(\d{10})\r\n\$")  # what TIME replies (redis.io/commands/time)


class SetClock(Wire):
    """A wire behind which the server's clock is ahead by so much."""

    ahead_s: int = 0

    def _reply(self, data, target):
        def moved(match):
            return match[0].replace(match[1], str(int(match[1]) + self.ahead_s).encode())

        super()._reply(_TIME.sub(moved, data) if self.ahead_s else data, target)


@pytest.fixture
def server(tmp_path):
    with running(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def wire(server):
    proxy = SetClock(server)
    yield proxy
    proxy.close()


@pytest.mark.parametrize("by_s", [3600, -3600], ids=["forward", "back"])
def test_a_clock_of_redis_that_is_set_raises_no_alarm(tmp_path, server, wire, by_s):
    config = settings(wire.url, supervise=OFTEN)
    with published(tmp_path, server) as publisher, watching(config, publisher.process.pid) as watch:
        watch.wait(Outcome, lambda one: not one.findings and not one.doubts, 5, "a healthy look")
        wire.ahead_s = by_s
        doubt = watch.wait(Outcome, lambda one: one.doubts, 5, "a doubt").doubts[0]
        assert f"could not tell, as the clock was set by {'+' if by_s > 0 else '-'}1 h at " in doubt
        time.sleep(1.5)
        assert watch.codes() == set()
        publisher.process.send_signal(signal.SIGSTOP)
        watch.wait(Outcome, has("PROCESS201"), 4, "PROCESS201 while times say nothing")
        publisher.process.send_signal(signal.SIGCONT)
        assert watch.codes() == {"PROCESS201"}


def test_a_clock_of_this_host_that_is_set_raises_no_alarm(tmp_path, server):
    wall = {"ahead_s": 0.0}
    config = settings(server.url, supervise=OFTEN, families=(replace(FAMILY, only_while="always"),))
    with watching(config, wall=lambda: time.time() + wall["ahead_s"]) as watch:
        watch.wait(Outcome, has("KEYS201"), 5, "keys that are not there")
        wall["ahead_s"] = -3600.0
        watch.forget()
        watch.wait(Outcome, lambda one: not one.findings and "set by -1 h" in one.doubts[-1], 5, "a doubt")


def test_keys_of_the_wrong_kind_and_values_that_do_harm(server):
    client = server.client
    feed_all(client)
    client.set("quantum:risk:proposal:BTCUSDT", "no hash")
    hostile = {"heartbeat_ms": b"\xff\x1b]0;x\x07", "computed_at_utc": "9" * 5000, "proposed_sl": "nan", "proposed_tp": "1e999"}
    client.hset("quantum:risk:proposal:ETHUSDT", mapping=hostile)
    client.hset("quantum:risk:proposal:SOLUSDT", mapping={f"\x1b[31m{number}": b"\xfe" * 300 for number in range(3000)})
    seen = Watch(settings(server.url)).watch.look_once()
    (outcome,) = [one for one in seen if isinstance(one, Outcome)]
    assert outcome.doubts
    assert "PROPOSAL115" in {finding.code for finding in outcome.findings}
    words = "\n".join((*outcome.doubts, *(line for one in outcome.findings for line in (one.summary, *one.evidence))))
    assert words.replace("\n", "").isprintable()
    assert len(words) < 20_000


def test_a_key_of_the_wrong_kind_is_told_once_it_could_not_be_judged_for_longer_than_it_may_be_old(server):
    rule = TimeRule(field="ts", interval_s=0.3, warn_s=0.6, critical_s=1)
    service = Service(name="app", unit=UNIT, families=("app",))
    server.client.set("app", "no hash")
    family = Family(name="app", pattern="app", times=(rule,))
    with watching(settings(server.url, families=(family,), services=(service,), supervise=Supervision(every_s=0.3))) as watch:
        doubted = watch.wait(Outcome, lambda one: one.doubts, 3, "a doubt")
        assert (doubted.findings, doubted.doubts) == (
            (),
            ("app: wrong_type: the key is no hash; correct the family's kind, or find who writes there",),
        )
        (finding,) = watch.wait(Outcome, has("KEYS201"), 4, "KEYS201").findings
        assert finding.summary.startswith("how old 1 of the keys that it writes are could not be told for 1")
        server.client.delete("app")
        server.client.hset("app", "ts", int(time.time() * 1000))
        watch.forget()
        watch.wait(Outcome, lambda one: not one.findings and not one.doubts, 3, "a healthy look")


def test_twenty_families_of_twenty_services(server):
    rule = TimeRule(field="ts", interval_s=10, warn_s=20, critical_s=30)
    families = tuple(Family(name=f"f{number}", pattern=f"f{number}:{{symbol}}", times=(rule,)) for number in range(20))
    services = tuple(Service(name=f"s{number}", unit=f"s{number}.service", families=(f"f{number}",)) for number in range(20))
    now = int(time.time())
    for number in range(20):
        for name in SYMBOLS:
            server.client.hset(f"f{number}:{name}", "ts", now - 25 * (number == 7))
    watch = Watch(settings(server.url, families=families, services=services))
    seen = watch.watch.look_once()
    outcomes = {one.unit: [finding.code for finding in one.findings] for one in seen if isinstance(one, Outcome)}
    assert outcomes == {f"s{number}.service": ["KEYS201"] * (number == 7) for number in range(20)}
    assert [len(one.units) for one in seen if isinstance(one, Reached)] == [20]
    assert len(watch.watch.ages()) == 60


@pytest.mark.heavy
@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "hangs up"])
def test_a_redis_in_trouble_is_not_stormed(server, wire, hangs):
    with watching(settings(wire.url, supervise=Supervision(every_s=0.2))) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        wire.swallow, wire.lose = hangs, b"TIME"
        wire.cut()
        watch.wait(Reached, lambda one: one.trouble, 6, "trouble")
        before = wire.connections
        time.sleep(8)
        assert 1 <= wire.connections - before <= 9
        wire.swallow, wire.lose = False, b""
        watch.forget()
        watch.wait(Reached, lambda one: not one.trouble, 6, "that it goes on")


def test_a_stopped_process_that_has_nothing_to_write(server):
    with watching(settings(server.url, supervise=Supervision(every_s=0.3))) as watch, subprocess.Popen(["sleep", "60"]) as sleeper:
        try:
            watch.know(sleeper.pid)
            sleeper.send_signal(signal.SIGSTOP)
            began = time.monotonic()
            watch.wait(Outcome, has("PROCESS201"), 5, "PROCESS201")
            assert time.monotonic() - began > 1.9  # a cycle and a second: one look may see a stop of a moment
        finally:
            sleeper.kill()


def test_a_server_that_is_still_loading(server):
    pipeline = server.client.pipeline(transaction=False)
    for number in range(20_000):
        pipeline.set(f"filler:{number}", "x")
    pipeline.execute()
    server.client.save()
    with watching(settings(server.url, supervise=Supervision(every_s=0.5))) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        server.kill()
        server.launch("--key-load-delay", "200", "--loading-process-events-interval-bytes", "1024")
        told = watch.wait(Reached, lambda one: one.trouble.startswith("loading"), 12, "loading")
        assert "redis-cli INFO persistence" in told.advice


def test_a_server_that_could_not_save(server):
    with watching(settings(server.url, supervise=OFTEN)) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        server.client.config_set("save", "3600 1")
        shutil.rmtree(server.folder)
        server.client.bgsave()
        told = watch.wait(Reached, lambda one: one.trouble, 6, "trouble")
        assert told.trouble == "disk error: it answers, and takes no writes"


def test_a_script_that_does_not_end(server):
    server.client.config_set("busy-reply-threshold", 50)
    with watching(settings(server.url, supervise=OFTEN)) as watch, redis.Redis(port=server.port, **BOUNDED) as other:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        script = threading.Thread(target=lambda: suppressed(other.eval, "while true do end", 0))
        script.start()
        told = watch.wait(Reached, lambda one: one.trouble.startswith("busy"), 6, "trouble")
        assert told.advice == "A script blocks it: `redis-cli SCRIPT KILL`"
        server.client.script_kill()
        script.join()


def suppressed(run, *arguments):
    with suppress(redis.RedisError):
        run(*arguments)


@pytest.mark.heavy
def test_a_cluster_that_loses_a_master(tmp_path):
    with clustered(tmp_path) as cluster, watching(settings(cluster.url, supervise=OFTEN)) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        cluster.servers[0].kill()
        watch.wait(Outcome, lambda one: one.doubts, 10, "a doubt")
        watch.forget()
        watch.wait(
            Outcome, lambda one: not one.findings and not any("does not serve" in doubt for doubt in one.doubts), 30, "a new master"
        )
        assert watch.codes() == set()


def test_streams_of_its_own_are_looked_at(server):
    own = Stream(name="app:events", kind="periodic", interval_s=5, writer="risk-proposal", maxlen=100)
    server.client.xadd("app:events", {"a": 1}, id=f"{int(time.time() - 120) * 1000}-0")
    watch = Watch(settings(server.url, streams=(own,)))
    (outcome,) = [one for one in watch.watch.look_once() if isinstance(one, Outcome)]
    (finding,) = [one for one in outcome.findings if one.code == "STREAM108"]
    assert finding.subject == UNIT
    assert finding.summary.startswith("app:events: silent for 2 min")


def test_a_failover_is_told_and_over_once_there_is_a_master(tmp_path):
    with watched(tmp_path, 1) as sentinels, watching(settings(sentinels.url, supervise=OFTEN)) as watch:
        watch.wait(Reached, lambda one: not one.trouble, 5, "a look")
        sentinels.master.kill()
        lost = watch.wait(Reached, lambda one: one.trouble, 10, "trouble")
        assert (lost.redis, lost.trouble.partition(":")[0]) in {(sentinels.url, "down"), (sentinels.url, "failing over")}
        watch.forget()
        watch.wait(Reached, lambda one: not one.trouble, 20, "the new master")
        assert watch.codes() == set()


@pytest.mark.heavy
def test_memory_threads_and_descriptors_stay_flat_over_two_thousand_looks(tmp_path, server, capsys):
    with published(tmp_path, server):
        watch = Watch(settings(server.url)).watch
        for _ in range(200):
            watch.look_once()
        began = (_rss_kb(), _descriptors(), threading.active_count())
        cpu_s = time.process_time()
        for _ in range(2000):
            watch.look_once()
        cpu_s = time.process_time() - cpu_s
        grown = [now - before for now, before in zip((_rss_kb(), _descriptors(), threading.active_count()), began, strict=True)]
        with capsys.disabled():
            print(f"\n2,000 looks at 3 symbols: {grown[0]} kB more, {cpu_s / 2:.2f} ms of CPU each")
        assert grown[0] < 2048
        assert grown[1:] == [0, 0]


def _rss_kb():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def _descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))
