"""Services that meet a limit: of time, of readiness, of how often they are started again."""

from tests.scenarios.scenario import NOTIFY, RUNNING, STAY, failed, python

LOOPING = {"ActiveState": "activating", "SubState": "auto-restart", "NRestarts": "[2-9]|[1-9][0-9]+"}
GIVING_UP = ("StartLimitIntervalSec=30", "StartLimitBurst=3")

SCENARIOS = (
    python(
        "start-limit",
        "import sys\n\nsys.exit('no symbols configured')\n",
        "Restart=on-failure",
        "RestartSec=50ms",
        head=GIVING_UP,
        until=failed(NRestarts="3"),
        root="LOG203",
        says=("no symbols configured",),
        further=("UNIT202",),
    ),
    python(
        "start-limit-clean",  # it ends with status 0 each time: the limit is all that systemd has to say
        "print('nothing to do')\n",
        "Restart=always",
        "RestartSec=50ms",
        head=GIVING_UP,
        until=failed(0, "start-limit-hit"),
        root="UNIT204",
        further=("UNIT202",),
    ),
    python(
        "start-limit-again",  # someone has tried once more by hand
        "raise RuntimeError('no route to the exchange')\n",
        "Restart=on-failure",
        "RestartSec=50ms",
        head=GIVING_UP,
        first=failed(NRestarts="3"),
        then=("systemctl start --no-block start-limit-again.service",),
        until=failed(),
        root="LOG201",
        says=("no route to the exchange",),
        further=("UNIT202",),
    ),
    python(
        "restart-loop",
        "raise ValueError('tick size must be positive')\n",
        "Restart=always",
        "RestartSec=1s",
        head=("StartLimitIntervalSec=0",),
        until=LOOPING,
        root="LOG201",
        says=("ValueError: tick size must be positive",),
        further=("UNIT201",),
    ),
    python(
        "limit-misplaced",  # a limit in [Service], where systemd does not read it: the loop never ends
        "raise ValueError('lot size must be positive')\n",
        "Restart=always",
        "RestartSec=2100ms",
        "StartLimitIntervalSec=300",
        until=LOOPING,
        root="LOG201",
        says=("ValueError: lot size must be positive",),
        further=("UNIT201", "UNIT110"),
    ),
    python(
        "watchdog",
        NOTIFY + "notify('READY=1\\nSTATUS=stuck in a loop')\ntime.sleep(600)\n",
        "Type=notify",
        "WatchdogSec=1s",
        "LimitCORE=0",
        until={"ActiveState": "failed", "Result": "watchdog"},
        root="UNIT213",
        says=("1 s",),
    ),
    python(
        "never-ready",
        STAY,
        "Type=notify",
        "TimeoutStartSec=1s",
        until=failed(15, "timeout"),
        root="UNIT214",
        says=("start", "READY=1"),
    ),
    python("ends-before-ready", "print('bye')\n", "Type=notify", until=failed(0, "protocol"), root="UNIT215", says=("READY=1",)),
    python(
        "stop-timeout",
        NOTIFY + "import signal\n\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nnotify('READY=1')\ntime.sleep(600)\n",
        "Type=notify",
        "TimeoutStopSec=1s",
        first=RUNNING,
        then=("systemctl stop --no-block stop-timeout.service",),
        until=failed(9, "timeout"),
        root="UNIT214",
        says=("stop",),
    ),
    python("runtime-limit", STAY, "RuntimeMaxSec=1s", until=failed(15, "timeout"), root="UNIT214", says=("run",)),
    python(
        "forking-stays",  # Type=forking, and the program stays in the foreground
        STAY,
        "Type=forking",
        "TimeoutStartSec=1s",
        until={"ActiveState": "failed", "Result": "timeout"},
        root="UNIT214",
        says=("start",),
    ),
)
