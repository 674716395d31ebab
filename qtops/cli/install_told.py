"""Lines of the report of ``qtops install``: what was planned, in words; what to heed, and what to do next."""

import grp
import posixpath
import pwd
from collections.abc import Sequence
from typing import Protocol

from qtops.installation.afterwards import Command
from qtops.installation.placing import BESIDE, Placing
from qtops.installation.shipped import ENABLED, PARTS, not_granted
from qtops.reports.install.report import CommandLine, FileLine, Ran
from qtops.settings import Settings

ACCOUNT = "qtops"


class Running(Protocol):
    """Tells which units of these files run."""

    def running(self, paths: Sequence[str], /) -> tuple[str, ...]:
        """Their names."""


def file_line(placing: Placing) -> FileLine:
    """What is done to a file."""
    before, wanted = placing.before, placing.wanted
    mode = before.mode if before is not None else wanted.mode if wanted is not None else 0
    uid, gid = (before.uid, before.gid) if before is not None else (wanted.uid, wanted.gid) if wanted is not None else (0, 0)
    after = "" if placing.deed == "remove" else wanted.sha256 if placing.deed in {"put", "replace"} and wanted else ""
    return FileLine(
        path=placing.path, part=placing.part, standing=placing.standing, deed=placing.deed, mode=f"{mode:04o}",
        owner=f"{_user(uid)}:{_group(gid)}", why=placing.why, before=before.sha256 if before is not None else "",
        after=after or (before.sha256 if before is not None and placing.deed == "leave" else ""),
    )  # fmt: skip


def command_lines(commands: Sequence[Command], ran: Ran = "to be run") -> tuple[CommandLine, ...]:
    """Commands of which none was run."""
    return tuple(CommandLine(argv=command, ran=ran) for command in commands)


def notes_on(settings: Settings, strangers: Sequence[str], *, polkit: bool) -> tuple[str, ...]:
    """What to heed about the configuration, and about a host without polkit."""
    unnamed = tuple(
        f"{name} is not recovered by the supervisor: its name cannot stand in that of a unit; use letters, digits and : _ . -"
        for name in not_granted(settings)
    )
    unread = tuple(f"{file} was read for the services; the supervisor never reads it" for file in strangers)
    no_polkit = "no polkit is installed here: the supervisor watches and tells, and may restart nothing (apt install polkitd)"
    return (*unnamed, *unread, *(() if polkit else (no_polkit,)))


def advice_of_applying(placings: Sequence[Placing], prefix: str, ran: Sequence[CommandLine], host: Running) -> tuple[str, ...]:
    """What is left to do once files are in place."""
    beside = [placing.path for placing in placings if placing.path.endswith(BESIDE) and placing.deed in {"put", "replace"}]
    merge = [f"diff {path.removesuffix(BESIDE)} {path}" for path in beside]
    if prefix:
        return tuple(merge)
    replaced = [placing.path for placing in placings if placing.deed == "replace" and not placing.path.endswith(BESIDE)]
    restart = [f"systemctl try-restart {unit}" for unit in host.running(replaced)]
    started = {line.argv[-1] for line in ran if "enable" in line.argv}
    new = {posixpath.basename(placing.path) for placing in placings if placing.deed == "put"}
    start = [f"systemctl enable --now {ENABLED[part]}" for part in PARTS[:2] if ENABLED[part] in new - started]
    return (*merge, *restart, *start)


def advice_of_removing(blockers: Sequence[str], parts: Sequence[str], prefix: str) -> tuple[str, ...]:
    """What has to be done before files are taken away, or what stays when they are gone."""
    if blockers:
        return tuple(f"systemctl disable --now {unit}" for unit in dict.fromkeys(blockers))
    if prefix or "supervisor" not in parts or _user_is_gone():
        return ()
    return (f"userdel {ACCOUNT}; rm -r /var/lib/qtops-supervisor  # its account and its incidents, which stay",)


def _user_is_gone() -> bool:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return True
    return False


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
