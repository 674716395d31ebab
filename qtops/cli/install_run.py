"""What ``qtops install`` does once its options are read."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from qtops.actions.installing import carrying_out, looking, units
from qtops.actions.installing.interpreter import objection, warning
from qtops.cli.checking import wide_console
from qtops.cli.context import Context
from qtops.cli.install_told import advice_of_applying, advice_of_removing, command_lines, file_line, notes_on
from qtops.errors import NotPermitted, QtopsError, UsageError
from qtops.installation.afterwards import Command, after_putting, after_removing, disabling, enabling
from qtops.installation.placing import Manifest, Placing, intended, put, settled, taken_away
from qtops.installation.shipped import ENABLED, PARTS, PYTHON, granted
from qtops.reports.install import document, human
from qtops.reports.install.report import CommandLine, Report
from qtops.steps import FileState

Options = Mapping[str, Any]
CONFIGURED: Final = "/etc/qtops/"


@dataclass(frozen=True)
class Plan:
    """What is to be done, in this order: what was there before it, units stopped, files, units started."""

    manifest: Manifest
    recorded: FileState | None  # the manifest's file
    placings: tuple[Placing, ...]
    first: tuple[Command, ...] = ()
    last: tuple[Command, ...] = ()
    folders: tuple[str, ...] = ()  # to be made

    @property
    def is_nothing(self) -> bool:
        """Whether all is as it is to be."""
        idle = all(placing.deed == "leave" and placing.standing != "unknown" for placing in self.placings)
        return idle and not self.first and not self.last


def run(context: Context, options: Options) -> int:
    """Run the command; the exit code is that of what became of it."""
    prefix = os.path.realpath(options["prefix"]) if options["prefix"] else ""
    if prefix == "/":
        raise UsageError("--prefix / is this host: leave it out")
    is_acting = options["apply"] or (options["remove"] and not options["dry_run"])
    if is_acting and not prefix and os.geteuid():
        raise NotPermitted("only root can install: try again with sudo, or with --prefix for the root of a package")
    report = _removed(options, prefix, acting=is_acting) if options["remove"] else _put(context, options, prefix, acting=is_acting)
    if options["output"] == "json":
        click.echo(document.render(report))
    else:
        wide_console(context).print(human.render(report))
        sys.stdout.flush()
    return report.exit_code


def _put(context: Context, options: Options, prefix: str, *, acting: bool) -> Report:
    python = options["python"] or (PYTHON if prefix else sys.executable)
    settings = context.settings
    allowed = granted(settings)
    parts = options["only"] or PARTS
    files = looking.wanted(parts, prefix, python, allowed)
    paths = [file.path for file in files]
    if acting:
        carrying_out.tidy([*paths, f"{prefix}{looking.MANIFEST}"])
    manifest, recorded = looking.read_manifest(prefix)
    placings = put(files, looking.found(paths), manifest)
    earlier = [] if manifest.settled else [path for path in manifest.files if Path(path).exists()]  # by a run that did not end
    is_due = not manifest.settled or any(placing.deed != "leave" for placing in placings)
    starts = [part for part in PARTS if part in options["enable"] and not _is_up(ENABLED[part])]
    unsafe = {placing.path for placing in placings if placing.standing == "unsafe"}  # who knows what it leads to
    told = [path for path in (*paths, *earlier) if path not in unsafe]
    last = () if prefix else (*(after_putting(told) if is_due else ()), *enabling(starts))
    new = [placing.path for placing in placings if placing.deed == "put"]
    folders = looking.missing_folders([*new, f"{prefix}{looking.MANIFEST}"])
    plan = Plan(manifest, recorded, placings, (), last, folders)
    polkit = bool(prefix) or "supervisor" not in parts or looking.has_polkit()
    notes = notes_on(settings, _strangers(context), polkit=polkit)
    if not prefix and "supervisor" in parts and (doubtful := warning(python)):
        notes = (*notes, doubtful)
    report = Report(
        outcome="planned", mode="apply", prefix=prefix, python=python, files=tuple(map(file_line, placings)), granted=allowed,
        commands=command_lines(last), notes=notes,
    )  # fmt: skip
    return _ended(report, plan, prefix, acting=acting, why=objection(python, there=not prefix))


def _removed(options: Options, prefix: str, *, acting: bool) -> Report:
    parts = options["only"] or PARTS
    manifest, recorded = looking.read_manifest(prefix)
    known = [path for path, entry in manifest.files.items() if entry.part in parts]
    if acting:
        carrying_out.tidy([*known, f"{prefix}{looking.MANIFEST}"])
    placings = taken_away(parts, looking.found(known), manifest)
    going = [placing.path for placing in placings if placing.deed == "remove"]
    stopped = [ENABLED[part] for part in parts if part in ENABLED and ENABLED[part] in manifest.enabled]
    blockers = [] if prefix else [unit for unit in (*units.running(going), *units.enabled(going)) if unit not in stopped]
    is_due = bool(known) and not prefix
    plan = Plan(
        manifest, recorded, placings, disabling(stopped) if is_due else (), after_removing(known) if is_due else ()
    )  # fmt: skip
    report = Report(
        outcome="planned", mode="remove", prefix=prefix, files=tuple(map(file_line, placings)),
        commands=command_lines((*plan.first, *plan.last)), advice=advice_of_removing(blockers, parts, prefix),
    )  # fmt: skip
    why = f"runs, or is started at boot, and not by this command: {', '.join(dict.fromkeys(blockers))}" if blockers else ""
    return _ended(report, plan, prefix, acting=acting, why=why)


def _ended(report: Report, plan: Plan, prefix: str, *, acting: bool, why: str) -> Report:
    """The report, after what it says was done where that was asked for."""
    from msgspec.structs import replace

    if plan.is_nothing:
        return replace(report, outcome="nothing to do", advice=())
    if why:
        return replace(report, outcome="refused", why=why)
    if not acting:
        return report
    ran = _carried_out(plan, prefix, removing=report.mode == "remove")
    advice = report.advice if report.mode == "remove" else advice_of_applying(plan.placings, prefix, ran, units)
    if any(command.ran == "failed" for command in ran):
        return replace(report, outcome="failed", commands=ran, why="run it again when that is mended", advice=advice)
    return replace(report, outcome="removed" if report.mode == "remove" else "applied", commands=ran, advice=advice)


def _carried_out(plan: Plan, prefix: str, *, removing: bool) -> tuple[CommandLine, ...]:
    """Do it: files only once units are stopped, commands only once files are in place."""
    starting = [command[-1] for command in plan.last if "enable" in command]
    manifest = intended(plan.manifest, plan.placings, plan.folders, starting)
    recorded = carrying_out.write_manifest(manifest, plan.recorded, prefix)
    ran = _run(plan.first)
    if all(line.ran == "done" for line in ran):
        for placing in plan.placings:
            carrying_out.carry_out(placing, manifest.folders)
        ran += _run(plan.last)
    else:
        ran += command_lines(plan.last, "not run")
    if all(line.ran == "done" for line in ran):
        stopped = [command[-1] for command in plan.first]
        _record(settled(manifest, plan.placings, stopped), recorded, prefix, removing=removing)
    return ran


def _record(manifest: Manifest, recorded: FileState | None, prefix: str, *, removing: bool) -> None:
    if removing:
        carrying_out.remove_folders(manifest.folders, prefix)
    if manifest.files or not removing:
        carrying_out.write_manifest(manifest, recorded, prefix)
    elif recorded is not None:
        carrying_out.remove_manifest(recorded, prefix, manifest.folders)


def _run(commands: Sequence[Command]) -> tuple[CommandLine, ...]:
    """Run them, until one fails."""
    ran: list[CommandLine] = []
    for command in commands:
        if ran and ran[-1].ran != "done":
            ran.append(CommandLine(argv=command, ran="not run"))
            continue
        try:
            units.run(command)
        except QtopsError as error:
            ran.append(CommandLine(argv=command, ran="failed", why=str(error)))
        else:
            ran.append(CommandLine(argv=command, ran="done"))
    return tuple(ran)


def _is_up(unit: str) -> bool:
    path = f"{units.ADMINISTRATORS}/{unit}"
    return unit in units.enabled([path]) and unit in units.running([path])


def _strangers(context: Context) -> tuple[str, ...]:
    """Configuration files that this command reads, and the supervisor never does."""
    here = Path.cwd()
    files = [str(here / file) for file in context.configuration.files]
    return tuple(file for file in files if not file.startswith(CONFIGURED) and context.config_file is None)
