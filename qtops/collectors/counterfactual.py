"""The look at the next start of a unit as it would be if its files were changed. Nothing is written."""

import posixpath
from collections.abc import Iterable, Mapping

from qtops.collectors.live_starts import PRECEDENCE, LiveStarts, reloaded
from qtops.collectors.overlay import CannotOverlay, Overlay
from qtops.collectors.redact import Redactor
from qtops.collectors.tree import RootedTree
from qtops.facts.preflight import StartFacts
from qtops.facts.unit import UnitState
from qtops.unitfile.names import dropin_directories, in_order, parse_name


def what_if(
    unit: UnitState,
    contents: Mapping[str, bytes],
    modes: Mapping[str, int],
    drop_ins: Mapping[str, bytes],
    source: str = "",
    *,
    root: str = "/",
) -> StartFacts:
    """The start of a unit with these files in place of those that are there, by absolute path, and systemd told of these drop-ins.

    What cannot be pictured is in ``missing``, as all that could not be looked at. A secret of either environment, as it is and as
    it would be, is hidden in all of it.
    """
    try:
        _check(unit.name, drop_ins)
        tree = Overlay({**contents, **drop_ins}, modes, root)
    except CannotOverlay as why:
        return StartFacts(subject=unit.name, missing=(f"what it would be: {why}",))
    patched = reloaded(unit, tree) if drop_ins else unit
    starts, now = LiveStarts([unit], source, tree), LiveStarts([unit], source, RootedTree(root))
    live = starts.look(patched) if unit.fragment_path else starts.look_on_disk(unit.name) or starts.look(unit)
    start = live.start or StartFacts(subject=unit.name, missing=("no file of it is known",))
    return Redactor([*now.known(unit), *live.known]).facts(start)


def _check(unit: str, drop_ins: Iterable[str]) -> None:
    """Refuse a drop-in that systemd would never read."""
    name = parse_name(unit)
    folders = dropin_directories(name, PRECEDENCE) if name is not None else []
    for path in drop_ins:
        if posixpath.dirname(path) not in folders or not in_order([path]):
            raise CannotOverlay(f"{path}: systemd reads no such file for {unit}")
