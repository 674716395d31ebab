"""The price of predicting a start: the import walk against ast.parse of the very files that it follows."""

import ast
import compileall
import gc
import sys
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory

from qtops.imports.launch import Launch, Script
from qtops.imports.predict import predict
from qtops.imports.tree import HostTree
from tests.bench.measuring import ROOT, Arm, Effort, best_ratio, interleave
from tests.bench.results import Result

LIMIT = 2.0
PARSE, COMPILED, FRESH = "ast.parse", "walk", "walk of files never run"


def launch(folder: Path) -> Launch:
    """A start that imports every module of the publisher, from a copy of its own."""
    copytree(ROOT / "publisher", folder / "publisher", ignore=ignore_patterns("__pycache__"))
    names = [path.stem for path in sorted((folder / "publisher").glob("[a-z]*.py"))]
    guarded = "try:\n    import publisher.{}\nexcept ImportError:\n    pass\n"
    (folder / "main.py").write_text("".join(map(guarded.format, names)), "utf-8")
    return Launch(sys.executable, Script(str(folder / "main.py")), str(folder))


def measure(effort: Effort) -> Iterator[Result]:
    """Once with the .pyc files that the first run of a program leaves behind, and once without."""
    with TemporaryDirectory() as folder:
        compiled, fresh = (launch(Path(folder, name)) for name in ("compiled", "fresh"))
        compileall.compile_dir(compiled.directory, quiet=2)
        files = predict(HostTree(), compiled).files
        texts = [Path(file).read_bytes() for file in files]
        arms = (
            Arm(PARSE, partial(_parse, texts), gc.collect),
            Arm(COMPILED, lambda: predict(HostTree(), compiled), gc.collect),
            Arm(FRESH, lambda: predict(HostTree(), fresh), gc.collect),
        )
        times = interleave(arms, 3 * effort.rounds)
    for name in (COMPILED, FRESH):
        yield Result(
            f"import {name}, per first-party file",
            best_ratio(times[name], times[PARSE]),
            "× ast.parse of the same files",
            LIMIT if name == COMPILED else None,
            spread=max(times[name].spread, times[PARSE].spread),
            how=f"{len(files)} files: {times[name]}; {PARSE} {times[PARSE]}; ratio of the fastest rounds",
        )


def _parse(texts: list[bytes]) -> list[ast.Module]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [ast.parse(text) for text in texts]
