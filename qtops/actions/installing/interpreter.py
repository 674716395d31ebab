"""Whether a unit can run the interpreter that it names: tried as a user without any rights, which is what units run as."""

import os
from pathlib import Path
from typing import Final

from qtops.actions.commands import NotStarted, OutOfTime, account_of, run_as
from qtops.actions.ownership import tampering
from qtops.facts.text import printable
from qtops.installation.shipped import is_plain

USER: Final = "qtops"
NOBODY: Final = "65534:65534"
HIDDEN: Final = ("/root", "/home", "/run/user", "/tmp", "/var/tmp")  # noqa: S108  # by ProtectHome= and PrivateTmp= of the units
_PROBE: Final = """import os, sys, qtops.cli.main, publisher
places = [qtops.cli.main.__file__, publisher.__file__, os.path.realpath(sys.executable)]
print(sys.prefix, sys.base_prefix, *places, sep="\\n")
"""
_WITHIN_S: Final = 30.0
_ELSEWHERE: Final = "install it where everybody may execute it: python3 -m venv /opt/qtops, then /opt/qtops/bin/pip install qtops"


def objection(python: str, *, there: bool = True) -> str:
    """Why units cannot be run by this interpreter, and what to try; empty where they can. Only root can ask as somebody else.

    ``there``: it is on this host, and can be tried.
    """
    shown = printable(python)
    if not is_plain(python):
        return f"{shown}: letters, digits and /._+- are all that the path of an interpreter may have in a unit; {_ELSEWHERE}"
    if not there:
        return ""
    probe = (python, "-P", "-c", _PROBE)
    try:
        done = run_as(probe, _account(), _WITHIN_S)
    except (NotStarted, OutOfTime) as error:
        return f"{error}; {_ELSEWHERE}"
    if done.returncode:
        return f"{shown}: qtops cannot be run by it as another user: {done.last_words}; {_ELSEWHERE}"
    for path in done.stdout.decode("utf-8", "replace").splitlines():
        if hidden := next((place for place in HIDDEN if f"{path}/".startswith(f"{place}/")), None):
            return f"{shown}: needs {printable(path)}, and units see nothing below {hidden}; {_ELSEWHERE}"
    return ""


def warning(python: str) -> str:
    """Who but root could have root run something else by this interpreter, as the recoveries do; empty where nobody could."""
    why = tampering(Path(python))
    return f"{why}: who can write there, can have root run anything by qtops-recover@.service; {_ELSEWHERE}" if why else ""


def _account() -> str:
    """The supervisor's own, else one without rights; a caller who is not root has but their own."""
    if os.geteuid():
        return f"{os.geteuid()}:{os.getegid()}"
    try:
        account_of(USER)
    except NotStarted:
        return NOBODY
    return USER
