"""A tree with a change that nobody made: whatever is asked of it, the answer is that of the tree in which it was really made."""

import os
import py_compile
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from qtops.collectors.accounts import Accounts, Identity
from qtops.collectors.overlay import CannotOverlay, Overlay
from qtops.collectors.owners import MASK, OTHER, Entry
from qtops.collectors.rights import Rights
from qtops.collectors.tree import RootedTree
from qtops.imports.files import Files
from qtops.imports.launch import Launch
from qtops.imports.outcome import ImportVerdict
from qtops.imports.predict import predict
from qtops.imports.tree import Kind
from tests.imports.cpython import Case, write
from tests.imports.test_generated import body, cases, paths

from .people import as_root, folder
from .test_rights import acl

# what it is


@pytest.fixture
def root(tmp_path):
    (tmp_path / "srv/releases/7").mkdir(parents=True)
    (tmp_path / "srv/releases/7/main.py").write_text("old")
    (tmp_path / "srv/current").symlink_to("releases/7")
    (tmp_path / "srv/main.py").symlink_to("current/main.py")
    return tmp_path


MAIN = "/srv/releases/7/main.py"
WAYS = (MAIN, "/srv/current/main.py", "/srv/main.py", "/srv/./current//main.py", "/srv/current/../7/main.py")


@pytest.mark.parametrize("path", WAYS)
def test_a_changed_file_is_seen_through_every_link_to_it(root, path):
    tree = Overlay({MAIN: b"new"}, {MAIN: 0o755}, str(root))
    assert (tree.kind(path), tree.read(path), tree.head(path), tree.resolve(path)) == (Kind.FILE, b"new", b"new", MAIN)
    assert tree.is_executable(path)
    assert tree.fact("ExecStart", "u:1", path).executable


def test_a_change_that_is_named_by_a_link_is_one_of_what_it_leads_to(root):
    assert Overlay({"/srv/main.py": b"new"}, root=str(root)).read(MAIN) == b"new"


def test_nothing_is_written(root):
    Overlay({MAIN: b"new", "/etc/x/y": b"new"}, {MAIN: 0o777}, str(root))
    assert (root / MAIN[1:]).read_bytes() == b"old"
    assert not (root / "etc").exists()


def test_what_is_new_is_there_with_its_directories(root):
    tree = Overlay({"/etc/systemd/app.d/x.conf": b"[Service]"}, root=str(root))
    assert tree.read("/etc/systemd/app.d/x.conf") == b"[Service]"
    assert [sorted(tree.names(path)) for path in ("/", "/etc", "/etc/systemd/app.d")] == [["etc", "srv"], ["systemd"], ["x.conf"]]
    assert tree.fact("x", "", "/etc/systemd/app.d").state == "directory"
    assert tree.fact("x", "", "/etc/systemd/app.c").near == "/etc/systemd/app.d"
    with pytest.raises(NotADirectoryError):
        tree.names("/etc/systemd/app.d/x.conf")


def test_a_first_line_that_would_be_other_is_followed(root):
    program = Overlay({MAIN: b"#!/srv/none\r\n"}, root=str(root)).command("ExecStart", "u:1", MAIN, ignore_failure=False)
    assert program.shebang is not None
    assert program.shebang_ends_in_cr


def test_no_more_is_read_of_a_change_than_of_a_file(root, monkeypatch):
    monkeypatch.setattr("qtops.collectors.overlay.LARGEST_FILE", 2)
    with pytest.raises(OSError, match="larger than"):
        Overlay({MAIN: b"new"}, root=str(root)).read(MAIN)


# what cannot be pictured


