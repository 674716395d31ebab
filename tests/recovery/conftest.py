"""The host that the tests of one file share."""

from collections.abc import Iterator

import pytest

from tests.box.box import NoBox
from tests.recovery.founding import Host
from tests.recovery.trouble import put_back, troubled


@pytest.fixture(scope="module")
def shared() -> Iterator[Host]:
    """One host for a file."""
    try:
        with troubled() as running:
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture
def host(shared: Host) -> Host:
    """The founding fault in place, the service given up on, no records."""
    put_back(shared)
    return shared
