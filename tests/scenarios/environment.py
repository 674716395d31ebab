"""Variables that are not there, or are not what was meant, and the Redis that one of them names."""

from typing import Any

from tests.box.box import PYTHON
from tests.scenarios.scenario import STAY, VENV, Scenario, failed, python, service

CANARY = "c4n4ry-Q7x9-must-not-be-told"  # stands wherever a secret does; no output may hold it
PING = """import os

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

redis.Redis.from_url(os.environ["REDIS_URL"], retry=Retry(NoBackoff(), 0)).ping()
"""


def redis_client(name: str, **rest: Any) -> Scenario:
    """A service that asks Redis once, with redis-py, at the address in /etc/NAME.env."""
    unit = service(f"EnvironmentFile=/etc/{name}.env", f"ExecStart={VENV}/bin/python3 /srv/{name}/main.py")
    url = rest.pop("url")
    files = {f"/etc/{name}.env": f"REDIS_URL={url}\n", f"/srv/{name}/main.py": rest.pop("source", PING)}
    return Scenario(**{"name": name, "unit": unit, "files": files, **rest})


SCENARIOS = (
    python(
        "variable-absent",
        "import os\n\nos.environ['EXCHANGE_API_URL']\n",
        until=failed(),
        root="LOG201",
        says=("KeyError: 'EXCHANGE_API_URL'",),
    ),
    python(
        "variable-comment",  # to systemd the comment is a part of the value
        "import os\n\nint(os.environ['MAX_AGE_S'])\n",
        "EnvironmentFile=/etc/variable-comment.env",
        files={"/etc/variable-comment.env": "MAX_AGE_S=10   # seconds\n"},
        until=failed(),
        root="LOG201",
        says=("ValueError: invalid literal for int()",),
        further=("ENV102",),
    ),
    Scenario(
        name="variable-carriage-return",  # systemd takes CRLF for a line end; the shell that sources the file does not
        unit=service(
            'ExecStart=/bin/bash -c "set -a; . /etc/variable-carriage-return.env; '
            f'exec {PYTHON} /srv/variable-carriage-return/main.py"'
        ),
        files={
            "/etc/variable-carriage-return.env": "MODE=paper\r\n",
            "/srv/variable-carriage-return/main.py": "import os\n\n{'paper': 1, 'live': 2}[os.environ['MODE']]\n",
        },
        until=failed(),
        root="LOG201",
        says=("KeyError: 'paper\\r'",),
    ),
    python(
        "variable-twice",  # it runs; whoever edits the first of the two changes nothing
        STAY,
        "Environment=LOG_LEVEL=DEBUG",
        "EnvironmentFile=/etc/variable-twice.env",
        files={"/etc/variable-twice.env": "LOG_LEVEL=INFO\n"},
        root="ENV101",
        says=("LOG_LEVEL is set twice",),
    ),
    python(
        "secret-in-unit",  # any user may read it
        STAY,
        f"Environment=EXCHANGE_API_SECRET={CANARY}",
        root="ENV103",
        says=("EXCHANGE_API_SECRET is set in the unit itself",),
    ),
    redis_client(
        "redis-refused",
        url="redis://127.0.0.1:6390/0",
        until=failed(),
        root="REDIS201",
        says=("127.0.0.1:6390",),
        further=("LOG201",),
    ),
    redis_client(
        "redis-wrong-password",
        url=f"redis://:{CANARY}@127.0.0.1:6380/0",
        until=failed(),
        root="REDIS201",
        says=("127.0.0.1:6380", "password"),
        further=("LOG201",),
    ),
    redis_client(
        "redis-is-well",  # it is asked, and is not what is wrong
        url="redis://127.0.0.1:6379/0",
        source=PING + "\nraise LookupError('no symbol has a market state')\n",
        until=failed(),
        root="LOG201",
        says=("LookupError: no symbol has a market state",),
        clear=("REDIS201",),
    ),
)
