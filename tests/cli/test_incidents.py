"""``qtops incidents`` as its users run it: what it prints, what it changes, and its exit codes."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from qtops.actions.incidents.opening import open_store
from tests.actions.incidents.builders import NOW, OPS, WARNING, incident, open_one, resolved
from tests.cli.running import qtops

pytestmark = pytest.mark.slow  # many small ones
OK, IS_WARNING, IS_CRITICAL, UNKNOWN, USAGE, NOT_PERMITTED = 0, 1, 2, 3, 64, 77


@pytest.fixture
def folder(tmp_path) -> str:
    return str(tmp_path / "state")


@pytest.fixture
def run(folder):
    return lambda *words, **given: qtops(*words, QTOPS_SUPERVISE_STATE=folder, **given)


@pytest.fixture
def store(folder):
    with open_store(folder) as opened:
        yield opened


def test_where_nothing_is_on_record_all_is_well_and_nothing_is_made(run, folder):
    done = run("incidents")
    assert (done.returncode, done.stderr) == (OK, "")
    assert f"no incident is on record in {folder}" in done.stdout
    assert json.loads(run("incidents", "-o", "json").stdout)["incidents"] == []
    assert not Path(folder).exists()


@pytest.mark.parametrize("words", [["incidents"], ["incidents", "list"]])
def test_the_exit_code_is_that_of_the_worst_that_is_open(run, store, words):
    open_one(store, "a", severity=WARNING)
    assert run(*words).returncode == IS_WARNING
    open_one(store, "b")
    store.acknowledge(2, "alice", "", NOW)
    done = run(*words)
    assert done.returncode == IS_CRITICAL
    assert [line.split()[0] for line in done.stdout.splitlines() if line.startswith("#")] == ["#2", "#1"]
    assert "2 open, 1 of them not acknowledged" in done.stdout
    for number in (1, 2):
        store.end(number, "alice", "gone", NOW + 1)
    done = run(*words)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (OK, "nothing is open")


def test_the_last_twenty_that_ended_are_listed_or_all(run, store):
    for number in range(25):
        store.apply([resolved(open_one(store), NOW + number)])
    open_one(store)
    assert len(json.loads(run("incidents", "-o", "json").stdout)["incidents"]) == 21
    rows = json.loads(run("incidents", "--all", "-o", "json").stdout)["incidents"]
    assert [row["number"] for row in rows] == [26, *range(25, 0, -1)]


def test_what_cannot_be_read_is_could_not_tell(run, store, folder):
    store.close()
    Path(folder, "incidents.db").write_bytes(b"no database" * 1000)
    done = run("incidents")
    assert (done.returncode, done.stdout) == (UNKNOWN, "")
    assert "is damaged (file is not a database); the supervisor moves it aside when it starts" in done.stderr
    assert sorted(path.name for path in Path(folder).iterdir()) == ["incidents.db"]


def test_what_a_later_qtops_made_is_could_not_tell(run, store, folder):
    store.close()
    connection = sqlite3.connect(Path(folder, "incidents.db"))
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    assert run("incidents").returncode == UNKNOWN


def test_one_is_told_from_its_beginning(run, store):
    kept = open_one(store, "a", NOW, OPS, code="IMPORT101", nature="deterministic", began_s=NOW - 2)
    folder = Path(store.folder_of(1))
    (folder / "report-opening").mkdir()
    for name in ("closing.json.gz", "opening.json.gz", "report-opening/report.md"):
        (folder / name).touch()
    (folder / "link").symlink_to("/etc")
    store.acknowledge(1, "alice", "on it", NOW + 5)
    done = run("incidents", "show", "1")
    assert (done.returncode, done.stderr) == (OK, "")
    for told in (
        "#1 CRITICAL ACKNOWLEDGED a.service  a died", "process, deterministic, IMPORT101", "2 s after that", "by alice: on it",
        "ops  opened: waiting", f"{store.folder}/incidents/1", "opening.json.gz", "qtops recover a.service",
        "qtops explain IMPORT101", f"qtops doctor --from {store.folder}/incidents/1/opening.json.gz",
    ):  # fmt: skip
        assert told in done.stdout, told
    shown = json.loads(run("incidents", "show", "1", "-o", "json").stdout)
    assert shown["schema"] == "qtops.incidents.show/1"
    assert [line["event"] for line in shown["timeline"]] == ["opened", "acknowledged"]
    assert (shown["incident"]["incident"]["fingerprint"], shown["incident"]["number"]) == (kept.fingerprint, 1)
    assert shown["files"] == ["closing.json.gz", "link", "opening.json.gz", "report-opening/report.md"]


def test_a_person_acknowledges_and_closes(run, store):
    open_one(store, "a", NOW, OPS)
    done = run("incidents", "ack", "1", "--why", "on it", SUDO_USER="alice")
    assert (done.returncode, done.stdout) == (OK, "incident 1 is acknowledged: a.service: a died\n")
    done = run("incidents", "close", "1", "--why", "gone", "-o", "json")
    assert (done.returncode, json.loads(done.stdout)["incident"]["incident"]["state"]) == (OK, "closed")
    kept = store.incident(1)
    assert kept.acknowledged_by == ("alice" if os.getuid() == 0 else kept.acknowledged_by)
    done = run("incidents", "ack", "1")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "incident 1 is closed since" in done.stderr


def test_who_knows_of_it_is_told_that_it_was_closed(run, store, tmp_path):
    open_one(store, "a", NOW, OPS)
    (tmp_path / "qtops.toml").write_text('[[notify]]\nname = "ops"\ncommand = ["/bin/true"]\n')
    assert run("--config", str(tmp_path / "qtops.toml"), "incidents", "close", "1", "--why", "gone").returncode == OK
    assert [told.id for told in store.told(1)] == ["1-opened-1@ops", "1-closed-1@ops"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "7"], "there is no incident 7: `qtops incidents --all` lists them"),
        (["ack", "7"], "there is no incident 7"),
        (["close", "7", "--why", "x"], "there is no incident 7"),
        (["close", "1"], "Missing option '--why'"),
        (["close", "1", "--why", " "], "say why it is over"),
        (["show", "0"], "0 is not in the range"),
        (["show", "99999999999999999999"], "is not in the range"),
        (["show", "x"], "'x' is not a valid integer"),
        (["shwo", "1"], "No such command 'shwo'"),
    ],
)
def test_wrong_words(run, store, words, says):
    open_one(store)
    done = run("incidents", *words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert says in done.stderr
    assert store.incident(1) == incident(number=1)


@pytest.mark.parametrize("words", [["show", "1"], ["ack", "1"], ["close", "1", "--why", "x"]])
def test_without_a_store_there_is_nothing_to_act_on_and_none_is_made(run, folder, words):
    done = run("incidents", *words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert f"no incident is on record in {folder}: `qtops supervise` opens them" in done.stderr
    assert not Path(folder).exists()


def test_hostile_text_obeys_nobody(run, store):
    open_one(store, title="\x1b[2J [red]x[/red]")
    for words in (["incidents"], ["incidents", "show", "1"], ["incidents", "ack", "1"]):
        shown = run(*words, FORCE_COLOR="1").stdout
        assert r"\x1b[2J [red]x[/red]" in shown
        assert "\x1b[2J" not in shown


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to(path.name), lambda path: path.symlink_to("/etc")])
def test_a_folder_that_cannot_be_listed_is_shown_as_empty(run, store, make):
    open_one(store, "a")
    place = Path(store.folder, "incidents")
    place.mkdir(mode=0o700)
    make(place / "1")
    assert json.loads(run("incidents", "show", "1", "-o", "json").stdout)["files"] == []


def test_a_secret_in_what_a_person_says_is_not_kept(run, store):
    open_one(store, "a")
    run("incidents", "ack", "1", "--why", "works with token=ploverskerry7")
    run("hold", "a", "--until", "1h", "--why", "password=ploverskerry7")
    shown = run("incidents", "show", "1").stdout + run("hold").stdout
    assert "token=***" in shown
    assert "ploverskerry7" not in shown
