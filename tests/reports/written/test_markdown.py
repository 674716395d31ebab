"""Markdown says what the document says: no text changes its shape, none is lost, and mdformat has nothing to do."""

from typing import Final

import mdformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

from qtops.evidence.document import Claim, Document, Listed, Paragraph, Row, Section, Table, Verbatim, code
from qtops.facts.text import printable
from qtops.reports.written import markdown, prose
from qtops.reports.written.templates import load
from tests.reports.written.documents import HOSTILE, document, every_block

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(tasklists_plugin)
TEMPLATES = load(None)
MEANT: Final = r"""
``` ` | \ <b> <!-- --> [a](b) ![a](b) @user #123 https://x.y www.x.y --- a@b.c &lt; & <http://x> ~~~ ~ - + 1. 2) $x$ ::error::
:smile: GH-1 * _ __x__ > < = === ! main.py word ( ) . ' " {{x}} 12:03:04 E01 [E01] é
"""
BLANK: Final = (
    "\n",
    "\t",
    " ",
    "    ",
    "# x",
    "`` ",
    "| a |",
    "- ",
    "+ ",
    "1. ",
    "* ",
    "> ",
    "[x] ",
    "[a]: b",
    "\x1b[31m",
    "\u202e",
)
PIECES = [*MEANT.split(), *BLANK]
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="`|\\<>[]()!#*_~@:-=+.  \n1aé&;$\x1b"),
    st.lists(st.sampled_from(PIECES)).map("".join),
    st.lists(st.sampled_from(PIECES)).map(" ".join),
)


def rendered(report: Document) -> str:
    return markdown.render(report, TEMPLATES)


def told(text: str) -> list[str]:
    """The words of a text, as they are to be read: code without its marks."""
    return prose.plain(printable(text)).split()


def tokens(source: str) -> list[Token]:
    return PARSER.parse(source)


def seen(token: Token) -> list[str]:
    """The words that a reader sees of one line."""
    return "".join(inner.content for inner in token.children or () if inner.type in {"text", "code_inline"}).split()


def inside(source: str, opening: str) -> list[list[str]]:
    """The words of every block of a kind, in their order: headings, cells, items."""
    parsed = tokens(source)
    return [seen(parsed[number + 1]) for number, token in enumerate(parsed) if token.type == opening]


def shape(source: str) -> list[tuple[str, str]]:
    """All blocks, and what stands in lines besides words and code."""
    flat = [inner for token in tokens(source) for inner in (token, *(token.children or ()))]
    return [(token.type, token.tag) for token in flat if token.type not in {"text", "code_inline"}]


ORDINARY = shape(rendered(document(*every_block("ordinary"), text="ordinary")))


@settings(max_examples=25, deadline=None)
@given(TEXTS.filter(lambda text: bool(told(text))))  # where there is nothing to say, a part is left out
@example(HOSTILE)
@example("- a")
@example("1. a")
@example("`a``b` `c`_d_")
def test_no_text_changes_the_shape_of_the_report(text):
    blocks = [block for block in every_block(text) if not isinstance(block, Verbatim)]
    plain = [block for block in every_block("ordinary") if not isinstance(block, Verbatim)]
    assert shape(rendered(document(*blocks, text=text))) == shape(rendered(document(*plain, text="ordinary")))


@settings(max_examples=25, deadline=None)
@given(TEXTS)
@example(HOSTILE)
def test_nothing_is_html_an_image_or_a_link_to_anything_but_evidence(text):
    flat = [
        inner for token in tokens(rendered(document(*every_block(text), text=text))) for inner in (token, *(token.children or ()))
    ]
    boxes = [token for token in flat if token.type == "html_inline"]
    assert all("task-list-item-checkbox" in token.content for token in boxes)  # the plug-in puts them there
    assert len(boxes) == 3
    assert not [
        token for token in flat if token.type in {"image", "html_block", "hr", "s_open", "em_open", "code_block", "hardbreak"}
    ]
    assert {str(token.attrs["href"]).split("/")[0] for token in flat if token.type == "link_open"} == {"evidence"}


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.booleans())
@example("| `|` \\| `\\|`", False)
@example("`` ` ``", True)
@example(" x", False)
@example("it`s", False)
@example("(a_b), a(b_c).", False)
def test_the_words_are_the_words_of_the_document(text, is_code):
    text = code(text) if is_code else text
    report = document(
        Paragraph((Claim(text, ()),)), Listed((Claim(text, ()),)), Table((text, "b"), (Row((text, "c"), ()),)), text=f"t {text}"
    )
    source = rendered(report)
    assert inside(source, "heading_open")[:2] == [["t", *told(text)]] * 2
    assert inside(source, "th_open")[0] == told(text)
    assert inside(source, "td_open")[0] == told(text)
    assert [*told(text), "no", "evidence"] in inside(source, "paragraph_open")


