"""Whether a source compiles is judged by the service's own interpreter, and by nobody with more rights than it has anyway."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtops.actions.commands import own_account
from qtops.actions.compiling import DoesNotCompile, NoCompiler, compiles, way_to
from tests.collectors.people import as_root, folder

SYSTEM = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
NAME = "/srv/acme/main.py"
APP = "41000:41000"


def check(source: str | bytes, interpreter: str = SYSTEM, account: str | None = None, timeout_s: float = 10) -> None:
    content = source if isinstance(source, bytes) else source.encode()
    compiles((interpreter,), own_account() if account is None else account, content, NAME, timeout_s)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may enter."""
    with folder() as made:
        yield made


def program(path: Path, text: str, mode: int = 0o755, owner: int = 0) -> str:
    path.write_text(text)
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, owner, owner)
    return str(path)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import sys\r\nsys.path.insert(0, '/x')\r\n",
        "x = 1",
        b"\xef\xbb\xbfx = '\xc3\xa9'\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        "import no_such_module\nraise SystemExit(3)\n",  # nothing of it is executed
        "match x:\n    case 1:\n        pass\n",
        "'\\d'\n",  # a warning is no error
        "x = [\n" + "1,\n" * 100_000 + "]\n",
    ],
)
def test_python_compiles(source):
    check(source)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\nprint 'x'\n", "line 2: SyntaxError: Missing parentheses in call to 'print'"),
        ("if x:\npass\n", "line 2: IndentationError: expected an indented block"),
        ("if x:\n\ty\n        z\n", "line 3: TabError: "),
        (b"x = '\xff'\n", "SyntaxError: "),
        (b"# coding: no-such\n", "SyntaxError: "),
        (b"x = 1\x00\n", "null bytes"),
        ("return\n", "line 1: SyntaxError: 'return' outside function"),
        ("a = '\x1b[2J' b\n", "SyntaxError: "),
    ],
)
def test_what_does_not_compile_is_told_with_its_line(source, told):
    with pytest.raises(DoesNotCompile) as caught:
        check(source)
    text = str(caught.value)
    assert text.startswith(f"{SYSTEM} does not compile {NAME}: ")
    assert told in text
    assert text.endswith(" (nothing was put in its place)")
    assert "\x1b" not in text
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("version", ["3.8", "3.9"])
def test_the_interpreter_of_the_service_judges_by_its_own_version(version):
    older = [Path(folder, f"python{version}") for folder in (*os.environ["PATH"].split(":"), *_others())]
    interpreter = next((str(path) for path in older if path.is_file() and _starts(path)), None)
    if interpreter is None:
        pytest.skip(f"no Python {version} here")
    check("if (n := 1):\n    pass\n", interpreter)
    with pytest.raises(DoesNotCompile, match="SyntaxError: invalid syntax"):
        check("match x:\n    case 1:\n        pass\n", interpreter)


def _others() -> list[str]:
    """Where interpreters of other versions lie beside this one, as version managers lay them."""
    return [str(path) for path in Path(sys.base_prefix).parent.glob("*/bin")]


def _starts(path: Path) -> bool:
    try:
        check("", str(path))
    except NoCompiler:
        return False
    return True


@pytest.mark.parametrize(
    ("interpreter", "told"),
    [
        ("/no/such/python", "/no/such/python cannot be run"),
        ("/etc/passwd", "/etc/passwd cannot be run"),
        ("/bin/true", "/bin/true exited with 0 and gave no answer"),
        ("/bin/echo", "/bin/echo exited with 0 and gave no answer: sys.stdout.buffer"),
        ("/bin/false", "/bin/false exited with 1 and gave no answer"),
    ],
)
def test_what_is_no_interpreter_gives_no_answer(interpreter, told):
    with pytest.raises(NoCompiler) as caught:
        check("x = 1\n", interpreter)
    assert str(caught.value).startswith(f"whether {NAME} compiles cannot be told: ")
    assert told in str(caught.value)
    assert caught.value.exit_code == 4


def test_without_any_interpreter_there_is_no_answer():
    with pytest.raises(NoCompiler):
        compiles((), own_account(), b"", NAME)


def test_an_interpreter_that_hangs_is_given_up(place):
    begun = time.monotonic()
    with pytest.raises(NoCompiler, match=r"had not answered after 0\.3 s"):
        check("", program(place / "python", "#!/bin/sh\nexec sleep 60\n"), timeout_s=0.3)
    assert time.monotonic() - begun < 5


def test_an_interpreter_that_crashes_gives_no_answer(place):
    with pytest.raises(NoCompiler, match="exited with -11 and gave no answer"):
        check("", program(place / "python", "#!/bin/sh\nkill -SEGV $$\n"))


def test_nothing_is_imported_or_written(place):
    (place / "sitecustomize.py").write_text("raise SystemExit('imported')\n")
    (place / "json.py").write_text("raise SystemExit('imported')\n")
    before = sorted(place.iterdir())
    check("import json\n")
    compiles((SYSTEM, "-W", "ignore"), own_account(), b"'\\d'\n", str(place / "main.py"))
    assert sorted(place.iterdir()) == before


