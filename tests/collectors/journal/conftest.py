"""A ``journalctl`` on PATH that reads the journal of the box."""

import os

import pytest

from tests.box.box import Box


@pytest.fixture
def journal(box: Box, tmp_path, monkeypatch):
    """The box, its journal in the place of the host's. ``journal.calls()`` tells how often it was asked."""
    return _Journal(box, tmp_path, monkeypatch)


class _Journal:
    def __init__(self, box, folder, monkeypatch):
        self.box, self._calls, self._script = box, folder / "calls", folder / "journalctl"
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        self.read_as()

    def read_as(self, *prefix):
        """Who reads, and how: words before the command."""
        enter = f"nsenter -t {self.box.pid} -m -u -i -n -p -C -- {' '.join(prefix)}"
        self._script.write_text(f'#!/bin/sh\necho "$#" >>{self._calls}\nexec {enter} journalctl "$@"\n')
        self._script.chmod(0o755)

    def calls(self):
        """How many child processes there were."""
        return len(self._calls.read_text().splitlines()) if self._calls.exists() else 0

    def service(self, name, script, *settings, start=True):
        """A service that runs a Python program, started; its invocation."""
        self.box.write(f"/srv/{name}.py", script)
        unit = "\n".join(["[Service]", f"ExecStart=/usr/bin/python3 -u /srv/{name}.py", *settings])
        self.box.unit(f"{name}.service", unit + "\n")
        self.box.reload()
        self.box.systemctl("start", f"{name}.service")
        return self.settled(name)

    def settled(self, name, *states):
        """Wait until a service is in one of these states (failed, inactive); its invocation."""
        ended = 'case "$(systemctl show -P ActiveState "$0")" in inactive|failed) exit 0;; esac'
        wait = f"for i in $(seq 400); do {ended}; sleep 0.02; done"
        if states != ("any",):
            self.box.run("sh", "-c", wait, f"{name}.service")
        self.box.run("journalctl", "--sync")
        return self.box.show(f"{name}.service", properties=["InvocationID"])[f"{name}.service"]["InvocationID"]
