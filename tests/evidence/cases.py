"""Cases for tests: the founding incident as it was recorded from a booted systemd, broken, recovered, and looked at again."""

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.evidence.case import Case
from qtops.evidence.records import Index, Record
from qtops.evidence.splitting import split
from qtops.facts.host import UnitText
from tests.bundle.looks import LEAVES, NOW_S, PRINTABLE, any_of, facts

RECORDED: Final = Path(__file__).parents[1] / "data" / "founding_case.json.gz"


@cache
def founding_case() -> Case:
    """The whole incident: failed, noticed, diagnosed, patched, restarted, verified; written about half a minute later."""
    return msgspec.json.decode(gzip.decompress(RECORDED.read_bytes()), type=Case)


def case(**changes: Any) -> Case:
    """An incident of which one look is left: the service was well."""
    given: dict[str, Any] = {
        "kind": "incident",
        "host": "risk-1",
        "subject": "app.service",
        "made_at_s": NOW_S + 60,
        "after": facts(),
    }
    return Case(**given | changes)


def bytes_of(whole: Case) -> dict[str, bytes]:
    """What its parts hold, by their names."""
    return {part.name: part.content for part in split(whole)}


def index_of(whole: Case, records: tuple[Record, ...], **changes: Any) -> Index:
    """The index of a report on it."""
    given: dict[str, Any] = {"version": "0.1.0", "made_at_s": whole.made_at_s, "records": records}
    return Index(kind=whole.kind, host=whole.host, subject=whole.subject, **given | changes)


def with_content(contents: Mapping[str, bytes], name: str, content: bytes) -> dict[str, bytes]:
    """The same with one replaced."""
    return {**contents, name: content}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(PRINTABLE, inner, max_size=2),
    max_leaves=4,
)
LEAVES.setdefault(Any, JSON_VALUES)  # details of the ledger


def any_case() -> st.SearchStrategy[Case]:
    """Any case at all: any service name, any text in a file, any part there or not."""
    units = st.lists(st.builds(replace, any_of(UnitText), text=st.text()), max_size=2).map(tuple)
    return st.builds(replace, any_of(Case), patch=st.text(), units=units, subject=st.text(max_size=12))
