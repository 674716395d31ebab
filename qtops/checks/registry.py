"""All checks: those of a start, which need nothing but files, those of a live service, and those of what Redis holds."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from qtops.checks import (
    condition_unmet,
    control_command_failed,
    daemon_ended,
    down_untold,
    ended_before_ready,
    exception_ended_it,
    guards_over,
    keys_stale,
    killed_by_signal,
    main_process_failed,
    message_before_exit,
    newer_than_process,
    next_start_fails,
    not_loaded,
    not_running,
    ordering_cycle,
    out_of_memory,
    process_stopped,
    proposals_wrong,
    redis_unusable,
    reload_due,
    required_unit_down,
    restart_loop,
    same_error_repeated,
    start_limit_hit,
    still_starting,
    systemd_step_failed,
    time_limit_exceeded,
    watchdog_timeout,
)
from qtops.checks.cadence import registry as cadence
from qtops.checks.events import registry as events
from qtops.checks.proposals import registry as proposals
from qtops.checks.starts import CHECKS, MODULES, Registered, judge
from qtops.checks.streams import registry as streams
from qtops.checks.wiring import registry as wiring
from qtops.facts.service import Facts, Missing, ServiceFacts, Source
from qtops.findings import Check, Finding, Role

__all__ = [
    "ALL", "BY_CODE", "CHECKS", "MODULES", "ROLES", "SERVICE_CHECKS", "SERVICE_MODULES", "Live", "Registered", "judge",
    "judge_service",
]  # fmt: skip


class Live(NamedTuple):
    """A check of a live service: how it is described, the function that judges, and the text that explains it."""

    check: Check
    judge: Callable[[ServiceFacts, Facts], Iterator[Finding]]
    explanation: str


SERVICE_MODULES: Final = (
    not_loaded,
    ordering_cycle,
    required_unit_down,
    condition_unmet,
    systemd_step_failed,
    control_command_failed,
    redis_unusable,
    exception_ended_it,
    message_before_exit,
    out_of_memory,
    watchdog_timeout,
    process_stopped,
    time_limit_exceeded,
    still_starting,
    ended_before_ready,
    killed_by_signal,
    daemon_ended,
    not_running,
    main_process_failed,
    restart_loop,
    start_limit_hit,
    keys_stale,
    down_untold,
    next_start_fails,
    newer_than_process,
    reload_due,
    same_error_repeated,
)
SERVICE_CHECKS: Final[tuple[Live, ...]] = tuple(
    Live(module.CHECK, module.check, module.__doc__ or "") for module in SERVICE_MODULES
)


class Described(Protocol):
    """What ``qtops explain`` tells of any check."""

    @property
    def check(self) -> Check:
        """How it is described."""

    @property
    def explanation(self) -> str:
        """The text that explains it."""


ALL: Final[tuple[Described, ...]] = (
    *CHECKS, *SERVICE_CHECKS, *proposals.CHECKS, *cadence.CHECKS, *streams.CHECKS, *wiring.CHECKS, *events.CHECKS
)  # fmt: skip
BY_CODE: Final = {known.check.code: known for known in ALL}
ROLES: Final[dict[str, Role]] = {code: known.check.role for code, known in BY_CODE.items()}
SOURCES: Final[dict[str, Source]] = {"unit": "unit files", "units": "unit files", "tree": "unit files", "imports": "source"}
"""Where a check of a start has its facts from; the needs of a live one are sources themselves."""


def judge_service(service: ServiceFacts, facts: Facts) -> tuple[Finding, ...]:
    """Every finding on one service: what its next start would meet, what its last one did, and what it writes.

    Skipped checks say nothing.
    """
    gone = {missing.source for missing in _missing(service, facts)}
    found = judge(service.start) if service.start is not None else ()
    live = (finding for known in SERVICE_CHECKS if not gone & _sources(known.check) for finding in known.judge(service, facts))
    proposed = proposals_wrong.findings(service, facts) if "proposals" not in gone else ()
    return (*found, *live, *proposed, *guards_over.findings(service, facts))


def _missing(service: ServiceFacts, facts: Facts) -> tuple[Missing, ...]:
    return (*facts.missing, *service.missing)


def _sources(check: Check) -> set[str]:
    return {SOURCES.get(need, need) for need in check.needs}
