"""Units and what their source says of Redis, from folders of source: no systemd is asked."""

import os
import signal
import time

import pytest

from publisher.embedded import private_server
from qtops.collectors.wiring import Request, look_at_wiring
from qtops.errors import UsageError
from qtops.settings import RedisSettings, Settings

HEAD = "import os\nimport redis\n\nr = redis.Redis()\n"
READER = HEAD + 'r.xread({os.getenv("STREAM_IN", "quantum:stream:a"): "$"})\n'


@pytest.fixture
def tree(tmp_path):
    """Writes a file below the folder of source."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def unit(script, *lines):
    return "[Service]\n" + "".join(f"{line}\n" for line in lines) + f"ExecStart=/usr/bin/python3 {script}\n"


def look(folder, *, ask=False, url=""):
    settings = Settings(redis=RedisSettings(url=url)) if url else Settings()
    return look_at_wiring(Request(sources=(str(folder),), redis=ask, redis_given=bool(url), settings=settings), lambda *_: None)


def units(folder):
    return {one.unit: one for one in look(folder).wiring.units}


def names(one):
    return [(end.direction, end.name) for end in one.ends]


def test_the_environment_of_the_unit_decides_the_name(tree, tmp_path):
    script = tree("app/main.py", READER)
    tree("app.env", "STREAM_IN=quantum:stream:b\n")
    tree("app.service", unit(script, f"EnvironmentFile={tmp_path}/app.env"))
    tree("plain.service", unit(script))
    found = units(tmp_path)
    (end,) = found["app.service"].ends
    assert (end.name, end.origin) == ("quantum:stream:b", f"STREAM_IN at {tmp_path}/app.env:1")
    assert names(found["plain.service"]) == [("read", "quantum:stream:a")]
    assert found["app.service"].script == str(script)


def test_a_checkout_stands_where_its_units_say_that_it_is_deployed(tree, tmp_path):
    tree("services/feed/main.py", "from lib.names import OUT\n" + HEAD + 'r.xadd(OUT, {"a": 1})\n')
    tree("lib/__init__.py", "")
    tree("lib/names.py", 'OUT = "quantum:stream:out"\n')
    deployed = "/opt/nowhere/quantum"
    tree("deploy/feed.service", unit(f"{deployed}/services/feed/main.py", f"Environment=PYTHONPATH={deployed}"))
    (feed,) = units(tmp_path).values()
    assert names(feed) == [("write", "quantum:stream:out")]
    assert feed.script == f"{deployed}/services/feed/main.py"


@pytest.mark.parametrize("command", ["services/feed/main.py", "-m services.feed.main", "-m uvicorn services.feed.main:app"])
def test_a_checkout_is_found_by_what_is_started_in_its_working_directory(tree, tmp_path, command):
    tree("services/feed/main.py", HEAD + 'r.xadd("quantum:stream:out", {"a": 1})\n')
    tree("feed.service", unit(command, "WorkingDirectory=/opt/nowhere/quantum"))
    (feed,) = units(tmp_path).values()
    assert names(feed) == [("write", "quantum:stream:out")]
    assert feed.script == "/opt/nowhere/quantum/services/feed/main.py"


def test_a_whole_file_system_tells_what_is_enabled_and_what_starts_it(tree, tmp_path):
    tree("opt/app/main.py", READER)
    folder, wants = "etc/systemd/system", tmp_path / "etc/systemd/system/multi-user.target.wants"
    install = "[Install]\nWantedBy=multi-user.target\n"
    for name, tail in (("on", install), ("off", install), ("job", ""), ("pool@", install)):
        tree(f"{folder}/{name}.service", unit("/opt/app/main.py") + tail)
    tree(f"{folder}/job.timer", "[Timer]\nOnCalendar=daily\n")
    wants.mkdir()
    for link, target in (("on.service", "on.service"), ("pool@3.service", "pool@.service")):
        (wants / link).symlink_to(f"/etc/systemd/system/{target}")
    found = units(tmp_path)
    assert {name: one.unit_file_state for name, one in found.items()} == {
        "on.service": "enabled", "off.service": "disabled", "job.service": "static", "pool@.service": "enabled",
    }  # fmt: skip
    assert found["job.service"].triggered_by == ("job.timer",)
    assert all(names(one) == [("read", "quantum:stream:a")] for one in found.values())


def test_what_only_an_instance_has_stays_open(tree, tmp_path):
    script = tree("main.py", HEAD + 'r.hgetall("quantum:state:" + os.environ["SHARD"])\n')
    tree("pool@.service", unit(script, "Environment=SHARD=%i"))
    (pool,) = units(tmp_path).values()
    (end,) = pool.ends
    assert end.name.startswith("quantum:state:<")
    assert not end.exact


def test_what_systemd_hands_on_is_not_known_and_no_default_stands_for_it(tree, tmp_path):
    tree("app.service", unit(tree("main.py", READER), "PassEnvironment=STREAM_IN"))
    (app,) = units(tmp_path).values()
    assert names(app) == []
    assert "STREAM_IN" in app.unresolved[0].why


def test_a_secret_never_becomes_a_name_nor_anything_else(tree, tmp_path):
    secret = "hunter2canaryXq"
    script = tree("main.py", HEAD + 'r.set(os.environ["API_TOKEN"], 1)\nr.set("q:" + os.environ["DB_PASSWORD"], 1)\n')
    tree("leaky.service", unit(script, f"Environment=API_TOKEN={secret} DB_PASSWORD={secret} REDIS_URL=redis://:{secret}@h/0"))
    facts = look(tmp_path)
    assert secret not in repr(facts)
    assert ("write", "q:<DB_PASSWORD>") in names(facts.wiring.units[0])


def test_a_name_that_reads_like_a_secret_stays_a_name(tree, tmp_path, redis_url, redis_client):
    redis_client.hset("auth:token:refresh", "a", 1)
    script = tree("main.py", HEAD + 'r.hset("auth:token:refresh", "a", 1)\nr.hset("auth:token:canary77", "a", 1)\n')
    tree("app.service", unit(script, "Environment=API_TOKEN=canary77"))
    wiring = look(tmp_path, ask=True, url=redis_url).wiring
    assert names(wiring.units[0]) == [("write", "auth:token:refresh"), ("write", "auth:token:***")]
    assert [(state.name, state.present) for state in wiring.names] == [
        ("auth:token:refresh", True),
        ("auth:token:***", False),
    ]


def test_units_that_start_no_python_are_left_out(tree, tmp_path):
    script = tree("main.py", READER)
    tree("app.service", unit(script))
    tree("other.service", "[Service]\nExecStart=/usr/bin/true\n")
    assert list(units(tmp_path)) == ["app.service"]


def test_a_unit_that_types_to_redis_itself_is_said_to_be_unresolved(tree, tmp_path):
    tree("units/mark.service", "[Service]\nExecStart=/bin/sh -c 'redis-cli -a hunter2 XADD app:stream:marks * at 1'\n")
    (mark,) = units(tmp_path).values()
    ((command, why),) = [(each.command, each.why) for each in mark.unresolved]
    assert command == "XADD"
    assert "redis-cli" in why
    assert "hunter2" not in repr(mark)


def test_an_environment_file_that_is_not_there_is_told(tree, tmp_path):
    tree("app.service", unit(tree("main.py", READER), "EnvironmentFile=/nonexistent/app.env"))
    (app,) = units(tmp_path).values()
    assert "/nonexistent/app.env" in " ".join(app.missing)
    assert names(app) == [("read", "quantum:stream:a")]


def test_a_program_that_is_not_there_is_told_and_one_of_a_distribution_is_none_of_the_project(tree, tmp_path):
    tree("script.service", unit("/nonexistent/main.py"))
    tree("module.service", unit("-m nowhere.main", "WorkingDirectory=/nonexistent"))
    tree("server.service", unit("-m http.server"))
    found = units(tmp_path)
    assert "/nonexistent/main.py" in found["script.service"].missing[0]
    assert "nowhere.main" in found["module.service"].missing[0]
    assert found["server.service"].missing == ()


@pytest.mark.parametrize("source", [b"\x00\xff", b"def broken(:\n", b"", b"(" * 5000, b"\xef\xbb\xbfimport redis\n"])
def test_source_that_cannot_be_read_hides_no_other(tree, tmp_path, source):
    tree("bad.service", unit(tree("bad.py", source)))
    tree("app.service", unit(tree("main.py", READER)))
    found = units(tmp_path)
    assert names(found["app.service"]) == [("read", "quantum:stream:a")]
    assert found["bad.service"].ends == ()


def test_every_program_of_a_start_counts(tree, tmp_path):
    before = tree("before.py", HEAD + 'r.delete("quantum:lock")\n')
    tree("app.service", unit(tree("main.py", READER), f"ExecStartPre=/usr/bin/python3 {before}"))
    (app,) = units(tmp_path).values()
    assert sorted(names(app)) == [("read", "quantum:stream:a"), ("touch", "quantum:lock")]


def test_a_folder_without_unit_files_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="no unit file"):
        look(tmp_path)


def test_redis_is_joined_with_what_source_says(tree, tmp_path, redis_url, redis_client):
    redis_client.xadd("quantum:stream:a", {"x": 1})
    redis_client.xgroup_create("quantum:stream:a", "readers")
    redis_client.xadd("quantum:stream:stray", {"x": 1})
    tree("app.service", unit(tree("main.py", READER)))
    wiring = look(tmp_path, ask=True, url=redis_url).wiring
    assert [(state.name, state.kind, state.length) for state in wiring.names] == [("quantum:stream:a", "stream", 1)]
    assert wiring.found == ("quantum:stream:stray",)
    looked = {stream.name: [group.name for group in stream.groups] for stream in wiring.streams.looks[0].streams}
    assert looked == {"quantum:stream:a": ["readers"], "quantum:stream:stray": []}
    assert wiring.clients
    assert wiring.missing == ()


def test_the_redis_that_most_units_name_is_asked_and_the_others_are_told(tree, tmp_path, redis_url):
    script = tree("main.py", READER)
    for name in ("one", "two"):
        tree(f"{name}.service", unit(script, f"Environment=REDIS_URL={redis_url}"))
    tree("far.service", unit(script, "Environment=REDIS_URL=unix:///nonexistent/far.sock"))
    wiring = look(tmp_path, ask=True).wiring
    assert wiring.redis_url == redis_url
    assert "far.sock" in " ".join(wiring.missing)
    assert wiring.names is not None


def test_where_redis_is_down_source_is_told_all_the_same(tree, tmp_path):
    tree("app.service", unit(tree("main.py", READER)))
    began = time.monotonic()
    wiring = look(tmp_path, ask=True, url="unix:///nonexistent/redis.sock").wiring
    assert time.monotonic() - began < 3
    assert wiring.names is None
    assert wiring.streams is None
    assert "nonexistent" in " ".join(wiring.missing)
    assert names(wiring.units[0]) == [("read", "quantum:stream:a")]


def test_nothing_is_written_and_no_command_walks_a_key(tree, tmp_path, redis_url, redis_client):
    redis_client.xadd("quantum:stream:a", {"x": 1})
    redis_client.xgroup_create("quantum:stream:a", "readers")
    redis_client.xreadgroup("readers", "one", {"quantum:stream:a": ">"})
    for number in range(1_200):
        redis_client.hset(f"quantum:state:{number}", "a", 1)
    tree("app.service", unit(tree("main.py", READER + 'r.hgetall(f"quantum:state:{input()}")\n')))
    redis_client.config_resetstat()
    before = redis_client.info("persistence")["rdb_changes_since_last_save"]
    look(tmp_path, ask=True, url=redis_url)
    assert redis_client.info("persistence")["rdb_changes_since_last_save"] == before
    calls = {name.removeprefix("cmdstat_"): row["calls"] for name, row in redis_client.info("commandstats").items()}
    known = redis_client.command()
    assert [name for name in calls if "write" in known[name.partition("|")[0]]["flags"]] == []
    assert calls.keys().isdisjoint({"keys", "hgetall", "hvals", "smembers", "lrange", "zrange", "xrange", "get", "sort"})
    assert calls["scan"] <= 2 * (1_201 / 500 + 1)
    assert sum(calls.values()) < 60


def test_a_redis_that_hangs_is_told_in_time(tree, tmp_path):
    tree("app.service", unit(tree("main.py", READER)))
    with private_server() as server:
        os.kill(server.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            wiring = look(tmp_path, ask=True, url=server.url).wiring
            assert time.monotonic() - began < 3
        finally:
            os.kill(server.pid, signal.SIGCONT)
    assert wiring.names is None
    assert "hung" in " ".join(wiring.missing)
