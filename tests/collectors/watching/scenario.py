"""Services that end in every way, and what is done to each. ``DEATHS``: how many of their invocations ended in failure."""

SLEEP = "ExecStart=/bin/sleep 1000"
SERVICES = {
    "r-kill": f"{SLEEP}\nRestart=always\nRestartSec=0",
    "r-delay": f"{SLEEP}\nRestart=on-failure\nRestartSec=50ms",
    "r-told": """ExecStart=/bin/sh -c "trap 'exit 143' TERM; while :; do sleep 0.05; done" """,
    "r-stopped": SLEEP,
    "r-dismissed": SLEEP,
    "r-done": "ExecStart=/bin/true",
    "r-done-again": "ExecStart=/bin/true\nRestart=always\nRestartSec=20ms\n[Unit]\nStartLimitBurst=3",
    "r-limit": "ExecStart=/bin/false\nRestart=always\nRestartSec=1ms\n[Unit]\nStartLimitBurst=3",
    "r-waiting": "ExecStart=/bin/false\nRestart=on-failure\nRestartSec=1h",
    "r-pre": f"ExecStartPre=/bin/false\n{SLEEP}",
    "r-once": "Type=oneshot\nExecStart=/bin/false",
    "r-remains": "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true",
    "r-stubborn": """ExecStart=/bin/sh -c "trap '' TERM; while :; do sleep 0.05; done"\nTimeoutStopSec=300ms""",
    "r-hangs": f"{SLEEP}\nWatchdogSec=200ms",
    "r-silent": f"Type=notify\n{SLEEP}\nTimeoutStartSec=300ms",
    "r-environment": f"EnvironmentFile=/no/such\n{SLEEP}",
    "r-executable": "ExecStart=/no/such/program",
}
DEATHS = dict.fromkeys(SERVICES, 0) | {
    "r-kill": 2, "r-delay": 2, "r-done-again": 1, "r-limit": 3, "r-waiting": 1, "r-pre": 1, "r-once": 1, "r-stubborn": 1,
    "r-hangs": 1, "r-silent": 1, "r-environment": 1, "r-executable": 1,
}  # fmt: skip
STOPPED = {"r-kill", "r-told", "r-stopped", "r-waiting", "r-remains", "r-stubborn"}
"""Those that a stop job took down last."""

SCRIPT = """
systemctl start r-kill r-delay r-told r-stopped r-dismissed r-remains r-stubborn
systemctl start --no-block r-done r-done-again r-limit r-waiting r-pre r-once r-hangs r-silent r-environment r-executable
for round in 1 2; do
  systemctl kill -s KILL r-kill r-delay
  systemctl restart r-told
  sleep 0.3
done
systemctl kill -s TERM r-dismissed
systemctl stop r-kill r-told r-stopped r-stubborn r-waiting r-remains
sleep 0.7
"""


def bring(box) -> None:
    """Write them all. What is not wanted by anything is forgotten as soon as it ends."""
    for name, text in SERVICES.items():
        box.unit(f"{name}.service", f"[Service]\n{text}\n[Install]\nWantedBy=multi-user.target\n")
    box.reload()
    box.systemctl("-q", "enable", *(f"{name}.service" for name in SERVICES))


def clear(box) -> None:
    box.run("sh", "-c", "systemctl stop 'r-*'; systemctl reset-failed 'r-*'; systemctl -q disable r-*.service", check=False)
    box.run("sh", "-c", "cd /etc/systemd/system; systemctl -q disable r-*.service; rm -f r-*.service; systemctl daemon-reload")
