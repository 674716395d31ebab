"""Conditions of a unit from its files, and which were met: systemctl tells of all of them together, and prints none."""

from collections.abc import Sequence
from pathlib import Path

from qtops.collectors.systemd.properties import Properties
from qtops.collectors.tree import RootedTree
from qtops.collectors.unit_files import bounded
from qtops.facts.unit import ConditionFact
from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read
from qtops.unitfile.service import Condition


def with_conditions(found: Properties) -> Properties:
    """The same properties with ``Conditions`` and ``Asserts``, where the files can be read and are what systemd has loaded."""
    name = parse_name(found.get("Id", ""))
    path = found.get("FragmentPath", "")
    if name is None or not path or found.get("LoadState") != "loaded" or found.get("NeedDaemonReload"):
        return found
    try:
        paths = [Path(file) for file in (path, *found.get("DropInPaths", ()))]
        changed_s = max(max(file.stat().st_mtime, file.stat().st_ctime) for file in paths)
        files = [(str(file), bounded(RootedTree(), str(file))) for file in paths]
    except OSError:
        return found
    unit = read(name, files[0], files[1:])
    conditions = decided([item.value for item in unit.conditions], _result(found, "Condition", changed_s))
    asserts = decided([item.value for item in unit.asserts], _result(found, "Assert", changed_s))
    return found | {"Conditions": conditions, "Asserts": asserts}


def decided(conditions: Sequence[Condition], result: bool | None) -> tuple[ConditionFact, ...]:
    """Which of them were met, as far as the result of all tells: all must be but the triggers (``|``), of which one suffices."""
    triggers = [condition for condition in conditions if condition.trigger]
    plain = [condition for condition in conditions if not condition.trigger]

    def met(condition: Condition) -> bool | None:
        if result is None:
            return None
        if condition.trigger:
            return False if not result and not plain else True if result and len(triggers) == 1 else None
        return True if result else False if len(plain) == 1 and not triggers else None

    return tuple(ConditionFact(c.kind, c.argument, c.negated, c.trigger, met(c)) for c in conditions)


def _result(found: Properties, which: str, changed_s: float) -> bool | None:
    """What the last try made of them; None where there was none, or where it was of other files."""
    tried_s = found.get(f"{which}Timestamp", 0) / 1e6
    return bool(found.get(f"{which}Result")) if tried_s > changed_s else None
