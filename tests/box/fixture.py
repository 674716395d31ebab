"""The fixture ``box``: one booted systemd for the whole run. Tests that use it carry ``@pytest.mark.systemd``."""

from collections.abc import Iterator

import pytest

from tests.box.box import Box, NoBox, booted


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """A real systemd with journald and D-Bus. Units of a test carry names of their own: the box is shared."""
    try:
        with booted() as running:
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")
