"""Distributions that are missing: a command that is only run when asked for by name, or a person's."""

import pytest
from msgspec.structs import replace

from qtops.facts.preflight import ImportFailure
from tests.checks.services import down
from tests.checks.starts import MAIN, PYTHON, imports

from .offers import named, offered


def lacking(*modules, interpreter=PYTHON, installed_in=()):
    given = {"kind": "missing", "importer": MAIN, "distribution": True, "installed_in": installed_in}
    failures = tuple(
        ImportFailure(**given, message=f"ModuleNotFoundError: No module named {module!r}", module=module, line=number)
        for number, module in enumerate(modules, 1)
    )
    return replace(down(), start=imports(failures=failures, interpreter=interpreter))


def test_all_that_is_missing_is_one_command_of_the_unit_s_own_interpreter():
    (remedy,) = offered("IMPORT103", lacking("yaml", "redis.asyncio", "redis"))
    assert remedy.command == (PYTHON, "-m", "pip", "install", "PyYAML", "redis")
    assert remedy.name == "install-PyYAML-redis"
    assert not remedy.is_offered
    assert "yaml is in PyYAML" in remedy.why
    assert "that redis is the name of a distribution is a guess" in remedy.why


def test_another_environment_that_has_it_is_told():
    offers = offered("IMPORT103", lacking("redis", installed_in=("/srv/app/.venv",)))
    assert named(offers) == [("install-redis", False), ("use-other-environment", False)]
    assert offers[1].by_hand


@pytest.mark.parametrize(
    ("service", "why"),
    [
        (lacking("redis", interpreter="/usr/bin/python3"), "PEP 668"),
        (lacking("redis", interpreter=""), "not known"),
        (lacking("tkinter"), "standard library"),
        (lacking("größe"), "is no name of a distribution"),
        (lacking("--index-url=http://evil"), "is no name of a distribution"),
    ],
    ids=["the host's Python", "no interpreter", "standard library", "no name", "an option"],
)
def test_where_pip_is_not_the_tool(service, why):
    (remedy,) = offered("IMPORT103", service)
    assert remedy.command == ()
    assert why in remedy.by_hand
