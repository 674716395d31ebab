"""Lays the fleet out on disk: a folder per case with its programs, its modules, its unit files."""

from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent

from tests.fleet.case import Case, Program

UNIT = """[Unit]
Description={name} of {case}

[Service]
WorkingDirectory={folder}
Environment=PYTHONPATH={folder}
{lines}ExecStart={command}

[Install]
WantedBy=multi-user.target
"""


def lay(root: Path, cases: Iterable[Case], *, seen: str = "", python: str = "/usr/bin/python3") -> Path:
    """Write all cases below ``root``. ``seen``: where the units will see that folder."""
    for case in cases:
        folder = root / case.name
        place = f"{seen or root}/{case.name}"
        for name, text in case.files.items():
            _write(folder / name, dedent(text).lstrip("\n"))
        for program in case.programs:
            script = f"{program.name.strip('@').replace('-', '_')}.py"
            _write(folder / script, program.source)
            command = f"{python} {program.command or f'{place}/{script}'}"
            _write(folder / "units" / case.unit(program.name), _unit(case, program, place, command))
            if program.timer:
                _write(folder / "units" / case.unit(program.name).replace(".service", ".timer"), "[Timer]\nOnCalendar=daily\n")
    return root


def _unit(case: Case, program: Program, folder: str, command: str) -> str:
    lines = "".join(f"{line}\n" for line in program.lines).replace("{folder}", folder)
    return UNIT.format(case=case.name, name=program.name, folder=folder, lines=lines, command=command)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
