"""The price of a walk, as a ratio to ast.parse of the same files."""

import ast
import gc
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

import qtops
from qtops.imports.launch import Launch, Script
from qtops.imports.predict import predict
from qtops.imports.tree import HostTree


def best_of(times: int, action: Callable[[], object]) -> float:
    """Processor seconds of the quickest run: a busy machine does not count."""
    seconds = []
    for _ in range(times):
        gc.collect()
        start = time.process_time()
        action()
        seconds.append(time.process_time() - start)
    return min(seconds)


@pytest.mark.heavy  # a time is no gate on a busy machine
def test_a_walk_costs_a_small_multiple_of_the_parsing(python: str, tmp_path: Path) -> None:
    root = Path(qtops.__file__).parents[1]
    modules = [".".join(path.relative_to(root).with_suffix("").parts) for path in sorted((root / "publisher").glob("[a-z]*.py"))]
    (tmp_path / "main.py").write_text("".join(f"try:\n    import {name}\nexcept ImportError:\n    pass\n" for name in modules))
    launch = Launch(python, Script(str(tmp_path / "main.py")), str(tmp_path), {"PYTHONPATH": str(root)})
    files = predict(HostTree(), launch).files
    assert len(files) > 25
    texts = [Path(file).read_bytes() for file in files]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsing = best_of(5, lambda: [ast.parse(text) for text in texts])
    walking = best_of(5, lambda: predict(HostTree(), launch))
    print(f"{len(files)} files: parsed in {parsing * 1e3:.0f} ms, walked in {walking * 1e3:.0f} ms, ratio {walking / parsing:.2f}")
    assert walking / parsing < 3
