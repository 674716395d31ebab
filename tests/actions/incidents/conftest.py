"""A store in a folder of its own."""

from collections.abc import Iterator

import pytest

from qtops.actions.incidents.opening import open_store
from qtops.actions.incidents.store import Store


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with open_store(str(tmp_path / "state")) as opened:
        yield opened
