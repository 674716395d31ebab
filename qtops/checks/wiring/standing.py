"""Whether a unit does its work: on, off (and whether somebody meant it so), or not known."""

from typing import Final, NamedTuple

from qtops.facts.wiring import UnitWiring

_RUNNING: Final = frozenset({"active", "activating", "reloading", "refreshing", "deactivating"})
_NOT_LOADED: Final = frozenset({"not-found", "bad-setting", "error", "masked"})
_SWITCHED_OFF: Final = frozenset({"disabled", "masked", "masked-runtime"})


class Standing(NamedTuple):
    """How a unit stands. ``on`` is None where it is not known."""

    on: bool | None
    told: str  # "inactive (dead), disabled"
    meant: bool = False  # off, and it looks as if somebody wanted that: disabled or masked, and not failed

    @property
    def off(self) -> bool:
        """Known to be off."""
        return self.on is False


UNKNOWN: Final = Standing(None, "state not known")


def standing(unit: UnitWiring | None) -> Standing:
    """How a unit stands. What a timer or a socket starts is not off between two runs."""
    if unit is None or not (unit.active_state or unit.load_state in _NOT_LOADED):
        return UNKNOWN
    told = _told(unit)
    if unit.load_state in _NOT_LOADED:
        return Standing(on=False, told=told, meant=unit.load_state == "masked")
    if unit.active_state in _RUNNING:
        return Standing(on=unit.sub_state != "auto-restart", told=told)
    if unit.active_state == "failed" or unit.result not in ("", "success"):
        return Standing(on=False, told=told)
    if unit.triggered_by:
        return Standing(on=True, told=f"rests until {', '.join(unit.triggered_by)} starts it")
    return Standing(on=False, told=told, meant=unit.unit_file_state in _SWITCHED_OFF)


def _told(unit: UnitWiring) -> str:
    if unit.load_state in _NOT_LOADED:
        return f"not loaded ({unit.load_state})"
    state = unit.active_state + (f" ({unit.sub_state})" if unit.sub_state not in ("", unit.active_state) else "")
    result = f", result {unit.result}" if unit.result not in ("", "success") else ""
    return state + result + (f", {unit.unit_file_state}" if unit.unit_file_state else "")
