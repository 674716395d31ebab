"""Units that are asked for by another name than systemd has for them."""

import pytest

from qtops.collectors.watching.aliases import Aliases, own_name
from qtops.incidents import Died
from tests.collectors.watching.watcher import Watcher

DIED = Died(unit="redis-server.service", invocation="a" * 32, at_s=1.0, noticed_s=1.0)


def told(*learned):
    aliases = Aliases()
    for own, asked, as_well in learned:
        aliases.learn(own, asked, as_well=as_well)
    return [died.unit for died in aliases.told([DIED])]


def test_a_unit_is_told_of_by_the_name_asked_for():
    assert told() == ["redis-server.service"]
    assert told(("redis-server.service", "redis.service", False)) == ["redis.service"]
    assert told(("redis-server.service", "redis.service", True)) == ["redis-server.service", "redis.service"]
    assert told(("redis-server.service", "redis-server.service", True)) == ["redis-server.service"]


def test_an_alias_is_a_link_to_a_file_of_another_name(tmp_path):
    folder = tmp_path / "etc/systemd/system"
    folder.mkdir(parents=True)
    (folder / "redis.service").symlink_to("/lib/systemd/system/redis-server.service")
    (folder / "masked.service").symlink_to("/dev/null")
    (folder / "x@1.service").symlink_to("/lib/systemd/system/x@.service")
    (folder / "own.service").write_text("")
    assert own_name("redis.service", str(tmp_path)) == "redis-server.service"
    for name in ("masked.service", "x@1.service", "own.service", "none.service", "redis-server.service"):
        assert own_name(name, str(tmp_path)) == name


@pytest.mark.systemd
@pytest.mark.slow
def test_both_ways_tell_of_an_alias_by_its_name(box):
    pytest.importorskip("pystemd")
    box.unit(
        "a-own.service", "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\nAlias=a-other.service\n"
    )
    box.reload()
    box.systemctl("-q", "enable", "--now", "a-own.service")
    try:
        with Watcher(box, "signals,log", "a-other.service") as watcher:
            box.run("systemctl", "kill", "-s", "KILL", "a-own")
            watcher.until(lambda: watcher.died("journal"))
            watcher.ask("look")
            assert watcher.died("signal") == watcher.died("journal")
            assert {seen["unit"] for seen in [*watcher.of("died"), *watcher.of("stands")]} == {"a-other.service"}
    finally:
        box.run("sh", "-c", "systemctl -q disable a-own; systemctl reset-failed a-own; rm -f /etc/systemd/system/a-own.service")
        box.reload()
