"""An entry of the ledger in words, whatever a stranger's evidence holds in its place."""

import pytest

from qtops.chapters.ledger import in_words
from qtops.evidence.case import Entry


def test_the_beginning_of_a_recovery_names_what_was_to_be_mended_and_by_whom():
    entry = Entry("begun", 1.0, None, {"codes": ["IMPORT101"], "remedies": ["remove-path-edit"], "by": "root"})
    assert in_words(entry) == "begun: IMPORT101, remove-path-edit, by root"


@pytest.mark.parametrize("value", [-1, None, "IMPORT101", {"a": 1}, True])
def test_a_detail_that_is_no_list_says_nothing(value):
    assert in_words(Entry("begun", 1.0, None, {"codes": value, "remedies": value})) == "begun: by ?"
