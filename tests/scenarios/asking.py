"""Ask doctor about scenarios: live in the box, and again, on the host and without rights, from what it saved there."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.box.box import Box
from tests.scenarios.judging import Result
from tests.scenarios.scenario import Scenario

BUNDLE = "/run/scenarios.json.gz"
QUIET = {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/root"}
TIME_LIMIT_S = 120.0


class NoAnswer(AssertionError):
    """Doctor printed no report; the text is what it said instead."""


@dataclass(frozen=True)
class Answer:
    """What doctor printed, and the results in it by the unit's name."""

    text: str
    results: dict[str, Result]


def ask_live(box: Box, scenarios: Sequence[Scenario], *options: str) -> Answer:
    """One call for all of them, as root beside their systemd. What it looked at is in ``BUNDLE`` afterwards."""
    path = box.text("printenv", "PATH").strip()
    command = [*_doctor(), *(each.service for each in scenarios), "--save", BUNDLE, *options]
    done = box.run(*command, check=False, timeout=TIME_LIMIT_S, env={**QUIET, "PATH": path, "LANG": "C.UTF-8"})
    return _answer(done)


def ask_bundle(bundle: Path) -> Answer:
    """The same from a file."""
    command = [*_doctor(), "--from", str(bundle)]
    return _answer(subprocess.run(command, env={**os.environ, **QUIET}, capture_output=True, timeout=TIME_LIMIT_S, check=False))


def _doctor() -> list[str]:
    return [sys.executable, "-m", "qtops", "doctor", "-o", "json"]


def _answer(done: subprocess.CompletedProcess[bytes]) -> Answer:
    text = done.stdout.decode()
    try:
        document: dict[str, Any] = json.loads(text)
    except ValueError:
        raise NoAnswer(f"doctor exited {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}{text[:200]}") from None
    return Answer(text, {result["subject"]: result for result in document["results"]})
