"""Stops that somebody asked for, perhaps of another unit; readiness that nobody hears; and what nobody starts."""

from tests.box.box import PYTHON, UNITS
from tests.scenarios.scenario import DEAD, NOTIFY, RUNNING, STAY, Scenario, failed, python, service

TIMER = "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n"
FEED = "[Service]\nExecStart=/bin/sleep 600\n"
ENDS_ON_REQUEST = "import signal\nimport sys\nimport time\n\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"

SCENARIOS = (
    python(
        "stopped-badly",  # it was asked to end, and to systemd its status is a failure
        NOTIFY + ENDS_ON_REQUEST + "notify('READY=1')\ntime.sleep(600)\n",
        "Type=notify",
        first=RUNNING,
        then=("systemctl stop --no-block stopped-badly.service",),
        until=failed(143),
        root="UNIT205",
        says=("and ended with status 143", "SuccessExitStatus=143"),
        further=("UNIT203",),
    ),
    python(
        "stopped-along",
        STAY,
        head=("PartOf=stopped-along-fleet.target",),
        files={f"{UNITS}/stopped-along-fleet.target": "[Unit]\nWants=stopped-along.service\n"},
        start=("stopped-along-fleet.target",),
        first=RUNNING,
        then=("systemctl stop --no-block stopped-along-fleet.target",),
        until=DEAD,
        root="UNIT205",
        says=("stopped-along-fleet.target, with which it goes down (PartOf=), is inactive",),
    ),
    python(
        "stopped-for-rival",
        STAY,
        head=("Conflicts=stopped-for-rival-paper.service",),
        files={f"{UNITS}/stopped-for-rival-paper.service": FEED},
        first=RUNNING,
        then=("systemctl start --no-block stopped-for-rival-paper.service",),
        until=DEAD,
        root="UNIT205",
        says=("stopped-for-rival-paper.service, with which it cannot be up (Conflicts=), runs",),
    ),
    Scenario(
        name="timer-forgotten",  # enabled, and not started since somebody stopped it
        unit="[Service]\nType=oneshot\nExecStart=/bin/true\n",
        files={f"{UNITS}/timer-forgotten.timer": TIMER},
        prepare=(
            f"mkdir -p {UNITS}/timers.target.wants",
            f"ln -s ../timer-forgotten.timer {UNITS}/timers.target.wants/timer-forgotten.timer",
        ),
        enabled=False,
        start=(),
        until={**DEAD, "LoadState": "loaded"},
        root="UNIT205",
        says=("nothing starts it: timer-forgotten.timer does not run", "enabled"),
    ),
    Scenario(
        name="readiness-unheard",  # the shell stays between systemd and the program
        unit=service(
            "Type=notify", "TimeoutStartSec=1s", f"ExecStart=/bin/bash -c '{PYTHON} /srv/readiness-unheard/main.py; true'"
        ),
        files={"/srv/readiness-unheard/main.py": NOTIFY + "notify('READY=1')\ntime.sleep(600)\n"},
        until=failed(15, "timeout"),
        root="UNIT214",
        says=("reception only permitted", "NotifyAccess=all"),
    ),
    python(
        "pid-file-unwritten",
        "import os\nimport time\n\nif os.fork():\n    os._exit(0)\ntime.sleep(600)\n",
        "Type=forking",
        "PIDFile=/run/pid-file-unwritten/main.pid",
        "TimeoutStartSec=1s",
        until={"ActiveState": "failed", "Result": "timeout"},
        root="UNIT214",
        says=("/run/pid-file-unwritten/main.pid", "Correct PIDFile="),
    ),
    Scenario(
        name="start-unending",  # it waits for a server that does not come
        unit=service(
            "TimeoutStartSec=infinity",
            "ExecStartPre=/bin/sh -c 'until test -e /run/start-unending; do sleep 1; done'",
            "ExecStart=/bin/sleep 600",
        ),
        until={"ActiveState": "activating", "SubState": "start-pre"},
        root=None,
        verdicts=("unknown",),  # a warning, once it has lasted for a minute
    ),
    Scenario(
        name="starved",  # each restart of what it requires is one of its own, until systemd refuses
        unit=service(
            f"ExecStart={PYTHON} -c 'import time; time.sleep(600)'",
            head=("Requires=starved-feed.service", "StartLimitBurst=3", "StartLimitIntervalSec=60"),
        ),
        files={
            f"{UNITS}/starved-feed.service": "[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=60\n"
            "[Service]\nRestart=always\nRestartSec=50ms\nExecStart=/bin/sh -c 'sleep 0.2; exit 3'\n"
        },
        first=failed("[0-9]+", "start-limit-hit"),
        then=("until systemctl -q is-failed starved-feed.service; do sleep 0.1; done",),
        until=failed("[0-9]+", "start-limit-hit"),
        root="UNIT208",
        says=("starved-feed.service, which it requires, failed",),
        further=("UNIT202",),
    ),
    python(
        "unit-file-gone",  # since it was started
        STAY,
        prepare=(
            "systemctl daemon-reload",
            "systemctl start unit-file-gone.service",
            f"rm {UNITS}/unit-file-gone.service {UNITS}/multi-user.target.wants/unit-file-gone.service",
        ),
        start=(),
        until={**RUNNING, "LoadState": "not-found"},
        root="UNIT206",
        verdicts=("warning",),
        says=("it runs, and its unit file is gone",),
    ),
    python(
        "drop-in-unread",
        STAY,
        first=RUNNING,
        then=(
            f"mkdir {UNITS}/drop-in-unread.service.d",
            f"printf '[Service]\\nEnvironment=A=1\\n' >{UNITS}/drop-in-unread.service.d/host.conf",
        ),
        until={**RUNNING, "NeedDaemonReload": "yes"},
        root="UNIT216",
        says=("/etc/systemd/system/drop-in-unread.service.d/host.conf changed at",),
    ),
    python(
        "drop-in-empties",  # and names no other command
        STAY,
        files={f"{UNITS}/drop-in-empties.service.d/host.conf": "[Service]\nExecStart=\n"},
        until={**DEAD, "LoadState": "bad-setting"},
        root="UNIT113",
        says=("Correct /etc/systemd/system/drop-in-empties.service.d/host.conf:2",),
        clear=("UNIT216",),
    ),
)
