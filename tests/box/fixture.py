"""The fixture ``box``: one booted systemd for the whole run. Tests that use it carry ``@pytest.mark.systemd``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box.box import Box, NoBox, booted


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """A real systemd with journald and D-Bus. Units of a test carry names of their own: the box is shared."""
    try:
        with booted(binds=unseen()) as running:
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def unseen() -> list[str]:
    """What the tests run from, as far as it lies where the box has something else: ``box.run(sys.executable, …)`` works."""
    hidden = ("/tmp", "/run", "/dev")  # fresh in the box
    places = dict.fromkeys(Path(place).resolve() for place in (Path(__file__).parents[2], sys.prefix, sys.base_prefix))
    elsewhere = [place for place in places if place.stat().st_dev != Path("/").stat().st_dev]
    return [str(place) for place in places if place in elsewhere or str(place).startswith(hidden)]
