"""The text of systemctl: what its values may hold, and that nothing in them is taken for something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.systemd.properties import Command
from qtops.collectors.systemd.show import blocks
from qtops.unitfile.values import INFINITY

TAIL = "ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=7 ; code=exited ; status=4"


def only(line):
    (found,) = blocks(f"{line}\n")
    return next(iter(found.values()))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("RestartUSec=1min 30s", 90_000_000),
        ("RestartUSec=infinity", INFINITY),
        ("RestartUSec=0", 0),
        ("MemoryCurrent=[not set]", INFINITY),
        ("MemoryMax=infinity", INFINITY),
        ("MemoryMax=1024", 1024),
        ("TasksMax=infinity", INFINITY),
        ("CPUUsageNSec=[not set]", INFINITY),
        ("CPUUsageNSec=126000000", 126_000_000),
        ("NeedDaemonReload=yes", True),
        ("StateChangeTimestamp=Sun 2026-11-22 22:24:47 UTC", 1_795_386_287_000_000),
        ("StateChangeTimestamp=Sun 2026-11-22 22:24:47.000123 UTC", 1_795_386_287_000_123),
        ("StateChangeTimestamp=", 0),
        ("StateChangeTimestamp=n/a", 0),
        ("SuccessExitStatus=7 143 USR1 TERM", (7, 143)),
        (r'DropInPaths=/a/b.conf "/a/c d\$\"\\.conf"', ("/a/b.conf", r'/a/c d$"\.conf')),
        ("Requires=", ()),
        ('LoadError=org.freedesktop.systemd1.NoSuchUnit "Unit x.service not found."', "Unit x.service not found."),
        ("LoadError=", ""),
        ("StatusText=a=b; c", "a=b; c"),
        (f"ExecStartPre={{ path=/bin/a ; argv[]=/bin/a b ; {TAIL} }}", (Command("/bin/a", False, 1, 4),)),
        (f"ExecStartPre={{ path=/a ; argv[]=/a ; {TAIL.replace('exited', 'killed')}/ILL }}", (Command("/a", False, 2, 4),)),
        (f"ExecStartPre={{ path=/a ; argv[]=/a ; {TAIL.replace('exited', '(null)')}/0 }}", (Command("/a", False, 0, 4),)),
        ("ExecStartPre=", ()),
    ],
)
def test_a_value_is_read(line, value):
    assert only(line) == value


def test_what_is_not_asked_for_is_not_kept():
    assert list(blocks("Environment=TOKEN=secret\nId=a.service\n")) == [{"Id": "a.service"}]


def test_several_commands_of_one_setting_are_all_kept():
    line = f"ExecStop={{ path=/a ; argv[]=/a ; {TAIL} }}\n"
    assert only(line + line.replace("/a", "/b")) == (Command("/a", False, 1, 4), Command("/b", False, 1, 4))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60), min_size=1, max_size=4))
def test_whatever_a_command_line_holds_the_units_stay_apart(arguments):
    text = "\n".join(
        f"ExecStartPre={{ path=/bin/a ; argv[]=/bin/a {argument} ; {TAIL} }}\nId=u{number}.service\n"
        for number, argument in enumerate(arguments)
    )
    assert [found["Id"] for found in blocks(text)] == [f"u{number}.service" for number in range(len(arguments))]
    assert all(found["ExecStartPre"] == (Command("/bin/a", False, 1, 4),) for found in blocks(text))


@given(st.text())
def test_no_text_makes_it_stumble(text):
    list(blocks(text))
