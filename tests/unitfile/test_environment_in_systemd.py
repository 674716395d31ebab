"""The environment and the arguments of processes, held against what a real systemd gives them."""

import platform
from random import Random

import pytest

from qtops.unitfile.environment import RUN_TIME_NAMES, effective
from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read
from qtops.unitfile.starting import processes_in
from tests.unitfile import random_units
from tests.unitfile.files import MemoryFiles

pytestmark = pytest.mark.systemd

UNIT = """[Service]
Type=oneshot
{environment}EnvironmentFile={file}
StandardOutput=append:{out}
ExecStart=/usr/bin/env -0
ExecStart=/usr/bin/printf '%%s\\\\0' -- {arguments}
"""
DIVIDER = b"--"


def outcome(unit, files, version, known):
    """What the readers predict: the environment and the words printed, or None where the service does not start."""
    found = read(parse_name(unit[0].rpartition("/")[2]), unit, known=known)
    environment = effective(found, files, version=version)
    if found.refused or environment.failure:
        return None
    printing = processes_in(found, environment)[1]
    return environment.reveal(), [word.encode("utf-8", "surrogateescape") for word in printing.argv[2:]]


def observed(box, path):
    """What the service wrote: its environment and the words, or None where it did not start."""
    try:
        data = box.read(path)
    except FileNotFoundError:
        return None
    items = data.split(b"\0")[:-1]
    environment = {}
    while items and items[0] != DIVIDER and b"=" in items[0]:
        name, _, value = items.pop(0).partition(b"=")
        environment[name] = value
    return environment, items


def comparable(found):
    """Names and values as text, without what only the host knows."""
    if found is None:
        return None
    environment, words = found
    pairs = ((_text(name), _text(value)) for name, value in environment.items())
    return {name: value for name, value in pairs if name not in RUN_TIME_NAMES}, words


def _text(value):
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def differences(box, seed, number):
    """Units, files and both outcomes where they differ, and how many of those that were compared did start."""
    random = Random(seed)
    names = [f"diff{seed}-{index}" for index in range(number)]
    cases, files = {}, {}
    for name in names:
        file, out, path = f"/run/diff/{name}.env", f"/run/diff/{name}.out", f"/etc/systemd/system/{name}.service"
        files[file] = random_units.environment_file(random)
        unit = UNIT.format(
            environment=random_units.environment_lines(random), file=file, out=out, arguments=random_units.arguments(random)
        ).encode()
        cases[name] = (path, unit, out)
        box.write(file, files[file])
        box.write(path, unit)
    box.reload()
    for start in range(0, number, 50):
        box.run("systemctl", "start", "--", *(f"{name}.service" for name in names[start : start + 50]), check=False, timeout=120)
    known = {"a": {"x86_64": "x86-64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()), "A": ""}
    found, started = [], 0
    for path, unit, out in cases.values():
        mine = comparable(outcome((path, unit), MemoryFiles(files), box.version, known))
        its = comparable(observed(box, out))
        started += its is not None
        if mine != its:
            found.append((path, unit, files[out.replace(".out", ".env")], mine, its))
    box.remove([f"/etc/systemd/system/{name}.service" for name in names] + ["/run/diff"])
    box.run("systemctl", "reset-failed")
    return found, started


PATTERNS = [
    "*.env",
    "[ab].env",
    "[!a].env",
    "[^a]*",
    "?.env",
    ".*",
    "\\*.env",
    "[a-",
    "[]].env",
    "a\\.env",
    "{a,b}.env",
    "[b-a].env",
    "*/x",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_wildcards_find_the_same_files(box, pattern):
    names = ["a.env", "b.env", "10.env", "9.env", "*.env", "].env", ".hidden", "é.env", "sub/x", "{a,b}.env"]
    files = {f"/run/wild/{name}": f"A={name}\nV{index}=1" for index, name in enumerate(names)}
    for path, text in files.items():
        box.write(path, text)
    unit = f"[Service]\nType=oneshot\nEnvironmentFile=/run/wild/{pattern}\nExecStart=/usr/bin/env -0\n"
    unit += "StandardOutput=file:/run/wild.out\n"
    path = box.unit("wild.service", unit)
    box.reload()
    box.remove(["/run/wild.out"])
    box.run("systemctl", "start", "wild.service", check=False)
    mine = effective(read(parse_name("wild.service"), (path, unit.encode())), MemoryFiles(files))
    its = comparable(observed(box, "/run/wild.out"))
    assert its == (None if mine.failure else (mine.reveal(), []))
    box.run("systemctl", "reset-failed")


def test_a_slice_of_random_files_is_read_as_systemd_reads_them(box):
    found, started = differences(box, seed=1, number=150)
    assert found == []
    assert 100 < started < 150


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(2, 10))
def test_random_files_are_read_as_systemd_reads_them(box, seed):
    found, started = differences(box, seed, number=300)
    assert found == []
    assert 200 < started < 300
