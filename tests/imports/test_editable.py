"""Editable installs as pip makes them, with each build backend and in each of its modes, against the interpreter itself."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from .cpython import Case, judge

BACKENDS = ("setuptools", "wheel", "hatchling", "editables", "flit_core")
SETUPTOOLS = '[build-system]\nrequires = []\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "own"\nversion = "1"\n'
HATCHLING = SETUPTOOLS.replace("setuptools.build_meta", "hatchling.build")
FLIT = SETUPTOOLS.replace("setuptools.build_meta", "flit_core.buildapi") + 'description = "x"\n'
PACKAGE = {"own/__init__.py": "VALUE = 1\n", "own/part.py": ""}
LISTED = '[tool.setuptools]\npackages = ["own"]\n'
SPACES = '[tool.setuptools]\npackages = ["ns.own"]\n[tool.setuptools.package-dir]\n"ns.own" = "code/own"\n'
FLAT = "import own.part\nfrom own import VALUE\nfrom own import gone\n"
INSTALLS: dict[str, tuple[Mapping[str, str], tuple[str, ...], str]] = {
    "setuptools": ({"pyproject.toml": SETUPTOOLS + LISTED, **PACKAGE}, (), FLAT),
    "setuptools, strict": ({"pyproject.toml": SETUPTOOLS + LISTED, **PACKAGE}, ("editable_mode=strict",), FLAT),
    "setuptools, compat": ({"pyproject.toml": SETUPTOOLS + LISTED, **PACKAGE}, ("editable_mode=compat",), FLAT),
    "setuptools, src": ({"pyproject.toml": SETUPTOOLS, **{f"src/{name}": text for name, text in PACKAGE.items()}}, (), FLAT),
    "setuptools, namespace": (
        {"pyproject.toml": SETUPTOOLS + SPACES, **{f"code/{name}": text for name, text in PACKAGE.items()}},
        (),
        "import ns.own.part\nimport ns.gone\n",
    ),
    "hatchling": ({"pyproject.toml": HATCHLING, **PACKAGE}, (), FLAT),
    "hatchling, exact": ({"pyproject.toml": f"{HATCHLING}[tool.hatch.build]\ndev-mode-exact = true\n", **PACKAGE}, (), FLAT),
    "flit": ({"pyproject.toml": FLIT, **PACKAGE}, (), FLAT),
}


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the build backends, for PYTHONPATH while pip is at work."""
    folder = tmp_path_factory.mktemp("backends")
    done = subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), *BACKENDS], check=False)
    if done.returncode:
        pytest.skip("pip cannot install the build backends here")
    return folder


@pytest.mark.heavy  # needs a package index
@pytest.mark.parametrize("name", INSTALLS)
def test_an_editable_install_is_found_where_python_finds_it(name: str, backends: Path, tmp_path: Path) -> None:
    files, settings, main = INSTALLS[name]
    for file, text in files.items():
        (tmp_path / "project" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / file).write_text(text)
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    command = [python, "-m", "pip", "install", "-q", "--no-build-isolation", "--no-deps", "-e", str(tmp_path / "project")]
    subprocess.run(
        [*command, *(part for setting in settings for part in ("--config-settings", setting))],
        env={"PYTHONPATH": str(backends), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        check=True,
    )
    if "exact" in name:
        subprocess.run([python, "-m", "pip", "install", "-q", "editables"], check=True)
    answer, shown = judge(python, tmp_path, Case({"app/main.py": main}, directory="app"))
    assert answer == "equal", shown
