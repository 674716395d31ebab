"""Which runbooks there are, and reading one by name or path."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from qtops.cli.explain import PLACES
from qtops.collectors.guide_files import read
from qtops.errors import QtopsError
from qtops.facts.text import printable
from qtops.guides.parsing import parse
from qtops.guides.values import Runbook, RunbookError

GUIDED: Final = "recover-"
_CODE: Final = re.compile(r"[A-Za-z]+[0-9]{3}")


def shipped() -> dict[str, Path]:
    """The pages that come with qtops, by name, but for those of single codes."""
    places = [place for place in PLACES if place.is_dir()][:1]
    return {path.stem: path for place in places for path in sorted(place.glob("*.md")) if not _CODE.fullmatch(path.stem)}


def load(name: str) -> Runbook:
    """The runbook of that name, or in the file of that path. Raises RunbookError, NotPermitted."""
    path = Path(name) if "/" in name or name.endswith(".md") else _named(name)
    return parse(read(path), printable(str(path)))


def listed() -> Iterator[str]:
    """The guided recoveries, and what else there is to read."""
    pages = shipped()
    for name, path in pages.items():
        if name.startswith(GUIDED):
            try:
                runbook = parse(read(path), str(path))
                changing = sum(step.changes for step in runbook.steps)
                yield f"{name:<26} {runbook.title} ({len(runbook.steps)} steps, {changing} of them change something)"
            except QtopsError as error:
                yield f"{name:<26} {error}"
    yield ""
    yield f"To read: {', '.join(name for name in pages if not name.startswith(GUIDED))} (qtops runbook show NAME)."
    yield "What the code of a finding means, and what to do: qtops explain CODE."


def _named(name: str) -> Path:
    pages = shipped()
    if name in pages:
        return pages[name]
    if _CODE.fullmatch(name):
        raise RunbookError(f"{name} is the code of a check: qtops explain {name.upper()}")
    near = get_close_matches(name, pages, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else "`qtops runbook list` names them all"
    raise RunbookError(f"no runbook is called {name[:64]!a}; {hint}; a file of yours is named by its path, such as ./ours.md")
