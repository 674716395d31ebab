"""Programs that cannot be executed, on disk: mended, and looked at again."""

import pytest
from msgspec.structs import replace

from qtops.checks.registry import BY_CODE
from qtops.facts.preflight import VariableFact
from qtops.remedies.offered import besides
from qtops.steps import MakeExecutable, Shebang, UnixLineEnds
from tests.checks.services import down, host
from tests.checks.starts import start
from tests.collectors.units import APP, unit

from .offers import diagnosed, found, mended, named, offered, seen, sick

SCRIPT = f"{APP}/run.sh"


def script(tmp_path, text, mode=0o755, programs=()):
    """A service whose program is a script."""
    tree = {SCRIPT: text, "/bin/sh": "\x7fELF", **dict.fromkeys(programs, "\x7fELF")}
    place = tmp_path / SCRIPT.lstrip("/")
    service = sick(tmp_path, unit(ExecStart=SCRIPT), tree)
    place.write_bytes(text.encode())
    place.chmod(mode)
    return replace(service, start=seen(str(tmp_path)))


def test_a_file_that_lacks_the_right_is_given_it(tmp_path):
    (remedy,) = offered("UNIT101", script(tmp_path, "#!/bin/sh\n", 0o644))
    assert remedy.changes == (MakeExecutable(SCRIPT),)
    assert mended(tmp_path, remedy) == []


def test_the_file_behind_a_link_is_the_one_that_changes(tmp_path):
    tree = {f"{APP}/releases/7/run.sh": "#!/bin/sh\n", "/bin/sh": "\x7fELF"}
    service = sick(tmp_path, unit(ExecStart=f"{APP}/current/run.sh"), tree, **{f"{APP}/current": "releases/7"})
    (remedy,) = offered("UNIT101", service)
    assert remedy.changes == (MakeExecutable(f"{APP}/releases/7/run.sh"),)


@pytest.mark.parametrize("program", ["/srv/app/venv/bin/gunicorn", "/usr/bin/cd"])
def test_a_program_that_is_not_there_is_a_person_s(tmp_path, program):
    offers = offered("UNIT101", sick(tmp_path, unit(ExecStart=f"{program} x")))
    assert named(offers) == [("provide-program", False)]


def test_carriage_returns_go(tmp_path):
    (remedy,) = offered("UNIT102", script(tmp_path, "#!/bin/sh\r\necho well\r\n"))
    assert remedy.changes == (UnixLineEnds(SCRIPT),)
    assert mended(tmp_path, remedy) == []


def test_an_interpreter_of_nearly_the_same_name_is_named(tmp_path):
    (remedy,) = offered("UNIT102", script(tmp_path, "#!/opt/bin/pyhton\n", programs=("/opt/bin/python",)))
    assert remedy.changes == (Shebang(SCRIPT, "/opt/bin/python"),)
    assert mended(tmp_path, remedy) == []


@pytest.mark.parametrize("text", ["#!/opt/python-2.7/bin/python\n", "echo well\n"])
def test_an_interpreter_that_nothing_is_like_is_not_guessed(tmp_path, text):
    assert named(offered("UNIT102", script(tmp_path, text))) == [("correct-first-line", False)]


def test_what_the_host_s_packages_own_is_not_made_executable(tmp_path):
    service = sick(
        tmp_path, unit(ExecStart="/usr/local/bin/run.sh"), {"/usr/local/bin/run.sh": "#!/bin/sh\n", "/bin/sh": "\x7fELF"}
    )
    (remedy,) = offered("UNIT101", service)
    assert (remedy.changes, "packages" in remedy.by_hand) == ((), True)


def variable(*odd, in_unit=False):
    fact = VariableFact("LIMIT", "/etc/app.env:3", in_unit, odd)
    return replace(down(), start=start(variables=(fact,)))


def of_a_note(service):
    """What is offered besides the root."""
    (note,) = BY_CODE["ENV102"].judge(service.start)
    return besides(diagnosed(note, root=None, path=(), notes=(note,)), service, host(service))


def test_an_environment_file_of_windows():
    ((remedy,),) = of_a_note(variable("carriage return"))
    assert (remedy.changes, remedy.verb) == ((UnixLineEnds("/etc/app.env"),), "start")


@pytest.mark.parametrize(
    "service", [variable("inline comment"), variable("carriage return", "quotes"), variable("carriage return", in_unit=True)]
)
def test_other_oddities_of_a_value_are_a_person_s(service):
    ((remedy,),) = of_a_note(service)
    assert named((remedy,)) == [("correct-value", False)]
    assert found("ENV102", service)
