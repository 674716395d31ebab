"""Where commands print: a rich console that honours ``--color``."""

import os
import sys
from collections.abc import Mapping
from typing import Literal

from rich.console import Console

from qtops.cli.context import Color

ColorSystem = Literal["auto", "standard"]


def open_console(color: Color, *, stderr: bool = False) -> Console:
    """Make a console. It draws (cursor movements, live tables) on terminals only, whatever is said about colours."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr,
        force_terminal=stream.isatty(),  # else FORCE_COLOR would make a pipe pass for a terminal
        color_system=color_system(color, os.environ),
        no_color=False,  # decided already
        markup=False,
        highlight=False,
        emoji=False,
    )


def color_system(color: Color, environ: Mapping[str, str]) -> ColorSystem | None:
    """Which colours: none, those of the terminal (if it is one), or the sixteen standard ones wherever output goes.

    ``--color`` has the last word, then NO_COLOR, then FORCE_COLOR; an empty variable counts as not set.
    """
    if color == "always":
        return "standard"
    if color == "never" or environ.get("NO_COLOR"):
        return None
    return "standard" if environ.get("FORCE_COLOR") else "auto"
