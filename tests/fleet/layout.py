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
{lines}ExecStart=/usr/bin/python3 {command}

[Install]
WantedBy=multi-user.target
"""


def lay(root: Path, cases: Iterable[Case]) -> Path:
    """Write all cases below ``root``."""
    for case in cases:
        folder = root / case.name
        for name, text in case.files.items():
            _write(folder / name, dedent(text).lstrip("\n"))
        for program in case.programs:
            script = folder / f"{program.name.strip('@').replace('-', '_')}.py"
            _write(script, program.source)
            _write(folder / "units" / case.unit(program.name), _unit(case, program, folder, script))
            if program.timer:
                _write(folder / "units" / case.unit(program.name).replace(".service", ".timer"), "[Timer]\nOnCalendar=daily\n")
    return root


def _unit(case: Case, program: Program, folder: Path, script: Path) -> str:
    lines = "".join(f"{line}\n" for line in program.lines).replace("{folder}", str(folder))
    return UNIT.format(case=case.name, name=program.name, folder=folder, lines=lines, command=program.command or script)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
