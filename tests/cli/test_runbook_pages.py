"""The shipped recoveries: what they show is what qtops takes, and each says what it never does and how to go back."""

import re
from pathlib import Path
from shlex import join

import pytest

from qtops.guides.filling import filled
from qtops.guides.parsing import parse
from qtops.guides.values import Runbook
from tests.cli.running import qtops
from tests.test_commands_in_prose import objection

PAGES = sorted((Path(__file__).parents[2] / "runbooks").glob("recover-*.md"))
VALUES = {"stream": "app:stream:events", "group": "workers", "consumer": "worker-1", "service": "risk-proposal"}
LOOKING = {"systemctl": {"status", "show", "is-active"}, "qtops": {"doctor", "verify", "map", "watch", "recover"}}
LOOKING |= {"redis-cli": {"PING", "INFO", "XINFO", "XPENDING"}, "journalctl": set(), "df": set()}


def read(page: Path) -> Runbook:
    return parse(page.read_bytes(), page.name)


def test_there_are_six():
    assert [page.stem.removeprefix("recover-") for page in PAGES] == [
        "consumer-group", "control-plane", "import", "redis-down", "restart-loop", "stale-proposals",
    ]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_parts(page):
    runbook = read(page)
    headings = re.findall(r"^## (.*)$", runbook.text, re.MULTILINE)
    assert headings[0] == "What it never does"
    assert [part for part in headings if part in ("Look", "Mend", "Prove it", "The way back")] == [
        "Look",
        "Mend",
        "Prove it",
        "The way back",
    ]
    first = next(place for place, step in enumerate(runbook.steps) if step.changes)
    assert first >= 3  # looks come first
    assert not runbook.steps[0].changes


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_qtops_is_one_that_qtops_takes(page):
    runbook = read(page)
    values = {name: VALUES.get(name, parameter.default or "") for name, parameter in runbook.parameters.items()}
    values["unit"] = "quantum-risk-proposal.service"
    shown = [filled(words, values) for step in runbook.steps for words in (step.command, step.way_back) if words[:1] == ("qtops",)]
    assert shown
    assert {join(words): said for words in shown if (said := objection(join(words)))} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_step_that_says_it_looks_only_looks(page):
    for step in read(page).steps:
        verbs = LOOKING[step.command[0]] if not step.changes else set()
        words = {word for word in step.command[1:3] if not word.startswith("-")}
        assert step.changes or not verbs or words & verbs, step.name
        assert step.changes or "--apply" not in step.command
        assert step.changes or step.command[0] in LOOKING


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_name_from_outside_is_no_option(page):
    """Names of units stand behind ``--``, or within a word that begins with an option's name."""
    for step in read(page).steps:
        if step.command[0] == "systemctl":
            assert step.command[-2] == "--", step.name
            assert step.command[-1] in ("{unit}", "{server}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_dry_run_shows_all_and_runs_nothing(page):
    runbook = read(page)
    given = [word for name in runbook.parameters if name in VALUES for word in ("--set", f"{name}={VALUES[name]}")]
    result = qtops("runbook", "run", page.stem, "--dry-run", *given)
    assert (result.returncode, result.stderr) == (0, "")
    for number, step in enumerate(runbook.steps, 1):
        assert f"{number}/{len(runbook.steps)} {step.name}\n  {step.why}\n  $ " in result.stdout
    assert result.stdout.endswith("Nothing was run.\n")
    assert "{" not in result.stdout


def test_they_are_listed():
    listed = qtops("runbook", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    for page in PAGES:
        assert re.search(
            rf"^{page.stem} +Recover .* \([0-9]+ steps, [0-9] of them change something\)$", listed.stdout, re.MULTILINE
        )
    assert "qtops explain CODE" in listed.stdout


@pytest.mark.parametrize("options", [[], ["--raw"]])
def test_one_is_shown_as_it_stands(options):
    shown = qtops("runbook", "show", PAGES[0].stem, *options)
    assert (shown.returncode, shown.stderr, shown.stdout) == (0, "", PAGES[0].read_text("utf-8"))
