"""Each check of a start: where it fires, and what is next to it and healthy."""

import pytest
from msgspec.structs import replace

from qtops.facts.preflight import (
    AccountFact,
    GuardedImport,
    HidingFact,
    PathEntry,
    PathFact,
    SettingFact,
    StartFacts,
    UnitReference,
    VariableFact,
)
from qtops.findings import Severity

from .starts import HEALTHY, MAIN, PROGRAM, PYTHON, UNIT, command, failing, findings, imports, limits, path, start

NO_SHEBANG_FILE = PathFact("#!", f"{MAIN}:1", "/usr/bin/python2", "missing")
GUARDED = GuardedImport("lib.rules", f"{MAIN}:4", "ModuleNotFoundError: No module named 'lib.rules'", "", (), ("RULES_ON",), True)
DENIED = "/home/x is drwx------ root:root: qt may not search it"
TWICE = VariableFact("MODE", "/etc/app.env:9", False, replaces="/etc/app.env:1")
CLOSED = (PathFact("script", "u:9", MAIN, "file", denied=DENIED), PathFact("import", "", "/srv/app/x.py", "file", denied=DENIED))

WORK = (HidingFact("TemporaryFileSystem=/srv/work", f"{UNIT}:12", "/srv/work"),)


def emptied(setting: str, folder: str, *, script: str = MAIN, module: str = "") -> StartFacts:
    """A sandbox that hides a directory."""
    facts = replace(path("script", "file", script), script=script, hidden=(HidingFact(setting, f"{UNIT}:12", folder),))
    return replace(facts, imports=replace(facts.imports, followed=(script, module) if module else (script,)))


