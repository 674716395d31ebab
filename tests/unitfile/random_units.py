"""Texts that try systemd's readers: made at random from the pieces that mean something to them."""

import re
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


PATHS = [
    "/a",
    "/a b",
    "//a/./b/",
    "/a/../b",
    "rel",
    "%h/x",
    "/%p/%i",
    "/é",
    "~",
    "",
    "/",
    "%Z/x",
    "/x%",
    "-/a",
    "+/a",
    "-+/a",
    "+-/a",
    "/..",
]
SPANS = ["5", "1.5", "0", "1min 30", "5s", "100ms", "2 h", "infinity", " infinity ", "-1", "1.5.2", "3 .5", "5x", "", "1M", "1m",
"1y2d", "1.", ".5",
         "+3", "1e3", "9223372036854775807", "18446744073709551615", "1us", "1 µs", "0x10", "5 parsecs", "1.0000005s",
         "00012"]  # fmt: skip
TRUTHS = ["yes", "no", "1", "0", "true", "False", "ON", "off", "y", "maybe", "", "2", "t"]
UNITS = ["dep-a.service", "dep-b.socket", "dep-@.service", "dep-@x.service", "dep-%p.service", "dep-%i.target", "dep-%f.service",
"dep-%I.service",
         "'dep-c.service'", '"dep-d.service"', "dep-e", "dep f", "%n", "dep-\\x2d.service", "dep-%%.service", "dep-é.service",
         "dep-%Z.service"]  # fmt: skip
COMMANDS = ["/bin/true", "true", "bin/true", "/bin//./true", "/bin/", "-/bin/false", "@/bin/sh sh", "@/bin/sh", ":/bin/x",
"+/bin/x", "!/bin/x",
            "!!/bin/x", "-@:+/bin/x a", "--/bin/x", "!+/bin/x", '"/bin/a b"', "'/bin/x", "/bin/%p", "%Z", "-%Z", "", "-", ";",
            "/bin/x ; /bin/y",
            "/bin/x ;", "; /bin/x", "/bin/é", "/bin/a\\x20b", "/bin/a\\tb", "$A", "/bin/..", "/../bin/x"]  # fmt: skip
SIZES = [
    "1G",
    "512M",
    "1.5G",
    "infinity",
    "0",
    "1024",
    "5%",
    "1K 1",
    "1 K",
    "-1",
    "x",
    "",
    "1g",
    "1B",
    "18446744073709551616",
    "1.",
    "2T",
]
ACCOUNTS = [
    "nobody",
    "root",
    "0",
    "1000",
    "a b",
    "no:pe",
    "%p",
    "%u",
    "",
    "é",
    "a/b",
    "-x",
    "65535",
    "4294967295",
    "%Z",
    "$USER",
    "a.b",
    "01",
    ".",
    "..",
]
OUTPUTS = ["journal", "null", "inherit", "append:/var/log/%p.log", "file:/a//b", "append:rel", "truncate:/x", "file:", "syslog",
"bogus", "", "fd:x",
           "journal+console", "tty", "kmsg", "append:/a/../b", "file:%Z"]  # fmt: skip
COUNTS = ["5", "0", "010", "0x10", "-1", "abc", "", "4294967295", "4294967296", " 7", "+3", "5 5", "0b11", "0o17"]
CONDITIONS = ["/a", "!/a", "|/a", "|!/a", "!|/a", "| /a", "rel", "/a/../b", "", "%h/x", "//a/", "%Z"]
TYPES = ["simple", "exec", "oneshot", "oneshot", "oneshot", "oneshot", "forking", "notify", "idle", "bogus", "", "Simple"]
RESTARTS = ["no", "always", "on-failure", "on-success", "on-abnormal", "on-abort", "on-watchdog", "", "yes"]
DIRECTORIES = ["a", "a b", "b/c a", "/abs", "../x", "%p", "a:b", '"a c"', "", "a//b", "%Z", "b a b"]
LEVELS = ["yes", "no", "read-only", "tmpfs", "full", "strict", "true", "0", "bogus", ""]

