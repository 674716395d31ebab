"""``qtops runbook`` on a terminal: it asks before each step, and what it shows can do nothing to the terminal."""

import os
import pty
import re
import subprocess
from pathlib import Path
from select import select

import pytest

from tests.cli.runbook_scene import CHANGE, LAST, SAY, Scene, verdicts
from tests.cli.running import COMMAND, environment, qtops

pytestmark = pytest.mark.slow

NOT_APPLIED, INTERRUPTED = 4, 130
COLOR = re.compile(r"\x1b\[[\d;]*m")


def typed(words: list[str], keys: str, **variables: str) -> tuple[int, str]:
    """Exit code, and all that stands on the terminal when these keys were typed, each at a question."""
    ours, theirs = pty.openpty()
    environ = environment(**{"TERM": "xterm-256color", "COLUMNS": "120", **variables})
    # setsid --ctty: a terminal of its own, so that ^C typed there reaches it
    command = ["setsid", "--wait", "--ctty", *COMMAND, *words]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    shown, answers, interrupted = b"", list(keys), False
    while True:
        # An interrupt that comes between the question and the read that waits for its answer is noticed with the next one.
        while interrupted and not select([ours], [], [], 1)[0]:
            os.write(ours, b"\x03")
        try:
            part = os.read(ours, 1 << 16)
        except OSError:  # the last writer has closed it
            break
        shown += part
        if answers and re.search(rb"\[[yYnN]/[yYnN]\]: $", shown):
            key = answers.pop(0)
            os.write(ours, b"\x03" if key == "^" else f"{key}\n".encode() if key != "-" else b"\n")
            interrupted = interrupted or key == "^"
            shown += b"~"  # an answered question is none any more
    os.close(ours)
    return process.wait(20), shown.decode().replace("\r\n", "\n")


def run(scene: Scene, keys: str, *options: str, **variables: str) -> tuple[int, str]:
    return typed(scene.words(*options), keys, QTOPS_STATE=str(scene.state), **variables)


def test_each_step_is_asked_for(tmp_path):
    scene = Scene(tmp_path, SAY, CHANGE, LAST)
    made = tmp_path / "made"
    code, shown = run(scene, "yyy", "--set", f"place={made}")
    assert code == 0, shown
    assert shown.count("Look? [Y/n]: ") == 2
    assert shown.count("Change it? [y/N]: ") == 1
    assert made.exists()


def test_return_alone_is_yes_to_a_look_and_no_to_a_change(tmp_path):
    scene = Scene(tmp_path, SAY, CHANGE, LAST)
    made = tmp_path / "made"
    code, shown = run(scene, "--", "--set", f"place={made}")
    assert (code, made.exists()) == (NOT_APPLIED, False)
    assert "Stopped by you at step 2 of 3, change." in COLOR.sub("", shown)
    assert (scene.record["outcome"], verdicts(scene.record)) == (
        "declined",
        {"say": "held", "change": "declined", "last": "not run"},
    )


def test_an_interrupt_at_the_question_runs_nothing(tmp_path):
    scene = Scene(tmp_path, CHANGE)
    made = tmp_path / "made"
    code, shown = run(scene, "^", "--set", f"place={made}")
    assert (code, made.exists()) == (INTERRUPTED, False)
    assert "Traceback" not in shown
    assert (scene.record["outcome"], verdicts(scene.record)) == ("interrupted", {"change": "not run"})


@pytest.mark.parametrize(("variables", "in_colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours_are_left_out_where_they_are_not_wanted(tmp_path, variables, in_colour):
    _, shown = run(Scene(tmp_path, SAY), "", "--yes", **variables)
    assert bool(COLOR.search(shown)) == in_colour
    assert "held: exit code 0" in COLOR.sub("", shown)


def test_a_page_is_rendered_and_drives_nothing(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# Title\n\nA **bold** word, a [link](http://x.invalid), \x1b[2J \x1b]8;;http://y.invalid\x1b\\y, [red]b[/red].\n"
    )
    code, shown = typed(["runbook", "show", str(page)], "")
    assert code == 0
    assert "Title" in shown
    assert "**" not in shown
    assert "http://x.invalid" in shown
    assert "\x1b[2J" not in shown
    assert "\x1b]8" not in shown
    assert "[red]b[/red]" in shown
    _, raw = typed(["runbook", "show", str(page), "--raw"], "")
    assert "A **bold** word" in raw
    assert "\x1b" not in raw


def complete(line: str) -> list[str]:
    words = line.split(" ")
    result = qtops(_QTOPS_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.split()


def test_names_and_steps_are_completed(tmp_path):
    scene = Scene(tmp_path, SAY, LAST)
    assert complete("qtops runbook run recover-re") == ["plain,recover-redis-down", "plain,recover-restart-loop"]
    assert complete("qtops runbook run str") == ["file,str"]
    assert complete("qtops runbook show str") == ["plain,streams"]
    assert complete(f"qtops runbook run {scene.file} --from l") == ["plain,last"]
    assert complete(f"qtops runbook run {Path('/none.md')} --from l") == []
