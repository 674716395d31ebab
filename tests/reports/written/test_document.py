"""JSON holds the document as it is, for programs."""

import json

import msgspec
import pytest
from msgspec.structs import replace

from qtops.evidence.document import Document, Levels, Verbatim
from qtops.reports.written import document as as_json
from tests.reports.written.documents import HOSTILE, document, every_block


def test_it_reads_back_as_the_same_document():
    report = document(*every_block())
    assert msgspec.json.decode(as_json.render(report), type=Document) == report
    assert json.loads(as_json.render(report))["schema"] == "qtops.report/1"


def test_every_text_is_printable_and_verbatim_lines_keep_their_ends():
    source = as_json.render(document(*every_block(HOSTILE), Verbatim("a\n\tb\r\x1b[0m", ()), text=HOSTILE))
    assert all(character.isprintable() or character == "\n" for character in source)
    assert json.loads(source)["sections"][0]["blocks"][-1]["text"] == "a\n\tb\\r\\x1b[0m"


def test_a_byte_that_is_no_utf8_is_told_as_such():
    assert json.loads(as_json.render(document(text="a\udcff")))["title"] == "a\\xff"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_level_that_is_no_number_is_null(value):
    (*_, levels, _) = every_block()
    assert isinstance(levels, Levels)
    source = as_json.render(document(replace(levels, levels=(replace(levels.levels[0], price=value),))))
    assert json.loads(source)["sections"][0]["blocks"][0]["levels"][0]["price"] is None
