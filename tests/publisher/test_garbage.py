"""Within the block nothing is collected; behind it, as before it."""

import gc

import pytest

from publisher.garbage import no_collection


def test_no_collection_within_and_as_before_behind() -> None:
    assert gc.isenabled()
    with no_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_switches_it_on_again() -> None:
    with pytest.raises(ValueError, match="x"), no_collection():
        raise ValueError("x")
    assert gc.isenabled()


def test_who_collects_never_is_left_alone() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