@pytest.mark.parametrize(
    "path", ["srv/x", "", "/", "//srv/x", "/srv//x", "/srv/../srv/x", "/srv/./x", "/srv/x/", "/..", "/srv/x\0", "./srv/x"]
)
def test_a_path_that_could_mean_two_things_is_refused(root, path):
    with pytest.raises(CannotOverlay, match="absolute path"):
        Overlay({path: b""}, root=str(root))
    with pytest.raises(CannotOverlay, match="absolute path"):
        Overlay({}, {path: 0o755}, str(root))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (["/srv"], "/srv: no regular file"),
        (["/srv/current"], "/srv/current: no regular file"),
        ([f"{MAIN}/x"], f"{MAIN} is no directory"),
        (["/srv/loop"], "/srv/loop: no regular file"),
        (["/srv/loop/x"], "links lead in a circle"),
        (["/srv/pipe"], "/srv/pipe: no regular file"),
        ([MAIN, "/srv/main.py"], f"the same file, {MAIN}"),
        (["/srv/a", "/srv/a/b"], "/srv/a is no directory"),
        (["/srv/a/b", "/srv/a"], "/srv/a: no regular file"),
    ],
)
def test_a_change_of_what_is_no_file_is_refused(root, changes, why):
    (root / "srv/loop").symlink_to("loop")
    os.mkfifo(root / "srv/pipe")
    with pytest.raises(CannotOverlay, match=why):
        Overlay(dict.fromkeys(changes, b""), root=str(root))


def test_bits_of_a_file_that_is_not_there_are_refused_and_so_is_what_are_no_bits(root):
    with pytest.raises(CannotOverlay, match="no regular file"):
        Overlay({}, {"/srv/none": 0o755}, str(root))
    with pytest.raises(CannotOverlay, match="no permission bits"):
        Overlay({}, {MAIN: 0o100755}, str(root))


