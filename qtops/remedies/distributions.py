"""What to do about distributions that the unit's interpreter lacks: pip's command, which is only ever run when asked for by name.

What is imported and what is installed have different names. Only what is known of that is written down here; everything else is
the imported name, and whether PyPI's distribution of that name is the one that was meant is for a person to see.
"""

import re
import sys
from collections.abc import Iterator
from shlex import join
from typing import Final

from qtops.facts.preflight import ImportFailure
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.steps import Remedy

CODE: Final = "IMPORT103"
CALLED: Final = {
    "attr": "attrs", "binance": "python-binance", "bs4": "beautifulsoup4", "cv2": "opencv-python", "Crypto": "pycryptodome",
    "dateutil": "python-dateutil", "dotenv": "python-dotenv", "git": "GitPython", "jose": "python-jose", "jwt": "PyJWT",
    "MySQLdb": "mysqlclient", "nacl": "PyNaCl", "OpenSSL": "pyOpenSSL", "PIL": "Pillow", "psycopg2": "psycopg2-binary",
    "pythonjsonlogger": "python-json-logger", "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "socks": "PySocks", "talib": "TA-Lib", "websocket": "websocket-client", "yaml": "PyYAML", "zmq": "pyzmq",
}  # fmt: skip
"""Imported names that are not those of their distributions."""
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
OF_THE_HOST: Final = ("/usr/bin/", "/bin/")  # Pythons whose packages are the distribution's business
SHOWN: Final = 3  # names in the remedy's own


def remedies(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """One command for all that is missing; beside it, where another environment has them all, that one."""
    imports = service.start.imports if service.start else None
    missing = [failure for failure in imports.failures if failure.distribution] if imports else []
    if imports is None or not missing:
        return
    tops = list(dict.fromkeys(failure.module.partition(".")[0] for failure in missing))
    names = [CALLED.get(top, top) for top in tops]
    name = f"install-{'-'.join(names[:SHOWN])}"
    title = f"Install {', '.join(names)} for {imports.interpreter}"
    stays = _never(imports.interpreter, tops)
    if stays:
        yield Remedy(name=name, code=CODE, title=title, why=finding.summary, by_hand=stays, verb="start")
    else:
        command = (imports.interpreter, "-m", "pip", "install", *names)
        yield Remedy(name=name, code=CODE, title=title, why=_why(tops, command), command=command, verb="start")
    yield from _elsewhere(finding, missing)


def _never(interpreter: str, tops: list[str]) -> str:
    """Why pip is not the tool; empty where it is."""
    if not interpreter.startswith("/"):
        return "which interpreter it is for is not known"
    if any(top in sys.stdlib_module_names for top in tops):
        return "it is of the standard library, which pip does not have: install the part of Python that holds it (apt)"
    if interpreter.startswith(OF_THE_HOST):
        return f"{interpreter} is the host's own Python, and pip keeps out of it (PEP 668): use apt, or an environment of its own"
    odd = [top for top in tops if not NAME.fullmatch(top)]
    return f"{odd[0]!r} is no name of a distribution" if odd else ""


def _why(tops: list[str], command: tuple[str, ...]) -> str:
    known = [f"{top} is in {CALLED[top]}" for top in tops if top in CALLED]
    guessed = [f"that {top} is the name of a distribution is a guess" for top in tops if top not in CALLED]
    return f"`{join(command)}`, as the owner of the environment: {'; '.join((*known, *guessed))}; it installs the newest version"


def _elsewhere(finding: Finding, missing: list[ImportFailure]) -> Iterator[Remedy]:
    homes = {failure.installed_in for failure in missing}
    if len(homes) == 1 and (home := homes.pop()):
        title = f"Name {home[0]}/bin/python in ExecStart="
        stays = "what else the two environments differ in is not known"
        yield Remedy(name="use-other-environment", code=CODE, title=title, why=finding.summary, by_hand=stays, verb="start")
