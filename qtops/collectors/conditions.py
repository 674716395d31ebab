"""Conditions of a unit that the tree decides: where one is not met, systemd skips the start, and nothing else of it matters."""

from collections.abc import Callable
from typing import Final

from qtops.collectors.tree import VOLATILE, RootedTree
from qtops.imports.tree import Kind
from qtops.unitfile.service import Condition, ServiceUnit

MADE_AT_BOOT: Final = tuple(f"{place}/" for place in VOLATILE)
DECIDED: Final[dict[str, Callable[[RootedTree, str], bool]]] = {
    "ConditionPathExists": lambda tree, path: tree.kind(path) is not None,
    "ConditionPathIsDirectory": lambda tree, path: tree.kind(path) is Kind.DIRECTORY,
    "ConditionDirectoryNotEmpty": lambda tree, path: tree.kind(path) is Kind.DIRECTORY and bool(tree.names(path)),
    "ConditionFileNotEmpty": lambda tree, path: tree.kind(path) is Kind.FILE and bool(tree.head(path)),
    "ConditionFileIsExecutable": lambda tree, path: tree.kind(path) is Kind.FILE and tree.is_executable(path),
}


def unmet_condition(unit: ServiceUnit, tree: RootedTree) -> str:
    """The condition for which systemd would skip the start; empty where none is known to be unmet."""
    for item in unit.conditions:
        if not item.value.trigger and not item.unknown and is_met(item.value, tree) is False:
            sign = "!" if item.value.negated else ""
            return f"{item.value.kind}={sign}{item.value.argument} is not met: systemd skips the start, without a failure"
    return ""


def is_met(condition: Condition, tree: RootedTree) -> bool | None:
    """Whether it is met; None where the tree cannot tell."""
    decide, path = DECIDED.get(condition.kind), condition.argument
    if decide is None or path.startswith(MADE_AT_BOOT) or tree.fact(condition.kind, "", path).state in {"outside", "unknown"}:
        return None
    try:
        return decide(tree, path) is not condition.negated
    except OSError:
        return None
