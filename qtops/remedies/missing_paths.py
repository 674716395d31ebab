"""What to do about a working directory or an environment file that is not there: name the one that was meant, by a drop-in.

systemd's ``-`` in front of a path, which has it do without, is never written: what the service is without its settings, or in
another directory, nobody has said.
"""

import posixpath
from collections.abc import Iterator
from shlex import quote
from typing import Final

from qtops.facts.preflight import PathFact, StartFacts
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.remedies.behind import meant, path
from qtops.remedies.unit_lines import is_plain_path, path_line
from qtops.steps import DropIn, Remedy

GONE: Final = frozenset({"missing", "broken_link", "directory", "other"})


def working_directory(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT104."""
    fact = path(finding, service, "WorkingDirectory")
    if fact is None:
        return
    near = meant(fact)
    if near and is_plain_path(near):
        yield Remedy(
            name="correct-working-directory",
            code=finding.code,
            title=f"WorkingDirectory={near} in place of {fact.path} at {fact.where}",
            why=f"{near} is there, and is called nearly so; a drop-in leaves the unit's own file alone",
            changes=(DropIn(service.subject, "Service", (path_line("WorkingDirectory", near),)),),
            verb="start",
        )
    user, group = (service.unit.user, service.unit.group) if service.unit else ("", "")
    owner = f" -o {user} -g {group or user}" if user else ""
    what = f"Provide what {fact.detail} leads to" if fact.state == "broken_link" else f"`install -d{owner} {quote(fact.path)}`"
    yield Remedy(
        name="make-working-directory",
        code=finding.code,
        title=f"{what}, or correct WorkingDirectory= at {fact.where}",
        why=finding.summary,
        by_hand="an empty directory in its place may be worse than none: what belongs into it is not known",
        verb="start",
    )


def environment_file(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT106: the whole list anew, since one entry of it cannot be taken out alone. All that are missing are corrected at once."""
    fact, start = path(finding, service, "EnvironmentFile"), service.start
    if fact is None or start is None:
        return
    files = _corrected(start)
    if files:
        lines = ("EnvironmentFile=", *(path_line("EnvironmentFile", file) for file in files))
        yield Remedy(
            name="correct-environment-file",
            code=finding.code,
            title=f"EnvironmentFile={meant(fact)} in place of {fact.path} at {fact.where}",
            why=f"{meant(fact)} is there, and is called nearly so; the drop-in names all files anew, in their order",
            changes=(DropIn(service.subject, "Service", lines),),
            verb="start",
        )
    yield Remedy(
        name="provide-environment-file",
        code=finding.code,
        title=f"Deploy {fact.path}, or correct EnvironmentFile= at {fact.where}",
        why=finding.summary,
        by_hand="what it is to hold is not known; EnvironmentFile=- would start the service without its settings, and say nothing",
        verb="start",
    )


def _corrected(start: StartFacts) -> tuple[str, ...]:
    """Every file in its order, with those that were meant in place of those that are not there; none where one cannot be told."""
    near = {fact.path: meant(fact) for fact in start.paths if _is_gone(fact)}
    files = [near.get(file, file) for file in start.environment_files]
    optional = (file.removeprefix("-") for file in files)
    is_told = near.keys() <= {*start.environment_files}
    return tuple(files) if is_told and all(map(_is_a_path, optional)) else ()


def _is_gone(fact: PathFact) -> bool:
    return fact.setting == "EnvironmentFile" and fact.state in GONE


def _is_a_path(file: str) -> bool:
    """Whether it can be written again; a pattern stays one."""
    return is_plain_path(posixpath.normpath(file).translate({ord(mark): "x" for mark in "*?["}) if file else "")
