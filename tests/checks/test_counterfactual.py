"""What a change leaves of a start's findings: the change holds, it does not, or that could not be told."""

import pytest
from msgspec.structs import replace

from qtops.causes.agreement import STOPS_A_START
from qtops.checks.counterfactual import Remains, remains
from qtops.facts.preflight import GuardedImport, PathEntry, StartFacts

from .starts import HEALTHY, MAIN, command, failing, imports, limits, path, start

BROKEN = failing("missing", resolves_without=f"{MAIN}:2")
SETTING = "EnvironmentFile"
NO_STOP_PROGRAM = replace(
    command().commands[0], setting="ExecStop", program=replace(command().commands[0].program, state="missing")
)


def judged(before: StartFacts, after: StartFacts, *mended: str) -> Remains:
    return remains(before, after, mended or ("IMPORT101",), STOPS_A_START)


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def guarding(module: str = "lib.extra", *would_serve: str, entries: tuple[str, ...] = ("/srv/app",)) -> StartFacts:
    """A start whose guarded import of the project's own fails."""
    guarded = GuardedImport(module, f"{MAIN}:9", "ModuleNotFoundError", "", would_serve, (), own=True)
    return imports(guarded=(guarded,), path=tuple(PathEntry(entry, "x") for entry in entries))


# it holds


def test_a_change_after_which_nothing_is_wrong_holds():
    found = judged(BROKEN, HEALTHY)
    assert (found.verdict, found.holds, found.why, codes(found.cleared)) == ("holds", True, "", ["IMPORT101"])
    assert found.imports_resolve
    assert found.told == ("every import of the start resolves",)


def test_what_no_file_shows_is_not_judged_and_may_be_done():
    assert (Remains.untouched().holds, Remains.untouched().is_judged, Remains.untouched().imports_resolve) == (True, False, None)


def test_a_finding_whose_line_moved_is_the_one_that_was_there():
    moved = replace(guarding(), imports=replace(guarding().imports, guarded=(replace_line(guarding(), 8),)))
    found = judged(replace(guarding(), imports=replace(guarding().imports, failures=BROKEN.imports.failures)), moved)
    assert (found.holds, found.new, found.reached) == (True, (), ())


def replace_line(facts: StartFacts, line: int) -> GuardedImport:
    return replace(facts.imports.guarded[0], where=f"{MAIN}:{line}")


def test_what_could_not_be_told_before_either_is_told_and_does_not_hinder():
    doubtful = imports(unknown="/srv/x.pth:3 runs code")
    before = replace(path(SETTING, "missing"), imports=doubtful.imports)
    found = judged(before, replace(doubtful, imports=replace(doubtful.imports, unknown="/srv/x.pth:4 runs code")), "UNIT106")
    assert found.verdict == "holds"
    assert found.told == ("could not be told, as before: whether every import resolves: /srv/x.pth:4 runs code",)


def test_a_program_that_only_a_stop_needs_stops_no_start():
    before = replace(BROKEN, commands=(*BROKEN.commands, NO_STOP_PROGRAM))
    found = judged(before, replace(HEALTHY, commands=before.commands), "IMPORT101", "UNIT101")
    assert (found.verdict, codes(found.kept)) == ("holds", ["UNIT101"])
    assert any("UNIT101" in told for told in found.told)


# it does not


def test_what_still_stops_the_start_speaks_against_it():
    found = judged(BROKEN, path(SETTING, "missing"))
    assert (found.verdict, codes(found.left), codes(found.new)) == ("does not hold", ["UNIT106"], [])
    assert found.why.startswith("the start would still be stopped: UNIT106 the environment file")


def test_the_next_import_that_breaks_speaks_against_it():
    found = judged(BROKEN, failing("missing", module="other", message="ModuleNotFoundError: No module named 'other'"))
    assert (found.verdict, codes(found.cleared), codes(found.left)) == ("does not hold", ["IMPORT101"], ["IMPORT101"])
    assert found.imports_resolve is False


def test_a_script_that_is_not_there_speaks_against_it_though_no_path_names_it():
    found = judged(BROKEN, replace(imports(script_missing="No module named app"), paths=(), script=""))
    assert (found.verdict, found.imports_resolve) == ("does not hold", False)
    assert found.why


def test_what_is_new_speaks_against_it():
    found = judged(BROKEN, limits(restart_s=100.0))
    assert (found.verdict, codes(found.new), codes(found.left)) == ("does not hold", ["UNIT110"], [])
    assert found.why.startswith("it would bring something new: UNIT110")


def test_a_program_that_is_lost_by_the_change_speaks_against_it_though_only_a_stop_needs_it():
    found = judged(BROKEN, replace(HEALTHY, commands=(*HEALTHY.commands, NO_STOP_PROGRAM)))
    assert (found.verdict, codes(found.left)) == ("does not hold", ["UNIT101"])


def test_a_change_that_clears_nothing_of_what_it_is_for_does_not_hold():
    sick = limits(restart_s=100.0)
    found = judged(sick, sick, "UNIT110")
    assert (found.verdict, codes(found.kept)) == ("does not hold", ["UNIT110"])
    assert found.why.startswith("it would change nothing of it: UNIT110")


def test_one_of_two_alike_that_is_left_is_left():
    twice = replace(BROKEN, imports=replace(BROKEN.imports, failures=BROKEN.imports.failures * 2))
    found = judged(twice, BROKEN)
    assert (codes(found.cleared), codes(found.left)) == (["IMPORT101"], ["IMPORT101"])


# a guarded import, that fails without stopping anything


def test_a_guarded_import_that_the_start_never_came_to_before_is_told():
    found = judged(BROKEN, guarding())
    assert (found.verdict, codes(found.reached)) == ("holds", ["IMPORT102"])
    assert any("lib.extra" in told for told in found.told)


def test_a_guarded_import_that_loses_its_directory_by_the_change_speaks_against_it():
    before = replace(BROKEN, imports=replace(BROKEN.imports, path=(PathEntry("/srv", "edit"), PathEntry("/srv/app", "x"))))
    lost = guarding("lib.extra", "/srv/lib/extra.py")
    assert (judged(before, lost).verdict, codes(judged(before, lost).new)) == ("does not hold", ["IMPORT102"])
    assert judged(before, guarding("lib.extra", "/srv/lib/extra.py", entries=("/srv", "/srv/app"))).holds


def test_a_guarded_import_that_fails_in_a_start_that_was_followed_to_its_end_speaks_against_it():
    assert codes(judged(path(SETTING, "missing"), guarding(), "UNIT106").new) == ["IMPORT102"]


# it could not be told


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (imports(unknown="a hook"), "whether every import resolves: a hook"),
        (start(missing=("/srv/app: Permission denied",)), "/srv/app: Permission denied"),
        (start(imports=None), "it would not be seen to start a Python program any more"),
        (StartFacts(subject="app.service", missing=("what it would be: x",)), "what it would be: x"),
        (StartFacts(subject="app.service", loads=False), "what it does: systemd knows no file of it"),
        (StartFacts(subject="app.service", loads=False, outside=("it is masked",)), "what it does: it is masked"),
    ],
)
def test_what_became_untellable_is_an_answer_of_its_own(after, why):
    found = judged(BROKEN, after)
    assert (found.verdict, found.holds, found.imports_resolve) == ("could not tell", False, found.imports_resolve or None)
    assert found.why.startswith("it cannot be told whether the service would start: ")
    assert why in found.why


def test_what_is_found_comes_before_what_could_not_be_told():
    assert judged(BROKEN, replace(path(SETTING, "missing"), missing=("x",))).verdict == "does not hold"
