"""What an account may do: held against the kernel itself, and what is made of it against a real systemd."""

import os
import re
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.checks.registry import judge
from qtops.collectors.accounts import Accounts, Identity
from qtops.collectors.rights import BITS, Entry, Owned, Rights, may, owned
from qtops.collectors.tree import RootedTree
from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read

from .units import FOLDER, lay, start, unit

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root can act as others")
USERS, GROUPS = (40001, 40002), (50001, 50002, 50003)


# the rule, and the kernel


def acl(mode: int, *entries: Entry, mask: int = 7) -> bytes:
    """The attribute as the kernel keeps it: the mode's own classes, and some more."""
    nobody = 0xFFFFFFFF
    lines = [
        Entry(0x01, mode >> 6 & 7, nobody),
        Entry(0x04, mode >> 3 & 7, nobody),
        Entry(0x10, mask, nobody),
        Entry(0x20, mode & 7, nobody),
    ]
    ordered = sorted(
        {(entry.tag, entry.number): entry for entry in (*lines, *entries)}.values(), key=lambda entry: (entry.tag, entry.number)
    )
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in ordered)


MODES = st.integers(0, 0o777) | st.sampled_from([0o700, 0o711, 0o750, 0o755, 0o644, 0o640, 0o600])
ENTRIES = st.lists(
    st.builds(Entry, st.just(0x02), st.integers(0, 7), st.sampled_from(USERS))
    | st.builds(Entry, st.just(0x08), st.integers(0, 7), st.sampled_from(GROUPS)),
    max_size=3,
)
OWNERS = st.tuples(st.sampled_from((0, *USERS)), st.sampled_from((0, *GROUPS)))
PLACES = st.tuples(MODES, OWNERS, st.none() | st.tuples(ENTRIES, st.integers(0, 7)))
IDENTITIES = st.builds(Identity, st.just("qt"), st.sampled_from(USERS), st.frozensets(st.sampled_from(GROUPS), min_size=1))


@contextmanager
def folder() -> Iterator[Path]:
    """One that everybody may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def close(path: Path, place) -> None:
    mode, owner, listed = place
    os.chown(path, *owner)
    path.chmod(mode)
    if listed is not None:
        entries, mask = listed
        os.setxattr(path, "system.posix_acl_access", acl(mode, *entries, mask=mask))


def kernel(identity: Identity, path: Path, right: str) -> bool:
    """What a process of the account meets."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    status = 1
    try:
        first, *_ = sorted(identity.groups)
        os.setgroups(sorted(identity.groups))
        os.setgid(first)
        os.setuid(identity.user)
        if right == "search":
            os.chdir(path)
        elif right == "read":
            os.close(os.open(path, os.O_RDONLY))
        elif not os.access(path, os.X_OK):
            raise PermissionError
        status = 0
    except PermissionError:
        pass
    finally:
        os._exit(status)


@as_root
@settings(max_examples=250)
@given(IDENTITIES, st.lists(PLACES, min_size=1, max_size=3), PLACES, st.sampled_from(("search", "read", "execute")), st.booleans())
def test_the_verdict_is_that_of_the_kernel(identity, above, last, right, linked):
    with folder() as top:
        target = top.joinpath(*(f"d{number}" for number in range(len(above))), "last")
        target.parent.mkdir(parents=True)
        target.mkdir() if right == "search" else target.touch()
        asked = target
        if linked:
            (top / "aside").mkdir()
            asked = top / "aside" / "link"
            asked.symlink_to("../d0/" + "/".join(target.relative_to(top / "d0").parts))
            close(top / "aside", above[0])
        for path, place in zip((target, *target.parents), (last, *above), strict=False):
            close(path, place)
        tree = RootedTree("/")
        denied = Rights(tree, Accounts(tree)).denied(identity, str(asked), right)
        assert (not denied) is kernel(identity, asked, right), (denied, [owned(str(path)) for path in (target, *target.parents)])


