"""Files that are not what they should be: a finding or "could not tell", never a traceback, a wait, or memory without end."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pytest

from tests.box.box import PYTHON, UNITS, Box, NoBox
from tests.faults.doctoring import NOBODY, Told, ask, prepared, settled

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

DEEP: Final = 5000
LONG: Final = 10 << 20  # bytes of a line
NOISE: Final = random.Random(20260217).randbytes(20_000)
KINDS: Final = ("unit", "dropin", "environment", "script", "module")
SWAPPED: Final = {  # what stands in the place of a file that systemd has read: shell lines with its path in $1
    "dangling": "ln -sfn /srv/none $1",
    "loop": "rm $1; ln -s $1 $1",
    "directory": "rm $1; mkdir $1",
    "pipe": "rm $1; mkfifo $1",
    "socket": f"rm $1; {PYTHON} -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $1",
    "device": "rm $1; ln -s /dev/full $1",
    "gone": "rm $1",
    "forbidden": "chmod 000 $1",
    "noise": "head -c 20000 /dev/urandom >$1",
    "zeros": "head -c 20000 /dev/zero >$1",
    "empty": ": >$1",
}
NESTED: Final[Mapping[str, str]] = {
    "parentheses": "x = " + "(" * DEEP + ")" * DEEP,
    "brackets": "x = " + "[" * 150 + "]" * 150,
    "sum": "x = 1" + " + 1" * DEEP,
    "minus": "x = " + "-" * DEEP + "1",
    "attributes": "import os\nx = os" + ".path" * DEEP,
    "calls": "x = f" + "()" * DEEP,
    "lambdas": "x = " + "lambda: " * DEEP + "1",
    "elif": "import sys\nif sys.argv:\n    pass\n" + "elif sys.argv:\n    pass\n" * DEEP,
    "strings": "x = " + "'a' " * DEEP,
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(DEEP // 10)),
}
LINES: Final[Mapping[str, bytes]] = {
    "unit": b"[Service]\nExecStart=/bin/sleep 1000 " + b"x" * LONG + b"\n",
    "dropin": b"[Service]\nEnvironment=A=" + b"x" * LONG + b"\n",
    "environment": b"A=" + b"x" * LONG + b"\n",
    "script": b"x = '" + b"x" * LONG + b"'\nimport beside\n",
    "module": b"x = '" + b"x" * LONG + b"'\n",
}
SHELL: Final[Mapping[str, str]] = {
    "subshells": "(" * DEEP + "true" + ")" * DEEP,
    "braces": "${" * DEEP + "}" * DEEP,
    "quotes": r"\"" * DEEP,
    "ands": "true && " * DEEP + "true",
}
CHAINED: Final = "During handling of the above exception, another exception occurred:"
JOURNAL: Final[Mapping[str, str]] = {
    "noise": f"sys.stdout.buffer.write({NOISE!r})",
    "zeros": "sys.stdout.buffer.write(bytes(20000) + b'\\n')",
    "line": f"print('x' * {LONG})",
    "nested": f"print('[' * {DEEP} + ']' * {DEEP})",
    "traceback": f"print('Traceback (most recent call last):\\n' + '  File \"x\", line 1, in y\\n' * {DEEP})",
    "chain": f"print(('Traceback (most recent call last):\nE: x\n\n{CHAINED}\n\n') * {DEEP})",
}

WELL: Final = (  # strange, and nothing is wrong with it
    "m-environment-line", "m-many", "m-module-brackets", "m-module-strings", "m-script-brackets", "m-script-strings",
    "m-shell-ands",
)  # fmt: skip
ROOTS: Final[Mapping[str, str]] = {
    "m-unit-empty": "UNIT113", "m-unit-noise": "UNIT113", "m-unit-zeros": "UNIT113", "m-unit-line": "UNIT206",
    "m-environment-gone": "UNIT106", "m-environment-pipe": "UNIT106", "m-environment-directory": "UNIT106",
    "m-environment-loop": "UNIT106", "m-environment-device": "UNIT106", "m-environment-dangling": "UNIT106",
    "m-script-gone": "UNIT103", "m-script-pipe": "UNIT103", "m-script-directory": "UNIT103", "m-script-loop": "UNIT103",
    "m-script-device": "UNIT103", "m-script-dangling": "UNIT103", "m-script-noise": "CODE101", "m-script-zeros": "CODE101",
    "m-script-parentheses": "CODE101", "m-script-blocks": "CODE101", "m-script-sum": "LOG203",
    "m-module-gone": "IMPORT101", "m-module-pipe": "IMPORT101", "m-module-directory": "IMPORT101", "m-module-loop": "IMPORT101",
    "m-module-device": "IMPORT101", "m-module-dangling": "IMPORT101", "m-module-noise": "CODE101", "m-module-zeros": "CODE101",
    "m-module-sum": "LOG201", "m-journal-noise": "LOG203", "m-journal-line": "LOG203",
}  # fmt: skip
DOUBTFUL: Final = (
    "m-unit-pipe", "m-unit-directory", "m-unit-loop", "m-unit-device", "m-dropin-pipe", "m-dropin-directory", "m-dropin-loop",
    "m-dropin-device", "m-dropin-line", "m-unit-line", "m-script-sum", "m-module-elif", "m-script-line",
    "m-shell-subshells",
)  # fmt: skip
MEMORY: Final = 1 << 30  # bytes of address space, twice what doctor maps for a hundred ordinary services
WITHIN_S: Final = 25.0


def unit(name: str, *lines: str) -> str:
    return "\n".join((
        "[Service]", "Type=exec", *lines, f"ExecStart={PYTHON} /srv/{name}/main.py", "[Install]", "WantedBy=multi-user.target", "",
    ))  # fmt: skip


def files(name: str) -> dict[str, str]:
    """All files of a service that is well."""
    return {
        f"{UNITS}/{name}.service": unit(name, f"EnvironmentFile=/srv/{name}/main.env"),
        f"{UNITS}/{name}.service.d/10.conf": "[Service]\nEnvironment=MODE=paper\n",
        f"/srv/{name}/main.env": "LEVEL=INFO\n",
        f"/srv/{name}/main.py": "import time\n\nimport beside\n\nwhile beside:\n    time.sleep(1000)\n",
        f"/srv/{name}/beside.py": "import json\n",
    }


def place(name: str, kind: str) -> str:
    return list(files(name))[KINDS.index(kind)]


def services() -> tuple[dict[str, str | bytes], dict[str, str]]:
    """Files of all services by their paths, and the shell line for each file that is swapped later."""
    content: dict[str, str | bytes] = {}
    swaps: dict[str, str] = {}
    for kind in KINDS:
        for how, line in SWAPPED.items():
            content |= files(name := f"m-{kind}-{how}")
            swaps[place(name, kind)] = line
        content |= files(name := f"m-{kind}-line") | {place(name, kind): LINES[kind]}
    for how, text in NESTED.items():
        for kind in ("script", "module"):
            content |= files(name := f"m-{kind}-{how}") | {place(name, kind): text}
    for how, text in SHELL.items():
        content |= files(name := f"m-shell-{how}") | {place(name, "unit"): f'[Service]\nExecStart=/bin/bash -c "{text}"\n'}
    for how, text in JOURNAL.items():
        content |= files(name := f"m-journal-{how}") | {place(name, "script"): f"import sys\n{text}\nsys.exit(1)\n"}
    content |= files(name := "m-many") | {place(name, "unit"): unit(name, *["ExecStartPre=/bin/true"] * 500)}
    return content, swaps


@pytest.fixture(scope="module")
def malformed() -> Iterator[tuple[Box, list[str]]]:
    """A box with all of them, as sick as they get, and their names."""
    content, swaps = services()
    names = sorted(path.rpartition("/")[2] for path in content if path.endswith(".service"))
    try:
        with prepared({}, content) as box:
            box.systemctl("start", "--no-block", *names, check=False)
            time.sleep(1)
            settled(box, *names, within_s=60)
            for path, line in swaps.items():
                box.run("sh", "-euc", line, "sh", path)
            yield box, names
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture(scope="module", params=["pystemd", "systemctl"])
def told(request: pytest.FixtureRequest, malformed: tuple[Box, list[str]]) -> Told:
    box, names = malformed
    return look(box, *names, "--via", request.param)


def look(box: Box, *arguments: str, before: Sequence[str] = ()) -> Told:
    """One look with little memory, at no more than a time that shows that nothing waits."""
    told = ask(box, *arguments, "-o", "json", before=(*before, "prlimit", f"--as={MEMORY}", "--"), within_s=WITHIN_S)
    assert told.code == 2, told
    return told


def test_each_has_a_verdict_and_none_is_in_the_way_of_another(told, malformed):
    _, names = malformed
    assert list(told.results) == names
    verdicts = {name.removesuffix(".service"): result["verdict"] for name, result in told.results.items()}
    assert {name for name, verdict in verdicts.items() if verdict == "ok"} - {"m-module-line"} == set(WELL)  # it runs: that tells


@pytest.mark.parametrize(("name", "root"), ROOTS.items())
def test_the_root_is_the_file_that_cannot_be_used(told, name, root):
    result = told.results[f"{name}.service"]
    assert result["root"]["code"] == root, result
    assert not result["root"]["summary"].startswith(" ")


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_cannot_be_looked_into_is_named(told, name):
    assert told.results[f"{name}.service"]["unknown"]


def test_somebody_without_rights_gets_an_answer_too(malformed):
    box, names = malformed
    told = look(box, *names, before=NOBODY)
    assert list(told.results) == names
    for kind in ("unit", "dropin", "environment", "script", "module"):
        assert told.results[f"m-{kind}-forbidden.service"]["verdict"] != "ok", kind