def test_a_link_that_leads_out_of_the_root_leads_a_change_nowhere_else(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.py"
    outside.write_text("x")
    (root / "srv/link.py").symlink_to(outside)
    tree = Overlay({"/srv/link.py": b"new"}, root=str(root))
    assert tree.read(str(outside)) == b"new"  # below the root, where the link leads for the service
    assert outside.read_text() == "x"


@as_root
def test_of_a_folder_that_may_not_be_looked_into_nothing_is_pictured():
    with folder() as place:
        closed = place / "closed"
        closed.mkdir()
        (closed / "main.py").write_text("x")
        closed.chmod(0o700)
        assert as_nobody(lambda: Overlay({f"{closed}/main.py": b""})) == "CannotOverlay: Permission denied"
        assert as_nobody(lambda: Overlay({f"{closed}/new/x.py": b""})) == "CannotOverlay: Permission denied"
        assert as_nobody(lambda: Overlay({f"{place}/new": b""}).kind(f"{closed}/main.py")) == "PermissionError: Permission denied"
        assert as_nobody(lambda: Overlay({f"{place}/new": b""}).names(str(closed))) == "PermissionError: Permission denied"
        assert as_nobody(lambda: Overlay({f"{place}/new": b""}).kind(f"{place}/new")) == "Kind: file"


def as_nobody(ask) -> str:
    """The answer, or the error, as an account that owns nothing meets it."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            answer = ask()
            text = f"{type(answer).__name__}: {answer}"
        except (OSError, CannotOverlay) as error:
            text = f"{type(error).__name__}: {getattr(error, 'strerror', None) or str(error).partition(': ')[2]}"
        os.write(writes, text.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writes)
    with os.fdopen(reads, "rb") as answer:
        return answer.read().decode()


# a .pyc of the file as it was


def test_a_pyc_of_the_old_source_proves_nothing_of_the_new_one(tmp_path):
    main, old, new = tmp_path / "main.py", "import json  # fine\n", "return  # not here!\n"
    main.write_text(old)
    py_compile.compile(str(main))
    assert len(old) == len(new)
    source = Files(Overlay({str(main): new.encode()})).source(str(main), sys.version_info[:2])
    assert source.error == "SyntaxError: 'return' outside function"  # what only compiling finds


# who may do what


@as_root
def test_rights_are_those_of_the_changed_bits():
    with folder() as place:
        program = place / "run.sh"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o640)
        anyone = Identity("qt", 41000, frozenset({41000}))
        rights = [Rights(tree, Accounts(tree)) for tree in (RootedTree(), Overlay({}, {str(program): 0o755}))]
        assert rights[0].denied(anyone, str(program), "execute").startswith(f"{program} is -rw-r-----")
        assert rights[1].denied(anyone, str(program), "execute") == ""
        assert [each.denied_itself(anyone, str(program), "read") == "" for each in rights] == [False, True]


@as_root
def test_a_new_file_is_roots_and_of_the_bits_that_are_asked_for():
    with folder() as place:
        tree = Overlay(dict.fromkeys([f"{place}/deep/x", f"{place}/secret"], b""), {f"{place}/secret": 0o600})
        rights, anyone = Rights(tree, Accounts(tree)), Identity("qt", 41000, frozenset({41000}))
        assert rights.denied(anyone, f"{place}/deep/x", "read") == ""
        assert rights.denied(anyone, f"{place}/secret", "read").startswith(f"{place}/secret is -rw------- root:root")


@as_root
def test_an_access_control_list_changes_with_the_bits_as_the_kernel_changes_it(tmp_path):
    file = tmp_path / "run.sh"
    file.write_text("")
    os.setxattr(file, "system.posix_acl_access", acl(0o640, Entry(0x02, 7, 41000), mask=4))
    asked = Overlay({}, {str(file): 0o755}).owned(str(file))
    assert {entry.bits for entry in asked.acl if entry.tag in {MASK, OTHER}} == {5}
    file.chmod(0o755)
    assert asked == RootedTree().owned(str(file))


# whatever is asked, of whatever tree

NAMES = ("a", "b", "c")
PARTS = st.sampled_from(NAMES)
PLACES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
TARGETS = st.builds(
    "{}{}".format,
    st.sampled_from(("", "ROOT/", "../", "./", "../../")),
    st.lists(st.sampled_from((*NAMES, "..")), min_size=1, max_size=3).map("/".join),
)
CONTENTS = st.sampled_from((b"", b"one", b"two", b"#!/a/b\n", b"#!ROOT/c\r\n", b"\x7fELF"))
MODES = st.sampled_from((0o644, 0o755, 0o600, 0o711, 0o4755))
ODD = st.lists(st.sampled_from((*NAMES, *NAMES, "..", ".", "")), min_size=1, max_size=5).map("/".join)


@dataclass
class Planted:
    """A tree, and a change to it; all paths below the folder."""

    files: Mapping[str, tuple[bytes, int]] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)


TREES = st.builds(
    Planted,
    files=st.dictionaries(PLACES, st.tuples(CONTENTS, MODES), max_size=4),
    folders=st.lists(PLACES, max_size=2).map(tuple),
    links=st.dictionaries(PLACES, TARGETS, max_size=3),
    contents=st.dictionaries(PLACES, CONTENTS, min_size=1, max_size=4),
    modes=st.dictionaries(PLACES, MODES, max_size=4),
)
PAIRS = [f"{a}/{b}" for a in NAMES for b in NAMES]
ALL_PATHS = ["", *NAMES, *PAIRS, *(f"{pair}/{name}" for pair in PAIRS for name in NAMES)]


def plant(place: Path, tree: Planted, shown: str) -> None:
    """What fits; of two things at one place the first."""
    for path in tree.folders:
        made(place / path)
    for path, target in tree.links.items():
        if made((place / path).parent) and not os.path.lexists(place / path):
            (place / path).symlink_to(target.replace("ROOT", shown or "/").replace("//", "/"))
    for path, (content, mode) in tree.files.items():
        if made((place / path).parent) and not os.path.lexists(place / path):
            (place / path).write_bytes(content.replace(b"ROOT", shown.encode()))
            (place / path).chmod(mode)


def made(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return True


def carry_out(tree: RootedTree, root: str, contents: Mapping[str, bytes], modes: Mapping[str, int]) -> None:
    """Make the change, as root would."""
    changes = [(path, root + tree.resolve(path)) for path in dict.fromkeys((*contents, *modes))]  # all links as they were
    for path, real in changes:
        is_new = not Path(real).exists()
        Path(real).parent.mkdir(0o755, parents=True, exist_ok=True)
        if path in contents:
            Path(real).write_bytes(contents[path])
        if path in modes or is_new:
            Path(real).chmod(modes.get(path, 0o644))


def is_possible(contents: Mapping[str, bytes], modes: Mapping[str, int], root: str) -> bool:
    try:
        return Overlay(contents, modes, root) is not None
    except CannotOverlay:
        return False


def answer(ask, *arguments):
    try:
        return ask(*arguments)
    except PermissionError:
        return "may not"
    except OSError:
        return "nothing"


def answers(tree: RootedTree, shown: str, changed: set[str], odd: list[str]) -> dict[tuple[str, str], object]:
    """Everything that can be asked. Of a changed file the time is not known."""
    found: dict[tuple[str, str], object] = {}
    for path in (f"{shown}/{path}" for path in (*ALL_PATHS, *odd)):
        for ask in (tree.kind, tree.names, tree.read, tree.head, tree.is_executable, tree.resolve, tree.way):
            found[ask.__name__, path] = answer(ask, path)
        found["fact", path] = answer(tree.fact, "ExecStart", "u:1", path)
        found["command", path] = answer(lambda path: tree.command("ExecStart", "u:1", path, ignore_failure=False), path)
        if found["kind", path] is Kind.FILE:
            found["stamp", path] = None if tree.resolve(path) in changed else tree.stamp(path)
        if os.geteuid() == 0:
            searched, end = tree.way(path)
            if not any(map(tree.is_linked, searched)):  # a loop
                found["owned", path] = [answer(tree.owned, place) for place in (*searched, end) if place.startswith(shown or "/")]
    return found


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=TREES, odd=st.lists(ODD, max_size=8), is_whole=st.booleans())
def test_every_answer_is_that_of_the_really_changed_tree(tree, odd, is_whole):
    with tempfile.TemporaryDirectory() as made_here:
        place = Path(made_here, *["far", "below", "what", "others", "write", "to"]).resolve()  # many .. stay below it
        place.mkdir(parents=True)
        root, shown = ("/", str(place)) if is_whole else (str(place), "")
        plant(place, tree, shown)
        now = RootedTree(root)
        contents = {f"{shown}/{path}": content.replace(b"ROOT", shown.encode()) for path, content in tree.contents.items()}
        contents = {path: content for path, content in contents.items() if is_possible({path: content}, {}, root)}
        modes = {f"{shown}/{path}": mode for path, mode in tree.modes.items()}
        modes = {path: mode for path, mode in modes.items() if path in contents or is_possible({}, {path: mode}, root)}
        changed = {now.resolve(path) for path in contents}
        assume(all(path.startswith(f"{shown}/") for path in changed))  # a link may lead out, where the test has no business
        try:
            overlay = Overlay(contents, modes, root)
        except CannotOverlay:
            return event("two changes that exclude each other")
        foreseen = answers(overlay, shown, changed, odd)
        carry_out(now, "" if is_whole else root, contents, modes)
        really = answers(RootedTree(root), shown, changed, odd)
    different = {asked: (foreseen[asked], really[asked]) for asked in really if foreseen.get(asked) != really[asked]}
    assert different == {}
    assert foreseen.keys() == really.keys()
    return event(f"equal, with {len(contents)} contents and {len(modes)} modes")


@pytest.mark.slow
def test_a_start_is_foreseen_as_the_really_changed_tree_has_it():
    verdicts: dict[ImportVerdict, int] = {}

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(case=cases(), changes=st.dictionaries(paths, body, min_size=1, max_size=4))
    def check(case: Case, changes: Mapping[str, str]) -> None:
        with tempfile.TemporaryDirectory() as made_here:
            place = Path(made_here).resolve()
            write(place, case)
            environment = {"HOME": str(place)} | {name: text.replace("ROOT", str(place)) for name, text in case.environment.items()}
            launch = Launch(sys.executable, case.target, str(place), environment)
            try:
                overlay = Overlay({f"{place}/{path}": text.encode() for path, text in changes.items()})
            except CannotOverlay:
                return
            foreseen = predict(overlay, launch)
            write(place, Case(changes))
            assert foreseen == predict(RootedTree(), launch)
        verdicts[foreseen.verdict] = verdicts.get(foreseen.verdict, 0) + 1

    check()
    assert verdicts[ImportVerdict.OK] > 2
    assert sum(verdicts.values()) >= 25
