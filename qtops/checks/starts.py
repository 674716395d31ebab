"""All checks of a start, in the order in which systemd and then Python would run into what they find."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from qtops.checks import (
    account_unknown,
    code_unreadable,
    distribution_missing,
    environment_file_missing,
    executable_unusable,
    failure_untold,
    guarded_import_fails,
    home_hidden,
    import_breaks,
    library_not_daemon,
    limit_never_trips,
    log_directory_missing,
    required_unit_missing,
    rights_missing,
    sandbox_path_missing,
    script_missing,
    script_unreadable,
    secret_in_unit,
    setting_ignored,
    shebang_unusable,
    syntax_error,
    unit_refused,
    variable_malformed,
    variable_set_twice,
    working_directory_missing,
)
from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding


class Registered(NamedTuple):
    """A check: how it is described, the function that judges, and the text that explains it."""

    check: Check
    judge: Callable[[StartFacts], Iterator[Finding]]
    explanation: str


MODULES: Final = (
    unit_refused,
    required_unit_missing,
    environment_file_missing,
    account_unknown,
    log_directory_missing,
    sandbox_path_missing,
    home_hidden,
    executable_unusable,
    shebang_unusable,
    working_directory_missing,
    rights_missing,
    script_missing,
    script_unreadable,
    code_unreadable,
    syntax_error,
    distribution_missing,
    import_breaks,
    library_not_daemon,
    guarded_import_fails,
    setting_ignored,
    limit_never_trips,
    failure_untold,
    variable_set_twice,
    variable_malformed,
    secret_in_unit,
)
CHECKS: Final = tuple(Registered(module.CHECK, module.check, module.__doc__ or "") for module in MODULES)


def judge(start: StartFacts) -> tuple[Finding, ...]:
    """Every finding on one start, what comes first in a start first."""
    return tuple(finding for registered in CHECKS for finding in registered.judge(start))
