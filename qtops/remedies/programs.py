"""What to do about a program that cannot be executed: give it the right, or mend its first line."""

from collections.abc import Iterator
from typing import Final

from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.remedies.behind import command, meant, variable
from qtops.remedies.unit_lines import is_plain_path
from qtops.steps import MakeExecutable, Remedy, Shebang, UnixLineEnds

GONE: Final = frozenset({"missing", "broken_link"})
OF_A_SHELL: Final = frozenset({"cd", "source", "export", "exec", "set", "ulimit", "umask", "eval"})  # no programs


def executable(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT101: only where the file is there."""
    fact = command(finding, service)
    if fact is None:
        return
    program, name = fact.program, fact.program.path.rpartition("/")[2]
    if program.state == "file" and not program.executable and name not in OF_A_SHELL:
        yield Remedy(
            name="make-executable",
            code=finding.code,
            title=f"Let whoever may read {program.path} execute it ({fact.setting}= at {fact.where})",
            why="the file is there and whole: it lacks the right alone, as after a copy that keeps no modes",
            changes=(MakeExecutable(program.real or program.path),),
            verb="start",
        )
    else:
        near = f"; did you mean {program.near}?" if program.near else ""
        stays = f"which program was meant, and where it is to come from, is not known{near}"
        yield Remedy(
            name="provide-program", code=finding.code, title=finding.remedy, why=finding.summary, by_hand=stays, verb="start"
        )


def first_line(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT102: line ends, or an interpreter of nearly the same name."""
    fact = command(finding, service)
    if fact is None:
        return
    path, shebang = fact.program.real or fact.program.path, fact.shebang
    near = meant(shebang) if shebang is not None and shebang.state in GONE else ""
    if fact.shebang_ends_in_cr:
        yield Remedy(
            name="unix-line-ends",
            code=finding.code,
            title=f"Take the carriage returns off the line ends of {fact.program.path}",
            why="to the kernel the one in the first line is a part of the interpreter's name; the repository has to keep them off",
            changes=(UnixLineEnds(path),),
            verb="start",
        )
    elif near and is_plain_path(near) and shebang is not None:
        yield Remedy(
            name="correct-first-line",
            code=finding.code,
            title=f"Let the first line of {fact.program.path} name {near} in place of {shebang.path}",
            why=f"{near} is there, and is called nearly so",
            changes=(Shebang(path, near),),
            verb="start",
        )
    else:
        stays = "which interpreter it is written for is not known"
        yield Remedy(
            name="correct-first-line", code=finding.code, title=finding.remedy, why=finding.summary, by_hand=stays, verb="start"
        )


def carriage_returns(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """ENV102: only of an environment file whose lines end as on Windows, and nothing else, is it plain what was meant."""
    fact = variable(finding, service)
    if fact is None or fact.in_unit or fact.odd != ("carriage return",):
        stays = "what the value was meant to be is not known"
        yield Remedy(name="correct-value", code=finding.code, title=finding.remedy, why=finding.summary, by_hand=stays)
        return
    path = fact.where.rpartition(":")[0]
    yield Remedy(
        name="unix-line-ends",
        code=finding.code,
        title=f"Take the carriage returns off the line ends of {path}",
        why=f"the value of {fact.name} at {fact.where} ends in one, and the program gets it",
        changes=(UnixLineEnds(path),),
    )