@settings(max_examples=40, deadline=None)
@given(TEXTS)
@example("```\n````\n\n")
@example("::error::x\n\n  \n::set-output name=a::b")
@example("\ta\r\n\x1b[0m")
@example("")
def test_verbatim_lines_are_exactly_as_they_were(text):
    fences = [token.content for token in tokens(rendered(document(Verbatim(text, (), caption="x")))) if token.type == "fence"]
    shown = "".join(character if character in "\n\t" else printable(character) for character in text)
    assert fences == [shown.removesuffix("\n") + "\n"]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([piece for piece in PIECES if piece.isascii()]), max_size=12).map("".join))
@example(HOSTILE)
@example("a < b <")
@example("- - -")
@example("a:-")
def test_mdformat_has_nothing_to_do(text):
    source = rendered(document(*every_block(text), text=f"t {text}"))
    assert mdformat.text(source, extensions={"gfm"}) == source


def test_two_lists_in_a_row_stay_two():
    claims = (Claim("a", ()), Claim("b", ()))
    source = rendered(document(*[Listed(claims)] * 3, *[Listed(claims, numbered=True)] * 2))
    kinds = [token.type for token in tokens(source) if token.type in {"bullet_list_open", "ordered_list_open"}]
    assert kinds == ["bullet_list_open"] * 4 + ["ordered_list_open"] * 2  # the first is the head of the report
    assert mdformat.text(source, extensions={"gfm"}) == source


def test_a_claim_cites_its_records_or_says_that_there_are_none():
    source = rendered(document(Listed((Claim("Backed", ("E01", "E03")), Claim("Bare", ()), Claim("Lost", ("E77",))))))
    assert "- Backed [E01], [E03]\n- Bare **no evidence**\n- Lost E77 (**no such record**)\n" in source
    assert "\n[e01]: evidence/E01-unit.json\n" in source


def test_the_evidence_table_is_last():
    source = rendered(document(*every_block()))
    *_, last = [number for number, line in enumerate(source.splitlines()) if line.startswith("## ")]
    assert source.splitlines()[last] == "## Evidence"
    assert [row[0] for row in _rows(inside(source, "td_open")[-21:], 7)] == [["E01"], ["E02"], ["E03"]]


def _rows(cells: list[list[str]], width: int) -> list[list[list[str]]]:
    return [cells[start : start + width] for start in range(0, len(cells), width)]


@pytest.mark.parametrize(("holds", "line"), [(0, "- [x] ✔ yes: "), (1, "- [ ] ✘ no: "), (2, "- [ ] ? could not tell: ")])
def test_a_check_box_has_its_answer_in_words(holds, line):
    boxes = [row for row in rendered(document(*every_block("a"))).splitlines() if row.startswith("- [")]
    assert boxes[holds] == f"{line}a: a (UNIT103, a) [E01], [E03]"


def test_no_cell_is_lost_in_a_row_that_is_longer_than_its_head():
    source = rendered(document(Table(("a",), (Row(("1", "2", "3"), ()), Row((), ())))))
    assert inside(source, "td_open")[:4] == [["1"], ["2"], ["3"], ["no", "evidence"]]


def test_levels_and_ages_are_small_tables():
    cells = inside(rendered(document(*every_block("BTCUSDT")[-2:])), "td_open")
    assert ["✘", "BTCUSDT"] in cells  # what is wrong with the level
    assert ["?", "no", "stop"] in cells
    assert ["✘", "17", "h,", "stale"] in cells
    assert ["✔", "4.5", "s,", "fresh"] in cells
    assert ["✘", "absent"] in cells


def test_empty_parts_leave_no_traces():
    empty = document(Paragraph(()), Listed(()), Table((), ()), records=())
    source = rendered(empty)
    assert source.endswith("## What happened\n")
    assert "\n\n\n" not in source


def test_no_line_ends_in_a_blank():
    source = rendered(document(*every_block(HOSTILE), text=HOSTILE))
    assert not [line for line in source.splitlines() if line != line.rstrip()]


def test_a_part_of_a_section_is_a_heading_below_it():
    report = document()
    deeper = Section("Deeper", (), level=3)
    assert "\n### Deeper\n" in markdown.render(
        type(report)(**{**_fields(report), "sections": (*report.sections, deeper)}), TEMPLATES
    )


def _fields(report: Document) -> dict[str, object]:
    return {name: getattr(report, name) for name in report.__struct_fields__}


def test_a_hundred_thousand_lines_take_seconds():
    lines = "\n".join(f"2026-02-17 23:58:25 systemd[1]: line {number} with `ticks` | bars" for number in range(100_000))
    assert len(rendered(document(Verbatim(lines, ("E01",))))) > len(lines)
