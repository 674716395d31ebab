"""A runbook in a folder, and what became of it."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tests.cli.running import qtops
from tests.guides.runbooks import PARAMETERS, page, step

SAY = step(name='"say"', command='["echo", "hello {service}"]', expect__contains='["hello {service}"]')
CHANGE = step(name='"change"', command='["touch", "{place}"]', changes="true", way_back='["rm", "--", "{place}"]')
FAIL = step(name='"fail"', command='["false"]')
LAST = step(name='"last"', command='["echo", "over"]')
PLACE = '```toml parameters\n[place]\nhelp = "a file"\ndefault = "/nonexistent/x"\n```\n'


class Scene:
    """One runbook, run with its state in a folder of its own."""

    def __init__(self, folder: Path, *steps: str) -> None:
        self.folder, self.state = folder, folder / "state"
        self.file = folder / "ours.md"
        self.file.write_text(page(*steps, parameters=PARAMETERS + PLACE), "utf-8")
        self.file.chmod(0o644)
        folder.chmod(0o755)

    def words(self, *options: str) -> list[str]:
        """The command line, without the program."""
        return ["runbook", "run", str(self.file), "--set", "service=x", *options]

    def run(self, *options: str, **variables: str) -> CompletedProcess[str]:
        """Run it with nobody to ask."""
        return qtops(*self.words(*options), QTOPS_STATE=str(self.state), **variables)

    @property
    def evidence(self) -> list[Path]:
        """The files of all runs."""
        return sorted((self.state / "runs").glob("*")) if self.state.exists() else []

    @property
    def record(self) -> dict[str, Any]:
        """What is kept of the only run."""
        (file,) = self.evidence
        return dict(json.loads(file.read_text("utf-8")))


def verdicts(record: dict[str, Any]) -> dict[str, str]:
    """Of each step by name."""
    return {step["name"]: step["verdict"] for step in record["steps"]}
