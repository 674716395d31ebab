"""Units that systemd does not load, does not start, or reads otherwise than was meant; and what a unit depends on."""

from tests.box.box import PYTHON, UNITS
from tests.scenarios.scenario import DEAD, RUNNING, STAY, Scenario, failed, python, service

NEVER_TRIED = {**DEAD, "LoadState": "loaded", "ExecMainCode": "0"}

SCENARIOS = (
    Scenario(
        name="masked",
        prepare=(f"ln -s /dev/null {UNITS}/masked.service",),
        until={**DEAD, "LoadState": "masked"},
        root="UNIT206",
        says=("masked",),
    ),
    Scenario(
        name="not-found",
        enabled=False,
        until={**DEAD, "LoadState": "not-found"},
        root="UNIT206",
        says=("not-found.service",),
    ),
    Scenario(
        name="program-relative",
        unit=service("WorkingDirectory=/srv/program-relative", "ExecStart=venv/bin/python main.py"),
        files={"/srv/program-relative/main.py": STAY},
        until={**DEAD, "LoadState": "bad-setting"},
        root="UNIT113",
        says=("venv/bin/python",),
    ),
    Scenario(
        name="program-unnamed",
        unit=service("Type=simple", "User=app"),
        until={**DEAD, "LoadState": "bad-setting"},
        root="UNIT113",
        says=("ExecStart",),
    ),
    Scenario(
        name="oneshot-always",  # a contradiction that systemd 252 refuses
        unit=service("Type=oneshot", "Restart=always", "ExecStart=/bin/true"),
        until={**DEAD, "LoadState": "bad-setting"},
        root="UNIT113",
        says=("Restart",),
    ),
    Scenario(
        name="line-swallowed",  # a backslash at the end of a line takes the next one in
        unit=service("Environment=MODE=paper \\", f"ExecStart={PYTHON} /srv/line-swallowed/main.py"),
        files={"/srv/line-swallowed/main.py": STAY},
        until={**DEAD, "LoadState": "bad-setting"},
        root="UNIT113",
        says=("ExecStart",),
    ),
    python(
        "setting-misspelt",  # killed once, and not started again
        STAY,
        "Restrat=always",
        first=RUNNING,
        then=("systemctl kill --kill-who=main -s KILL setting-misspelt.service",),
        until=failed(9, "signal"),
        root="UNIT211",
        further=("UNIT112",),
    ),
    python(
        "requirement-missing",
        STAY,
        head=("Requires=no-such-feed.service", "After=no-such-feed.service"),
        until=NEVER_TRIED,
        root="UNIT111",
        says=("no-such-feed.service",),
    ),
    python(
        "requirement-masked",
        STAY,
        head=("Requires=requirement-masked-feed.service", "After=requirement-masked-feed.service"),
        prepare=(f"ln -s /dev/null {UNITS}/requirement-masked-feed.service",),
        until=NEVER_TRIED,
        root="UNIT111",
        says=("requirement-masked-feed.service", "masked"),
    ),
    python(
        "requirement-failed",
        STAY,
        head=("Requires=requirement-failed-feed.service", "After=requirement-failed-feed.service"),
        files={f"{UNITS}/requirement-failed-feed.service": "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'exit 3'\n"},
        until=NEVER_TRIED,
        root="UNIT208",
        says=("requirement-failed-feed.service", "failed"),
    ),
    python(
        "binding-lost",  # what it is bound to was killed, and took it down
        STAY,
        head=("BindsTo=binding-lost-feed.service", "After=binding-lost-feed.service"),
        files={f"{UNITS}/binding-lost-feed.service": "[Service]\nExecStart=/bin/sleep 600\n"},
        first=RUNNING,
        then=("systemctl kill --kill-who=main -s KILL binding-lost-feed.service",),
        until={**DEAD, "ExecMainCode": "2"},
        root="UNIT208",
        says=("binding-lost-feed.service",),
    ),
    python(
        "ordering-cycle",
        STAY,
        head=("Requires=ordering-cycle-peer.service", "After=ordering-cycle-peer.service"),
        files={
            f"{UNITS}/ordering-cycle-peer.service": "[Unit]\nRequires=ordering-cycle.service\nAfter=ordering-cycle.service\n"
            "[Service]\nExecStart=/bin/sleep 600\n"
        },
        until=NEVER_TRIED,
        root="UNIT218",
        says=("ordering-cycle-peer.service",),
    ),
    python(
        "condition-unmet",
        STAY,
        head=("ConditionPathExists=/etc/condition-unmet/enabled",),
        until={**DEAD, "ConditionResult": "no", "ConditionTimestamp": ".+"},
        root="UNIT207",
        says=("ConditionPathExists", "/etc/condition-unmet/enabled"),
    ),
    python(
        "assert-failed",
        STAY,
        head=("AssertPathExists=/etc/assert-failed/enabled",),
        until={**DEAD, "AssertResult": "no", "AssertTimestamp": ".+"},
        root="UNIT207",
        says=("AssertPathExists", "/etc/assert-failed/enabled"),
    ),
    python(
        "stopped-and-forgotten",
        STAY,
        "Restart=always",
        first=RUNNING,
        then=("systemctl stop --no-block stopped-and-forgotten.service",),
        until={**DEAD, "ExecMainCode": "2"},
        root="UNIT205",
        says=("stopped",),
    ),
    python("never-started", STAY, start=(), until=NEVER_TRIED, root="UNIT205", says=("never",)),
    python(
        "unit-changed",  # and systemd was not told
        STAY,
        first=RUNNING,
        then=(f"echo '# RestartSec=5' >>{UNITS}/unit-changed.service",),
        until={**RUNNING, "NeedDaemonReload": "yes"},
        root="UNIT216",
        says=("daemon-reload",),
    ),
    Scenario(
        name="template-broken",  # an instance: what it is called is a part of what it starts
        unit_name="template-broken@btc.service",
        unit=service(f"ExecStart={PYTHON} /srv/template-broken/%i.py"),
        files={"/srv/template-broken/eth.py": STAY},
        until=failed(2),
        root="UNIT103",
        says=("/srv/template-broken/btc.py",),
    ),
)
