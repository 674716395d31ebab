"""Who may import whom: only downwards, never sideways. Read from the source, imports inside functions included."""

import ast
import re
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PURE = tuple(f"publisher.{name}" for name in ("kernel", "kernel_batch", "contract", "codec", "codec_json", "timestamps"))
ROWS = (
    ("qtops.__main__",),
    ("qtops.cli",),
    ("qtops.demo", "qtops.supervisor"),
    ("qtops.recovery", "qtops.casework"),
    ("qtops.config", "qtops.schemas"),
    ("qtops.collectors", "qtops.actions", "qtops.bundle", "qtops.reports"),  # the edge
    ("publisher",),  # all of it but its pure modules
    ("qtops.wiring",),
    ("qtops.chapters",),
    ("qtops.proof", "qtops.phases", "qtops.policy"),
    ("qtops.imports", "qtops.unitfile", "qtops.diagnose", "qtops.patching", "qtops.guides"),
    ("qtops.causes",),
    ("qtops.checks", "qtops.remedies"),
    ("qtops.evidence", "qtops.incidents", "qtops.installation"),
    ("qtops.findings", "qtops.steps"),
    ("qtops.facts",),
    ("qtops.settings", "qtops.errors", "publisher, pure", "qtops"),  # the last is qtops/__init__.py alone: the version
)
ROW = {place: number for number, row in enumerate(ROWS) for place in row}

EDGE = ("qtops.collectors", "qtops.actions", "qtops.supervisor", "qtops.demo", "publisher")
ONLY_FROM = {  # what only some places may import; the longest name that fits decides
    "qtops": tuple(place for place in ROW if place.startswith("qtops")),
    "publisher.connection": ("qtops.collectors", "qtops.demo", "qtops.cli", "publisher"),
    "publisher.link": ("qtops.collectors", "qtops.demo", "qtops.cli", "publisher"),
    "publisher.embedded": ("qtops.collectors", "qtops.demo", "qtops.cli", "publisher"),
    "publisher.notify": ("qtops.supervisor", "publisher"),  # sd_notify has one home
    "publisher": ("qtops.demo", "qtops.cli", "publisher"),
    "click": ("qtops.cli", "publisher.cli", "publisher.__main__"),
    "rich": ("qtops.cli", "qtops.reports", "qtops.demo"),
    "numpy": ("publisher.kernel_batch",),
    "jinja2": ("qtops.reports",),
    "libcst": ("qtops.patching",),
    "apprise": ("qtops.supervisor",),
    "prometheus_client": ("qtops.reports", "qtops.supervisor", "publisher"),
    "sqlite3": ("qtops.actions", "qtops.supervisor"),
    **dict.fromkeys(("redis", "psutil", "pystemd", "subprocess", "socket"), EDGE),
    **dict.fromkeys(PURE, (*ROW,)),
}
TARGET = re.compile(r"((?:qtops|publisher)(?:\.\w+)*):\w+")  # "module:attribute", imported when it is needed


def place(module: str) -> str | None:
    """The place of a module in ``ROWS``; None where it has none."""
    if module in (*PURE, "publisher"):  # publisher/__init__.py is a docstring
        return "publisher, pure"
    fitting = [name for name in ROW if module == name or (name != "qtops" and module.startswith(f"{name}."))]
    return max(fitting, key=len, default=None)


