"""Every error that ends a command has an exit code that no verdict uses."""

from collections.abc import Iterator

from qtops import errors
from qtops.errors import Exit, QtopsError

VERDICTS = {Exit.OK, Exit.WARNING, Exit.CRITICAL, Exit.UNKNOWN}


def below(kind: type[QtopsError]) -> Iterator[type[QtopsError]]:
    """The kind and all that are derived from it, as far as they have been imported."""
    yield kind
    for derived in kind.__subclasses__():
        yield from below(derived)


def test_errors_are_not_taken_for_verdicts():
    assert not {kind.exit_code for kind in below(QtopsError)} & VERDICTS


def test_each_kind_that_everything_may_raise_has_a_code_of_its_own():
    kinds = [kind for kind in below(QtopsError) if kind.__module__ == errors.__name__]
    assert len(kinds) == 5
    assert len({kind.exit_code for kind in kinds}) == len(kinds)
