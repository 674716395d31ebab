"""``qtops report`` and ``qtops phases`` as operators use them: what is written where, what is printed, and how each error ends."""

import gzip
import json
import os
import time
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from qtops import bundle
from qtops.casework.writing import compose, put
from qtops.facts.journal import JournalFacts, Line
from qtops.reports.written.templates import load
from tests.cli.running import qtops
from tests.evidence.cases import founding_case

pytestmark = pytest.mark.slow
SEED = Path(__file__).parents[1] / "data" / "seed_evidence.json.gz"
CASE = founding_case()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """The report on the founding incident, as a folder."""
    return put(compose(CASE, load(None)), tmp_path_factory.mktemp("reports") / "founding")


@pytest.fixture
def state(tmp_path):
    """Variables under which an unprivileged user's records lie in a folder of their own."""
    (tmp_path / "qtops.toml").write_text(f'state = "{tmp_path / "state"}"\n')
    return ("--config", str(tmp_path / "qtops.toml"))


def saved(path: Path, facts) -> str:
    bundle.save(facts, path)
    return str(path)


def test_a_report_from_recorded_evidence_is_complete_within_two_seconds(evidence, state, tmp_path):
    began = time.monotonic()
    done = qtops(*state, "report", "incident", "--from", str(evidence), "--to", str(tmp_path / "again"), "-q")
    took_s = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("RECOVERED Incident: quantum-risk-proposal.service (IMPORT101)")
    assert f"qtops report check {tmp_path / 'again'}" in done.stdout
    assert {path.name for path in (tmp_path / "again").iterdir()} == {"report.md", "report.html", "report.json", "evidence"}
    for name in ("report.md", "report.html", "report.json"):
        assert (tmp_path / "again" / name).read_bytes() == (evidence / name).read_bytes()
    assert took_s < 6  # the bar of 2 s is measured by `make bench`, where nothing else runs


def test_it_goes_to_the_state_folder_where_no_place_is_named(evidence, state, tmp_path):
    done = qtops(*state, "report", "incident", "--from", str(evidence))
    assert done.returncode == 0, done.stderr
    (made,) = (tmp_path / "state" / "reports").iterdir()
    assert made.name == "incident_quantum-risk-proposal_20261123_125615"
    assert qtops(*state, "report", "check", str(made / "report.md")).returncode == 0


@pytest.mark.parametrize(
    ("form", "begins"), [("markdown", "# Incident: "), ("html", "<!doctype html>"), ("json", '{\n  "schema": "qtops.report/1"')]
)
def test_the_report_itself_is_printed_on_request_and_nothing_else(evidence, state, tmp_path, form, begins):
    done = qtops(*state, "report", "incident", "--from", str(evidence), "--to", str(tmp_path / "x"), "-o", form)
    assert done.returncode == 0
    assert done.stdout.lower().startswith(begins.lower())
    name = {"markdown": "report.md", "html": "report.html", "json": "report.json"}[form]
    assert done.stdout == (tmp_path / "x" / name).read_text("utf-8")
    assert done.stderr.strip() == str(tmp_path / "x")


def test_two_bundles_are_an_incident_without_a_ledger(state, tmp_path):
    before, after = saved(tmp_path / "before.json.gz", CASE.before), saved(tmp_path / "after.json.gz", CASE.after)
    done = qtops(*state, "report", "incident", "--from", after, "--from", before, "--to", str(tmp_path / "x"))
    assert done.returncode in {0, 3}, done.stderr
    assert not done.stdout.startswith("RECOVERED")  # no recovery is on record: that it was one, nothing shows
    assert qtops(*state, "report", "check", str(tmp_path / "x")).returncode == 0


def test_a_service_that_is_down_and_was_not_recovered_is_open(state, tmp_path):
    before = saved(tmp_path / "before.json.gz", CASE.before)
    done = qtops(*state, "report", "incident", "risk-proposal", "--from", before, "--to", str(tmp_path / "x"))
    assert done.returncode == 2, done.stderr
    assert done.stdout.startswith("OPEN")


def test_the_seeds_own_evidence_is_not_complete(state, tmp_path):
    done = qtops(*state, "report", "phase", "3", "--from", str(SEED), "--to", str(tmp_path / "x"))
    assert done.returncode == 2
    assert done.stdout.startswith("PARTIAL Phase 3: Risk Proposal Recovery")
    for code in ("PROPOSAL101", "PROPOSAL102", "PROPOSAL105", "PROPOSAL107", "PROPOSAL114", "EVENT101"):
        assert code in done.stdout
    assert qtops(*state, "report", "check", str(tmp_path / "x")).returncode == 0


