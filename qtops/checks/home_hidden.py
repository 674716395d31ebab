"""The sandbox hides what the service needs.

What it is: ProtectHome=yes or tmpfs makes /home, /root and /run/user empty for the service, PrivateTmp=yes /tmp and
/var/tmp, TemporaryFileSystem= and InaccessiblePaths= what they name; and its program, script, working directory or a module
is in there, perhaps through a link.

Why it matters: the files exist for everyone but the service: status=203/EXEC for the program, 200/CHDIR for the
working directory, "can't open file" for the script, "No module named" for the rest.

What to do: move the code to /opt or /srv; until then ProtectHome=read-only, or BindReadOnlyPaths= for that one
folder, keeps the rest hidden.
"""

from collections.abc import Iterator

from qtops.facts.preflight import HidingFact, StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT109", "The sandbox hides what the service needs", Severity.CRITICAL, ("unit",))
HOMES = ("/home", "/root", "/run/user")
SHOWN = 3  # modules: where one is hidden, all beside it are
HIDING = frozenset({"yes", "tmpfs"})


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per setting, that names everything hidden."""
    hides = list(_hiding(start))
    for setting in dict.fromkeys(hiding.setting for hiding in hides):
        places = [hiding for hiding in hides if hiding.setting == setting]
        needed = [need for need in _needed(start) if _is_hidden(need[1], places, start.bound)]
        needed = needed or [need for need in _imported(start) if _is_hidden(need[1], places, start.bound)][:SHOWN]
        if needed:
            evidence = dict.fromkeys(f"{what} {path}: {status}" for what, path, status in needed)
            remedy = _remedy(places[0], needed[0][1])
            yield CHECK.finding(
                start.subject, f"{setting} hides what this service needs", tuple(evidence), remedy, where=places[0].where
            )


def _hiding(start: StartFacts) -> Iterator[HidingFact]:
    if start.protect_home in HIDING:
        yield from (HidingFact(f"ProtectHome={start.protect_home}", start.protect_home_where, home) for home in HOMES)
    yield from start.hidden


def _needed(start: StartFacts) -> Iterator[tuple[str, str, str]]:
    for command in start.commands:
        if not command.unconfined:
            yield command.setting, command.program.real or command.program.path, "status=203/EXEC"
    for path in start.paths:
        if path.setting == "WorkingDirectory":
            yield path.setting, f"{path.real or path.path}/", "status=200/CHDIR"
        elif path.setting == "script":
            yield path.setting, path.real or path.path, "Python exits with status=2"


def _imported(start: StartFacts) -> Iterator[tuple[str, str, str]]:
    followed = start.imports.followed if start.imports else ()
    yield from (("module", path, "Python finds no such module") for path in followed if path != start.script)


def _is_hidden(path: str, places: list[HidingFact], bound: tuple[str, ...]) -> bool:
    """Whether a path is in a directory that is emptied, and no other is bound there; the directory itself stays."""
    kept = any(f"{path}/".startswith(f"{place.rstrip('/')}/") for place in bound)
    return not kept and any(path.startswith(f"{hiding.path}/") and path != f"{hiding.path}/" for hiding in places)


def _remedy(hiding: HidingFact, path: str) -> str:
    folder = "/".join(path.split("/")[:3])
    if hiding.setting.startswith("ProtectHome"):
        return f"ProtectHome=read-only at {hiding.where}, or BindReadOnlyPaths={folder}"
    if hiding.setting.startswith("PrivateTmp"):
        return f"Move it out of {hiding.path}, where nothing outlives a boot; or remove PrivateTmp=yes at {hiding.where}"
    if hiding.setting.startswith("TemporaryFileSystem"):
        return f"BindReadOnlyPaths={folder}, or take {hiding.path} out of TemporaryFileSystem= at {hiding.where}"
    return f"Take {hiding.path} out of InaccessiblePaths= at {hiding.where}, or name what is to be hidden more narrowly"
