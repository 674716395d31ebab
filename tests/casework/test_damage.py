"""Bundles and evidence that somebody damaged or made up: a report is written or refused in words, and no page runs anything."""

import json
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from qtops.bundle import file as bundle
from qtops.casework.checking import examine
from qtops.casework.recorded import from_bundles
from qtops.casework.writing import Report, compose, put
from qtops.errors import QtopsError
from qtops.evidence.case import Case
from qtops.evidence.splitting import joined, split
from qtops.facts.service import Facts
from qtops.facts.text import printable_lines
from qtops.findings import Verdict
from qtops.reports.examined import document as examined_document
from qtops.reports.phases import document as phases_document
from qtops.reports.phases.report import phases_report
from qtops.reports.written.templates import load
from qtops.settings import Settings
from tests.casework.mutating import mutated, retyped
from tests.evidence.cases import founding_case

DATA = Path(__file__).parents[1] / "data"
TEMPLATES = load(None)
SETTINGS = Settings()
pytestmark = pytest.mark.slow
CASE = founding_case()
FEW, MANY = range(12), range(1000, 2000)


def numbers(few=FEW):
    """Each number makes one case: a few always, very many where there is time."""
    return pytest.mark.parametrize("seeds", [few, pytest.param(MANY, marks=pytest.mark.heavy)], ids=["few", "many"])


@cache
def recorded() -> tuple[Facts, ...]:
    """Looks of every kind that was ever recorded."""
    paths = [*sorted((DATA / "bundles").glob("*.json.gz")), *[DATA / "seed_evidence.json.gz"] * 20]
    looks = [look for look in (CASE.before, CASE.after, CASE.now) if look is not None]
    return (*map(bundle.load, paths), *looks * 5)


def read(value) -> Facts | None:
    try:
        return bundle.decode(json.dumps(value).encode()).facts
    except QtopsError:
        return None


def plain(facts: Facts):
    return json.loads(bundle.encode(facts))


@numbers()
def test_a_damaged_bundle_is_reported_on_or_refused(seeds, tmp_path):
    path, written = tmp_path / "look.json", 0
    for seed in seeds:
        random = Random(seed)
        path.write_text(json.dumps(mutated(plain(random.choice(recorded())), random)))
        try:
            if random.random() < 0.7:
                case = from_bundles([path], "incident", SETTINGS)
            else:
                case = from_bundles([path], "phase", SETTINGS, str(random.choice(SETTINGS.phases).number))
        except QtopsError:
            continue
        refuse_hostile(compose(case, TEMPLATES))
        written += 1
    assert written


@numbers()
def test_whatever_a_look_holds_every_phase_is_judged(seeds):
    for seed in seeds:
        random = Random(seed)
        look = random.choice(recorded())
        for facts in (read(mutated(plain(look), random)), read(plain(retyped(look, Facts, random)))):
            if facts is not None:
                planned = replace(facts, settings=replace(facts.settings, phases=SETTINGS.phases))
                assert phases_document.render(phases_report(SETTINGS, planned)).isprintable()


@numbers()
def test_damaged_records_lead_to_a_report_or_are_refused(seeds):
    for seed in seeds:
        random = Random(seed)
        parts = {part.name: part.content for part in split(CASE)}
        name = random.choice([name for name, content in parts.items() if content.startswith(b"{")])
        parts[name] = json.dumps(mutated(json.loads(parts[name]), random)).encode()
        try:
            refuse_hostile(compose(joined(parts), TEMPLATES))
        except QtopsError:
            continue


@numbers()
def test_whatever_is_on_record_a_report_is_written(seeds):
    for seed in seeds:
        random = Random(seed)
        case = retyped(CASE, Case, random)
        try:
            parts = {part.name: part.content for part in split(case)}
            report = compose(joined(parts), TEMPLATES)
        except QtopsError:
            continue
        refuse_hostile(report)


@numbers()
@pytest.mark.parametrize("name", ["report.json", "evidence/index.json"])
def test_a_report_that_somebody_edited_is_never_in_order(seeds, name, tmp_path):
    report = put(compose(CASE, TEMPLATES), tmp_path / "report")
    path = report / name
    whole = json.loads(path.read_text())
    for seed in seeds:
        edited = mutated(whole, Random(seed))
        path.write_text(json.dumps(edited))
        try:
            checked = examine(report, TEMPLATES)
        except QtopsError:
            continue
        assert checked.verdict is not Verdict.OK or (edited == whole and name != "report.json"), seed
        assert examined_document.render(checked, "here", 0.0).isprintable()


def refuse_hostile(report: Report) -> None:
    """Fail for a report that does something where it is looked at, or is not printable."""
    page = _Page()
    page.feed(report.texts["report.html"])
    page.close()
    assert page.foreign == []
    for text in report.texts.values():
        assert printable_lines(text) == text
        assert "\r" not in text


class _Page(HTMLParser):
    """What of a page loads, runs or hides anything."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "iframe", "object", "embed", "link", "base", "form", "input", "foreignobject"}:
            self.foreign.append(tag)
        for name, value in attrs:
            leads = (value or "").startswith(("#", "evidence/")) and ".." not in (value or "")
            if name.startswith("on") or name in {"src", "style", "srcdoc", "action"} or (name.endswith("href") and not leads):
                self.foreign.append((tag, name, value))

    def handle_comment(self, data: str) -> None:
        self.foreign.append(data)
