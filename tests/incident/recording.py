"""The recorded incident: what a run in the box left, the report that it made, and the picture of it."""

import shutil
from pathlib import Path
from typing import Final

import msgspec

from qtops.bundle.evidence import write_evidence
from qtops.casework.recorded import from_evidence
from qtops.casework.writing import Report, compose
from qtops.evidence.case import Case
from qtops.evidence.records import FOLDER as EVIDENCE
from qtops.reports.written.templates import load
from tests.incident.act import Story
from tests.incident.live import ROOT, live
from tests.incident.picture import picture
from tests.incident.script import BUNDLE, INCIDENT, RECORDED
from tests.incident.telling import Narrator

FOUNDING: Final = ROOT / "tests" / "incidents" / "founding"
STORY: Final = "story.json"
PICTURE: Final = "show.svg"


def record(folder: Path, narrator: Narrator) -> Story:
    """Play it in a box, and keep what it left in ``folder`` where everything went as promised. Raises NoBox."""
    story = live(RECORDED, folder, narrator)
    if story.is_as_promised:
        shutil.rmtree(FOUNDING, ignore_errors=True)
        shutil.copytree(folder / INCIDENT, FOUNDING)
        shutil.copyfile(folder / BUNDLE, FOUNDING / BUNDLE)
        (FOUNDING / STORY).write_bytes(msgspec.json.format(msgspec.json.encode(story), indent=1) + b"\n")
        render()
    return story


def recorded_case() -> Case:
    """The case as its evidence holds it."""
    return from_evidence(FOUNDING)


def recorded_story() -> Story:
    """The show as it went when it was recorded."""
    return msgspec.json.decode((FOUNDING / STORY).read_bytes(), type=Story)


def rendered() -> tuple[Report, dict[str, str]]:
    """The report on the recorded evidence, and every file that is made of what was recorded, by name."""
    report = compose(recorded_case(), load(None))
    return report, {**report.texts, PICTURE: picture(recorded_story())}


def render() -> tuple[str, ...]:
    """Write them anew; their names."""
    report, texts = rendered()
    for name, text in texts.items():
        (FOUNDING / name).write_text(text, "utf-8")
    shutil.rmtree(FOUNDING / EVIDENCE)
    write_evidence(FOUNDING / EVIDENCE, report.index, report.contents)
    for path in (FOUNDING, *FOUNDING.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # a report is its owner's alone; this one is everybody's
    return (*texts, EVIDENCE)
