"""What a runbook may say, and how one that says it wrong is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.guides.parsing import LARGEST, parse
from qtops.guides.values import Expectation, Parameter, RunbookError
from tests.guides.runbooks import PARAMETERS, page, runbook, step


def test_a_page_is_read():
    mend = step(
        name='"mend"',
        changes="true",
        way_back='["systemctl", "stop", "{unit}"]',
        timeout_s="5",
        expect='{ exit = [0, 3], lacks = ["x"] }',
    )
    read = runbook(step(), "Prose between them.", mend)
    assert (read.title, read.origin) == ("A title", "page.md")
    assert read.parameters == {
        "service": Parameter(help="the service"),
        "family": Parameter(help="its keys", default="risk-proposal"),
    }
    look, mend = read.steps
    assert (look.name, look.command, look.changes) == ("look", ("systemctl", "status", "{unit}"), False)
    assert (look.expect, look.timeout_s, look.way_back) == (Expectation(), 60, ())
    assert mend.expect == Expectation(exit=(0, 3), lacks=("x",))
    assert mend.way_back == ("systemctl", "stop", "{unit}")


def test_what_is_only_shown_is_no_step():
    shown = '```toml\nname = "x"\n```\n\n```sh\nrm -rf /\n```\n\n    toml step\n\n`toml step`\n'
    assert runbook(shown).steps == ()


def test_a_page_without_heading_is_called_after_its_file():
    assert parse(b"words", "page.md").title == "page.md"


def test_a_step_in_a_list_or_a_quote_counts():
    quoted = "".join(f"> {line}\n" for line in step().splitlines())
    assert [found.name for found in runbook(quoted).steps] == ["look"]


def test_a_title_cannot_drive_the_terminal():
    assert parse(b"# a\x1b[2Jb", "page.md").title == "a\\x1b[2Jb"


WRONG = [
    (step(command='"systemctl status x"'), "command: wants a list of words"),
    (step(changes="true", way_back='"systemctl stop x"'), "way_back: wants a list of words"),
    (step(command="[]"), "look: command: wants at least the program"),
    (step(command='["sh", "-c", "true"]'), "sh is a shell"),
    (step(command='["/bin/bash", "x.sh"]'), "/bin/bash is a shell"),
    (step(command='["sudo", "-u", "qt", "bash", "-lc", "true"]'), "bash is a shell"),
    (step(command='["env", "A=1", "/usr/bin/zsh", "-c", "true"]'), "/usr/bin/zsh is a shell"),
    (step(changes="true", way_back='["sh", "-c", "true"]'), "look: way_back: sh is a shell"),
    (step(command='["{service}"]'), "the program is a plain name or an absolute path"),
    (step(command='["./mine"]'), "the program is a plain name or an absolute path"),
    (step(command='["echo", "{symbol}"]'), "no parameter is called symbol; there are: service, family, unit"),
    (step(command='["echo", "{"]'), "a single brace"),
    (step(command='["echo", "a\\u001bb"]'), "is not printable"),
    (step(command='["echo", 1]'), "command[1]: Expected `str`, got `int`"),
    (step(expect__contains='["{symbol}"]'), "look: expect: no parameter is called symbol"),
    (step(expect__contains='[" "]'), "wants printable text"),
    (step(expect__exit="[]"), "exit: wants codes from 0 to 255"),
    (step(expect__exit="[256]"), "exit: wants codes from 0 to 255"),
    (step(expect__matches='["("]'), "the expression '(' is none"),
    (step(expect__stdout='["x"]'), "unknown field `stdout`"),
    (step(name='"Look here"'), "name: wants small letters"),
    (step(why='""'), "why: wants printable text on one line"),
    (step(why='"a\\nb"'), "why: wants printable text on one line"),
    (step(changes=""), "missing required field `changes`"),
    (step(shell='"true"'), "unknown field `shell`"),
    (step(line="3"), "line: no key of a step"),
    (step(timeout_s="0"), "timeout_s: wants a time above 0"),
    (step(timeout_s="inf"), "timeout_s: wants a time above 0"),
    (step(timeout_s="nan"), "timeout_s: wants a time above 0"),
    (step(way_back='["true"]'), "a step that changes nothing has none"),
    (step() + step(), "the step at line 14 has that name"),
    ("```toml step\nname = \n```", "not valid TOML"),
    ("```toml steps\n```", "there are `toml step` and `toml parameters`"),
    (f"```toml step\nx = {'[' * 5_000}\n```", "nested too deeply"),
    ('```toml parameters\n[service]\nhelp = "again"\n```', "'service': no name for a parameter, or one that is taken"),
    ('```toml parameters\n[unit]\nhelp = "built in"\n```', "'unit': no name for a parameter"),
    ('```toml parameters\n[Big]\nhelp = "x"\n```', "'Big': no name for a parameter"),
    ('```toml parameters\n[x]\nhelp = "x"\npattern = "(a+)+"\n```', "x: the expression '(a+)+' could take for ever"),
    (
        '```toml parameters\n[x]\nhelp = "x"\npattern = "[0-9]"\ndefault = "a"\n```',
        "x: its own default 'a' does not match its pattern",
    ),
    ('```toml parameters\nx = "y"\n```', "x: Expected `object`, got `str`"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_is_told_with_its_place(wrong, said):
    with pytest.raises(RunbookError) as error:
        runbook(wrong)
    assert str(error.value).startswith("page.md:")
    assert said in str(error.value)
    assert str(error.value).isprintable()


def test_the_line_is_that_of_the_block():
    text = page(step(), step(name='"other"', changes="3"))
    line = text.splitlines().index('name = "other"')  # from 0, and the fence stands above it
    with pytest.raises(RunbookError, match=f"^page.md:{line}: changes: "):
        parse(text.encode(), "page.md")


def test_what_is_no_text_or_too_large_is_no_runbook():
    with pytest.raises(RunbookError, match="not UTF-8"):
        parse(b"\xff\xfe", "page.md")
    with pytest.raises(RunbookError, match="larger than"):
        parse(b" " * (LARGEST + 1), "page.md")
    with pytest.raises(RunbookError, match="101 steps"):
        runbook(*(step(name=f'"s{number}"') for number in range(101)))


def test_marks_of_other_systems_do_no_harm():
    text = "\ufeff" + page(step()).replace("\n", "\r\n")
    assert [found.name for found in parse(text.encode(), "page.md").steps] == ["look"]


FENCES = ["```toml step\n", "```toml parameters\n", "```\n", "~~~\n", "> ", "- ", "\t", "# ", "\n"]
TOML = [
    "[x]\n",
    "[[x]]\n",
    "a.b.c = 1\n",
    "name = ",
    '"look"',
    "command = [",
    ",",
    "]",
    '"""',
    "help = ",
    "9" * 5_000,
    "timeout_s = nan\n",
]
VALUES = ['"sh"', '"-c"', "expect.", "matches = ", '"(a+)+"', "changes = true\n", "{service}", "\x00", "\x1b", "\u202e", "1e999"]
PIECES = st.sampled_from([*FENCES, *TOML, *VALUES, PARAMETERS, step()])


@given(st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join))
def test_a_hostile_page_raises_nothing_but_its_own_error(text):
    try:
        read = parse(text.encode("utf-8", "surrogatepass"), "page.md")
    except RunbookError as error:
        assert str(error).startswith("page.md")  # noqa: PT017
    else:
        assert all(found.command and found.name for found in read.steps)


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_nothing_but_its_own_error(content):
    try:
        parse(content, "page.md")
    except RunbookError as error:
        assert "page.md" in str(error)  # noqa: PT017


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=8
    )
)
def test_no_value_of_a_key_raises_anything_else(value):
    import json

    text = json.dumps(value).replace("null", "nan")
    for key in ("name", "command", "why", "changes", "expect.exit", "expect.matches", "timeout_s", "way_back", "line", "odd"):
        try:
            parse(page(step(**{key.replace(".", "__"): text})).encode(), "page.md")
        except RunbookError as error:
            assert str(error).startswith("page.md:")  # noqa: PT017
