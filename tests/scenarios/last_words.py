"""Programs whose reason is not the last thing that is said of them, or is said somewhere else."""

from tests.box.box import PYTHON
from tests.scenarios.environment import PING, redis_client
from tests.scenarios.scenario import DEAD, STAY, VENV, Scenario, failed, python, service, venv

SERVER = """import importlib
import subprocess
import sys
import traceback


def run():
    if "--worker" not in sys.argv:
        subprocess.run([sys.executable, sys.argv[0], "--worker", sys.argv[-1]])
        print("[304] [ERROR] Worker (pid:341) exited with code 3.", file=sys.stderr)
        print("[304] [ERROR] Shutting down: Master", file=sys.stderr)
        print("[304] [ERROR] Reason: Worker failed to boot.", file=sys.stderr)
        return 3
    sys.path.insert(0, "")
    try:
        importlib.import_module(sys.argv[-1].partition(":")[0])
    except Exception:
        print("[341] [ERROR] Exception in worker process", file=sys.stderr)
        traceback.print_exc()
        print("[341] [INFO] Worker exiting (pid: 341)", file=sys.stderr)
        return 3
    import time
    time.sleep(600)
"""  # as gunicorn does and says it


def served(name: str, source: str, **rest: object) -> Scenario:
    """An application, and a server that imports it."""
    home = f"/srv/{name}"
    script = f"#!{home}/venv/bin/python\nimport sys\nfrom gunicorn.app.wsgiapp import run\nsys.exit(run())\n"
    files = {
        f"{home}/venv/bin/gunicorn": script,
        f"{home}/packages/gunicorn/__init__.py": "",
        f"{home}/packages/gunicorn/app/__init__.py": "",
        f"{home}/packages/gunicorn/app/wsgiapp.py": SERVER,
        f"{home}/web/__init__.py": "",
        f"{home}/web/wsgi.py": source,
    }
    unit = service(f"WorkingDirectory={home}", f"ExecStart={home}/venv/bin/gunicorn -b 127.0.0.1:8000 web.wsgi:application")
    return Scenario(**{"name": name, "unit": unit, "files": files, "prepare": venv(f"{home}/venv", f"{home}/packages"), **rest})


SCENARIOS = (
    served(
        "worker-fails",
        "import os\n\nURL = os.environ['DATABASE_URL']\n\n\ndef application(environ, start_response): ...\n",
        until=failed(3),
        root="LOG201",
        says=("KeyError: 'DATABASE_URL'", "/srv/worker-fails/web/wsgi.py:3", "Set DATABASE_URL"),
    ),
    python(
        "task-lost",  # an exception that ended nothing, and then the reason
        "import asyncio\nimport sys\n\n\nasync def poll():\n    raise KeyError('ticker')\n\n\nasync def main():\n"
        "    task = asyncio.create_task(poll())\n    await asyncio.sleep(0.1)\n    del task\n"
        "    sys.exit('no quorum among the feeds')\n\n\nasyncio.run(main())\n",
        until=failed(),
        root="LOG203",
        says=("no quorum among the feeds",),
    ),
    Scenario(
        name="pipeline",  # whose status is that of its last program
        unit=service(
            "Restart=on-failure", f"ExecStart=/bin/bash -c '{PYTHON} /srv/pipeline/main.py 2>&1 | tee -a /var/log/pipeline.log'"
        ),
        files={"/srv/pipeline/main.py": "def load():\n    return {}['limits']\n\n\nload()\n"},
        until={**DEAD, "ExecMainCode": "1"},
        root="LOG201",
        says=("KeyError: 'limits'",),
        further=("UNIT204",),
    ),
    python(
        "speaks-to-a-file",  # the journal has not a line of it
        "def load():\n    return {}['limits']\n\n\nload()\n",
        "StandardOutput=append:/var/log/speaks-to-a-file.log",
        until=failed(),
        root=None,
        further=("UNIT203",),
        verdicts=("critical",),
        says=("`tail -n 50 /var/log/speaks-to-a-file.log`",),
    ),
    python(
        "stack-printed",
        "import ctypes\n\nctypes.string_at(8)\n",
        "LimitCORE=0",
        "Environment=PYTHONFAULTHANDLER=1",
        until=failed(11, "signal|core-dump"),
        root="UNIT211",
        says=("SIGSEGV ended its main process at /srv/stack-printed/main.py:3",),
    ),
    python(
        "call-forbidden",
        "import socket\n\nsocket.socket()\n" + STAY,
        "SystemCallFilter=~@network-io",
        "LimitCORE=0",
        until=failed(31, "signal|core-dump"),
        root="UNIT211",
        says=("SIGSYS", "SystemCallFilter="),
    ),
    python(
        "variable-exported",  # a file that was written for a shell
        "import os\n\nos.environ['API_URL']\n" + STAY,
        "EnvironmentFile=/etc/variable-exported.env",
        files={"/etc/variable-exported.env": "export API_URL=https://x\n"},
        until=failed(),
        root="LOG201",
        says=("KeyError: 'API_URL'", "Correct /etc/variable-exported.env:1: API_URL is not set"),
        further=("UNIT112",),
    ),
    python(
        "variable-alike",
        "import os\n\nos.environ['EXCHANGE_URL']\n" + STAY,
        "EnvironmentFile=/etc/variable-alike.env",
        files={"/etc/variable-alike.env": "EXCHANGE_URI=https://x\n"},
        until=failed(),
        root="LOG201",
        says=("did you mean EXCHANGE_URI, which is set at /etc/variable-alike.env:1?",),
    ),
    python(
        "log-forbidden",  # the remedy names a directory that is there
        "import logging\n\nlogging.basicConfig(filename='/var/log/log-forbidden.log')\n" + STAY,
        "ProtectSystem=strict",
        until=failed(),
        root="LOG201",
        says=("Read-only file system: '/var/log/log-forbidden.log'", "LogsDirectory=NAME", "ReadWritePaths=/var/log in [Service]"),
    ),
    redis_client(
        "redis-no-such-database",
        url="redis://127.0.0.1:6379/99",
        until=failed(),
        root="REDIS201",
        says=("DB index is out of range", "Correct the number of the database"),
        further=("LOG201",),
    ),
    Scenario(
        name="redis-walled-off",  # it is well, and the service is alone in its network
        unit=service(
            "PrivateNetwork=yes",
            "Environment=REDIS_URL=redis://127.0.0.1:6379/0",
            f"ExecStart={VENV}/bin/python3 /srv/redis-walled-off/main.py",
        ),
        files={"/srv/redis-walled-off/main.py": PING},
        until=failed(),
        root="LOG201",
        says=("Redis answers at redis://127.0.0.1:6379/0 now", "PrivateNetwork="),
        clear=("REDIS201",),
    ),
    served("served-well", "def application(environ, start_response): ...\n"),
)
