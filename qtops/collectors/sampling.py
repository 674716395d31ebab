"""Look again and again on a monotonic schedule: beats that never stack and never drift."""

import time
from collections.abc import Callable, Iterator
from math import ceil


def beats(
    every_s: float,
    for_s: float | None = None,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[bool]:
    """Yield at once, then at each multiple of ``every_s``, the last time at ``for_s`` (None: for ever).

    The value says whether it is the last one. Beats that pass while the caller is busy are left out.
    """
    started = monotonic()
    number = 0
    while True:
        due_s = number * every_s if for_s is None else min(number * every_s, for_s)
        wait_s = started + due_s - monotonic()
        if wait_s > 0:
            sleep(wait_s)
        last = for_s is not None and due_s >= for_s
        yield last
        if last:
            return
        number = max(number + 1, ceil((monotonic() - started) / every_s))
