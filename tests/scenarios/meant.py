"""Imports that break because something was meant otherwise: a letter, a flag, a drop-in; or because the service may not see it."""

from tests.box.box import PYTHON, UNITS
from tests.scenarios.scenario import RUNNING, STAY, Scenario, failed, python, service

BUS = {"__init__.py": "", "bus.py": "def connect(): ...\n"}
USES_BUS = "from acme.bus import connect\n\nconnect()\n" + STAY


def bus(folder: str) -> dict[str, str]:
    """The package acme in a folder."""
    return {f"{folder}/acme/{name}": text for name, text in BUS.items()}


SCENARIOS = (
    python(
        "case-mistaken",  # written where file names have no case
        "from App.core import run\n\nrun()\n" + STAY,
        files={"app/__init__.py": "", "app/core.py": "def run(): ...\n"},
        until=failed(),
        root="IMPORT101",
        says=("No module named 'App'", "did you mean /srv/case-mistaken/app?"),
    ),
    python(
        "source-gone",  # what is left of it is no module
        "import engine\n\nengine.go()\n" + STAY,
        files={"engine.py": "def go(): ...\n"},
        prepare=(f"{PYTHON} -m compileall -q /srv/source-gone", "rm /srv/source-gone/engine.py"),
        until=failed(),
        root="IMPORT101",
        says=("No module named 'engine'", "of which only /srv/source-gone/__pycache__/engine.cpython-3"),
    ),
    python(
        "path-misspelt",
        USES_BUS,
        "Environment=PYTHONPATH=/opt/path-misspelt/lib",
        files=bus("/opt/path-misspelt/libs"),
        until=failed(),
        root="IMPORT101",
        says=("Put /opt/path-misspelt/libs on PYTHONPATH at", "every import of this start resolves"),
    ),
    Scenario(
        name="path-ignored",
        unit=service("Environment=PYTHONPATH=/opt/path-ignored", f"ExecStart={PYTHON} -I /srv/path-ignored/main.py"),
        files={"/srv/path-ignored/main.py": USES_BUS, **bus("/opt/path-ignored")},
        until=failed(),
        root="IMPORT101",
        says=("is ignored under -I", f"Start {PYTHON} without -I"),
    ),
    python(
        "path-replaced",  # by a drop-in that somebody has forgotten
        USES_BUS,
        "Environment=PYTHONPATH=/opt/path-replaced/new",
        files={
            **bus("/opt/path-replaced/new"),
            "/opt/path-replaced/old/acme/__init__.py": "",
            f"{UNITS}/path-replaced.service.d/10-path.conf": "[Service]\nEnvironment=PYTHONPATH=/opt/path-replaced/old\n",
        },
        until=failed(),
        root="IMPORT101",
        says=("PYTHONPATH is set at /etc/systemd/system/path-replaced.service.d/10-path.conf:2, in place of",),
    ),
    python(
        "home-of-python",
        STAY,
        "Environment=PYTHONHOME=/opt/home-of-python",
        until=failed(),
        root="IMPORT101",
        says=("No module named 'encodings'", "Remove PYTHONHOME"),
    ),
    python(
        "relative-in-script",
        "from . import settings\n\nprint(settings)\n" + STAY,
        files={"settings.py": ""},
        until=failed(),
        root="IMPORT101",
        says=("attempted relative import with no known parent package", "without the dot"),
    ),
    python(
        "edit-by-variable",  # only in production
        "import os\nimport sys\n\nif os.environ.get('APP_ENV') == 'prod':\n    sys.path.insert(0, '/srv/edit-by-variable/prod')\n"
        + USES_BUS,
        "Environment=APP_ENV=prod",
        files={**bus("."), "prod/acme/__init__.py": ""},
        until=failed(),
        root="IMPORT101",
        says=("without the edit at /srv/edit-by-variable/main.py:5 every import of this start resolves",),
    ),
    python(
        "import-late",  # it is up by then
        "import time\n\n\ndef main():\n    print('warm', flush=True)\n    time.sleep(1)\n    from app.report import send\n"
        "    send()\n\n\nif __name__ == '__main__':\n    main()\n",
        files={"app/__init__.py": ""},
        until=failed(),
        root="IMPORT101",
        says=("No module named 'app.report'", "/srv/import-late/main.py:7"),
    ),
    python(
        "code-closed",  # copied as root, under a strict umask
        "from app.core import run\n\nrun()\n" + STAY,
        "User=app",
        files={"app/__init__.py": "", "app/core.py": "def run(): ...\n"},
        prepare=("chmod 700 /srv/code-closed/app",),
        until=failed(),
        root="UNIT117",
        says=("/srv/code-closed/app is drwx------ root:root: app may not read it",),
    ),
    python(
        "code-inaccessible",
        "import acmelib\n\nacmelib\n" + STAY,
        "InaccessiblePaths=/srv/code-inaccessible/lib",
        "Environment=PYTHONPATH=/srv/code-inaccessible/lib",
        files={"lib/acmelib.py": ""},
        until=failed(),
        root="UNIT109",
        says=("InaccessiblePaths=/srv/code-inaccessible/lib hides", "/srv/code-inaccessible/lib/acmelib.py"),
    ),
    Scenario(
        name="release-switched",  # back to an older one, in which something is missing
        unit=service(f"ExecStart={PYTHON} /srv/release-switched/current/main.py"),
        files={
            "/srv/release-switched/releases/two/main.py": STAY,
            "/srv/release-switched/releases/one/main.py": "import marketfeed_client\n" + STAY,
        },
        prepare=("ln -s releases/two /srv/release-switched/current",),
        first=RUNNING,
        then=("ln -sfn releases/one /srv/release-switched/current",),
        root="IMPORT103",
        says=("marketfeed_client",),
        further=("UNIT219",),
    ),
)
