"""When what a prediction rests on last changed: what the interpreter writes itself is no change, and a switched link is one."""

import os
import time

from msgspec.structs import replace

from qtops.collectors.live_starts import LiveStart, source_changed_s
from qtops.facts.preflight import ImportFacts, StartFacts
from tests.checks.services import UNIT

OLD_S = time.time() - 86_400


def changed(folder, **imports):
    script = f"{folder}/main.py"
    facts = ImportFacts(interpreter="", script=script, followed=(script,), **imports)
    return source_changed_s(
        replace(UNIT, working_directory=str(folder)), LiveStart(StartFacts(subject="app.service", imports=facts), {})
    )


def aged(monkeypatch, *paths):
    """Let files and folders be a day old; the kernel gives nobody such a ctime."""
    kept = os.stat

    def stat(path, *args, **options):
        found = kept(path, *args, **options)
        is_aged = os.fspath(path) in {os.fspath(each) for each in paths}
        return os.stat_result((*found[:7], OLD_S, OLD_S, OLD_S)) if is_aged else found

    monkeypatch.setattr(os, "stat", stat)


def test_a_folder_that_only_got_its_pycache_has_not_changed(tmp_path, monkeypatch):
    script = tmp_path / "main.py"
    script.write_text("")
    aged(monkeypatch, script)
    assert changed(tmp_path) > OLD_S + 60  # somebody has put something there
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/main.cpython-311.pyc").write_text("")
    assert changed(tmp_path) == OLD_S


def test_a_link_that_leads_to_another_release_is_a_change(tmp_path, monkeypatch):
    release = tmp_path / "releases/41"
    release.mkdir(parents=True)
    script = release / "main.py"
    script.write_text("")
    link = tmp_path / "current"
    link.symlink_to(release)
    aged(monkeypatch, link / "main.py", link, script, release)
    assert changed(link) == os.lstat(link).st_ctime
