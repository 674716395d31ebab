"""Programs that Python ends before they do anything: an import breaks, or a file cannot be compiled."""

from tests.box.box import PYTHON
from tests.preflight_trees import FOUNDING, FOUNDING_UNIT, MAIN, PROJECT, REAL, SHADOW
from tests.scenarios.scenario import STAY, VENV, Scenario, failed, python, service, venv

FOUNDING_SCENARIO = Scenario(
    name="founding",
    unit_name="quantum-risk-proposal.service",
    unit=FOUNDING_UNIT.replace("RestartSec=10", "RestartSec=100ms"),  # five starts within a second rather than a minute
    files={**FOUNDING, "/etc/quantum/risk-proposal.env": "LOG_LEVEL=INFO\n"},
    until=failed(NRestarts="5"),
    root="IMPORT101",
    says=(
        "No module named 'ai_engine.risk_kernel_stops'", f"found instead: {SHADOW}", f"would have served: {REAL}",
        f"PYTHONPATH ({PROJECT}) is right", f"without the edit at {MAIN}:29 every import of this start resolves",
    ),
    further=("UNIT202", "KEYS201"),
)  # fmt: skip

SCENARIOS = (
    FOUNDING_SCENARIO,
    python(
        "edit-in-module",  # the edit of sys.path is not in the script, but in a module that it imports
        "import bootstrap\nfrom shared.bus import connect\n\nconnect()\n" + STAY,
        "Environment=PYTHONPATH=/srv/edit-in-module",
        files={
            "bootstrap.py": "import os\nimport sys\n\n"
            "sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'vendored'))\n",
            "vendored/shared/__init__.py": "",
            "shared/__init__.py": "",
            "shared/bus.py": "def connect(): ...\n",
        },
        until=failed(),
        root="IMPORT101",
        says=(
            "No module named 'shared.bus'",
            "/srv/edit-in-module/bootstrap.py:4",
            "/srv/edit-in-module/vendored/shared/__init__.py",
        ),
    ),
    python(
        "name-missing",
        "from app.limits import MAX_LEVERAGE\n\nprint(MAX_LEVERAGE)\n" + STAY,
        files={"app/__init__.py": "", "app/limits.py": "MAX_POSITION = 3\n"},
        until=failed(),
        root="IMPORT101",
        says=("MAX_LEVERAGE", "/srv/name-missing/app/limits.py"),
    ),
    python(
        "circular-import",
        "from engine import Engine\n\nEngine()\n" + STAY,
        files={
            "engine.py": "from orders import Order\n\n\nclass Engine:\n    order = Order\n",
            "orders.py": "from engine import Engine\n\n\nclass Order:\n    engine = Engine\n",
        },
        until=failed(),
        root="IMPORT101",
        says=("cannot import name 'Engine'", "/srv/circular-import/orders.py:1"),
    ),
    python(
        "stdlib-shadowed",
        "from queue import SimpleQueue\n\nSimpleQueue()\n" + STAY,
        files={"queue.py": "class OrderQueue: ...\n"},
        until=failed(),
        root="IMPORT101",
        says=("SimpleQueue", "/srv/stdlib-shadowed/queue.py"),
    ),
    Scenario(
        name="package-out-of-reach",  # the package is in the project, and no entry of sys.path leads there
        unit=service(f"ExecStart={PYTHON} /srv/package-out-of-reach/services/feed/main.py"),
        files={
            "/srv/package-out-of-reach/services/feed/main.py": "from shared.bus import connect\n\nconnect()\n" + STAY,
            "/srv/package-out-of-reach/shared/__init__.py": "",
            "/srv/package-out-of-reach/shared/bus.py": "def connect(): ...\n",
        },
        until=failed(),
        root="IMPORT101",
        says=("No module named 'shared'", "/srv/package-out-of-reach/shared"),
    ),
    Scenario(
        name="wrapped-module",
        unit=service(f'ExecStart=/bin/bash -c "cd /srv/wrapped-module && exec {PYTHON} -m worker.main"'),
        files={
            "/srv/wrapped-module/worker/__init__.py": "",
            "/srv/wrapped-module/worker/main.py": "from worker.settings_prod import URL\n\nprint(URL)\n" + STAY,
            "/srv/wrapped-module/worker/settings_test.py": "URL = ''\n",
        },
        until=failed(),
        root="IMPORT101",
        says=("No module named 'worker.settings_prod'", "/srv/wrapped-module/worker/main.py:1"),
    ),
    Scenario(
        name="wrong-venv",  # the distribution is installed, in the environment beside the code; the unit names another one
        unit=service("ExecStart=/opt/wrong-venv/bin/python /srv/wrong-venv/main.py"),
        files={
            "/srv/wrong-venv/main.py": "import marketfeed\n\nmarketfeed.connect()\n" + STAY,
            "/srv/wrong-venv/packages/marketfeed/__init__.py": "def connect(): ...\n",
        },
        prepare=(
            *venv("/opt/wrong-venv"),
            *venv("/srv/wrong-venv/.venv", "/srv/wrong-venv/packages"),
            "rm -r /srv/wrong-venv/packages",
        ),
        until=failed(),
        root="IMPORT103",
        says=("marketfeed", "not installed for /opt/wrong-venv/bin/python", "/srv/wrong-venv/.venv"),
    ),
    python(
        "distribution-missing",
        "import json\n\nimport marketfeed_client\n\nmarketfeed_client.run(json)\n",
        "User=app",
        until=failed(),
        root="IMPORT103",
        says=("marketfeed_client", f"not installed for {PYTHON}"),
    ),
    Scenario(
        name="console-script",  # what pip puts into a bin folder: the interpreter is in its first line
        unit=service("ExecStart=/srv/console-script/venv/bin/acme-worker --once"),
        files={
            "/srv/console-script/venv/bin/acme-worker": "#!/srv/console-script/venv/bin/python\nimport sys\n"
            "from acme_worker.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n",
            "/srv/console-script/packages/acme_worker/__init__.py": "",
        },
        prepare=venv("/srv/console-script/venv", "/srv/console-script/packages"),
        until=failed(),
        root="IMPORT101",
        says=("No module named 'acme_worker.cli'",),
    ),
    Scenario(
        name="pre-command-import",  # the program itself would start
        unit=service(
            f"ExecStartPre={PYTHON} /srv/pre-command-import/migrate.py", f"ExecStart={PYTHON} /srv/pre-command-import/main.py"
        ),
        files={
            "/srv/pre-command-import/migrate.py": "from migrations.latest import apply\n\napply()\n",
            "/srv/pre-command-import/migrations/__init__.py": "",
            "/srv/pre-command-import/main.py": STAY,
        },
        until={"ActiveState": "failed", "Result": "exit-code", "ExecMainCode": "0"},
        root="IMPORT101",
        says=("No module named 'migrations.latest'", "/srv/pre-command-import/migrate.py:1"),
    ),
    python(
        "noise-before-import",  # two hundred lines of something else, each an error by its looks
        "import sys\n\nfor n in range(200):\n    print(f'ERROR telemetry: upload {n} failed: HTTP 503', file=sys.stderr)\n"
        "from app.strategy import decide\n\ndecide()\n",
        files={"app/__init__.py": ""},
        until=failed(),
        root="IMPORT101",
        says=("No module named 'app.strategy'",),
    ),
    python(
        "merge-markers",
        "from app.engine import DEPTH\n\nprint(DEPTH)\n" + STAY,
        files={
            "app/__init__.py": "",
            "app/engine.py": "LIMIT = 1\n<<<<<<< HEAD\nDEPTH = 1\n=======\nDEPTH = 2\n>>>>>>> feature/limits\n",
        },
        until=failed(),
        root="CODE101",
        says=("/srv/merge-markers/app/engine.py:2",),
    ),
    python(
        "syntax-error",  # Python prints no "Traceback" for it
        "def run(:\n    pass\n",
        "User=app",
        until=failed(),
        root="CODE101",
        says=("/srv/syntax-error/main.py:1",),
    ),
    Scenario(
        name="script-missing",
        unit=service(f"ExecStart={PYTHON} /srv/script-missing/mian.py"),
        files={"/srv/script-missing/main.py": STAY},
        until=failed(2),
        root="UNIT103",
        says=("/srv/script-missing/mian.py: no such file", "did you mean /srv/script-missing/main.py?"),
    ),
    Scenario(
        name="script-relative",  # without WorkingDirectory= it is looked for in /
        unit=service(f"ExecStart={PYTHON} services/script-relative/main.py"),
        files={"/srv/script-relative/services/script-relative/main.py": STAY},
        until=failed(2),
        root="UNIT103",
        says=("/services/script-relative/main.py: no such file",),
    ),
    Scenario(
        name="module-missing",
        unit=service("WorkingDirectory=/srv/module-missing", f"ExecStart={PYTHON} -m pricer.serve"),
        files={"/srv/module-missing/pricer/__init__.py": "", "/srv/module-missing/pricer/server.py": STAY},
        until=failed(),
        root="IMPORT101",
        says=("No module named pricer.serve",),
    ),
    Scenario(
        name="fallback-incomplete",  # the import is guarded, and what stands in for it cannot do the work
        unit=service(f"ExecStart={VENV}/bin/python3 /srv/fallback-incomplete/main.py"),
        files={
            "/srv/fallback-incomplete/main.py": "try:\n    from app.book import Book\n"
            "except ImportError:\n    Book = None\n\nBook()\n",
            "/srv/fallback-incomplete/app/__init__.py": "",
        },
        until=failed(),
        root="LOG201",
        says=("TypeError: 'NoneType' object is not callable",),
        further=("IMPORT102",),
    ),
)
