"""The owner of an application's folder, who exchanges entries of it in a tight loop: a program, run as that user until it is ended.

``exchange A B`` lets two names change places in one step; ``turns A B C`` renames A to C and B to A, and both back.
"""

import ctypes
import os
import sys
from contextlib import suppress

EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
AT_FDCWD = -100
ROUNDS = 500  # between two looks whether the starter still lives

libc = ctypes.CDLL(None, use_errno=True)


def exchange(one: str, other: str) -> None:
    """Both names lead to what the other one led to; nothing happens where one is missing at the moment."""
    libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), EXCHANGE)


def turns(there: str, other: str, aside: str) -> None:
    """One is renamed away, another put in its place, and then back."""
    for old, new in ((there, aside), (other, there), (there, other), (aside, there)):
        with suppress(OSError):
            os.rename(old, new)  # noqa: PTH104


def main() -> None:
    user, how, *paths = sys.argv[1:]
    others = set(range(os.cpu_count() or 1)) - os.sched_getaffinity(0)
    if others:
        os.sched_setaffinity(0, others)
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
    act = {"exchange": exchange, "turns": turns}[how]
    starter = os.getppid()
    print("ready", flush=True)
    while os.getppid() == starter:
        for _ in range(ROUNDS):
            act(*paths)


if __name__ == "__main__":
    main()
