"""Trees that nobody would write: a verdict or *unknown*, never an exception, and never a wait."""

import errno
import os
from pathlib import Path

import pytest

from qtops.imports.commandline import parse
from qtops.imports.launch import Code, Launch, Module, Script, Target
from qtops.imports.outcome import Outcome
from qtops.imports.predict import predict
from qtops.imports.tree import LARGEST_FILE, HostTree, Kind, MemoryTree

from .builders import APP, INTERPRETER, PYTHON, launch, outcome
from .odd_sources import DEEP, SOURCES
from .waiting import within

pytestmark = pytest.mark.slow  # many small ones


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("place", ["main", "imported"])
def test_a_strange_source_has_a_verdict(name: str, place: str) -> None:
    files = {"main.py": SOURCES[name]} if place == "main" else {"main.py": b"import odd\nimport gone\n", "odd.py": SOURCES[name]}
    with within(20):
        assert isinstance(outcome(files), Outcome)


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("depth", [100, 400, 1_000, 3_000])
def test_what_can_be_parsed_and_is_deep_has_a_verdict(name: str, depth: int) -> None:
    within_itself = {"pkg/__init__.py": "__path__ = [__path__[0].rpartition('/')[0]]\n"}
    with within(20):
        assert isinstance(outcome({"main.py": f"{DEEP[name](depth)}\nimport gone\n", **within_itself}), Outcome)


def test_a_long_elif_is_followed() -> None:
    assert outcome({"main.py": DEEP["elif undecided"](500) + "else: pass\nimport gone\n"}).verdict == "missing"


def test_modules_that_import_one_another_by_the_hundred_have_a_verdict() -> None:
    chain = {f"m{number}.py": f"import m{number + 1}\n" for number in range(900)}
    assert outcome({"main.py": "import m0\n", **chain}).verdict in {"unknown", "missing"}
    assert outcome({"main.py": "import m850\n", **chain}).verdict == "missing"


class Refusing(MemoryTree):
    """A tree in which some paths raise."""

    def __init__(self, files: dict[str, str], sick: str, number: int) -> None:
        super().__init__({**INTERPRETER, **files})
        self._sick, self._number = sick, number

    def _look(self, path: str) -> None:
        if self._sick in path:
            raise OSError(self._number, os.strerror(self._number), path)

    def kind(self, path: str) -> Kind | None:
        self._look(path)
        return super().kind(path)

    def names(self, path: str) -> frozenset[str]:
        self._look(path)
        return super().names(path)

    def read(self, path: str) -> bytes:
        self._look(path)
        return super().read(path)


HOME = {f"{APP}/main.py": "import own.part\nimport gone\n", f"{APP}/own/__init__.py": "", f"{APP}/own/part.py": "import other\n"}
SITE = {
    "/usr/local/lib/python3.11/dist-packages/a.pth": "import tool\n/opt/x\n",
    "/usr/local/lib/python3.11/site-packages/a.pth": "/opt/x\n",
}
TARGETS: list[Target] = [Script(f"{APP}/main.py"), Module("own.part"), Module("own"), Code("import own"), Script(APP)]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EFBIG, errno.ELOOP, errno.ENAMETOOLONG])
@pytest.mark.parametrize(
    "sick",
    [
        "/",
        APP,
        "own",
        "part.py",
        "main.py",
        "python3.11",
        "/usr/bin",
        ".pth",
        "site.py",
        "sitecustomize",
        ".local",
        "pyvenv",
        "opt",
    ],
)
def test_whatever_cannot_be_read_is_said(sick: str, number: int) -> None:
    tree = Refusing({**HOME, **SITE}, sick, number)
    for target in TARGETS:
        for environment in ({"HOME": "/home/qt"}, {}, {"PYTHONPATH": f"{APP}/own:/opt", "PYTHONUSERBASE": "/opt"}):
            found = predict(tree, launch(target, environment=environment))
            assert isinstance(found, Outcome)
    parse([PYTHON, "main.py"], tree, APP)
    parse([f"{APP}/main.py"], tree, APP)
    parse(["uv", "run", "main.py"], tree, APP)
    parse(["bash", "-c", "source .venv/bin/activate; . settings; exec python main.py"], tree, APP)


def on_disk(folder: Path, main: str = "import odd\nimport gone\n") -> Outcome:
    (folder / "main.py").write_text(main)
    with within(20):
        return predict(HostTree(), Launch("/usr/bin/python3", Script(str(folder / "main.py")), str(folder), {"HOME": str(folder)}))


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith(("odd", "chdir", "a name", "sys.path"))])
def test_strange_paths_are_asked_of_the_real_system(name: str, tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_bytes(SOURCES[name])
    assert isinstance(on_disk(tmp_path), Outcome)
    for path in ("\0", "/a\0b", "/\ud800", "/" + "x" * 5_000, "", "."):
        assert HostTree().kind(path) in {None, Kind.DIRECTORY}
        assert isinstance(HostTree().resolve(path), str)
        assert HostTree().stamp("/a\0b") is None


def test_a_pipe_in_place_of_a_source_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "odd.py")
    os.mkfifo(tmp_path / "sitecustomize.py")
    assert on_disk(tmp_path).verdict == "missing"
    with pytest.raises(FileNotFoundError), within(5):
        HostTree().read(str(tmp_path / "odd.py"))


def test_devices_and_endless_files_are_not_read() -> None:
    with within(20):
        for path in (
            "/dev/zero",
            "/dev/tty",
            "/proc/kmsg",
            "/proc/self/mem",
            "/proc/self/pagemap",
            "/",
            "/dev/stdin",
            "a\0b",
            "/proc/1/mem",
        ):
            try:
                assert len(HostTree().read(path)) <= LARGEST_FILE
            except OSError:
                continue


def test_a_file_of_100_mb_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "odd.py").open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(OSError, match="larger than 16 MiB") as caught:
        HostTree().read(str(tmp_path / "odd.py"))
    assert caught.value.errno == errno.EFBIG
    found = on_disk(tmp_path)
    assert (found.verdict, "larger than 16 MiB" in (found.reason or "")) == ("unknown", True)


@pytest.mark.parametrize(("name", "target"), [("odd.py", "gone.py"), ("odd.py", "odd.py"), ("odd", "odd/odd"), ("odd", ".")])
def test_links_that_lead_nowhere_or_round(name: str, target: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to(target)
    assert on_disk(tmp_path).verdict == "missing"
    assert on_disk(tmp_path, "import sys\nsys.path.insert(0, 'odd/odd/odd')\nimport odd.odd.odd.odd.gone\n").verdict == "missing"
