"""A watcher in the box, and what it tells, as it tells it."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = str(Path(__file__).parents[3])
ENTER = ["-m", "-u", "-i", "-n", "-p", "-C", "--"]
ENVIRON = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"}
PATIENCE_S = 20.0


class Watcher:
    """``with Watcher(box, "signals,log", "x-*.service") as watcher``."""

    def __init__(self, box, sources, *watched, position="", user="root", environ=()):
        self._box = box
        command = ["nsenter", "-t", str(box.pid), *ENTER, sys.executable, "-m", "tests.collectors.watching.inside"]
        self._process = subprocess.Popen(
            [*command, sources, position, user, *watched],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=ENVIRON | dict(environ),
        )
        self.told, self._news = [], threading.Condition()
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()
        self.until(lambda: self.of("ready"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()  # nsenter may be gone before what it has begun
        self._thread.join()
        self._process.wait()
        self._process.stdout.close()

    def of(self, kind, source=None, unit=None):
        """What was told of a kind."""
        wanted = {"type": kind} | ({"source": source} if source else {}) | ({"unit": unit} if unit else {})
        return [seen for seen in list(self.told) if wanted.items() <= seen.items()]

    def died(self, source=None, unit=None):
        """How often each death was told of."""
        return Counter((seen["unit"], seen["invocation"]) for seen in self.of("died", source, unit))

    def until(self, is_so, patience_s=PATIENCE_S):
        """Wait until it is so; what it is then."""
        deadline = time.monotonic() + patience_s
        with self._news:
            while not (found := is_so()):
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"not within {patience_s} s; the last of it: {self.told[-3:]}"
                assert self._process.poll() is None or self._thread.is_alive(), "it has ended"
                self._news.wait(min(left_s, 0.5))
        return found

    def ask(self, word="pulse"):
        """Have it answer: everything from before is told then. Its size, and its open descriptors."""
        number = len(self.of("told"))
        self._process.stdin.write(f"{word}\n")
        return self.until(lambda: self.of("told")[number:])[0]

    def finish(self):
        """End it; its position in the journal, and how many lines it dropped."""
        self._process.stdin.close()
        return self.until(lambda: self.of("position"))[0]

    def kill(self):
        """Without any chance to put things in order."""
        self._box.run("kill", "-KILL", str(self.of("ready")[0]["pid"]))
        self._thread.join()

    def _hear(self):
        for line in self._process.stdout:
            with self._news:
                self.told.append(json.loads(line))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()
