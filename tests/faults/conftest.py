"""Servers that come and go with the tests that need one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.servers import Server, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Faults take their time, and want a machine of their own: none of them is among the fast tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a file; whoever harms it heals it."""
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server for one test."""
    with running(tmp_path / "redis") as server:
        yield server
