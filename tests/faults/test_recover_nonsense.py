"""A service that runs again and publishes what nobody may trade on is not called recovered."""

import time

import pytest

from tests.recovery.conftest import host, shared  # noqa: F401
from tests.recovery.trouble import ENVIRONMENT, NOT_APPLIED, PATIENCE_S, is_as_it_was

pytestmark = [pytest.mark.heavy, pytest.mark.systemd]


def test_what_publishes_nonsense_is_not_called_recovered(host):  # noqa: F811
    host.box.write(ENVIRONMENT, "LOG_LEVEL=INFO\nPOSITION_SOURCE=synthetic\n")
    began = time.monotonic()
    found = host.recover("risk-proposal", "--apply", expect=NOT_APPLIED)
    assert found["outcome"] == "rolled back"
    assert "sane" in found["why"]
    assert time.monotonic() - began < PATIENCE_S + 10
    assert is_as_it_was(host)
