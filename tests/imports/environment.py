"""A virtual environment of a test's own: a few links, so that each can hold other .pth files."""

import sys
from collections.abc import Mapping
from pathlib import Path

from .cpython import Case

SITE = f"venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def in_venv(files: Mapping[str, str], main: str, environment: Mapping[str, str] | None = None, settings: str = "") -> Case:
    """``main.py`` in an environment whose site-packages hold ``files``; names with ROOT/ in front are beside main.py."""
    placed = {name.removeprefix("ROOT/") if name.startswith("ROOT/") else f"{SITE}/{name}": text for name, text in files.items()}
    home = Path(sys.base_prefix, "bin")
    version = ".".join(map(str, sys.version_info[:3]))
    config = f"home = {home}\ninclude-system-site-packages = false\nversion = {version}\n{settings}"
    python = Path(home, f"python{sys.version_info[0]}.{sys.version_info[1]}").resolve()
    return Case(
        {f"{SITE}/": "", **placed, "venv/pyvenv.cfg": config, "main.py": main},
        environment=environment or {},
        links={"venv/bin/python": str(python)},
    )
