"""Shared libraries: whether this interpreter could load one as a module, as far as the head of the file tells (elf(5))."""

import struct

_HEAD = struct.Struct("<16xHH12xQ10xHH")  # type, machine; offset, size and number of the section headers
_64_BIT, _LITTLE_ENDIAN = 2, 1


def objection(contents: bytes, name: str, interpreter: bytes) -> str | None:
    """Why a file may not be a module of this name for this interpreter; None where nothing speaks against it."""
    if contents[:4] != b"\x7fELF" or len(contents) < _HEAD.size:
        return "it is no shared library"
    if interpreter[:4] == b"\x7fELF" and (contents[4:6], contents[18:20]) != (interpreter[4:6], interpreter[18:20]):
        return "it was built for another machine"
    if contents[4:6] == bytes((_64_BIT, _LITTLE_ENDIAN)):
        _, _, sections, size, count = _HEAD.unpack_from(contents)
        if sections + size * count > len(contents):
            return "it is cut short"
    tail = name.rpartition(".")[2]
    return None if f"PyInit_{tail}".encode() in contents or not tail.isascii() else f"it does not define PyInit_{tail}"
