"""What was true of the git checkout that a deployed file lives in, or is a copy out of: a fix on the host alone does not stay."""

from typing import Literal

import msgspec

from qtops.facts.text import printable

Likeness = Literal["same", "differs", "absent"]
_NAMED_AT_MOST = 5


class RepositoryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout, and what it has of one deployed file. All of it before a fix."""

    top: str  # folder of the working tree, without links
    relative: str  # the file below it, as `git apply` names it; not necessarily printable
    owner: str  # account that the checkout belongs to, as whom git was asked
    head: str  # commit; empty: there is none yet
    branch: str  # empty: HEAD is detached
    mirrors: bool  # the deployed file is a copy that lies elsewhere; else it is the file of the working tree itself
    in_head: Likeness  # the deployed file against HEAD's version of it, as git would store it
    in_index: Likeness  # and against the index's
    in_tree: Likeness  # and, byte for byte, against the file of the working tree
    dirty: tuple[str, ...] = ()  # paths that `git status` names, printable; only the first few
    dirty_total: int = 0
    dirty_is_all: bool = True  # else there are more than were counted


class RepositoryUntold(msgspec.Struct, frozen=True):
    """There is, or is said to be, a checkout that could not be asked: why, and what would make it possible."""

    top: str
    why: str
    enable: str = ""


Repository = RepositoryFacts | RepositoryUntold | None
"""None: the file is in no checkout, and the settings name none that it is a copy out of."""


def stays(facts: Repository, patch: str = "FILE") -> tuple[str, ...]:
    """What it takes for a fix to stay, in sentences. ``patch`` is where the patch of the fix lies, as a path to type."""
    if facts is None:
        return (
            "This fix lives on this host only: no git checkout is known that the file comes from, and the next "
            f"deployment may undo it. Apply the patch in the repository: git apply {patch}",
        )
    if isinstance(facts, RepositoryUntold):
        enable = f" ({facts.enable})" if facts.enable else ""
        return (
            f"This fix lives on this host only, and {facts.top} could not be asked about it: {facts.why}{enable}. "
            f"Apply the patch in the repository: git apply {patch}",
        )
    return (*(_copy(facts, patch) if facts.mirrors else _in_place(facts, patch)), *_before(facts))


def _copy(facts: RepositoryFacts, patch: str) -> tuple[str, ...]:
    """Of a file that was copied out of the checkout."""
    name, where = _name(facts), _where(facts)
    if facts.in_tree == "absent":
        return (
            f"This fix lives on this host only, and {where} has no {name} to apply it to: the file came from elsewhere. "
            f"Apply the patch there: git apply {patch}",
        )
    told = f"This fix lives on this host only: apply the patch in {where}: git -C {facts.top} apply {patch}"
    if facts.in_tree == "differs":
        return (
            told,
            f"What was deployed was not what {facts.top} has: {name} differs there, so that the patch may not apply as it is.",
        )
    return (told,)


def _in_place(facts: RepositoryFacts, patch: str) -> tuple[str, ...]:
    """Of a file of the working tree itself."""
    if facts.in_index == "absent" and facts.in_head == "absent":
        return (
            f"This fix lives on this host only: {_name(facts)} is not tracked in {_where(facts)}. "
            f"Apply the patch where the file comes from: git apply {patch}",
        )
    return (
        f"This fix lives on this host only: it is an uncommitted change of {_name(facts)} in {_where(facts)}, which the next "
        f"pull or checkout may undo. Commit it, or apply the patch where this checkout is pulled from: git apply {patch}",
    )


def _before(facts: RepositoryFacts) -> tuple[str, ...]:
    """What was not in order before the fix."""
    told = []
    if not facts.branch:
        told.append(f"HEAD of {facts.top} is detached: what is committed there is on no branch.")
    if facts.in_head == "differs" and facts.in_tree == "same":
        told.append(f"{_name(facts)} was not as committed before the fix either: the patch may not apply to another checkout.")
    if facts.dirty:
        named = ", ".join(facts.dirty[:_NAMED_AT_MOST])
        more = facts.dirty_total - len(facts.dirty[:_NAMED_AT_MOST])
        others = f" and {'' if facts.dirty_is_all else 'at least '}{more} more" if more else ""
        told.append(f"The tree of {facts.top} was dirty before the fix: {named}{others}.")
    return tuple(told)


def _name(facts: RepositoryFacts) -> str:
    return printable(facts.relative)


def _where(facts: RepositoryFacts) -> str:
    at = f"at {facts.head[:12]}" if facts.head else "without a commit yet"
    return f"{printable(facts.top)} ({f'branch {printable(facts.branch)} ' if facts.branch else ''}{at})"