def test_the_first_class_that_fits_decides_alone():
    """The owner who may not is not saved by what the group or anybody may."""
    me = Identity("qt", 40001, frozenset({50001}))
    assert not may(me, Owned(0o077, 40001, 50001), BITS["read"])
    assert not may(me, Owned(0o707, 40002, 50001), BITS["read"])
    assert may(me, Owned(0o704, 40002, 50002), BITS["read"])


@pytest.mark.parametrize("data", [b"", b"\x02", struct.pack("<I", 9) + b"\0" * 8, struct.pack("<I", 2) + b"\0" * 7])
def test_a_list_that_is_not_understood_is_none(data):
    from qtops.collectors import rights

    assert tuple(rights._entries(data)) == ()


# as whom a service runs

PASSWD = "root:x:0:0::/root:/bin/sh\nqt:x:41000:41000::/home/qt:/bin/sh\nother:x:41001:41001::/:/bin/sh\nbroken:x\n"
GROUP = "root:x:0:\nqt:x:41000:\nshared:x:42000:other,qt\nextra:x:43000:\nother:x:41001:\n"


def identity(tmp_path, *lines: str, nsswitch: str = "") -> Identity | None:
    (tmp_path / "etc").mkdir(exist_ok=True)
    (tmp_path / "etc/passwd").write_text(PASSWD)
    (tmp_path / "etc/group").write_text(GROUP)
    (tmp_path / "etc/nsswitch.conf").write_text(nsswitch)
    text = "\n".join(["[Service]", "ExecStart=/bin/true", *lines])
    service = read(parse_name("a.service"), ("a.service", text.encode()))
    return Accounts(RootedTree(str(tmp_path))).identity(service)


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (("User=qt",), {41000, 42000}),
        (("User=41000",), {41000, 42000}),
        (("User=qt", "Group=extra"), {43000, 42000}),
        (("User=qt", "Group=4000"), {4000, 42000}),
        (("User=qt", "SupplementaryGroups=extra root"), {41000, 42000, 43000, 0}),
    ],
)
def test_groups_are_those_that_systemd_gives(tmp_path, lines, groups):
    assert identity(tmp_path, *lines) == Identity("qt", 41000, frozenset(groups))


@pytest.mark.parametrize(
    "lines",
    [
        (), ("User=root",), ("User=0",), ("User=nobody-here",), ("User=4711",), ("User=broken",), ("Group=qt",),
        ("User=qt", "Group=nobody-here"), ("User=qt", "SupplementaryGroups=nobody-here"), ("User=qt", "DynamicUser=yes"),
        ("User=qt", "AmbientCapabilities=CAP_DAC_OVERRIDE"), ("User=%i",),
    ],
)  # fmt: skip
def test_root_and_who_is_not_known_are_not_judged(tmp_path, lines):
    assert identity(tmp_path, *lines) is None


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\n", True),
        ("group: files sss\n", False),
        ("passwd: compat ldap\n", False),
        ("hosts: files dns\n# group: sss\n", True),
    ],
)
def test_where_a_directory_service_adds_groups_nothing_is_claimed(tmp_path, text, judged):
    assert (identity(tmp_path, "User=qt", nsswitch=text) is not None) is judged


# what is found of a unit

