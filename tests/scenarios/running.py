"""Services that run, while what they were started from has changed: the fault is there, and shows at the next start."""

from tests.scenarios.scenario import RUNNING, STAY, python

SCENARIOS = (
    python(
        "latent-import",  # a module was renamed under it
        "from app.limits import MAX_POSITION\n\nprint(MAX_POSITION)\n" + STAY,
        files={"app/__init__.py": "", "app/limits.py": "MAX_POSITION = 3\n"},
        first=RUNNING,
        then=("mv /srv/latent-import/app/limits.py /srv/latent-import/app/bounds.py",),
        root="IMPORT101",
        says=("No module named 'app.limits'",),
        further=("UNIT219",),
    ),
    python(
        "latent-syntax",
        STAY,
        first=RUNNING,
        then=("echo 'def half(' >>/srv/latent-syntax/main.py",),
        root="CODE101",
        says=("/srv/latent-syntax/main.py",),
        further=("UNIT219", "CODE201"),
    ),
    python(
        "latent-environment-file",
        STAY,
        "EnvironmentFile=/etc/latent-environment-file.env",
        files={"/etc/latent-environment-file.env": "LOG_LEVEL=INFO\n"},
        first=RUNNING,
        then=("rm /etc/latent-environment-file.env",),
        root="UNIT106",
        says=("/etc/latent-environment-file.env",),
        further=("UNIT219",),
    ),
    python(
        "code-changed",  # deployed, and not restarted; the next start will do
        "from app.limits import MAX_POSITION\n\nprint(MAX_POSITION)\n" + STAY,
        files={"app/__init__.py": "", "app/limits.py": "MAX_POSITION = 3\n"},
        first=RUNNING,
        then=("echo 'MAX_POSITION = 5' >>/srv/code-changed/app/limits.py",),
        root="CODE201",
        says=("/srv/code-changed/app/limits.py",),
        clear=("UNIT219",),
    ),
)
