"""Texts that try systemd's readers: made at random from the pieces that mean something to them."""

from random import Random

NAMES = ["A", "B", "AB", "_x", "a1", "LONG_NAME", "1A", "a-b", "a.b", "é", "A B", "export A", ""]
VALUE_PIECES = [
    *("a", "b", "x y", " ", "  ", "\t", "=", "#", " # note", ";", ":", "/", ",", "é", "日本", "🙂", "-", "0.65"),
    *('"', "'", '""', "''", '"a b"', "'a b'", '"a', "b'", "\\", "\\\\", '\\"', "\\'", "\\n", "\\t", "\\$", "$", "$A", "${A}", "`"),
    *("\\x41", "\\xc3\\xa9", "\\xff", "\\x00", "\\u00e9", "\\ud800", "\\U0001F642", "\\101", "\\400", "\\q", "\\s", "\\;"),
]
FILE_PIECES = [*VALUE_PIECES, "\r", "\\\n", "\n", "\n\n", "\\\r\n", "\v", "\f", "\x1b"]
LINE_ENDS = ["\n", "\n", "\n", "\r\n", "\r", "\n\r", " \n", "\\\n"]
LINE_STARTS = ["", "", "", " ", "\t", "#", ";", "# note \\\n", "\\\n", "[section]\n", "export ", "\ufeff", "no equals\n"]
SPECIFIERS = [
    "%%",
    "%n",
    "%p",
    "%i",
    "%j",
    "%N",
    "%I",
    "%J",
    "%f",
    "%h",
    "%u",
    "%t",
    "%S",
    "%C",
    "%L",
    "%E",
    "%d",
    "%Z",
    "%",
    "%!",
    "%y",
    "%Y",
]


def pieces(random: Random, alphabet: list[str], most: int) -> str:
    return "".join(random.choices(alphabet, k=random.randrange(most + 1)))


def environment_file(random: Random) -> bytes:
    """An EnvironmentFile; a few of them systemd cannot use at all."""
    text = ""
    for _ in range(random.randrange(1, 7)):
        name = random.choice(NAMES)
        text += random.choice(LINE_STARTS) + name + random.choice(["=", "=", "=", " = ", "= ", ""])
        text += pieces(random, FILE_PIECES, 5) + random.choice(LINE_ENDS)
    data = text.encode()
    if random.random() < 0.03:
        at = random.randrange(len(data) + 1)
        data = data[:at] + random.choice([b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbf\xbe"]) + data[at:]
    return data


def words(random: Random, most: int, *, specifiers: bool = True) -> str:
    """What may stand after ``=`` in a unit file, on one line."""
    alphabet = [*VALUE_PIECES, " ", " ", *(SPECIFIERS if specifiers else [])]
    return pieces(random, alphabet, most).replace("\n", " ")


def environment_lines(random: Random) -> str:
    """A few Environment= lines."""
    lines = []
    for _ in range(random.randrange(1, 4)):
        items = []
        for _ in range(random.randrange(1, 4)):
            item = f"{random.choice(NAMES)}={words(random, 4)}"
            items.append(random.choice(["{}", '"{}"', "'{}'", "{}"]).format(item))
        lines.append("Environment=" + " ".join(items))
    if random.random() < 0.1:
        lines.insert(1, "Environment=")
    if random.random() < 0.2:
        lines.append("UnsetEnvironment=" + random.choice(["A", "A=a", "B AB", '"A=x y"', "1A", "_x \\q"]))
    return "\n".join(lines) + "\n"


def arguments(random: Random) -> str:
    """Arguments of a command, on one line."""
    special = ["$A", " $A ", " $AB", "${A}", "${B}", "$$", " $", "${", "${A", "${A:-x}", "${}", "$A/x", " \\; ", " $_x "]
    return pieces(random, [*VALUE_PIECES, " ", " ", *SPECIFIERS, *special], 7).replace("\n", " ").replace(" ; ", " ")