CASES = {
    "working directory below a closed one": (unit(WorkingDirectory="/srv/closed/app"), ["UNIT115"]),
    "closed working directory": (unit(WorkingDirectory="/srv/closed"), ["UNIT115"]),
    "working directory through a link": (unit(WorkingDirectory="/srv/link"), ["UNIT115"]),
    "closed program": (unit(ExecStart="/srv/closed/prog"), ["UNIT115"]),
    "program of root's own": (unit(ExecStart="/srv/rootonly"), ["UNIT115"]),
    "closed interpreter": (unit(ExecStart="/srv/wrapper"), ["UNIT115"]),
    "unreadable script": (unit(ExecStart="/usr/bin/python3.11 /srv/secret.py", WorkingDirectory="/srv"), ["UNIT116"]),
    "closed script": (unit(ExecStart="/usr/bin/python3.11 /srv/closed/app/main.py"), ["UNIT116"]),
    "owner without the right": (unit(WorkingDirectory="/srv/mine"), ["UNIT115"]),
    "all of it closed": (
        unit(WorkingDirectory="/srv/closed/app", ExecStart="/usr/bin/python3.11 /srv/closed/app/main.py"), ["UNIT115"]
    ),
    "group that lists the account": (unit(WorkingDirectory="/srv/shared"), []),
    "the same beside another Group=": (unit(WorkingDirectory="/srv/shared", Group="other"), []),
    "group that does not": (unit(WorkingDirectory="/srv/extra"), ["UNIT115"]),
    "group by Group=": (unit(WorkingDirectory="/srv/extra", Group="extra"), []),
    "group by SupplementaryGroups=": (unit("SupplementaryGroups=extra", WorkingDirectory="/srv/extra"), []),
    "group that Group= took away": (unit(WorkingDirectory="/srv/own", Group="other"), ["UNIT115"]),
    "only executable": (unit(ExecStart="/srv/noread"), []),
    "optional working directory": (unit(WorkingDirectory="-/srv/closed"), []),
    "run as root": (unit(WorkingDirectory="/srv/closed", ExecStart="+/srv/closed/prog"), []),
    "not run as the account": (unit(WorkingDirectory="/srv/closed", ExecStart="!/srv/closed/prog"), []),
    "root": (unit(User="root", Group="root", WorkingDirectory="/srv/closed"), []),
    "bound over": (unit("BindReadOnlyPaths=/srv/open:/srv/closed", WorkingDirectory="/srv/closed/app"), []),
    "emptied": (unit("TemporaryFileSystem=/srv/closed:mode=755", WorkingDirectory="/srv/closed"), []),
    "log file below a closed directory": (unit(StandardOutput="append:/srv/closed/app.log"), []),
    "environment file of root's own": (unit(EnvironmentFile="/srv/secret.env"), []),
    "steps that run as root": (unit("PermissionsStartOnly=yes", "ExecStartPre=/srv/closed/prog"), []),
    "step before the start": (unit("ExecStartPre=/srv/closed/prog"), ["UNIT115"]),
}  # fmt: skip
SCENE = r"""
mkdir -p {root}/srv/closed/app {root}/srv/open/app {root}/srv/shared {root}/srv/mine {root}/srv/app
echo 'import time; time.sleep(1)' > {root}/srv/closed/app/main.py
cp {root}/srv/closed/app/main.py {root}/srv/secret.py; echo A=1 > {root}/srv/secret.env
cp {root}/bin/true.elf {root}/srv/closed/prog; cp {root}/bin/true.elf {root}/srv/rootonly; cp {root}/bin/true.elf {root}/srv/noread
cp {root}/bin/true.elf {root}/srv/closed/sh; printf '#!/srv/closed/sh\n' > {root}/srv/wrapper
ln -s closed/app {root}/srv/link
chmod 700 {root}/srv/closed {root}/srv/rootonly; chmod 711 {root}/srv/noread; chmod 755 {root}/srv/wrapper
chmod 600 {root}/srv/secret.py {root}/srv/secret.env
mkdir {root}/srv/extra {root}/srv/own; chmod 750 {root}/srv/shared {root}/srv/extra {root}/srv/own
chown 0:42000 {root}/srv/shared; chown 0:43000 {root}/srv/extra; chown 0:41000 {root}/srv/own
chown 41000:41000 {root}/srv/mine; chmod 077 {root}/srv/mine
"""
PEOPLE = """
set -e
groupadd -o -g 41000 rights-qt; groupadd -o -g 41001 rights-other
groupadd -o -g 42000 rights-shared; groupadd -o -g 43000 rights-extra
useradd -o -u 41000 -g rights-qt -G rights-shared rights-qt; useradd -o -u 41001 -g rights-other rights-other
cp /bin/true /bin/true.elf; mkdir -p /etc/quantum; touch /etc/quantum/risk-proposal.env
mkdir -p /srv/app; echo pass > /srv/app/main.py
"""
ACCOUNTS = {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/bin/true.elf": "\x7fELF"}


@pytest.fixture
def scene():
    with folder() as root:
        lay(root, unit(), ACCOUNTS)
        assert os.system(SCENE.format(root=root)) == 0
        yield root


@as_root
@pytest.mark.parametrize("case", CASES)
def test_what_the_account_may_not_is_found_and_nothing_else(scene, case):
    text, codes = CASES[case]
    (scene / f"{FOLDER[1:]}/case.service").write_text(text)
    assert [
        finding.code for finding in judge(start(str(scene), "case.service", assume=True)) if finding.code in {"UNIT115", "UNIT116"}
    ] == codes


@as_root
def test_the_obstacle_is_named_as_ls_shows_it(scene):
    (scene / f"{FOLDER[1:]}/case.service").write_text(unit(WorkingDirectory="/srv/link"))
    (finding,) = [finding for finding in judge(start(str(scene), "case.service")) if finding.code == "UNIT115"]
    assert finding.summary == "/srv/closed is drwx------ root:root: qt may not search it"
    assert finding.where.endswith("case.service:9")


@as_root
@pytest.mark.parametrize(
    "spoil", [lambda root: root.chmod(0o700), lambda root: os.chown(root, 1234, 1234)], ids=["umask", "checkout"]
)
def test_of_a_copy_with_owners_of_its_own_nothing_is_claimed(scene, spoil):
    """A checkout on a laptop belongs to whoever made it."""
    spoil(scene)
    (scene / f"{FOLDER[1:]}/case.service").write_text(unit(WorkingDirectory="/srv/closed"))
    assert "UNIT115" not in [finding.code for finding in judge(start(str(scene), "case.service"))]


@as_root
def test_what_a_user_may_not_look_at_is_not_claimed(scene):
    (scene / f"{FOLDER[1:]}/case.service").write_text(unit(WorkingDirectory="/srv/closed/app"))
    os.seteuid(65534)
    try:
        facts = start(str(scene), "case.service")
    finally:
        os.seteuid(0)
    assert "UNIT115" not in [finding.code for finding in judge(facts)]
    assert any(line.startswith("WorkingDirectory=") for line in facts.missing)


@pytest.mark.systemd
def test_systemd_meets_what_was_predicted(scene, box):
    """The same scene in a booted systemd: exactly the predicted starts fail, with the predicted status."""
    box.run("sh", "-c", PEOPLE)
    box.run("sh", "-c", SCENE.format(root=""))
    python = "/usr/bin/python3"
    names = {case: f"rights-{number}.service" for number, case in enumerate(CASES)}
    for case, (text, _) in CASES.items():
        plain = text.replace("Restart=always\n", "").replace("Requires=redis.service\n", "").replace("/usr/bin/python3.11", python)
        plain = plain.replace("/opt/quantum/venvs/ai-engine/bin/python3", python).replace("Type=simple", "Type=oneshot")
        plain = re.sub(r"(User|Group|SupplementaryGroups)=(?=qt|other|extra|shared)", r"\1=rights-", plain)
        box.unit(names[case], plain)
    box.reload()
    box.systemctl("start", *names.values(), check=False)
    shown = box.show(*names.values(), properties=("Result", "ExecMainStatus", "ExecStartPre"))
    for case, (_, codes) in CASES.items():
        (scene / f"{FOLDER[1:]}/case.service").write_text(CASES[case][0])
        found = [finding for finding in judge(start(str(scene), "case.service", assume=True)) if finding.code in codes]
        state = shown[names[case]]
        if found and case != "step before the start":
            assert f"status={state['ExecMainStatus']}" in found[0].evidence[0 if codes == ["UNIT115"] else 1], case
        assert (state["Result"] != "success") is bool(codes), (case, state)
