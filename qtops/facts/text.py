"""Text from Redis, files and command lines, made fit for people: it is hostile until then."""

_SHORT = 64


def printable(text: str) -> str:
    r"""``text`` with what is not printable escaped: control characters, bidi and zero-width marks, undecodable bytes (``\xff``)."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def printable_lines(text: str) -> str:
    r"""The same of a text of several lines: tabs and line ends (``\n``, ``\r\n``) stay, everything else is escaped."""
    ends = (("\r", line[:-1]) if line.endswith("\r") else ("", line) for line in text.split("\n"))
    return "\n".join("\t".join(map(printable, line.split("\t"))) + end for end, line in ends)


def quoted(text: str) -> str:
    """``text`` as a quoted, printable ASCII literal, cut short: for values that are shown because they are wrong."""
    return ascii(text[:_SHORT]) + ("…" if len(text) > _SHORT else "")


def all_printable(value: object) -> object:
    """Plain values (text, numbers, lists, dicts) with every text in them printable, names of fields too."""
    match value:
        case str():
            return printable(value)
        case list() | tuple():
            return [all_printable(item) for item in value]
        case dict():
            return {all_printable(name): all_printable(item) for name, item in value.items()}
    return value


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that is no UTF-8 (PEP 383)
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
