"""The errors that end a command, and the exit codes that they become (in ``qtops.cli.main`` and nowhere else).

    QtopsError ─┬─ UsageError        64   the command line is wrong
                ├─ Unavailable       75   busy or not reachable now: try again
                ├─ NotPermitted      77   needs more rights
                └─ ConfigError       78   the configuration is wrong

Exit codes of commands that check: 0 ok, 1 warning, 2 critical, 3 could not tell (monitoring plugins guidelines). Those of a
recovery: 0 done or nothing to do, 4 not applied or undone, 5 it could not be undone and a person must look. The codes from 64 on
are those of sysexits(3). 70 is a bug of ours.
"""

from enum import IntEnum


class Exit(IntEnum):
    """What a command tells its caller."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3
    NOT_APPLIED = 4
    UNDO_FAILED = 5
    USAGE = 64
    BUG = 70
    UNAVAILABLE = 75
    NOT_PERMITTED = 77
    CONFIG = 78


class QtopsError(Exception):
    """Base of all. The message says what failed, on what, and what to try."""

    exit_code = Exit.BUG


class UsageError(QtopsError):
    """The command line is wrong."""

    exit_code = Exit.USAGE


class Unavailable(QtopsError):
    """Something that the command cannot do without is busy or not reachable."""

    exit_code = Exit.UNAVAILABLE


class NotPermitted(QtopsError):
    """The caller lacks a right that the command needs."""

    exit_code = Exit.NOT_PERMITTED


class ConfigError(QtopsError):
    """A configuration file, a QTOPS_* variable or a value in one of them is wrong."""

    exit_code = Exit.CONFIG
