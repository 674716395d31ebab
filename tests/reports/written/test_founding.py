"""The report on the founding incident, as it was recorded, in all its forms: complete, and as quick as it is told to be."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import mdformat
import msgspec
import pytest

from qtops.chapters.incident import incident
from qtops.evidence.document import Block, Criteria, Document, Listed, Paragraph, Table, Verbatim
from qtops.evidence.numbering import recorded
from qtops.evidence.splitting import split
from qtops.reports.written import document as as_json
from qtops.reports.written import markdown, page, prose
from qtops.reports.written.templates import load
from tests.evidence.cases import founding_case
from tests.reports.written.test_markdown import inside, tokens
from tests.reports.written.test_page import Read

LIMIT_MS = 300  # all three forms of a composed document, the import of Jinja2 included
TIMED = """
import sys, time, msgspec
from qtops.evidence.document import Document
document = msgspec.json.decode(sys.stdin.buffer.read(), type=Document)
begun = time.process_time()
from qtops.reports.written import document as as_json, markdown, page
from qtops.reports.written.templates import load
templates = load(None)
markdown.render(document, templates), page.render(document, templates), as_json.render(document)
print((time.process_time() - begun) * 1000)
"""


@cache
def report() -> Document:
    case = founding_case()
    return incident(case, recorded(split(case)))


@cache
def source() -> str:
    return markdown.render(report(), load(None))


@cache
def read() -> Read:
    return Read(page.render(report(), load(None)))


def blocks() -> Iterator[Block]:
    return (block for section in report().sections for block in section.blocks)


def words(text: str) -> list[str]:
    return prose.plain(text).split()


def cells() -> list[list[str]]:
    return [words(cell) for block in blocks() if isinstance(block, Table) for row in block.rows for cell in row.cells]


def test_every_heading_is_there_in_its_order():
    titles = [report().title, *(section.title for section in report().sections), "Evidence"]
    assert inside(source(), "heading_open") == [words(title) for title in titles]
    shown = [text.split() for tag in ("h1", "h2", "h3") for text in read().texts.get(tag, [])]
    assert sorted(shown) == sorted(map(words, titles))


def test_every_cell_of_every_table_is_there_in_its_order():
    for shown in (inside(source(), "td_open"), read().words("td")):
        left = iter([[word for word in cell if word not in prose.MARKS.values()] for cell in shown])
        wanted = [[word for word in cell if word not in prose.MARKS.values()] for cell in cells()]
        assert [cell for cell in wanted if cell not in left] == []  # each is found after the one before


def test_every_sentence_and_every_criterion_is_there():
    lines = [" ".join(line) for line in inside(source(), "paragraph_open")]
    page_text = " ".join(read().texts["body"][0].split())
    for block in blocks():
        texts = [claim.text for claim in block.claims] if isinstance(block, Paragraph | Listed) else []
        texts += [text for one in block.criteria for text in (one.title, one.seen)] if isinstance(block, Criteria) else []
        for text in map(" ".join, map(words, texts)):
            assert any(text in line for line in lines), text
            assert text in page_text, text


def test_every_verbatim_text_is_exactly_there():
    texts = [block.text.removesuffix("\n") for block in blocks() if isinstance(block, Verbatim)]
    assert texts
    assert [token.content.removesuffix("\n") for token in tokens(source()) if token.type == "fence"] == texts
    assert [text.removeprefix("\n").removesuffix("\n") for text in read().texts["pre"]] == texts


def test_every_record_is_in_the_index_with_its_file():
    links = {str(given_to["href"]) for tag, given_to in read().elements if tag == "a"}
    for record in report().records:
        assert f"evidence/{record.file}" in links
        assert f"\n[{record.id.lower()}]: evidence/{record.file}\n" in source()


def test_mdformat_has_nothing_to_do():
    assert mdformat.text(source(), extensions={"gfm"}) == source()


def test_json_is_the_document():
    assert msgspec.json.decode(as_json.render(report()), type=Document) == report()


def test_both_pictures_are_there():
    labels = [str(given_to["aria-label"]) for tag, given_to in read().elements if tag == "svg"]
    assert any(label.startswith("BTCUSDT LONG: ") for label in labels)
    assert any("before: 279 d 5 h, stale" in label and "fresh" in label for label in labels)


@pytest.mark.slow
def test_all_forms_together_are_quick():
    encoded = msgspec.json.encode(report())
    took = [
        float(subprocess.run([sys.executable, "-c", TIMED], input=encoded, capture_output=True, check=True).stdout) for _ in "123"
    ]
    assert min(took) <= LIMIT_MS
