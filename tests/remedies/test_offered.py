"""All remedies together: over every recorded scenario, over anything that facts can be, and over a healthy host."""

from itertools import chain
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops import bundle
from qtops.causes.agreement import STOPS_A_START
from qtops.checks.registry import ALL, BY_CODE
from qtops.diagnose import diagnose
from qtops.facts.journal import JournalFacts
from qtops.facts.preflight import StartFacts
from qtops.facts.unit import UnitState
from qtops.findings import Diagnosis, Finding, Severity, Verdict
from qtops.remedies.offered import KINDS, VERBS, besides, remedies
from qtops.steps import DropIn, Remedy
from tests.checks.services import HEALTHY, NOW_S, down, host, never_started
from tests.checks.starts import MAIN, failing, path
from tests.checks.test_services_random import anything
from tests.scenarios.catalogue import SCENARIOS
from tests.scenarios.recording import path_of

from .offers import diagnosed, found

PATHS = ("/usr/", "/bin/", "/lib/", "/site-packages/", "/dist-packages/")
WITHOUT: dict[str, str] = {
    "UNIT114": "an alert is for the operator of all services to choose; for information",
    "UNIT201": "a symptom: what ends it is the root",
    "UNIT202": "a symptom: what ended it is the root, and every start forgets the count first",
    "UNIT203": "a symptom: the status of what is the root",
    "UNIT217": "a symptom: it is down",
    "UNIT219": "a symptom: what its next start would meet is the root, and mended without touching the process",
    "UNIT220": "it is still starting: nothing is to be done but to wait",
    "KEYS201": "a symptom: what keeps it from writing is the root",
    "EVENT": "a guard is for the risk desk",
    "PROPOSAL": "what is proposed is computed: the inputs or the code are wrong, and no unit or file",
    "CADENCE": "limits and intervals are for whoever declared them",
    "STREAM": "plans of recovery of their own: remedies.streams",
    "WIRING": "names in code: for its authors",
}
"""Why there is no remedy for a code, or for those of an area."""


def offers(facts: Any) -> tuple[Diagnosis, list[tuple[Remedy, ...]]]:
    (diagnosis,) = diagnose(facts)
    (service,) = facts.services
    return diagnosis, [*remedies(diagnosis, service, facts), *besides(diagnosis, service, facts)]


def assert_sound(diagnosis: Diagnosis, groups: list[tuple[Remedy, ...]], service: Any) -> None:
    """What holds of every remedy, for whatever facts."""
    mended = (*((diagnosis.root,) if diagnosis.root else ()), *diagnosis.path)
    assert len(groups) >= len(mended)
    offered = list(chain.from_iterable(groups))
    assert len({remedy.name for remedy in offered}) == len(offered)
    for finding, group in zip(mended, groups, strict=False):
        assert {remedy.code for remedy in group} <= {finding.code}
        kinds = [(bool(remedy.by_hand), bool(remedy.command), len(remedy.changes)) for remedy in group]
        assert kinds == sorted(kinds)  # smallest first
    own = {service.unit.fragment_path, *service.unit.drop_ins} if service.unit else set()
    for remedy in offered:
        assert remedy.name
        assert remedy.title
        assert remedy.why
        assert not (remedy.by_hand and (remedy.changes or remedy.command))
        assert all(text.isprintable() for text in (remedy.name, remedy.title, remedy.why, remedy.by_hand, *remedy.command))
        touched = [change.path for change in remedy.changes if not isinstance(change, DropIn)]
        assert all(place.startswith("/") and place not in own and not any(part in place for part in PATHS) for place in touched)
        assert remedy.verb in {"restart": {"", "restart"}, "start": {"", "start"}, "": {"", "restart"}}[VERBS[diagnosis.condition]]


# every recorded scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_every_recorded_scenario(scenario):
    facts = bundle.load(path_of(scenario))
    diagnosis, groups = offers(facts)
    assert_sound(diagnosis, groups, facts.services[0])
    if diagnosis.verdict is Verdict.OK:
        assert groups == []
    for finding, group in zip((diagnosis.root, *diagnosis.path), groups, strict=False):
        if finding and finding.code in STOPS_A_START:
            assert group


EXPECTED = {
    "founding": "remove-path-edit",
    "edit-in-module": "remove-path-edit",
    "edit-by-variable": "remove-path-edit",
    "path-misspelt": "add-pythonpath",
    "package-out-of-reach": "add-pythonpath",
    "home-of-python": "unset-pythonhome",
    "home-hidden": "show-homes-read-only",
    "exec-bit-missing": "make-executable",
    "shebang-crlf": "unix-line-ends",
    "never-started": "start",
    "unit-changed": "daemon-reload",
    "code-changed": "restart",
    "drop-in-unread": "daemon-reload",
}


def test_what_is_carried_out_without_being_asked_for_and_no_more():
    first = {scenario.name: offers(bundle.load(path_of(scenario)))[1][:1] for scenario in SCENARIOS}
    smallest = {name: group[0] for name, groups in first.items() for group in groups if group}
    assert {name: remedy.name for name, remedy in smallest.items() if remedy.is_offered} == EXPECTED


# the registry


def test_every_check_has_a_remedy_or_a_reason_for_none():
    known = {kind.code for kind in KINDS}
    for described in ALL:
        code = described.check.code
        area = code.rstrip("0123456789")
        assert (code in known) != (code in WITHOUT or area in WITHOUT), code


