"""Every error that ends a command has an exit code that no verdict uses."""

from qtops.errors import Exit, QtopsError

VERDICTS = {Exit.OK, Exit.WARNING, Exit.CRITICAL, Exit.UNKNOWN}


def test_errors_are_not_taken_for_verdicts():
    kinds = [QtopsError, *QtopsError.__subclasses__()]
    assert len(kinds) == 5
    assert len({kind.exit_code for kind in kinds}) == len(kinds)
    assert not {kind.exit_code for kind in kinds} & VERDICTS
