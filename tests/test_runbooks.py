"""The runbooks explain every word that the tools say."""

import re
from pathlib import Path
from typing import get_args

import pytest

from publisher.connection import ADVICE
from qtops.checks.freshness import State
from qtops.evidence.objections import ObjectionKind
from qtops.phases.verdict import State as PhaseState

ROOT = Path(__file__).parent.parent
SAID = re.compile(r'(?:Refused|FieldError)\(\s*"(\w+)"')
FLAG = re.compile(r'found \+= \("(\w+)",\)|^ {8}"(\w+)": ', re.MULTILINE)


def words_of(pattern, *modules):
    found = set()
    for module in modules:
        for match in pattern.finditer((ROOT / "publisher" / module).read_text()):
            found |= {group for group in match.groups() if group}
    return found


def refusals():
    return words_of(SAID, *(path.name for path in (ROOT / "publisher").glob("*.py")))


def flags():
    return words_of(FLAG, "kernel.py", "proposing.py")


def explained(runbook):
    return set(re.findall(r"^\| `(\w+)` \|", (ROOT / "runbooks" / runbook).read_text(), re.MULTILINE))


def test_the_words_are_found():
    assert {"stale_input", "missing_field", "wrong_type"} <= refusals()
    assert {"stop_breached", "synthetic_position"} <= flags()


@pytest.mark.parametrize("words", [refusals(), flags(), set(ADVICE)], ids=["refusals", "flags", "troubles"])
def test_publisher_runbook_explains(words):
    assert words - explained("publisher.md") == set()


def test_publisher_runbook_explains_nothing_that_is_never_said():
    assert explained("publisher.md") - refusals() - flags() - set(ADVICE) == set()


def test_freshness_runbook_explains_each_state():
    assert explained("freshness.md") == set(State)


def test_the_runbook_of_reports_explains_every_status_state_and_objection():
    source = (ROOT / "qtops/chapters/status.py").read_text()
    said = set(re.findall(r'(?:return |= |Status\(\s*)"([A-Z][A-Z ]+)"', source)) | set(re.findall(r'else "([A-Z]+)"', source))
    assert {"RECOVERED", "CLEAR", "OPEN", "UNDO FAILED"} <= said
    page = (ROOT / "runbooks/report.md").read_text()
    told = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    assert told == said | {"…, GUARD IN FORCE", "…, FINDINGS REMAIN"} | set(get_args(PhaseState)) | set(get_args(ObjectionKind))
