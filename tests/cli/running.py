"""Run the command line as its users do: as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = (sys.executable, "-m", "qtops")
NO_CONFIGURATION = Path("/nonexistent")


def environment(**changes: str) -> dict[str, str]:
    """This process' variables without any that qtops would read, and with ``changes``."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("QTOPS_", "NO_COLOR", "FORCE_COLOR", "COLUMNS"))
    }
    return kept | {"HOME": str(NO_CONFIGURATION), "XDG_CONFIG_HOME": str(NO_CONFIGURATION)} | changes


def qtops(*arguments: str, command: tuple[str, ...] = COMMAND, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command prints and returns."""
    return subprocess.run(
        [*command, *arguments], capture_output=True, encoding="utf-8", env=environment(**variables), timeout=20, check=False
    )
