"""What an account may do with a path: the kernel's own rule (path_resolution(7), acl(5)), from modes, owners and ACLs alone.

Security modules, read-only and noexec mounts, and what a sandbox hides are not looked at: they take away, and never give.
"""

import posixpath
import stat
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, Literal

from msgspec.structs import replace

from qtops.collectors.accounts import Accounts, Identity
from qtops.collectors.hiding import hidden
from qtops.collectors.owners import GROUP, GROUP_OBJ, MASK, OTHER, USER, Entry, Owned
from qtops.collectors.tree import RootedTree
from qtops.facts.preflight import CommandFact, PathFact
from qtops.unitfile.service import ServiceUnit
from qtops.unitfile.starting import Process

Right = Literal["search", "execute", "read"]
BITS: Final[dict[Right, int]] = {"search": 1, "execute": 1, "read": 4}
RIGHT_TO: Final[dict[tuple[str, str], Right]] = {("WorkingDirectory", "directory"): "search", ("script", "file"): "read"}
FIRST: Final = ("ExecCondition", "ExecStartPre", "ExecStart")


class Rights:
    """What accounts may do in one tree. Nothing is said of a tree whose owners are not those of the host it is meant for."""

    def __init__(self, tree: RootedTree, accounts: Accounts) -> None:
        self._tree, self._accounts = tree, accounts
        self._owned = cache(tree.owned)
        self._speaks = tree.is_whole_host or self._is_root_file_system()

    def denied(self, identity: Identity, path: str, right: Right) -> str:
        """What keeps an account from a path that is there: the first obstacle on the way. Empty where nothing is known to."""
        if not self._speaks:
            return ""
        searched, end = self._tree.way(path)
        try:
            for place, wanted in (*((folder, "search") for folder in searched), (end, right)):
                found = self._owned(place)
                if not may(identity, found, BITS[wanted]):
                    return f"{place} is {self._shown(found)}: {identity.name} may not {wanted} it"
        except OSError:  # it is not there, which others say, or this user may not see it
            return ""
        return ""

    def denied_itself(self, identity: Identity, path: str, right: Right) -> str:
        """What keeps an account from a file in a directory that is open to it. Of a link nothing is said."""
        try:
            found = self._owned(path)
        except OSError:
            return ""
        if not self._speaks or stat.S_ISLNK(found.mode) or may(identity, found, BITS[right]):
            return ""
        return f"{path} is {self._shown(found)}: {identity.name} may not {right} it"

    def _shown(self, found: Owned) -> str:
        listed = " with an access control list" if found.acl else ""
        return f"{stat.filemode(found.mode)} {self._accounts.shown(found.user, found.group)}{listed}"

    def _is_root_file_system(self) -> bool:
        """Rather than a checkout or a copy, in which all belongs to whoever made it, under that one's umask."""
        try:
            top, passwd = self._owned("/"), self._owned("/etc/passwd")
        except OSError:
            return False
        return top.user == passwd.user == 0 and bool(top.mode & BITS["search"])


def may(identity: Identity, file: Owned, wanted: int) -> bool:
    """Whether the kernel lets an account without capabilities do it: the first class that it belongs to decides alone."""
    if identity.user == file.user:
        return bool(file.mode >> 6 & wanted)
    if file.acl and file.mode & stat.S_IRWXG:  # where the mask grants nothing, the kernel does not read the list
        return _listed(identity, file, wanted)
    return bool((file.mode >> 3 if file.group in identity.groups else file.mode) & wanted)


def _listed(identity: Identity, file: Owned, wanted: int) -> bool:
    """The same by an access control list (``posix_acl_permission`` of Linux)."""
    mask = next((entry.bits for entry in file.acl if entry.tag == MASK), 7)
    for entry in file.acl:
        if entry.tag == USER and entry.number == identity.user:
            return bool(entry.bits & mask & wanted)
    groups = [entry for entry in file.acl if _is_of(entry, file.group, identity)]
    if groups:
        return any(entry.bits & wanted for entry in groups) and bool(mask & wanted)
    return any(entry.tag == OTHER and entry.bits & wanted for entry in file.acl)


def _is_of(entry: Entry, group: int, identity: Identity) -> bool:
    number = {GROUP_OBJ: group, GROUP: entry.number}.get(entry.tag)
    return number is not None and number in identity.groups


class Denials:
    """What one unit's account is denied, noted in the facts of its start. ``replaced``: where the unit binds other things."""

    def __init__(self, rights: Rights, identity: Identity, unit: ServiceUnit, replaced: tuple[str, ...]) -> None:
        self._rights, self._identity = rights, identity
        self._as_root = unit.permissions_start_only.value
        self._replaced = (*replaced, *(hiding.path for hiding in hidden(unit)))

    def command(self, fact: CommandFact, process: Process) -> CommandFact:
        """Its program, and the interpreter in its first line."""
        if not self.concern(process):
            return fact
        return replace(
            fact, program=self._noted(fact.program, "execute"), shebang=fact.shebang and self._noted(fact.shebang, "execute")
        )

    def path(self, fact: PathFact, used_by: Sequence[Process]) -> PathFact:
        """The working directory, which processes enter, or the script, which Python opens."""
        right = RIGHT_TO.get((fact.setting, fact.state))
        concerned = any(process.setting in FIRST and self.concern(process) for process in used_by)
        return self._noted(fact, right) if right and concerned and not fact.made else fact

    def code(self, files: Iterable[str], used_by: Sequence[Process]) -> Iterator[PathFact]:
        """The first file of what is imported that Python may not read; it lists the directory of each as well."""
        if not any(process.setting in FIRST and self.concern(process) for process in used_by):
            return
        listed: dict[str, str] = {}  # directories, and what keeps the account from listing them
        for file in files:
            fact, folder = PathFact("import", "", file, "file"), posixpath.dirname(file)
            if folder not in listed:
                listed[folder] = self._noted(replace(fact, path=folder, state="directory"), "read").denied
            itself = "" if self._is_replaced(fact) else self._rights.denied_itself(self._identity, file, "read")
            if denied := listed[folder] or itself:
                yield replace(fact, denied=denied)
                return

    def concern(self, process: Process) -> bool:
        """Whether a process runs as the account at all (systemd.service(5), "COMMAND LINES")."""
        prefixes = process.command.prefixes
        own = process.setting == "ExecStart" or not self._as_root
        return own and not (prefixes.privileged or prefixes.no_setuid)

    def _noted(self, fact: PathFact, right: Right) -> PathFact:
        if (right == "execute" and not (fact.state == "file" and fact.executable)) or self._is_replaced(fact):
            return fact
        return replace(fact, denied=self._rights.denied(self._identity, fact.path, right))

    def _is_replaced(self, fact: PathFact) -> bool:
        paths = (f"{fact.path}/", f"{fact.real or fact.path}/")
        return any(path.startswith(f"{place.rstrip('/')}/") for place in self._replaced for path in paths)
