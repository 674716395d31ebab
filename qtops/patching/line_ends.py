"""Carriage returns off the ends of lines."""

import codecs
import re

from qtops.patching import CannotPatch

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def unix(source: bytes) -> bytes:
    """``source`` with every line that ends in CR LF ending in LF alone. A carriage return anywhere else is left as it is.

    Several before one LF go together: to take one of them would leave another CR LF. Raises CannotPatch for what is no text in
    lines of single bytes: UTF-16, or a NUL.
    """
    if b"\0" in source or source.startswith(_UTF_16):
        raise CannotPatch("it is UTF-16 or no text at all, so its bytes CR LF may be something else than the end of a line")
    return re.sub(rb"\r+\n", b"\n", source)
