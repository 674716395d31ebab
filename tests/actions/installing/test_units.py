"""Commands that are run, and units that are about to go: as far as that can be told without a booted systemd."""

import pytest

from qtops.actions.installing import units
from qtops.actions.installing.units import CommandFailed, run


def test_a_command_that_fails_is_told_with_its_last_words():
    with pytest.raises(CommandFailed, match=r"ls /nowhere: .*No such file"):
        run(("ls", "/nowhere"))
    with pytest.raises(CommandFailed, match="false: exited with 1"):
        run(("false",))
    with pytest.raises(CommandFailed, match="no-such-command cannot be run"):
        run(("no-such-command",))
    run(("true",))


def test_links_of_other_units_tell_what_is_enabled(tmp_path, monkeypatch):
    monkeypatch.setattr(units, "ADMINISTRATORS", str(tmp_path))
    for link in (
        "multi-user.target.wants/a.service",
        "timers.target.wants/b.timer",
        "x.target.requires/c@one.service",
        "a.wants/z.service",
    ):
        (tmp_path / link).parent.mkdir(exist_ok=True)
        (tmp_path / link).symlink_to(f"/dangling/{link}")
    folder = "/etc/systemd/system"
    paths = [f"{folder}/{name}" for name in ("a.service", "b.timer", "c@.service", "d.service")]
    assert set(units.enabled([*paths, "/etc/qtops/z.service"])) == {"a.service", "b.timer", "c@one.service"}


def test_where_no_unit_is_asked_for_none_runs():
    assert units.running(["/etc/qtops/qtops.toml"]) == ()
