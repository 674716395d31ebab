"""The .pth files of one site directory, line by line: paths, and lines of code that site.py executes."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from qtops.imports.tree import Tree


@dataclass(frozen=True, slots=True)
class PthLine:
    """One line that does something: it names a path, or it is executed."""

    file: str
    number: int
    text: str
    is_code: bool


def files_of(tree: Tree, directory: str, version: tuple[int, int]) -> list[str]:
    """The .pth files of a directory, in the order of site.py."""
    try:
        names = sorted(name for name in tree.names(directory) if name.endswith(".pth"))
    except OSError:
        return []
    return [posixpath.join(directory, name) for name in names if not (name.startswith(".") and version >= (3, 13))]


def lines_of(tree: Tree, path: str, version: tuple[int, int]) -> Iterator[PthLine]:
    """The lines of a file that do something; none where it cannot be read."""
    try:
        contents = tree.read(path)
    except OSError:
        return
    text = contents.decode("utf-8-sig" if version >= (3, 13) else "utf-8", "surrogateescape")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        if "\0" in line:
            return  # site.py reports the line and leaves the rest of the file alone
        is_code = line.startswith(("import ", "import\t"))
        yield PthLine(path, number, line if is_code else line.rstrip(), is_code)
