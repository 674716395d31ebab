"""The first line of a script: which interpreter the kernel starts for it (execve(2), "Interpreter scripts")."""

import codecs
import re

from qtops.patching import CannotPatch

LONGEST = 255
"""Bytes of the line that the kernel reads; before Linux 5.1 they were 127."""
_SHEBANG = re.compile(rb"#!(?P<blanks>[ \t]*)(?P<interpreter>[^ \t\r\n\0]*)(?P<rest>[^\n]*)")
_PROGRAM = re.compile(rb"[ \t]+(?:-S[ \t]*|--split-string[= \t])?(?P<program>[^ \t\r\n=\-$\"'\\][^ \t\r\n=$\"'\\]*)(?=[ \t\r]|$)")


def with_interpreter(source: bytes, interpreter: str) -> bytes:
    """``source`` with another interpreter named in its first line; its arguments and all the rest stay as they are.

    ``#!/usr/bin/env [-S] NAME`` counts as naming NAME. Raises CannotPatch where there is no such line, where ``env`` is told more
    than a name, and where the kernel could not use what would be written.
    """
    name = interpreter.encode("utf-8", "surrogateescape")
    if not name.startswith(b"/") or re.search(rb"[\s\0]", name):
        raise CannotPatch(f"{interpreter!a} cannot be named in a first line: that takes an absolute path without blanks")
    if source.startswith(codecs.BOM_UTF8 + b"#!"):
        raise CannotPatch("a byte order mark stands before its #!, so that the kernel does not see it")
    line = _SHEBANG.match(source)
    if line is None:
        raise CannotPatch("it does not begin with #!")
    rest = line["rest"]
    if line["interpreter"].rpartition(b"/")[2] == b"env":
        program = _PROGRAM.match(rest)
        if program is None:
            raise CannotPatch(f"what {line[0].decode('ascii', 'backslashreplace').strip()} starts is not a plain name")
        rest = rest[program.end() :]
    first = b"#!" + line["blanks"] + name + rest
    if len(first.rstrip(b"\r")) > LONGEST:
        raise CannotPatch(f"its first line would have more than the {LONGEST} bytes that the kernel reads")
    return first + source[line.end() :]
