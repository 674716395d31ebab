"""Play the script in a booted systemd, bring out what it made, and check it here."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Final

from qtops.facts.times import span, utc
from tests.box.box import Box
from tests.incident.act import Act, Played, Story
from tests.incident.script import BROUGHT_OUT, INCIDENT, PHASE, RECOVERY, TITLE, Pace, acts, checks
from tests.incident.stage import ENVIRONMENT, HOME, stage
from tests.incident.telling import Narrator

ROOT: Final = Path(__file__).parents[2]
LIMIT_S: Final = 180.0  # no act takes longer
TIMED_OUT: Final = 124
PAGE: Final = "report.html"
GOOD, BAD, PLAIN = "\x1b[1;32m", "\x1b[1;31m", "\x1b[0m"
Shell = Callable[[str], subprocess.CompletedProcess[bytes]]
MOMENT: Final = re.compile(r"^ +(failed|noticed|verified) +(\S+ \S+) UTC", re.MULTILINE)


def live(pace: Pace, folder: Path, narrator: Narrator) -> Story:
    """Boot, play, bring out into ``folder``, and check. Raises NoBox."""
    began = time.monotonic()
    with ExitStack() as life:
        with narrator.waiting("a systemd boots in namespaces of its own"):
            box = life.enter_context(stage(pace.restart_s))
        narrator.begin(TITLE)
        played = play(acts(pace), inside(box), narrator)
        bring_out(box, folder)
    if all(one.is_as_promised for one in played):
        played += play(checks(shown(folder / INCIDENT), shown(folder / PHASE)), here(), narrator)
    told = next((one.output for one in played if one.act.command == RECOVERY.command), "")
    closing = (*times(moments(told)), *verdict(played, folder, time.monotonic() - began))
    narrator.end(closing)
    return Story(TITLE, played, closing)


def inside(box: Box) -> Shell:
    """Commands of root in the box, in its home."""
    enter = ("nsenter", "-t", str(box.pid), "-m", "-u", "-i", "-n", "-p", "-C", "--", "env", "-C", HOME)
    return lambda typed: _run([*enter, "sh", "-c", typed], ENVIRONMENT)


def here() -> Shell:
    """Commands on this machine, in the project's folder, with no configuration of a user's own."""
    environ = {**ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}", "HOME": "/nonexistent"}
    return lambda typed: _run(["sh", "-c", typed], environ)


def _run(command: Sequence[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, check=False, capture_output=True, timeout=LIMIT_S, env=environ, cwd=ROOT, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, TIMED_OUT, b"", f"not over after {LIMIT_S:g} s".encode())


def play(script: Sequence[Act], run: Shell, narrator: Narrator) -> tuple[Played, ...]:
    """All acts, or all up to the first that does not end as promised."""
    played = list[Played]()
    for act in script:
        played.append(_play(act, run, narrator))
        if not played[-1].is_as_promised:
            break
    return tuple(played)


def _play(act: Act, run: Shell, narrator: Narrator) -> Played:
    narrator.heading(act.heading)
    if act.before:
        with narrator.waiting(act.meanwhile):
            run(act.before)
    narrator.command(act.command)
    began = time.monotonic()
    with narrator.waiting("" if act.before else act.meanwhile):
        done = run(act.command)
    took_s = round(time.monotonic() - began, 1)
    output, complaint = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    played = Played(act, output, complaint, done.returncode, took_s)
    narrator.output(played)
    return played


def bring_out(box: Box, folder: Path) -> None:
    """Copy what was made in the box into a folder here."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in BROUGHT_OUT:
        made = box.host_path(f"{HOME}/{name}")
        if made.is_dir():
            shutil.copytree(made, folder / name, dirs_exist_ok=True)
        elif made.exists():
            shutil.copyfile(made, folder / name)


def moments(output: str) -> dict[str, float]:
    """When the service failed, when that was noticed, and when it was verified to work, as the recovery told it."""
    return {name: datetime.fromisoformat(f"{time}+00:00").timestamp() for name, time in MOMENT.findall(output)}


def times(at: Mapping[str, float]) -> tuple[str, ...]:
    """From failed to noticed to verified, a line each; none where one of them is not known."""
    if not {"failed", "noticed", "verified"} <= at.keys():
        return ()
    unnoticed, mended, down = (
        span(at[later] - at[earlier]) for earlier, later in (("failed", "noticed"), ("noticed", "verified"), ("failed", "verified"))
    )
    return (
        f"failed    {utc(at['failed'])}",
        f"noticed   {utc(at['noticed'])}  {unnoticed} later",
        f"verified  {utc(at['verified'])}  {mended} later; down for {down}",
    )


def shown(folder: Path) -> str:
    """A folder as it would be typed."""
    return quote(str(folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder))


def verdict(played: Sequence[Played], folder: Path, took_s: float) -> tuple[str, ...]:
    """Where the report lies, and whether everything went as promised."""
    for one in played:
        if not one.is_as_promised:
            return (f"{BAD}NOT AS PROMISED{PLAIN}: {one.act.command} exited {one.exit}, not {one.act.promised}",)
    return (
        f"report    {shown(folder / INCIDENT / PAGE)}",
        "          and report.md, report.json, evidence/ beside it; checked",
        f"{GOOD}All as promised{PLAIN}, in {span(took_s)}",
    )
