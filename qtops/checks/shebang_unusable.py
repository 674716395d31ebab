r"""A program that exists, and whose first line the kernel cannot follow.

What it is: the interpreter after #! does not exist, or the line ends in a carriage return, which becomes a part of
the interpreter's name (files that were edited on Windows), or there is neither #! nor an ELF header.

Why it matters: status=203/EXEC, with "No such file or directory" for a file that is plainly there.

What to do: convert the line ends (`sed -i 's/\r$//' FILE`, and `* text=auto eol=lf` in .gitattributes so that they
stay), correct the first line, or name the interpreter in ExecStart.
"""

from collections.abc import Iterator

from qtops.facts.preflight import CommandFact, StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT102", "A program's first line cannot be followed", Severity.CRITICAL, ("tree",))
BROKEN = frozenset({"missing", "broken_link", "directory", "other"})


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per program."""
    for command in start.commands:
        trouble, remedy = _trouble(command)
        if trouble:
            evidence = (f"{command.setting}= at {command.where}", "systemd will say: status=203/EXEC")
            where = f"{command.program.path}:1"
            yield CHECK.finding(start.subject, f"{command.program.path}: {trouble}", evidence, remedy, where=where)


def _trouble(command: CommandFact) -> tuple[str, str]:
    path, shebang = command.program.path, command.shebang
    if command.shebang_ends_in_cr:
        return (
            "its first line ends in a carriage return, so that the kernel looks for another interpreter",
            f"sed -i 's/\\r$//' {path}",
        )
    if shebang is not None and shebang.state in BROKEN:
        return f"its first line names {shebang.path or 'no interpreter'}, which does not exist", f"Correct the first line of {path}"
    if command.program.state == "file" and not command.format_known:
        return "neither a binary nor a script with #!: Exec format error", f"Begin {path} with #! and its interpreter"
    return "", ""
