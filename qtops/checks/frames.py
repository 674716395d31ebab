"""Lines of a traceback: which of them are the project's own."""

import re
from typing import Final

from qtops.facts.journal import Frame, Traceback

_FOREIGN: Final = ("/site-packages/", "/dist-packages/", "<frozen ", "<string>")
_LIBRARY: Final = re.compile(r"/lib(?:64)?/python3(?:\.\d+)?/|/python3\.\d+\.zip/")


def where(traceback: Traceback) -> str:
    """FILE:LINE of the innermost frame that is the project's own; empty where none is."""
    own = own_frames(traceback)
    return f"{own[-1].file}:{own[-1].line}" if own else ""


def own_frames(traceback: Traceback) -> tuple[Frame, ...]:
    """Frames of the project itself, neither of a distribution nor of the standard library."""
    return tuple(frame for frame in traceback.frames if is_own(frame.file))


def is_own(file: str) -> bool:
    """Whether a file is the project's, as far as its path tells."""
    return not any(part in file for part in _FOREIGN) and not _LIBRARY.search(file)


def raised_in(traceback: Traceback) -> str:
    """The file that the exception comes from, the import system's own aside; empty where there is none."""
    return next((frame.file for frame in reversed(traceback.frames) if not frame.file.startswith("<frozen ")), "")
