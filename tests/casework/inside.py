"""Gather a case in the box: ``python -m tests.casework.inside incident NAME ID``, or ``phase N SECONDS``; prints it as JSON."""

import sys
from pathlib import Path

import msgspec

from qtops.casework.gathering import gather_incident
from qtops.casework.phase_gathering import gather_phase
from qtops.errors import QtopsError
from qtops.settings import Settings

ROOT = str(Path(__file__).parents[2])


def main(kind: str, first: str, second: str) -> None:
    try:
        if kind == "incident":
            case = gather_incident(first or None, Settings(), lambda *_: None, recovery=second)
        else:
            case = gather_phase(int(first), Settings(), lambda *_: None, observe_s=float(second))
    except QtopsError as error:
        sys.exit(f"{type(error).__name__} {int(error.exit_code)}: {error}")
    sys.stdout.buffer.write(msgspec.json.encode(case))


if __name__ == "__main__":
    main(*sys.argv[1:])