def test_every_code_that_stops_a_start_has_a_remedy():
    assert {kind.code for kind in KINDS} >= STOPS_A_START


def test_every_kind_is_of_a_check_and_listed_once():
    assert [kind.code for kind in KINDS if kind.code not in BY_CODE] == []
    assert len({kind.code for kind in KINDS}) == len(KINDS)


# anything that facts can be

CODES = sorted({kind.code for kind in KINDS})


@st.composite
def findings(draw):
    """A finding of a check that has a remedy: true of the facts or not, hostile in every word."""
    words = st.sampled_from(("/srv/x is drwx------ root:root: a may not read it", "KeyError: 'URL'", "")) | st.text(max_size=20)
    where = draw(st.sampled_from(("", f"{MAIN}:3", "app.service:4", "/etc/app.env:1")) | st.text(max_size=12))
    severity = draw(st.sampled_from(list(Severity)))
    return Finding(draw(st.sampled_from(CODES)), severity, "app.service", draw(words) or "x", ("x",), draw(words) or "x", where)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(findings(), min_size=1, max_size=4),
    st.sampled_from(sorted(VERBS)),
    anything(UnitState),
    st.none() | anything(JournalFacts),
    st.none() | anything(StartFacts) | st.sampled_from((HEALTHY.start, failing("missing"), failing("shadowed"))),
)
@pytest.mark.slow
def test_no_remedy_raises_and_all_are_sound(found, condition, unit, journal, start):
    service = replace(HEALTHY, unit=unit, journal=journal, start=start, source_changed_s=NOW_S)
    diagnosis = diagnosed(*found[:2], condition=condition, notes=tuple(found[2:]))
    groups = [*remedies(diagnosis, service, host(service)), *besides(diagnosis, service, host(service))]
    assert_sound(diagnosis, groups, service)
    again = msgspec.json.decode(msgspec.json.encode(service), type=type(service))
    assert remedies(diagnosis, again, host(again)) == remedies(diagnosis, service, host(service))


def true_findings(start: StartFacts, condition: str) -> Any:
    """What the checks of a start say of these facts."""
    service = replace(down(), start=start)
    told = tuple(f for code in sorted(STOPS_A_START) for f in found(code, service) if f.summary)
    return service, told, diagnosed(*told, condition=condition) if told else None


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(anything(StartFacts), st.sampled_from(sorted(VERBS)))
def test_what_the_checks_find_of_any_start_is_answered(start, condition):
    service, told, diagnosis = true_findings(start, condition)
    if diagnosis is None:
        return
    groups = remedies(diagnosis, service, host(service))
    assert_sound(diagnosis, [*groups], service)
    assert len(groups) == len(told)


# a healthy host, and what is put together from several findings


def test_there_is_nothing_to_be_done_about_a_healthy_host():
    facts = host(HEALTHY)
    assert offers(facts) == (diagnose(facts)[0], [])


@pytest.mark.parametrize(
    ("condition", "verb"), [("failed", "start"), ("does not run", "start"), ("restarts", "restart"), ("runs", ""), ("rests", "")]
)
def test_how_the_service_picks_it_up(condition, verb):
    service = replace(down(), start=failing("shadowed", resolves_without=f"{MAIN}:29"))
    ((remedy,),) = remedies(diagnosed(*found("IMPORT101", service), condition=condition), service, host(service))
    assert (remedy.name, remedy.verb) == ("remove-path-edit", verb)


def test_the_second_of_a_name_is_told_apart():
    failure = failing("shadowed", resolves_without=f"{MAIN}:29").imports.failures[0]
    other = replace(failure, resolves_without=f"{MAIN}:30", message="ModuleNotFoundError: No module named 'other'")
    start = failing("shadowed")
    service = replace(down(), start=replace(start, imports=replace(start.imports, failures=(failure, other))))
    groups = remedies(diagnosed(*found("IMPORT101", service)), service, host(service))
    assert [remedy.name for group in groups for remedy in group] == ["remove-path-edit", "remove-path-edit-2"]
    assert [group[0].changes[0].line for group in groups] == [29, 30]


def test_a_start_is_not_offered_as_long_as_something_else_would_end_it():
    service = replace(never_started(), start=path("WorkingDirectory", "missing"))
    stopped, missing = *found("UNIT205", service), *found("UNIT104", service)
    alone = remedies(diagnosed(stopped, condition="does not run"), service, host(service))
    both = remedies(diagnosed(stopped, missing, condition="does not run"), service, host(service))
    assert alone[0][0].is_offered
    assert "mend first" in both[0][0].by_hand


def test_nor_where_a_command_has_to_be_asked_for_first():
    start = failing("missing", distribution=True, module="redis")
    service = replace(never_started(), start=start)
    both = remedies(
        diagnosed(*found("UNIT205", service), *found("IMPORT103", service), condition="does not run"), service, host(service)
    )
    assert not both[0][0].is_offered


def test_a_drop_in_of_the_unit_is_never_edited():
    unit = replace(down().unit, drop_ins=(MAIN,))
    service = replace(down(), unit=unit, start=failing("shadowed", resolves_without=f"{MAIN}:29"))
    ((remedy,),) = remedies(diagnosed(*found("IMPORT101", service)), service, host(service))
    assert (remedy.changes, remedy.by_hand) == ((), "a unit's own file is never edited")
