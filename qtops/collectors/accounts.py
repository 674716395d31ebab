"""The accounts of a tree, and as whom a service's programs run: passwd(5), group(5), initgroups(3)."""

from dataclasses import dataclass
from typing import Final

from qtops.collectors.tree import RootedTree
from qtops.unitfile.environment import Account
from qtops.unitfile.service import ServiceUnit

FILES_ONLY: Final = frozenset(
    {"files", "compat", "systemd", "db"}
)  # what nsswitch.conf(5) may name while the files tell all groups


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom a program runs. ``groups`` holds its own group and the supplementary ones."""

    name: str
    user: int
    groups: frozenset[int]


class Accounts:
    """The accounts of a tree. What is None has no list there to look into."""

    def __init__(self, tree: RootedTree) -> None:
        passwd, group = _entries(tree, "/etc/passwd"), _entries(tree, "/etc/group")
        self.users = None if passwd is None else {
            entry[0]: Account(entry[0], entry[5] if len(entry) > 5 else "", entry[6] if len(entry) > 6 else "") for entry in passwd
        }  # fmt: skip
        self.groups = None if group is None else frozenset(entry[0] for entry in group)
        self._passwd = [entry for entry in passwd or () if _is_number(entry, 2) and _is_number(entry, 3)]
        self._group = [entry for entry in group or () if _is_number(entry, 2)]
        self._complete = passwd is not None and group is not None and _only_files(tree)

    def identity(self, unit: ServiceUnit) -> Identity | None:
        """Who User=, Group= and SupplementaryGroups= name; None for root, whom nothing is denied, and where it cannot be told."""
        named = [unit.user, unit.group, *unit.supplementary_groups]
        if unit.user is None or unit.dynamic_user.value or unit.ambient_capabilities or not self._complete:
            return None
        if any(item is not None and item.unknown for item in named):
            return None
        user = next((entry for entry in self._passwd if unit.user.value in entry[:1] + entry[2:3]), None)
        if user is None or int(user[2]) == 0:
            return None
        chosen = [self._number(item.value) for item in (unit.group, *unit.supplementary_groups) if item is not None]
        listed = {int(entry[2]) for entry in self._group if user[0] in "".join(entry[3:4]).split(",")}
        own = set() if unit.group is not None else {int(user[3])}
        known = {number for number in chosen if number is not None}
        return Identity(user[0], int(user[2]), frozenset(own | listed | known)) if len(known) == len(set(chosen)) else None

    def shown(self, user: int, group: int) -> str:
        """``user:group`` by their names, as ls(1) has it."""
        names = (
            next((entry[0] for entry in entries if int(entry[2]) == number), str(number))
            for entries, number in ((self._passwd, user), (self._group, group))
        )
        return ":".join(names)

    def _number(self, group: str) -> int | None:
        found = next((int(entry[2]) for entry in self._group if entry[0] == group), None)
        return int(group) if found is None and group.isdecimal() else found


def _entries(tree: RootedTree, path: str) -> list[list[str]] | None:
    try:
        lines = tree.read(path).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    return [line.split(":") for line in lines if line and not line.startswith(("#", "+", "-"))]


def _is_number(entry: list[str], index: int) -> bool:
    return len(entry) > index and entry[index].isascii() and entry[index].isdigit()


def _only_files(tree: RootedTree) -> bool:
    """Whether no directory service adds groups that the files do not have."""
    try:
        lines = tree.read("/etc/nsswitch.conf").decode("utf-8", "replace").splitlines()
    except OSError:
        return True
    words = [line.partition("#")[0].partition(":")[::2] for line in lines]
    named = {word for key, value in words if key.strip() in {"passwd", "group", "initgroups"} for word in value.split()}
    return all(word in FILES_ONLY or word.startswith("[") or word.endswith("]") for word in named)