def test_nothing_of_a_virtual_environment_is_run_but_its_interpreter(place):
    """A ``.pth`` file and ``sitecustomize`` are code that every start of it runs."""
    subprocess.run((SYSTEM, "-m", "venv", "--without-pip", place / "venv"), check=True)
    (packages,) = (place / "venv").glob("lib/python*/site-packages")
    (packages / "sitecustomize.py").write_text(f"open({str(place / 'ran')!r}, 'w')\n")
    (packages / "evil.pth").write_text(f"import os; open({str(place / 'ran')!r}, 'w')\n")
    interpreter = str(place / "venv" / "bin" / "python3")
    check("x = 1\n", interpreter)
    with pytest.raises(DoesNotCompile):
        check("x = \n", interpreter)
    assert not (place / "ran").exists()


def test_an_answer_of_an_interpreter_that_fails_does_not_count(place):
    with pytest.raises(NoCompiler, match="exited with 1"):
        check("", program(place / "python", "#!/bin/sh\nprintf 'qtops-compiled fine'; exit 1\n"))


WHO = "#!/bin/sh\necho $(id -u) >&2; exit 1\n"


def who_ran(interpreter: str, account: str) -> str:
    with pytest.raises(NoCompiler) as caught:
        check("", interpreter, account)
    return str(caught.value).rpartition(": ")[2]


@as_root
class TestWhoRunsIt:
    """Root is not made to run what somebody else could have put there."""

    def test_the_account_of_the_unit_does(self, place):
        assert who_ran(program(place / "python", WHO), APP) == "41000"

    def test_root_runs_what_is_roots_alone_for_a_unit_of_root(self, place):
        interpreter = program(place / "python", WHO)
        assert who_ran(interpreter, "") == who_ran(interpreter, "root") == who_ran(interpreter, "0:0") == "0"

    def test_the_owner_of_an_interpreter_runs_it_instead_of_root(self, place):
        assert who_ran(program(place / "python", WHO, owner=41001), "root") == "41001"

    def test_the_owner_of_a_directory_on_the_way_runs_it_instead_of_root(self, place):
        (place / "venv" / "bin").mkdir(parents=True)
        interpreter = program(place / "venv" / "bin" / "python", WHO)
        os.chown(place / "venv", 41000, 41000)
        assert who_ran(interpreter, "root") == "41000"

    def test_a_link_in_a_users_folder_counts_although_it_leads_to_roots(self, place):
        program(place / "python", WHO)
        (place / "home").mkdir()
        os.chown(place / "home", 41000, 41000)
        (place / "home" / "python").symlink_to("../python")
        assert who_ran(str(place / "home" / "python"), "root") == "41000"
        (place / "roots").symlink_to("home")
        assert who_ran(str(place / "roots" / "python"), "root") == "41000"

    @pytest.mark.parametrize("which", ["bin", "bin/python"])
    def test_what_others_may_write_to_is_not_run(self, place, which):
        (place / "bin").mkdir()
        interpreter = program(place / "bin" / "python", WHO)
        (place / which).chmod(0o775)
        with pytest.raises(NoCompiler, match="is not run as root: others than root may write to") as caught:
            check("", interpreter, "root")
        assert str(place / which) in str(caught.value)

    def test_a_sticky_directory_keeps_what_is_roots(self, place):
        (place / "shared").mkdir()
        (place / "shared").chmod(0o1777)
        assert who_ran(program(place / "shared" / "python", WHO), "root") == "0"

    def test_links_that_go_round_are_no_interpreter(self, place):
        (place / "python").symlink_to("python")
        with pytest.raises(NoCompiler, match="Too many levels of symbolic links"):
            check("", str(place / "python"), "root")

    def test_an_account_that_is_none_gives_no_answer(self):
        with pytest.raises(NoCompiler, match="there is no account 'no-such-account'"):
            check("", SYSTEM, "no-such-account")

    def test_the_account_must_be_able_to_run_it(self, place):
        (place / "bin").mkdir(mode=0o700)
        with pytest.raises(NoCompiler, match="cannot be run as 41000:41000: Permission denied"):
            check("", program(place / "bin" / "python", WHO), APP)


def test_the_way_holds_every_link_and_directory(tmp_path):
    home = tmp_path.resolve()
    (home / "a").mkdir()
    (home / "a" / "file").touch()
    (home / "b").symlink_to("a")
    (home / "c").symlink_to(home / "b")
    paths = [path for path, _ in way_to(f"{home}/b//./../c/file")]
    above = [str(path) for path in (*home.parents[::-1], home)]
    assert paths == [*above, f"{home}/b", f"{home}/a", f"{home}/c", *above[1:], f"{home}/b", f"{home}/a", f"{home}/a/file"]
    with pytest.raises(FileNotFoundError):
        list(way_to(f"{home}/c/none"))