VALUES = {
    "Unit": {
        "Description": ["x", "%n of %p", "a  b", "", "\\x41"], "Requires": UNITS, "Wants": UNITS, "BindsTo": UNITS,
        "After": UNITS, "Before": UNITS,
        "PartOf": UNITS, "OnFailure": UNITS, "Conflicts": UNITS, "Requisite": UNITS, "Upholds": UNITS,
        "StartLimitIntervalSec": SPANS,
        "StartLimitInterval": SPANS, "StartLimitBurst": COUNTS, "ConditionPathExists": CONDITIONS,
        "ConditionFileNotEmpty": CONDITIONS,
        "AssertPathExists": CONDITIONS, "ConditionHost": ["x", "!x", "|%p", ""], "RestartSec": SPANS, "Requries": UNITS,
        "X-Mine": ["y"],
    },
    "Service": {
        "Type": TYPES, "ExecStart": COMMANDS, "ExecStartPre": COMMANDS, "ExecStop": COMMANDS, "ExecReload": COMMANDS,
        "Restart": RESTARTS,
        "RestartSec": SPANS, "TimeoutSec": SPANS, "TimeoutStartSec": SPANS, "TimeoutStopSec": SPANS, "RuntimeMaxSec": SPANS,
        "StartLimitInterval": SPANS, "StartLimitIntervalSec": SPANS, "StartLimitBurst": COUNTS, "WorkingDirectory": PATHS,
        "User": ACCOUNTS,
        "Group": ACCOUNTS, "SupplementaryGroups": ["a b", "", "%p"], "EnvironmentFile": PATHS, "PassEnvironment": ["A B", "1A",
        "", '"A" \'B\'', "%p"],
        "UnsetEnvironment": ["A B", "A=x", '"A=x y"', "", "1A", "A\\x41"], "ReadWritePaths": PATHS, "ReadOnlyPaths": PATHS,
        "InaccessiblePaths": PATHS,
        "ProtectHome": LEVELS, "ProtectSystem": LEVELS, "PrivateTmp": TRUTHS, "RemainAfterExit": TRUTHS, "NoNewPrivileges": TRUTHS,
        "StandardOutput": OUTPUTS, "StandardError": OUTPUTS, "MemoryMax": SIZES, "MemoryHigh": SIZES,
        "RuntimeDirectory": DIRECTORIES,
        "StateDirectory": DIRECTORIES, "LogsDirectory": DIRECTORIES, "KillMode": ["process", "mixed", "none", "bogus", ""],
        "Restrat": RESTARTS,
        "Requires": UNITS,
    },
    "Install": {"WantedBy": UNITS},
}  # fmt: skip


def unit(random: Random) -> bytes:
    """A unit file that is mostly loaded: it has a command, and now and then something that systemd refuses."""
    text = random.choice(["", "", "", "# note\n", "\ufeff", "\n\n", "Key=before\n"])
    for section in random.choice(
        [["Unit", "Service"], ["Service", "Unit"], ["Unit", "Service", "Unit", "Service", "Install"], ["Service"]]
    ):
        text += random.choice(["[{}]", "[{}]", "[{}]", " [{}] "]).format(section) + random.choice(["\n", "\n", "\r\n"])
        if section == "Service":
            text += random.choice(["ExecStart=/bin/true\n", "Type=oneshot\nExecStart=/bin/true\n"])
        for key in random.choices(list(VALUES[section]), k=random.randrange(7)):
            text += _line(random, key, VALUES[section][key])
        if section == "Service" and random.random() < 0.5:
            text += environment_lines(random) + f"ExecStop=/bin/x {_no_bytes(arguments(random))}\n"
    if random.random() < 0.3:
        text += random.choice(
            ["[Oops]\nUser=x\n", "[X-Mine]\nA=b\n", "[Bad\n", '[A"]\n', "\\", "no equals\n", "=x\n", "Key\\\n", "[]\n", "\f\n"]
        )
    data = text.encode()
    if random.random() < 0.05:
        at = random.randrange(len(data) + 1)
        data = data[:at] + random.choice([b"\0", b"\xff", b"\r", b"\xef\xbf\xbe", b"\xef\xbb\xbf"]) + data[at:]
    return data


def _no_bytes(text: str) -> str:
    """Without escapes that make bytes or surrogates: D-Bus cannot carry what is not UTF-8."""
    return re.sub(r"\\x[c-fa][0-9a-f]|\\ud800", "", text)


def _line(random: Random, key: str, values: list[str]) -> str:
    value = random.choice(values)
    if values is PATHS or values is UNITS:
        value += random.choice(["", "", " " + random.choice(values)])
    joined = random.choice(
        ["{}={}", "{}={}", "{}={}", " {} = {} ", "{}=\\\n{}", "{}=\\\n# note\n;note\n{}", "{}={}\\\n", "{}={} # note", "# {}={}"]
    )
    return joined.format(key, value) + random.choice(["\n", "\n", "\n", "\r\n", "\n\n", "\r"])
