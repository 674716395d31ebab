"""The sandbox hides what the service needs.

What it is: ProtectHome=yes or tmpfs makes /home, /root and /run/user empty for the service, and its program, script
or working directory is in there, perhaps through a link.

Why it matters: the files exist for everyone but the service: status=203/EXEC for the program, 200/CHDIR for the
working directory, or Python's "can't open file" for the script.

What to do: move the code to /opt or /srv; until then ProtectHome=read-only, or BindReadOnlyPaths= for that one
folder, keeps the rest of the homes hidden.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT109", "ProtectHome hides what the service needs", Severity.CRITICAL, ("unit",))
HIDDEN = ("/home/", "/root/", "/run/user/")
HIDING = frozenset({"yes", "tmpfs"})


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding, that names everything hidden."""
    if start.protect_home not in HIDING:
        return
    hidden = [f"{what} {path}: {status}" for what, path, status in _needed(start) if _is_hidden(path, start.bound)]
    if hidden:
        folder = "/".join(hidden[0].split(" ")[1].rstrip(":").split("/")[:3])
        summary = f"ProtectHome={start.protect_home} hides what this service needs"
        remedy = f"ProtectHome=read-only at {start.protect_home_where}, or BindReadOnlyPaths={folder}"
        yield CHECK.finding(start.subject, summary, tuple(hidden), remedy, where=start.protect_home_where)


def _needed(start: StartFacts) -> Iterator[tuple[str, str, str]]:
    for command in start.commands:
        if not command.unconfined:
            yield command.setting, command.program.real or command.program.path, "status=203/EXEC"
    for path in start.paths:
        if path.setting == "WorkingDirectory":
            yield path.setting, f"{path.real or path.path}/", "status=200/CHDIR"
        elif path.setting == "script":
            yield path.setting, path.real or path.path, "Python exits with status=2"


def _is_hidden(path: str, bound: tuple[str, ...]) -> bool:
    return path.startswith(HIDDEN) and not any(f"{path}/".startswith(f"{place.rstrip('/')}/") for place in bound)
