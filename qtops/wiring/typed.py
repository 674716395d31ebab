"""What the command line of a unit types to redis-cli: ``ExecStart=/bin/sh -c 'redis-cli XADD …'``."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from qtops.wiring.commands import COMMANDS

_CLIENT: Final = re.compile(r"(?<![\w.-])redis-cli(?=\s)([^;|&\n]*)")
_MOST: Final = 16  # words: options stand before the command


def typed(argv: Sequence[str]) -> Iterator[str]:
    """The names of the commands of Redis."""
    for found in _CLIENT.finditer(" ".join(argv)):
        words = (word.strip("'\"").upper() for word in found[1].split()[:_MOST])
        if (name := next((word for word in words if word in COMMANDS), None)) is not None:
            yield name
