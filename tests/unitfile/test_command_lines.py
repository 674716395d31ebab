"""Command lines, and the arguments that a process gets of them."""

import pytest

from qtops.unitfile.command_lines import Prefixes, parse
from qtops.unitfile.diagnostics import Effect, Origin
from qtops.unitfile.names import parse_name
from qtops.unitfile.specifiers import Specifiers

HERE = Origin("/u", 7)
SPECIFIERS = Specifiers(parse_name("app.service"))


def line(text):
    return parse(text, HERE, SPECIFIERS)


def argv(text, **environ):
    (command,) = line(text).commands
    return command.arguments(environ)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("/bin/x a 'b c' d\\x20e", ["/bin/x", "a", "b c", "d e"]),
        ("/bin/x %n %%", ["/bin/x", "app.service", "%"]),
        ("/bin/x $A", ["/bin/x", "1", "2"]),
        ("/bin/x $Q", ["/bin/x", "3 4", "5"]),
        ("/bin/x ${A} x${A}y x$A", ["/bin/x", "1 2", "x1 2y", "x$A"]),
        ("/bin/x '$A' $$A $$", ["/bin/x", "1", "2", "$A", "$"]),
        ("/bin/x $NONE ${NONE} $A/b $", ["/bin/x", ""]),
        ("/bin/x ${ ${A ${A:-b} ${}", ["/bin/x", "${", "${A", "${A:-b}", ""]),
        (":/bin/x $A", ["/bin/x", "$A"]),
        ("@/bin/x name a", ["name", "a"]),
        ("/bin//./x a", ["/bin//./x", "a"]),
        ("/bin/x a \\; b", ["/bin/x", "a", ";", "b"]),
        ("/bin/x \\q", ["/bin/x", "\\q"]),
    ],
)
def test_arguments(text, arguments):
    assert argv(text, A="1 2", Q="'3 4' 5") == arguments


def test_several_commands():
    assert [command.argv for command in line("/bin/a 1 ; -/bin/b 2 ; /bin/c").commands] == [
        ("/bin/a", "1"),
        ("/bin/b", "2"),
        ("/bin/c",),
    ]


@pytest.mark.parametrize(
    ("prefix", "prefixes"),
    [
        ("-", Prefixes(ignore_failure=True)),
        ("+-:", Prefixes(ignore_failure=True, no_variables=True, privileged=True)),
        ("!", Prefixes(no_setuid=True)),
        ("!!", Prefixes(ambient=True)),
    ],
)
def test_prefixes(prefix, prefixes):
    (command,) = line(f"{prefix}/bin/x").commands
    assert (command.path, command.prefixes) == ("/bin/x", prefixes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bin/x", "neither an absolute path nor a plain name: 'bin/x'"),
        ("/bin/", "a directory stands for the executable: '/bin/'"),
        ("@/bin/x", "there is no argv[0]"),
        ("@", "no executable is named: ''"),
        ("/bin/x 'a", "quotes are not closed in the command line"),
        ("%Z", "there is no %Z"),
        ("/bin/a\\tb", "the executable's name holds characters that may not be in it: '/bin/a\\tb'"),
        ("/" + "x" * 256, f"too long for a path: '/{'x' * 255}'"),
    ],
)
def test_what_refuses_the_unit_unless_failure_is_ignored(text, why):
    refused, ignored = line(text), line(f"-{text}")
    assert [(item.effect, item.text, item.origin) for item in refused.diagnostics] == [(Effect.REFUSED, why, HERE)]
    assert [item.effect for item in ignored.diagnostics] == [Effect.IGNORED]
    assert (refused.commands, ignored.commands) == ((), ())


def test_what_only_the_host_knows_is_named():
    (command,) = line("/bin/x --host %H %n").commands
    assert (command.argv, command.unknown) == (("/bin/x", "--host", "%H", "app.service"), ("%H",))


def test_arguments_are_not_shown():
    assert "hunter2" not in repr(line("/bin/x --password hunter2"))
