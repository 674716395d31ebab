"""Services of many kinds, and what brings each into its state."""

from tests.box.box import UNITS, Box

DOES = "[Service]\nExecStart=/bin/sleep 1000\n"
ENABLED = "[Install]\nWantedBy=multi-user.target\n"
FILES = {
    "w-healthy.service": f"""
[Unit]
OnFailure=w-told.service
ConditionPathExists=/etc
ConditionPathExists=|/etc
AssertPathExists=/etc
[Service]
Type=exec
User=nobody
Group=daemon
WorkingDirectory=-/var
Environment=TOKEN=planted
SuccessExitStatus=143 SIGUSR1 7
TimeoutStartSec=1h 2min 3s 4ms
TimeoutStopSec=infinity
MemoryMax=1G
ExecCondition=/bin/true
ExecStartPre=-/bin/false
ExecStart=/bin/sleep 1000
ExecStartPost=/bin/true x
Restart=on-failure
RestartSec=1min 30s
{ENABLED}""",
    "w-told.service": "[Service]\nType=oneshot\nExecStart=/bin/false\n",
    "w-status.service": "[Service]\nExecStart=/bin/sh -c 'exit 3'\nExecStopPost=/bin/sh -c 'exit 4'\n" + ENABLED,
    "w-step.service": f"[Service]\nExecStart=/no/such/program\n{ENABLED}",
    "w-signal.service": f"[Service]\nExecStart=/bin/sh -c 'kill -9 $$$$'\n{ENABLED}",
    "w-refused.service": "[Service]\nType=simple\n",
    "w-needs-failed.service": f"[Unit]\nRequires=w-told.service\nAfter=w-told.service\nBindsTo=w-stopped.service\n{DOES}{ENABLED}",
    "w-needs-none.service": f"[Unit]\nRequires=w-none.service\nRequisite=w-masked.service\n{DOES}",
    "w-condition.service": f"[Unit]\nConditionPathExists=/no/such\n{DOES}{ENABLED}",
    "w-triggers.service": f"[Unit]\nConditionPathExists=|/no/such\nConditionPathExists=|!/etc\n{DOES}{ENABLED}",
    "w-assert.service": f"[Unit]\nAssertPathIsDirectory=/no/such\n{DOES}{ENABLED}",
    "w-again.service": f"[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1h\n{ENABLED}",
    "w-limit.service": "[Unit]\nStartLimitBurst=2\nStartLimitIntervalSec=1h\n"
    f"[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1ms\n{ENABLED}",
    "w-pre.service": f"[Service]\nExecStartPre=/bin/sh -c 'exit 9'\nExecStart=/bin/sleep 1000\n{ENABLED}",
    "w-job.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    "w-job.timer": "[Timer]\nOnCalendar=yearly\n",
    "w-forgotten.service": f"[Unit]\nConflicts=w-none.service\nPartOf=w-named.service\n{DOES}",
    "w-forgotten.timer": "[Timer]\nOnCalendar=yearly\n[Install]\nWantedBy=timers.target\n",
    "w-called.service": DOES,
    "w-called.socket": "[Socket]\nListenStream=/run/w-called.sock\n",
    "w-many@.service": DOES,
    "w-stopped.service": DOES + ENABLED,
    "w-edited.service": DOES,
    "w-starts.service": "[Service]\nType=notify\nTimeoutStartSec=infinity\nExecStart=/bin/sleep 1000\n",
    "w-lines.service": "[Service]\nExecStart=/bin/sleep 1000\n"
    r'ExecStartPre=/bin/echo "a\n\nActiveState=failed\nId=x ; pid=1 ; code=killed"',
    "w-named.service": f"{DOES}[Install]\nAlias=w-alias.service\n",
}
STARTED_BY_OTHERS = {
    "w-job.service",
    "w-forgotten.service",
    "w-called.service",
    "w-stopped.service",
    "w-edited.service",
    "w-needs-none.service",
}
STARTED = ["w-job.timer", "w-called.socket", "w-many@a\\x2db:1.service"]
STARTED += [name for name in FILES if name.endswith(".service") and "@" not in name and name not in STARTED_BY_OTHERS]
ASKED = [
    *(name for name in FILES if name.endswith(".service") and "@" not in name),
    "w-many@a\\x2db:1",
    "w-many@2",
    "w-masked",
    "w-none",
    "w-alias",
]
NO_TEXT = "w-bytes.service"


def bring(box: Box) -> None:
    """Write them all and start what is to be started; some of it is refused: that is its state."""
    for name, content in FILES.items():
        box.unit(name, content)
    box.write(f'{UNITS}/w-healthy.service.d/10 a"b$c\\d.conf', "[Unit]\nDescription=x\n")
    box.write(f"{UNITS}/w-healthy.service.d/20.conf", "[Unit]\nDescription=y\n")
    box.run("ln", "-s", "/dev/null", f"{UNITS}/w-masked.service")
    box.reload()
    box.systemctl("enable", *(name for name in FILES if "[Install]" in FILES[name]))
    box.systemctl("start", "w-stopped.service", "w-edited.service")
    for name in STARTED:
        box.systemctl("start", "--no-block", "--", name, check=False)
    box.run("sh", "-c", "until systemctl -q is-failed w-limit.service && systemctl -q is-failed w-pre.service; do sleep 0.05; done")
    box.run("sh", "-c", "until [ $(systemctl show -P ActiveState w-healthy.service) = active ]; do sleep 0.05; done")
    box.systemctl("stop", "w-stopped.service")
    box.unit("w-edited.service", DOES + "# edited\n")
    box.run("touch", "-d", "2030-01-01", f"{UNITS}/w-edited.service")
