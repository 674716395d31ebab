"""What a finding was made of. A finding is plain words, so that it is looked up again: by its place, and by what it names."""

import posixpath
from typing import Final

from qtops.facts.preflight import CommandFact, ImportFailure, PathFact, VariableFact
from qtops.facts.service import ServiceFacts
from qtops.findings import Finding

SPARES: Final = (".bak", ".old", ".orig", ".save", ".example", ".sample", ".template", ".dist", ".dpkg-old", ".dpkg-new", "~")


def import_failure(finding: Finding, service: ServiceFacts) -> ImportFailure | None:
    """The predicted import that the finding tells of."""
    failures = service.start.imports.failures if service.start and service.start.imports else ()
    placed = [failure for failure in failures if finding.where in {failure.where, failure.resolves_without, failure.broken}]
    named = [failure for failure in placed if failure.message and failure.message in finding.summary]
    return next(iter((*named, *placed)), None)


def path(finding: Finding, service: ServiceFacts, *settings: str) -> PathFact | None:
    """The path of one of these settings that the finding tells of."""
    paths = service.start.paths if service.start else ()
    fitting = [fact for fact in paths if fact.setting in settings and fact.where == finding.where]
    return next((fact for fact in fitting if fact.path in finding.summary), None)


def command(finding: Finding, service: ServiceFacts) -> CommandFact | None:
    """The program that the finding tells of: of the same line, or by its own first line."""
    commands = service.start.commands if service.start else ()
    fitting = [fact for fact in commands if finding.where in {fact.where, f"{fact.program.path}:1"}]
    return next((fact for fact in fitting if finding.summary.startswith(fact.program.path)), None)


def variable(finding: Finding, service: ServiceFacts) -> VariableFact | None:
    """The assignment that the finding tells of."""
    variables = service.start.variables if service.start else ()
    fitting = [fact for fact in variables if fact.where == finding.where]
    return next((fact for fact in fitting if f" {fact.name} " in f" {finding.summary} "), None)


def assignment(name: str, service: ServiceFacts) -> VariableFact | None:
    """The assignment of a variable that counts."""
    variables = service.start.variables if service.start else ()
    return next((fact for fact in reversed(variables) if fact.name == name), None)


def meant(fact: PathFact) -> str:
    """The path that was meant, as far as a name beside it tells: a spare copy or a template never was."""
    return "" if not fact.near or posixpath.basename(fact.near).lower().endswith(SPARES) else fact.near