def modules(root: Path) -> dict[str, Path]:
    """Every module of both packages with its file."""
    files = [file for package in ("qtops", "publisher") for file in (root / package).rglob("*.py")]
    return {".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imports(module: str, file: Path, known: dict[str, Path]) -> Iterator[tuple[int, str]]:
    """Line and full name of all that a module imports."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            inside = [f"{source}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name if name in known else source) for name in inside)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := TARGET.fullmatch(node.value)):
            yield node.lineno, match[1]


def objection(module: str, target: str) -> str | None:
    """Why ``module`` may not import ``target``; None where it may."""
    home, there = place(module), place(target)
    limited = max((name for name in ONLY_FROM if target == name or target.startswith(f"{name}.")), key=len, default="")
    if limited and home not in ONLY_FROM[limited] and module not in ONLY_FROM[limited]:
        return f"only for {', '.join(ONLY_FROM[limited])}"
    if there is None or home is None or home == there:
        return None
    if ROW[there] < ROW[home]:
        return "upwards"
    return "sideways" if ROW[there] == ROW[home] and there != "qtops" else None


def violations(root: Path) -> list[str]:
    """Every import that breaks a rule, and every module that has no place."""
    known = modules(root)
    found = [f"{module}: in no row" for module in known if place(module) is None]
    for module, file in known.items():
        for line, target in sorted(set(imports(module, file, known))):
            if reason := objection(module, target):
                found.append(f"{module}:{line} imports {target}: {reason}")
    return found


def test_imports_go_downwards_only():
    assert len(modules(ROOT)) > 20
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("file", "source", "complaint"),
    [
        ("qtops/facts/units.py", "from qtops.checks import freshness", "qtops.facts.units:1 imports qtops.checks: upwards"),
        ("qtops/facts/units.py", "from ..checks.x import y", "qtops.facts.units:1 imports qtops.checks.x: upwards"),
        ("qtops/facts/__init__.py", "from ..checks.x import y", "qtops.facts:1 imports qtops.checks.x: upwards"),
        ("qtops/checks/a.py", "def f():\n    import qtops.remedies.b", "qtops.checks.a:2 imports qtops.remedies.b: sideways"),
        ("qtops/settings.py", "from qtops.errors import ConfigError", "qtops.settings:1 imports qtops.errors: sideways"),
        ("qtops/schemas/__init__.py", "S = (('x', 'qtops.cli.run:X'),)", "qtops.schemas:1 imports qtops.cli.run: upwards"),
        ("qtops/settings.py", "from publisher import contract", "qtops.settings:1 imports publisher.contract: sideways"),
        ("qtops/config.py", "if TYPE_CHECKING:\n    import qtops.cli", "qtops.config:2 imports qtops.cli: upwards"),
        ("qtops/helpers/a.py", "", "qtops.helpers.a: in no row"),
        ("qtops/stray.py", "", "qtops.stray: in no row"),
        ("qtops/collectors/a.py", "import click", "qtops.collectors.a:1 imports click: only for qtops.cli"),
        ("qtops/checks/a.py", "import os, rich.text", "qtops.checks.a:1 imports rich.text: only for qtops.cli"),
        ("qtops/checks/a.py", "import socket", "qtops.checks.a:1 imports socket: only for qtops.collectors, qtops.actions"),
        ("qtops/cli/a.py", "import subprocess", "qtops.cli.a:1 imports subprocess: only for"),
        ("publisher/codec.py", "import redis", "publisher.codec:1 imports redis: only for"),
        ("publisher/loop.py", "import numpy as np", "publisher.loop:1 imports numpy: only for publisher.kernel_batch"),
        ("publisher/loop.py", "from qtops import __version__", "publisher.loop:1 imports qtops: only for"),
        ("publisher/codec.py", "from publisher.loop import run", "publisher.codec:1 imports publisher.loop: only for"),
        ("qtops/reports/a.py", "from publisher.connection import x", "qtops.reports.a:1 imports publisher.connection: only for"),
        ("qtops/collectors/a.py", "from publisher.loop import run", "qtops.collectors.a:1 imports publisher.loop: only for"),
    ],
)  # fmt: skip
def test_a_planted_violation_is_reported(tmp_path, file, source, complaint):
    planted = plant(tmp_path, {file: source, "publisher/contract.py": "", "publisher/loop.py": ""} | {file: source})
    assert len(planted) == 1
    assert planted[0].startswith(complaint)


def test_what_is_allowed_is_not_reported(tmp_path):
    allowed = {
        "qtops/cli/a.py": "import click, rich\nfrom qtops import __version__\nimport qtops.config\nfrom publisher.loop import run",
        "qtops/collectors/a.py": "import redis\nfrom qtops.collectors import b\nfrom publisher.connection import connect",
        "qtops/collectors/b.py": "from .a import x\nfrom publisher.contract import market_key\nimport qtops.facts",
        "qtops/checks/a.py": "import qtops.facts, qtops.findings, qtops.settings, publisher.timestamps",
        "publisher/kernel_batch.py": "import numpy\nfrom publisher.kernel import compute",
        "publisher/contract.py": "",
    }
    assert plant(tmp_path, allowed) == []


def plant(root: Path, files: dict[str, str]) -> list[str]:
    for name, source in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source, "utf-8")
    return violations(root)
