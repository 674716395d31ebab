"""What on the host agrees with a finding: enough to blame it, and nothing that is only there by chance."""

import pytest
from msgspec.structs import replace

from qtops.causes.predictions import probed
from qtops.diagnose import diagnose
from qtops.facts.preflight import HidingFact, ImportFailure, PathFact
from qtops.facts.service import ProbeFacts
from tests.checks.services import BEGAN_S, NOW_S, down, host, journal, said, service, traceback
from tests.checks.starts import HEALTHY, MAIN, imports, path

LACKS = ImportFailure(
    kind="missing", message="ModuleNotFoundError: No module named 'feed_sdk'", module="feed_sdk", importer=MAIN, line=3,
    distribution=True,
)  # fmt: skip
BROKEN = ImportFailure(
    kind="syntax_error", module="app.names", importer=MAIN, line=1, resolved_to="/srv/app/names.py", broken_line=4
)
DENIED = "/srv/app/lib is drwx------ root:root: app may not read it"
CLOSED = path("import", "file", "/srv/app/lib/rules.py", denied=DENIED)
HIDDEN = replace(
    imports(followed=(MAIN, "/srv/lib/acme.py")), hidden=(HidingFact("InaccessiblePaths=/srv/lib", "u:3", "/srv/lib"),)
)


def root(facts, start=HEALTHY):
    found = diagnose(host(replace(facts, start=start)))[0].root
    return found.code if found else None


@pytest.mark.parametrize("words", ["please pip install feed-sdk", "the package feed_sdk is required", "No module named 'feed_sdk'"])
def test_a_message_about_installing_agrees_with_a_missing_distribution(words):
    assert root(said(down(), words), imports(failures=(LACKS,))) == "IMPORT103"


@pytest.mark.parametrize("words", ["feed_sdk: connection lost", "please pip install feed-sdk-extra", "the license has expired"])
def test_a_message_that_only_has_the_word_does_not(words):
    assert root(said(down(), words), imports(failures=(LACKS,))) == "LOG203"


@pytest.mark.parametrize(
    ("kind", "told", "said"),
    [
        ("missing", 'ERROR:    Error loading ASGI app. Could not import module "web.app".',
         "ModuleNotFoundError: No module named 'web.app'"),
        ("name_missing", "gunicorn.errors.AppImportError: Failed to find attribute 'app' in 'web.app'.",
         "ImportError: cannot import name 'app' from 'web.app' (/srv/web/app.py)"),
    ],
)  # fmt: skip
def test_a_probe_confirms_what_a_server_tells_in_words_of_its_own(kind, told, said):
    failure = ImportFailure(kind=kind, message=told, module="web.app", name="app" if kind == "name_missing" else "")
    probe = ProbeFacts(module="web.app", how="systemd-run as app", expected=failure.raised, said=said)
    (found,) = diagnose(host(replace(down(), start=imports(failures=(failure,)), probe=probe)))
    assert [line for line in found.unknown if "in the unit's own context" in line] == []
    assert probed(found.root or found.path[0], replace(down(), start=imports(failures=(failure,)), probe=probe))


def test_a_syntax_error_whose_words_are_not_predicted_is_known_by_its_place():
    raised = journal(down(), tracebacks=(traceback("SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xfc"),))
    assert root(raised, imports(failures=(BROKEN,))) == "CODE101"


@pytest.mark.parametrize(
    "message",
    ["ModuleNotFoundError: No module named 'lib.rules'", "PermissionError: [Errno 13] Permission denied: '/srv/app/lib/rules.py'",
     "AttributeError: module 'lib' has no attribute 'check'"],
)  # fmt: skip
def test_code_that_may_not_be_read_is_blamed_for_what_python_says_then(message):
    assert root(journal(down(), tracebacks=(traceback(message),)), CLOSED) == "UNIT117"


@pytest.mark.parametrize("message", ["ModuleNotFoundError: No module named 'library'", "KeyError: 'lib'", "RuntimeError: lib"])
def test_and_not_for_anything_else(message):
    assert root(journal(down(), tracebacks=(traceback(message),)), CLOSED) == "LOG201"


def test_what_the_sandbox_hides_is_blamed_for_a_module_that_is_not_found():
    assert root(journal(down(), tracebacks=(traceback("ModuleNotFoundError: No module named 'acme'"),)), HIDDEN) == "UNIT109"
    assert root(journal(down(), tracebacks=(traceback("ModuleNotFoundError: No module named 'other'"),)), HIDDEN) == "LOG201"


def test_a_service_that_runs_refutes_that_it_may_not_read_what_has_not_changed():
    facts = service(start=replace(CLOSED, paths=(*CLOSED.paths, PathFact("script", "u:9", MAIN, "file"))))
    assert root(replace(facts, source_changed_s=BEGAN_S - 1), facts.start) is None
    assert root(replace(facts, source_changed_s=NOW_S - 1), facts.start) == "UNIT117"
