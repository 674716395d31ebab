"""A healthy start, as facts: a test says only what is sick."""

from typing import Any

from msgspec.structs import replace

from qtops.checks.registry import BY_CODE
from qtops.facts.preflight import (
    AccountFact,
    CommandFact,
    ImportFacts,
    ImportFailure,
    PathEntry,
    PathFact,
    RestartFacts,
    StartFacts,
    UnitReference,
    VariableFact,
)
from qtops.findings import Finding

UNIT = "deploy/app.service"
MAIN = "/srv/app/main.py"
PYTHON = "/srv/app/venv/bin/python"
PROGRAM = PathFact("ExecStart", f"{UNIT}:9", PYTHON, "file")
COMMAND = CommandFact("ExecStart", f"{UNIT}:9", PROGRAM)
HEALTHY = StartFacts(
    subject="app.service",
    unit_file=UNIT,
    script=MAIN,
    commands=(COMMAND,),
    paths=(
        PathFact("WorkingDirectory", f"{UNIT}:8", "/srv/app", "directory"),
        PathFact("EnvironmentFile", f"{UNIT}:7", "/etc/app.env", "file"),
        PathFact("StandardOutput", f"{UNIT}:10", "/var/log/app", "directory"),
        PathFact("ReadWritePaths", f"{UNIT}:11", "/srv/app/data", "directory"),
        PathFact("script", f"{UNIT}:9", MAIN, "file"),
    ),
    imports=ImportFacts(
        interpreter=PYTHON, version="3.11", script=MAIN, path=(PathEntry("/srv/app", "script directory"),), files=7
    ),
    accounts=(AccountFact("User", f"{UNIT}:5", "app", True), AccountFact("Group", f"{UNIT}:6", "app", True)),
    references=(UnitReference("Requires", f"{UNIT}:2", "redis.service", "found"),),
    variables=(
        VariableFact("LOG_LEVEL", "/etc/app.env:1", False),
        VariableFact("API_KEY", "/etc/app.env:2", False, secret_like=True),
    ),
    restart=RestartFacts(restart="always", restart_s=10.0, interval_s=300.0, burst=5, where=f"{UNIT}:3", limit_stated=True),
    on_failure=("alert@app.service",),
    protect_home="yes",
)


def start(**changes: Any) -> StartFacts:
    """The healthy start with some facts replaced."""
    return replace(HEALTHY, **changes)


def command(program: PathFact = PROGRAM, **changes: Any) -> StartFacts:
    """Its one program replaced."""
    return start(commands=(replace(COMMAND, program=program, **changes),))


def path(setting: str, state: str, place: str = "/srv/none", **changes: Any) -> StartFacts:
    """One path replaced."""
    kept = tuple(fact for fact in HEALTHY.paths if fact.setting != setting)
    return start(paths=(*kept, PathFact(setting, f"{UNIT}:4", place, state, **changes)))


def imports(**changes: Any) -> StartFacts:
    """Some of the prediction replaced."""
    return start(imports=replace(HEALTHY.imports, **changes))


def failing(kind: str, **changes: Any) -> StartFacts:
    """One import that ends the program."""
    given: dict[str, Any] = {"message": "ModuleNotFoundError: No module named 'lib'", "module": "lib", "importer": MAIN, "line": 3}
    given["path"] = HEALTHY.imports.path
    return imports(failures=(ImportFailure(kind=kind, **{**given, **changes}),))


def limits(**changes: Any) -> StartFacts:
    """How often it is started replaced."""
    return start(restart=replace(HEALTHY.restart, **changes))


def findings(code: str, facts: StartFacts) -> list[Finding]:
    """What one check says."""
    return list(BY_CODE[code].judge(facts))
