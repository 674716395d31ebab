"""Cases for tests: the founding incident as it was recorded from a booted systemd, broken, recovered, and looked at again."""

import gzip
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from qtops.evidence.case import Case

RECORDED: Final = Path(__file__).parents[1] / "data" / "founding_case.json.gz"


@cache
def founding_case() -> Case:
    """The whole incident: failed, noticed, diagnosed, patched, restarted, verified; written about half a minute later."""
    return msgspec.json.decode(gzip.decompress(RECORDED.read_bytes()), type=Case)
