"""Trees on disk for ``--root``: a healthy host with one service; a test says only what is sick."""

from collections.abc import Mapping
from pathlib import Path

PROJECT = "/home/qt/quantum_trader"
MAIN = f"{PROJECT}/microservices/risk_proposal_publisher/main.py"
REAL = f"{PROJECT}/ai_engine/risk_kernel_stops.py"
SHADOW = f"{PROJECT}/microservices/ai_engine/__init__.py"
PYTHON = "/opt/quantum/venvs/ai-engine/bin/python3"
EDIT = "sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))"
FOUNDING_MAIN = (
    "#!/usr/bin/env python3\nimport os\nimport sys\n"
    + "\n" * 23
    + f"\n# Add parent directory to path\n{EDIT}\n"
    + "import redis\nfrom ai_engine.risk_kernel_stops import PositionSnapshot, compute_proposal\n"
)
FOUNDING_UNIT = f"""[Unit]
Description=Quantum Risk Proposal Publisher (P1.5)
After=network.target redis.service
Requires=redis.service

[Service]
Environment="PYTHONPATH={PROJECT}"
Type=simple
User=qt
Group=qt
WorkingDirectory={PROJECT}

# Python environment
Environment="PATH=/opt/quantum/venvs/ai-engine/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
EnvironmentFile=/etc/quantum/risk-proposal.env

# Main command
ExecStart={PYTHON} {MAIN}

# Restart policy
Restart=always
RestartSec=10
StartLimitInterval=300
StartLimitBurst=5

# Resource limits
MemoryMax=512M
CPUQuota=50%

[Install]
WantedBy=multi-user.target
"""
LIBRARY = "/usr/lib/python3.11"
MODULES = (
    "abc", "codecs", "collections/__init__", "datetime", "io", "json/__init__", "logging/__init__", "os", "queue", "site", "stat",
    "time", "typing",
)  # fmt: skip
VENV = "/opt/quantum/venvs/ai-engine"
HOST: Mapping[str, str] = {
    "/usr/bin/python3.11": "\x7fELF",
    **{f"{LIBRARY}/{name}.py": "" for name in MODULES},
    f"{LIBRARY}/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so": "",
    f"{VENV}/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n",
    f"{VENV}/lib/python3.11/site-packages/redis/__init__.py": "class Redis: ...\n",
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nqt:x:1000:1000::/home/qt:/bin/bash\n",
    "/etc/group": "root:x:0:\nqt:x:1000:\n",
    "/etc/quantum/risk-proposal.env": "LOG_LEVEL=INFO\n",
}
LINKS: Mapping[str, str] = {PYTHON: "/usr/bin/python3.11", "/usr/bin/python3": "python3.11"}
FOUNDING: Mapping[str, str] = {
    MAIN: FOUNDING_MAIN,
    REAL: "class PositionSnapshot: ...\n\n\ndef compute_proposal(): ...\n",
    f"{PROJECT}/ai_engine/__init__.py": "",
    SHADOW: "",
}


def plant(root: Path, files: Mapping[str, str], links: Mapping[str, str] | None = None) -> str:
    """Lay files out below a root; links are written as they are, so that one may lead out."""
    for path, text in files.items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        place.chmod(0o755 if text.startswith("\x7fELF") else 0o644)
    for path, target in (links or {}).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    return str(root)


def host(root: Path, files: Mapping[str, str], without: tuple[str, ...] = (), **links: str) -> str:
    """A whole host with these files, and without some of what is usual."""
    kept = {path: text for path, text in {**HOST, **files}.items() if path not in without}
    return plant(root, kept, {path: to for path, to in {**LINKS, **links}.items() if path not in without})