SICK: list[tuple[str, StartFacts, str]] = [
    ("IMPORT101", failing("missing"), "No module named 'lib' at /srv/app/main.py:3"),
    ("IMPORT101", failing("shadowed", resolved_to="/a/lib", shadowed=("/b/lib/x.py",)), "No module named 'lib'"),
    ("IMPORT101", failing("name_missing", message="ImportError: cannot import name 'x'", name="x"), "cannot import name 'x'"),
    ("IMPORT102", imports(guarded=(GUARDED,)), "lib.rules at /srv/app/main.py:4 fails, which decides RULES_ON"),
    ("IMPORT103", failing("missing", module="redis", distribution=True), f"redis: not installed for {PYTHON}"),
    ("CODE101", failing("syntax_error", message="SyntaxError: invalid syntax", resolved_to="/a.py", broken_line=7), "in /a.py:7"),
    ("CODE102", start(exits_at_once=f"{MAIN}:40"), f"{MAIN} exits with status 0 at once"),
    ("UNIT101", command(replace(PROGRAM, state="missing")), "does not exist"),
    ("UNIT101", command(replace(PROGRAM, state="broken_link", detail="a -> x")), "is a link that leads nowhere"),
    ("UNIT101", command(replace(PROGRAM, executable=False)), "is not executable"),
    ("UNIT101", command(replace(PROGRAM, state="directory")), "is no regular file"),
    ("UNIT102", command(shebang_ends_in_cr=True), "ends in a carriage return"),
    ("UNIT102", command(shebang=NO_SHEBANG_FILE), "names /usr/bin/python2, which does not exist"),
    ("UNIT102", command(format_known=False), "Exec format error"),
    ("UNIT103", imports(script_missing="python: can't open file"), f"{MAIN}: no such file"),
    ("UNIT104", path("WorkingDirectory", "missing"), "the working directory /srv/none does not exist"),
    ("UNIT104", path("WorkingDirectory", "file"), "is no directory"),
    ("UNIT105", start(accounts=(AccountFact("User", "u:5", "ap", False),)), "User=ap: there is no such user"),
    ("UNIT105", start(accounts=(AccountFact("Group", "u:5", "ap", False),)), "Group=ap: there is no such group"),
    ("UNIT106", path("EnvironmentFile", "missing"), "the environment file /srv/none does not exist"),
    ("UNIT107", path("StandardOutput", "missing"), "the log directory /srv/none does not exist"),
    ("UNIT108", path("ReadWritePaths", "missing"), "ReadWritePaths=/srv/none: no such path"),
    ("UNIT109", path("script", "file", "/home/qt/app/main.py"), "ProtectHome=yes hides what this service needs"),
    ("UNIT109", emptied("PrivateTmp=yes", "/tmp", script="/tmp/app/main.py"), "PrivateTmp=yes hides what this service needs"),
    ("UNIT109", emptied("InaccessiblePaths=/srv/lib", "/srv/lib", module="/srv/lib/x.py"), "InaccessiblePaths=/srv/lib hides"),
    ("UNIT110", limits(restart_s=60.0), "goes on for ever"),
    ("UNIT110", limits(misplaced=f"{UNIT}:12"), "is written where systemd does not read it"),
    ("UNIT111", start(references=(UnitReference("Requires", "u:2", "r.service", "masked"),)), "r.service, which it requires"),
    ("UNIT111", start(references=(UnitReference("BindsTo", "u:2", "x.service", "missing"),)), "does not exist"),
    ("UNIT112", start(settings=(SettingFact("u:3", "ignored", "unknown setting Restrat="),)), "unknown setting Restrat="),
    ("UNIT113", start(settings=(SettingFact("u:1", "refused", "there is no ExecStart="),)), "there is no ExecStart="),
    ("UNIT114", start(on_failure=()), "nobody is told"),
    ("UNIT115", path("WorkingDirectory", "directory", denied=DENIED), "qt may not search it"),
    ("UNIT115", command(replace(PROGRAM, denied=DENIED)), "qt may not search it"),
    ("UNIT115", command(shebang=replace(PROGRAM, denied=DENIED)), "qt may not search it"),
    ("UNIT116", path("script", "file", denied=DENIED), "qt may not search it"),
    ("UNIT117", path("import", "file", "/srv/app/lib/rules.py", denied=DENIED), "qt may not search it"),
    ("ENV101", start(variables=(TWICE,)), "MODE is set twice, with different values"),
    ("ENV102", start(variables=(VariableFact("N", "e:1", False, ("quotes",)),)), "the value of N holds quotes"),
    ("ENV103", start(variables=(VariableFact("API_KEY", "u:3", True, secret_like=True),)), "API_KEY is set in the unit itself"),
]  # fmt: skip
QUIET: list[tuple[str, StartFacts]] = [
    ("IMPORT101", failing("missing", distribution=True)),
    ("IMPORT102", HEALTHY),
    ("IMPORT103", failing("missing")),
    ("CODE101", failing("missing")),
    ("CODE102", start(exits_at_once=f"{MAIN}:40", type="oneshot")),
    ("UNIT101", command(replace(PROGRAM, state="outside"))),
    ("UNIT102", command(shebang=PROGRAM)),
    ("UNIT103", HEALTHY),
    ("UNIT104", path("WorkingDirectory", "outside")),
    ("UNIT105", start(accounts=(AccountFact("User", "u:5", "ap", None),))),
    ("UNIT106", path("EnvironmentFile", "unreadable")),
    ("UNIT107", path("StandardOutput", "directory")),
    ("UNIT108", path("ReadWritePaths", "unknown")),
    ("UNIT109", replace(path("script", "file", "/home/qt/app/main.py"), bound=("/home/qt/app",))),
    ("UNIT109", replace(path("script", "file", "/home/qt/app/main.py"), protect_home="read-only")),
    ("UNIT109", replace(path("WorkingDirectory", "directory", "/srv/work"), hidden=WORK)),  # the directory itself stays
    ("UNIT110", limits(interval_s=0.0, restart_s=60.0)),
    ("UNIT110", limits(restart="no", restart_s=60.0)),
    ("UNIT111", start(references=(UnitReference("Requires", "u:2", "x.service", "unknown"),))),
    ("UNIT112", replace(limits(misplaced="u:3"), settings=(SettingFact("u:3", "ignored", "StartLimitIntervalSec= …"),))),
    ("UNIT113", start(settings=(SettingFact("u:3", "ignored", "…"),))),
    ("UNIT114", replace(limits(restart_s=60.0), on_failure=())),
    ("UNIT115", path("script", "file", denied=DENIED)),
    ("UNIT116", replace(path("script", "file", denied=DENIED), commands=command(replace(PROGRAM, denied=DENIED)).commands)),
    ("UNIT117", replace(path("import", "file", denied=DENIED), paths=CLOSED)),
    ("ENV101", HEALTHY),
    ("ENV102", HEALTHY),
    ("ENV103", HEALTHY),  # it has a secret, in a file
]


