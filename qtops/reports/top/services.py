"""How services stand, by what systemd says of them alone. Pure."""

from typing import Final

import msgspec

from qtops.checks.standing import is_daemon, is_looping, is_wanted, runs
from qtops.facts.service import ServiceFacts
from qtops.facts.unit import UnitState
from qtops.findings import Verdict
from qtops.reports.top.look import Look

PASSING: Final = frozenset({"activating", "deactivating", "maintenance"})


class ServiceRow(msgspec.Struct, frozen=True):
    """One service. What is not known is null: ``cpu_pct`` is of one processor, ``held_until_s`` where it is to be left alone."""

    unit: str
    verdict: Verdict
    state: str  # "active (running)", "failed (exit status 1)", "not-found"
    for_s: float | None  # since it is in that state
    pid: int
    restarts: int  # by systemd, since the last start by a job
    memory_bytes: int | None
    memory_max_bytes: int | None
    cpu_pct: float | None
    status: str  # what the service itself told systemd
    held_until_s: float | None


def services(look: Look, before: Look | None) -> list[ServiceRow]:
    """One row per service, in the order asked for."""
    holds = {hold.unit: hold.until_s for hold in look.records.holds} if look.records else {}
    earlier = {name: unit for name, unit in before.units if unit} if before else {}
    return [_row(name, unit, earlier.get(name), look, before, holds.get(name)) for name, unit in look.units]


def _row(
    name: str, unit: UnitState | None, earlier: UnitState | None, look: Look, before: Look | None, held_until_s: float | None
) -> ServiceRow:
    if unit is None:
        return ServiceRow(name, Verdict.UNKNOWN, "unknown", None, 0, 0, None, None, None, "", held_until_s)
    changed_s = unit.state_changed_s
    return ServiceRow(
        unit=unit.name,
        verdict=_verdict(unit, look.taken_at_s),
        state=_state(unit),
        for_s=None if changed_s is None else max(look.taken_at_s - changed_s, 0.0),
        pid=unit.main_pid,
        restarts=unit.n_restarts,
        memory_bytes=unit.memory_bytes,
        memory_max_bytes=unit.memory_max_bytes,
        cpu_pct=_cpu_pct(unit, earlier, look, before),
        status=unit.status_text,
        held_until_s=held_until_s,
    )


def _verdict(unit: UnitState, now_s: float) -> Verdict:
    """Down is critical where it is to run; on its way, or up and in a loop, a warning."""
    if runs(unit):
        return Verdict.WARNING if is_looping(ServiceFacts(subject=unit.name, unit=unit), now_s) else Verdict.OK
    if unit.load_state != "loaded" or unit.active_state == "failed" or unit.sub_state.startswith("auto-restart"):
        return Verdict.CRITICAL
    if unit.active_state in PASSING:
        return Verdict.WARNING
    return Verdict.CRITICAL if is_daemon(unit) and is_wanted(unit) else Verdict.OK


def _state(unit: UnitState) -> str:
    if unit.load_state != "loaded":
        return unit.load_state
    if unit.active_state == "active":
        return unit.sub_state
    if unit.active_state == "inactive":
        return "inactive"
    end = unit.result if unit.active_state == "failed" else unit.sub_state
    if end == "exit-code":
        end = f"exit status {unit.exec_main_status}"
    elif end == "signal":
        end = f"signal {unit.exec_main_status}"
    return f"{unit.active_state} ({end})"


def _cpu_pct(unit: UnitState, earlier: UnitState | None, look: Look, before: Look | None) -> float | None:
    """What it uses of one processor: since the look before where it is still the same run, else on average since it began."""
    if unit.cpu_s is None or not unit.main_pid:
        return None
    if before and earlier and earlier.invocation_id == unit.invocation_id and earlier.cpu_s is not None:
        used_s, within_s = unit.cpu_s - earlier.cpu_s, look.taken_at_s - before.taken_at_s
    else:
        used_s, within_s = unit.cpu_s, look.taken_at_s - (unit.exec_main_start_s or look.taken_at_s)
    return 100.0 * max(used_s, 0.0) / within_s if within_s > 0.0 else None
