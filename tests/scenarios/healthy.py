"""Services that are well, and look odd: nothing may be found on any of them."""

import io
import zipfile

from tests.box.box import PYTHON, UNITS
from tests.preflight_trees import EDIT
from tests.scenarios.scenario import DEAD, NOTIFY, RUNNING, STAY, Scenario, python, service, venv

DONE = {**DEAD, "Result": "success"}
FINDER = """import importlib.util
import sys

MAPPING = {'acme': '/srv/editable-finder/source/acme'}


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            return importlib.util.spec_from_file_location(fullname, MAPPING[fullname] + '/__init__.py')
        return None


def install():
    sys.meta_path.append(_EditableFinder)
"""
FORK = """import os
import time

if child := os.fork():
    with open('/run/forking-daemon.pid', 'w') as file:
        file.write(str(child))
    os._exit(0)
time.sleep(3600)
"""


def archive(source: str) -> bytes:
    """A zip file that Python runs."""
    with io.BytesIO() as packed:
        with zipfile.ZipFile(packed, "w") as members:
            members.writestr("__main__.py", source)
            members.writestr("inside/__init__.py", "")
        return packed.getvalue()


SCENARIOS = (
    python(
        "namespace-package",  # no __init__.py, and two folders that make up one package
        "import sys\n\nsys.path.append('/srv/namespace-package/plugins')\n"
        "from acme.core import run\nfrom acme.extra import more\n\nrun()\nmore()\n" + STAY,
        files={"acme/core.py": "def run(): ...\n", "plugins/acme/extra.py": "def more(): ...\n"},
    ),
    python(
        "edit-harmless",  # the edit of the founding incident: a folder that is no regular package takes nothing away
        f"import os\nimport sys\n\n{EDIT}\nfrom ai_engine.risk_kernel_stops import compute_proposal\n\ncompute_proposal()\n" + STAY,
        "Environment=PYTHONPATH=/srv/edit-harmless/project",
        files={
            "/srv/ai_engine/notes.txt": "Models.\n",
            "project/ai_engine/risk_kernel_stops.py": "def compute_proposal(): ...\n",
        },
    ),
    python(
        "guarded-optional",
        "try:\n    import uvloop_of_nobody as loop\nexcept ImportError:\n    loop = None\n\nprint(loop)\n" + STAY,
        "User=app",
    ),
    python(
        "notifying",
        NOTIFY + "notify('READY=1')\nwhile True:\n    notify('WATCHDOG=1')\n    time.sleep(1)\n",
        "Type=notify",
        "WatchdogSec=30s",
    ),
    python("restarted-by-hand", STAY, "Restart=always", first=RUNNING, then=("systemctl restart restarted-by-hand.service",) * 3),
    python(
        "recovered",  # its first run failed; that is over
        "import os\n\nif not os.path.exists('/run/recovered'):\n    open('/run/recovered', 'w').close()\n"
        "    raise RuntimeError('the exchange is closed')\n" + STAY,
        "Restart=on-failure",
        "RestartSec=100ms",
        until={**RUNNING, "NRestarts": "1"},
    ),
    python("at-rest", STAY, enabled=False, start=(), until=DONE),  # nobody wants it
    python("forking-daemon", FORK, "Type=forking", "PIDFile=/run/forking-daemon.pid"),
    python(
        "optional-file",  # the minus says that it may be missing
        STAY,
        "EnvironmentFile=-/etc/optional-file/app.env",
        "WorkingDirectory=-/srv/optional-file/gone",
    ),
    Scenario(
        name="editable-path",
        unit=service("ExecStart=/srv/editable-path/venv/bin/python /srv/editable-path/main.py"),
        files={
            "/srv/editable-path/main.py": "from acme import run\n\nrun()\n" + STAY,
            "/srv/editable-path/source/acme/__init__.py": "def run(): ...\n",
            "/srv/editable-path/packages/__editable__.acme-0.1.pth": "/srv/editable-path/source\n",
        },
        prepare=venv("/srv/editable-path/venv", "/srv/editable-path/packages"),
    ),
    Scenario(
        name="editable-finder",  # what a hook would find is not known: no claim is made
        unit=service("ExecStart=/srv/editable-finder/venv/bin/python /srv/editable-finder/main.py"),
        files={
            "/srv/editable-finder/main.py": "from acme import run\n\nrun()\n" + STAY,
            "/srv/editable-finder/source/acme/__init__.py": "def run(): ...\n",
            "/srv/editable-finder/packages/__editable___acme_0_1_finder.py": FINDER,
            "/srv/editable-finder/packages/__editable__.acme-0.1.pth": "import __editable___acme_0_1_finder; "
            "__editable___acme_0_1_finder.install()\n",
        },
        prepare=venv("/srv/editable-finder/venv", "/srv/editable-finder/packages"),
        verdicts=("ok", "unknown"),
    ),
    Scenario(
        name="module-package",
        unit=service("WorkingDirectory=/srv/module-package", f"ExecStart={PYTHON} -m acme"),
        files={
            "/srv/module-package/acme/__init__.py": "",
            "/srv/module-package/acme/__main__.py": "from . import serving\n\nserving.run()\n",
            "/srv/module-package/acme/serving.py": "import time\n\n\ndef run():\n    time.sleep(3600)\n",
        },
    ),
    Scenario(
        name="linked-script",  # the modules are beside what the link leads to
        unit=service(f"ExecStart={PYTHON} /usr/local/bin/linked-script"),
        files={"/srv/linked-script/main.py": "import settings\n\nsettings\n" + STAY, "/srv/linked-script/settings.py": ""},
        prepare=("ln -s /srv/linked-script/main.py /usr/local/bin/linked-script",),
    ),
    Scenario(
        name="zipped-program",
        unit=service(f"ExecStart={PYTHON} /srv/zipped-program/app.pyz"),
        files={"/srv/zipped-program/app.pyz": archive("import inside\n\ninside\n" + STAY)},
        verdicts=("ok", "unknown"),
    ),
    Scenario(
        name="wrapper-executes",
        unit=service("ExecStart=/srv/wrapper-executes/run.sh"),
        files={
            "/srv/wrapper-executes/run.sh": "#!/bin/bash\nset -e\ncd /srv/wrapper-executes\nexport MODE=paper\n"
            f"exec {PYTHON} main.py\n",
            "/srv/wrapper-executes/main.py": STAY,
        },
    ),
    Scenario(
        name="template-instance",
        unit_name="template-instance@btc.service",
        unit=service(f"ExecStart={PYTHON} /srv/template-instance/main.py %i"),
        files={"/srv/template-instance/main.py": STAY},
    ),
    Scenario(
        name="timed-job",  # inactive until its timer's next turn
        unit="[Service]\nType=oneshot\nExecStart=/bin/true\n",
        files={f"{UNITS}/timed-job.timer": "[Timer]\nOnActiveSec=100ms\nOnUnitActiveSec=1h\nAccuracySec=10ms\n"},
        enabled=False,
        start=("timed-job.timer",),
        until={**DONE, "ExecMainCode": "1"},
    ),
    Scenario(
        name="socket-activated",  # not started, since nobody has come yet
        unit=f"[Service]\nExecStart={PYTHON} /srv/socket-activated/main.py\n",
        files={
            "/srv/socket-activated/main.py": STAY,
            f"{UNITS}/socket-activated.socket": "[Socket]\nListenStream=/run/socket-activated.sock\n",
        },
        enabled=False,
        start=("socket-activated.socket",),
        until=DONE,
    ),
    python(
        "walled-in",  # as much of the sandbox as there is, and what it needs bound into it
        "import settings\n\nsettings\n" + STAY,
        "User=app",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "NoNewPrivileges=yes",
        "TemporaryFileSystem=/srv:ro",
        "BindReadOnlyPaths=/srv/walled-in",
        "InaccessiblePaths=/boot",
        files={"settings.py": ""},
    ),
    python(
        "other-platforms",
        "import platform\nimport sys\n\nif sys.platform.startswith('win') or platform.system() == 'Windows':\n"
        "    import winreg_of_nobody\n" + STAY,
    ),
    python(
        "words-of-woe",  # all of it caught, and over
        "import logging\nimport time\n\nfor n in range(3):\n    try:\n        raise ConnectionError('feed down')\n"
        "    except ConnectionError:\n        logging.exception('feed lost, trying again')\n"
        "logging.error('FATAL and CRITICAL are only words')\n" + STAY,
    ),
    Scenario(
        name="named-python",  # systemd finds one, which takes itself for the one on PATH
        unit=service("Environment=PATH=/opt/named-python/bin:/usr/bin:/bin", "ExecStart=python3 /srv/named-python/main.py"),
        files={
            "/srv/named-python/main.py": "import marketfeed_named\n\nmarketfeed_named\n" + STAY,
            "/srv/named-python/packages/marketfeed_named.py": "",
        },
        prepare=venv("/opt/named-python", "/srv/named-python/packages"),
    ),
    python("ready-late", NOTIFY + "time.sleep(1)\nnotify('READY=1')\ntime.sleep(600)\n", "Type=notify"),
    Scenario(
        name="oneshot-remains",
        unit=service("Type=oneshot", "RemainAfterExit=yes", "ExecStart=/bin/true"),
        until={"ActiveState": "active", "SubState": "exited"},
    ),
)