@pytest.mark.parametrize(("code", "facts", "said"), SICK)
def test_it_fires(code, facts, said):
    (finding,) = findings(code, facts)
    assert said in finding.summary
    assert (finding.code, finding.subject) == (code, "app.service")
    assert finding.remedy
    assert finding.evidence


@pytest.mark.parametrize(("code", "facts"), QUIET)
def test_it_stays_quiet(code, facts):
    assert findings(code, facts) == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("UNIT101", "203/EXEC"), ("UNIT102", "203/EXEC"), ("UNIT103", "status=2"), ("UNIT104", "200/CHDIR"), ("UNIT105", "21"),
        ("UNIT106", "Result=resources"), ("UNIT107", "209/STDOUT"), ("UNIT108", "226/NAMESPACE"), ("UNIT113", "bad-setting"),
        ("UNIT115", "status=20"), ("UNIT116", "status=2"),
    ],
)  # fmt: skip
def test_what_systemd_will_say_is_predicted(code, status):
    for sick, facts, _ in SICK:
        if sick == code:
            assert status in " ".join(findings(code, facts)[0].evidence)


def test_what_only_the_stop_runs_is_a_warning_and_what_may_fail_is_for_information():
    missing = replace(PROGRAM, state="missing")
    for facts, severity in (
        (command(missing, setting="ExecStop"), Severity.WARNING),
        (command(missing, ignore_failure=True), Severity.INFO),
    ):
        assert findings("UNIT101", facts)[0].severity is severity


def test_one_obstacle_is_one_finding_with_all_that_it_keeps_from_starting():
    blocked = replace(
        path("WorkingDirectory", "directory", denied=DENIED), commands=command(replace(PROGRAM, denied=DENIED)).commands
    )
    (finding,) = findings("UNIT115", blocked)
    assert [line.rpartition("status=")[2] for line in finding.evidence] == ["200/CHDIR", "203/EXEC, Permission denied"]
    for facts, severity in (
        (command(replace(PROGRAM, denied=DENIED), setting="ExecStop"), Severity.WARNING),
        (command(replace(PROGRAM, denied=DENIED), ignore_failure=True), Severity.INFO),
    ):
        assert findings("UNIT115", facts)[0].severity is severity


def test_a_limit_that_nobody_wrote_and_an_optional_distribution_are_for_information():
    assert findings("UNIT110", limits(restart_s=10.0, interval_s=10.0, limit_stated=False))[0].severity is Severity.INFO
    optional = replace(GUARDED, module="orjson", own=False)
    assert findings("IMPORT102", imports(guarded=(optional,)))[0].severity is Severity.INFO


def test_a_dropin_that_overrides_is_for_information():
    overriding = VariableFact("MODE", f"{UNIT}.d/host.conf:2", True, replaces=f"{UNIT}:9")
    assert findings("ENV101", start(variables=(overriding,)))[0].severity is Severity.INFO


def test_the_remedy_of_a_shadowed_import_is_the_edit_and_pythonpath_is_cleared_of_blame():
    path = (PathEntry("/srv/old", f"edit {MAIN}:2"), PathEntry("/srv/app", "PYTHONPATH"))
    facts = failing(
        "shadowed", resolved_to="/srv/old/lib", path=path, resolves_without=f"{MAIN}:2", edited_line="sys.path.insert(0, x)"
    )
    (finding,) = findings("IMPORT101", facts)
    assert finding.remedy == f"Remove the edit of sys.path at {MAIN}:2: sys.path.insert(0, x)"
    assert any("PYTHONPATH (/srv/app) is right" in line for line in finding.evidence)
    assert finding.where == f"{MAIN}:2"