def test_a_check_of_what_was_altered_says_what(evidence, state, tmp_path):
    made = put(compose(CASE, load(None)), tmp_path / "x")
    path = made / "report.md"
    path.write_text(path.read_text().replace("RECOVERED", "OPERATIONAL", 1))
    done = qtops(*state, "report", "check", str(path))
    assert done.returncode == 2
    assert done.stdout.startswith("DOES NOT SAY WHAT ITS EVIDENCE SAYS")
    assert "WORDING report.md line 3" in done.stdout
    told = json.loads(qtops(*state, "report", "check", str(path), "-o", "json").stdout)
    assert told["schema"] == "qtops.report.check/1"
    assert told["verdict"] == "critical"
    assert {one["kind"] for one in told["objections"]} == {"altered", "wording"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("report", "incident", "--from", "{tmp}/absent.json.gz"), 64, "absent.json.gz: cannot be read: No such file"),
        (("report", "incident", "--from", "{tmp}/folder"), 64, "is no evidence"),
        (("report", "incident", "--from", "{tmp}/cut.json.gz"), 64, "truncated"),
        (("report", "incident", "--from", "{tmp}/a.json.gz", "--from", "{tmp}/b.json.gz"), 64, "one host at a time"),
        (("report", "incident", "nobody", "--from", "{tmp}/a.json.gz"), 64, "has no nobody.service"),
        (("report", "incident", "--from", "{tmp}/a.json.gz", "--recovery", "x"), 64, "one of them"),
        (("report", "incident", "--from", "{tmp}/a.json.gz", "--to", "{tmp}"), 64, "is not empty"),
        (("report", "incident", "--from", "{tmp}/a.json.gz", "--templates", "{tmp}/broken"), 78, "report.md.j2:2"),
        (("report", "incident", "--recovery", "20260101T000000Z-x-0000"), 64, "20260101T000000Z-x-0000"),
        (("report", "phase", "9", "--from", "{tmp}/a.json.gz"), 64, "1"),
        (("report", "phase", "three"), 64, "three"),
        (("report", "phase", "3", "--from", "{tmp}/absent"), 64, "absent"),
        (("report", "phase", "3", "--observe", "-1"), 64, "length of time"),
        (("report", "check", "{tmp}/absent"), 64, "absent: cannot be read: No such file"),
        (("report", "check", "{tmp}/report.md"), 64, "no evidence lies beside it"),
        (("report", "check", "{tmp}/a.json.gz"), 64, "is none of the files of a report"),
        (("phases", "--from", "{tmp}/absent"), 64, "absent"),
    ],
    ids=lambda value: "-".join(value)[:60] if isinstance(value, tuple) else None,
)
def test_wrong_input_ends_with_a_message_and_a_code(state, tmp_path, arguments, code, says):
    saved(tmp_path / "a.json.gz", CASE.before)
    saved(tmp_path / "b.json.gz", replace(CASE.after, host="another"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "cut.json.gz").write_bytes((tmp_path / "a.json.gz").read_bytes()[:500])
    (tmp_path / "broken").mkdir(mode=0o700)
    (tmp_path / "broken" / "report.md.j2").write_text("# {{ document.title }}\n{{ document.nothing.there }}\n")
    done = qtops(*state, *(word.replace("{tmp}", str(tmp_path)) for word in arguments))
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert says in done.stderr
    assert done.stderr.count("\n") <= 3


def test_an_empty_plan_is_said(tmp_path):
    (tmp_path / "qtops.toml").write_text(f'state = "{tmp_path / "state"}"\nphases = []\n')
    config = ("--config", str(tmp_path / "qtops.toml"))
    for command in (("phases",), ("report", "phase", "1", "--at-once")):
        done = qtops(*config, *command)
        assert (done.returncode, done.stdout) == (64, "")
        assert "the plan is empty" in done.stderr


def test_a_journal_of_hundred_megabytes_is_refused_or_written_in_bounded_size(state, tmp_path):
    lines = tuple(Line(float(number), "x" * 1000) for number in range(100_000))
    (service,) = CASE.before.services
    facts = replace(CASE.before, services=(replace(service, journal=JournalFacts(lines=lines)),))
    path = tmp_path / "huge.json.gz"
    path.write_bytes(
        gzip.compress(msgspec.json.encode(bundle.Bundle(**{n: getattr(facts, n) for n in facts.__struct_fields__})), 1)
    )
    done = qtops(*state, "report", "incident", "--from", str(path), "--to", str(tmp_path / "x"))
    assert done.returncode == 64
    assert "larger than 64 MiB" in done.stderr


def test_a_reader_that_goes_away_is_no_error(evidence, state, tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "qtops", *state, "report", "incident", "--from", str(evidence), "-o", "markdown", "--to"]
    line = " ".join(f"'{word}'" for word in [*command, str(tmp_path / "x")])
    done = subprocess.run(["bash", "-o", "pipefail", "-c", f"{line} | head -1"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("# Incident")
    assert "Traceback" not in done.stderr
    assert (tmp_path / "x" / "evidence" / "index.json").exists()


def test_a_full_disk_leaves_half_a_report_that_passes_for_none(evidence, state, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() or os.system(f"mount -t tmpfs -o size=200k none {place} 2>/dev/null"):
        pytest.skip("needs root, and the right to mount")
    try:
        done = qtops(*state, "report", "incident", "--from", str(evidence), "--to", str(place / "x"))
        assert done.returncode == 75, done.stderr
        assert "No space left" in done.stderr
        assert qtops(*state, "report", "check", str(place / "x")).returncode == 64
    finally:
        os.system(f"umount {place}")
