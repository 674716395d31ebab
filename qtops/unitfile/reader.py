"""From the files of a service to the service: its unit file, its drop-ins in systemd's order, and what systemd refuses."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qtops.unitfile import settings, syntax
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin
from qtops.unitfile.directives import SERVICE_SECTIONS
from qtops.unitfile.names import UnitName
from qtops.unitfile.reading import Reading, Refused
from qtops.unitfile.service import ServiceUnit, Setting
from qtops.unitfile.specifiers import Specifiers
from qtops.unitfile.values import INFINITY

File = tuple[str, bytes]
"""A path as the host has it, and what the file holds."""


def read(
    name: UnitName,
    unit: File,
    dropins: Sequence[File] = (),
    *,
    known: dict[str, str] | None = None,
    version: int | None = None,
) -> ServiceUnit:
    """Read a service. ``dropins`` in the order of ``names.in_order``; ``known`` are specifiers of the host by letter.

    Nothing is raised, whatever the files hold. An empty unit file, or a link to /dev/null, is a masked unit. With a version of
    systemd, settings that came later are unknown to it.
    """
    path = unit[0]
    if not unit[1]:
        masked = Diagnostic(Origin(path, 1), Effect.REFUSED, "the unit is masked: its file is empty, or a link to /dev/null")
        return ServiceUnit(name, path, diagnostics=(masked,))
    reading = Reading(Specifiers(name, path, known or {}))
    for number, (file, data) in enumerate((unit, *dropins)):
        _read_file(reading, file, data, version, is_dropin=number > 0)
    found = ServiceUnit(name, path, tuple(file for file, _ in dropins), (), **reading.fields)
    found = _completed(found)
    where = found.exec_start[-1].origin if found.exec_start else reading.emptied or Origin(path, 1)
    refusals = [Diagnostic(where, Effect.REFUSED, text) for text in _refusals(found)]
    return replace(found, diagnostics=(*reading.diagnostics, *refusals))


def _read_file(reading: Reading, path: str, data: bytes, version: int | None, *, is_dropin: bool) -> None:
    """Read one file on. What is fatal in the unit file itself only ends the reading of a drop-in."""
    text = syntax.parse(path, data, SERVICE_SECTIONS)
    before = len(reading.diagnostics)
    ended = None
    for item in text.assignments:
        try:
            settings.take(reading, item, version)
        except Refused:
            ended = item.origin.line
            break
        if (item.section, item.key, item.value.strip()) == ("Service", "ExecStart", ""):
            reading.emptied = item.origin
    seen = [found for found in text.diagnostics if ended is None or found.origin.line < ended]
    fatal = {Effect.CUT, Effect.REFUSED}
    effect = Effect.CUT if is_dropin else Effect.REFUSED
    mine = sorted((*seen, *reading.diagnostics[before:]), key=lambda found: found.origin.line)
    reading.diagnostics[before:] = [replace(found, effect=effect) if found.effect in fatal else found for found in mine]


def _completed(unit: ServiceUnit) -> ServiceUnit:
    """The defaults that depend on other settings (systemd.service(5), "Type=" and "TimeoutStartSec=")."""
    if unit.type.origin is None:
        kind = "dbus" if unit.bus_name else "simple" if unit.exec_start else "oneshot"
        unit = replace(unit, type=Setting(kind))
    if unit.type.value == "oneshot" and unit.timeout_start_usec.origin is None:
        unit = replace(unit, timeout_start_usec=Setting(INFINITY))
    if unit.standard_output.value == "inherit" and unit.standard_input.value in {"", "null"}:
        unit = replace(unit, standard_output=replace(unit.standard_output, value="journal"))  # there is nothing to inherit
    return unit


def _refusals(unit: ServiceUnit) -> Iterator[str]:
    """Settings that contradict each other (``service_verify`` of systemd, by observation and systemd.service(5))."""
    oneshot = unit.type.value == "oneshot"
    acts = unit.success_action.value != "none"
    if not (unit.exec_start or unit.exec_stop or acts):
        yield "there is neither ExecStart= nor ExecStop= nor SuccessAction="
    elif not unit.exec_start and not oneshot:
        yield f"there is no ExecStart=, which Type={unit.type.value} needs"
    elif not (unit.exec_start or unit.remain_after_exit.value or acts):
        yield "there is no ExecStart=, which only RemainAfterExit=yes may do without"
    elif len(unit.exec_start) > 1 and not oneshot:
        yield f"there are {len(unit.exec_start)} ExecStart= commands, which only Type=oneshot may have"
    elif oneshot and unit.restart.value in {"always", "on-success"}:
        yield f"Restart={unit.restart.value} is not allowed with Type=oneshot"
    elif oneshot and unit.restart_force_exit_status:
        yield "RestartForceExitStatus= is not allowed with Type=oneshot"
    elif unit.type.value == "dbus" and not unit.bus_name:
        yield "Type=dbus needs BusName="
