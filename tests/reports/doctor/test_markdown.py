"""The Markdown of a report has the shape that we gave it, whatever the texts in it are."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from qtops.facts.text import printable
from qtops.findings import Diagnosis, Finding, Severity, Verdict
from qtops.reports.doctor import markdown
from qtops.reports.doctor.report import Report
from tests.reports.doctor.reports import HOSTILE, NOW_S, diagnosis, founding, report

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
CODE = ("code_inline", "fence")
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="`|\\<>[]()!#*_~@:-=+ \t\r\n1a&;$\x1b"),
    st.lists(
        st.sampled_from(
            ["```", "`", "|", "\n", "# x", "<b>", "<!--", "-->", "[a](b)", "![a](b)", "@user", "#123", "https://x.y", "www.x.y",
             "---", "a@b.c", "&lt;", "\\", "<http://x>", "| a |", "~~~", "- ", "1. ", "    ", "[a]: b", "\x1b[31m", "\u202e", "$x$"]
        )
    ).map("".join),
)  # fmt: skip


def told(text: str) -> Report:
    """A report that holds a text wherever one can stand."""
    bad = Finding("UNIT111", Severity.WARNING, text, text, (text, text), text, text)
    sick = Diagnosis(
        subject=text, verdict=Verdict.CRITICAL, condition="failed", state=text, root=bad, proof=(text,), path=(bad,),
        symptoms=(bad,), notes=(bad,), off=(bad,), unknown=(text, "always"), next_command=text or " ",
    )  # fmt: skip
    return Report(text, NOW_S, "", text or "252", (sick, replace(sick, root=None), diagnosis(subject=text)), (text + "!",))


def shape(source: str) -> list[tuple[str, str, str]]:
    """All that a reader sees besides code: the kind of each token, its tag, its text. Code counts by its kind alone."""
    tokens = [inner for token in PARSER.parse(source) for inner in (token, *(token.children or ()))]
    return [(token.type, token.tag, "" if token.type in (*CODE, "inline") else token.content) for token in tokens]


ORDINARY = shape(markdown.render(told("ordinary")))


@given(TEXTS.filter(bool))  # where there is nothing to say, a part is left out
@example(HOSTILE)
@example("`")
@example(" ")
@example("``` ```")
def test_no_text_changes_the_shape_of_the_document(text):
    assert shape(markdown.render(told(text))) == ORDINARY


@given(TEXTS)
@example(HOSTILE)
def test_nothing_is_a_link_an_image_or_html(text):
    kinds = {kind for kind, _, _ in shape(markdown.render(told(text)))}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "blockquote_open", "list_item_open", "hr", "s_open"}


@given(TEXTS)
@example("`` ` ``")
@example(" x")
def test_a_reader_sees_the_printable_text(text):
    row = diagnosis(verdict=Verdict.WARNING, state="x", next_command=text or "ls", subject="app.service")
    tokens = PARSER.parse(markdown.render(report(row)))
    assert [token.content for token in tokens if token.type == "fence"] == [printable(text or "ls") + "\n"]


@given(TEXTS.filter(bool))
def test_code_spans_show_the_text_as_it_is(text):
    row = diagnosis(verdict=Verdict.WARNING, state=text)
    tokens = PARSER.parse(markdown.render(report(row)))
    spans = [inner.content for token in tokens for inner in token.children or () if inner.type == "code_inline"]
    assert printable(text) in spans
    assert printable(text).replace("|", "¦") in spans


def test_the_founding_incident(snapshot):
    assert markdown.render(founding()) == snapshot


def test_a_healthy_host_is_a_table():
    text = markdown.render(report())
    assert text.startswith("# qtops doctor: ok\n")
    assert text.endswith("| ok | `app.service` | `runs for 3 d 4 h` |")


def test_what_is_missing_is_told_once():
    row = diagnosis(verdict=Verdict.UNKNOWN, unknown=("redis: hung", "a doubt"))
    text = markdown.render(report(row, missing=("redis: hung",)))
    assert text.count("redis: hung") == 1
    assert "### Could not tell\n\n```text\na doubt\n```" in text
