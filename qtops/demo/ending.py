"""When to end before the time: on SIGINT, SIGTERM or SIGHUP, and in a terminal on the key q."""

import os
import select
import signal
import sys
import termios
import time
import tty
from contextlib import ExitStack
from types import FrameType, TracebackType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def has_keyboard() -> bool:
    """Whether keys typed in the terminal come to this process: it has one, and is not in its background."""
    return sys.stdin is not None and sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


class Ending:
    """Within this block the signals only leave a note, so that everything started can be ended in order.

    ``asked`` is set once the end is asked for, ``signal`` to the number of the signal that did, 0 where it was the key.
    """

    def __init__(self, *, keyboard: bool) -> None:
        self.asked = False
        self.signal = 0
        self._keyboard = keyboard
        self._stack = ExitStack()
        self._listen: list[int] = []

    def __enter__(self) -> "Ending":
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._stack.callback(os.close, reader)
        self._stack.callback(os.close, writer)
        self._stack.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(writer, warn_on_full_buffer=False))
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP, and means it
                self._stack.callback(signal.signal, number, signal.signal(number, self._note))
        self._listen = [reader]
        if self._keyboard:
            descriptor = sys.stdin.fileno()
            self._stack.callback(termios.tcsetattr, descriptor, termios.TCSADRAIN, termios.tcgetattr(descriptor))
            tty.setcbreak(descriptor)
            self._listen.append(descriptor)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.asked, self.signal = True, number

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than until the end is asked for."""
        deadline = time.monotonic() + seconds
        while not self.asked and (left_s := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select(self._listen, [], [], left_s)
            if self._keyboard and self._listen[-1] in ready:
                self._read_keys()

    def _read_keys(self) -> None:
        typed = os.read(self._listen[-1], 64)
        if typed:
            self.asked = self.asked or b"q" in typed.lower()
        else:  # the terminal is gone; its SIGHUP is on the way
            self._keyboard = False
            self._listen.pop()
