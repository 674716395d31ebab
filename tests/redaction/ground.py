"""The founding incident with a secret in every place that a run as root looks at, and a service that repeats them in many forms."""

import gzip
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.box.box import PYTHON
from tests.recovery.founding import EDIT, MAIN, MAIN_BYTES, SERVICE, Host, founding, until
from tests.scenarios import ground

PLACES: Final = (
    "unit", "envfile", "loaded", "setcredential", "redisurl", "source", "option", "joined", "prestart", "journal", "reason",
    "hash", "entry", "cookie", "passwordfile",
)  # fmt: skip
CANARIES: Final = {place: f"plover{place}skerry7" for place in PLACES}  # words: nothing but their place says that they are secret
SIDE: Final = "quantum-side.service"
_GIVEN: Final = f"""import base64, os, sys, urllib.parse, json
given = [os.environ["API_TOKEN"], os.environ["EXCHANGE_SECRET"], open("/etc/quantum/broker.token").read().strip()]
given.append("{CANARIES["setcredential"]}")  # as it would read it from $CREDENTIALS_DIRECTORY
"""
_SAYS: Final = """for value in given:
    print("ERROR plain", value, "quoted", repr(value), "base64", base64.b64encode(value.encode()).decode(), flush=True)
    print(json.dumps({"hex": value.encode().hex(), "basic": base64.b64encode(f"u:{value}".encode()).decode()}))
    print("url", urllib.parse.quote("".join("%%%02x" % ord(c) for c in value)), "cut", value[:6] + chr(10) + value[6:], flush=True)
"""
_TOLD: Final = f"""print("GET /orders Authorization: Bearer {CANARIES["journal"]}")
print({{"Cookie": "sid={CANARIES["cookie"]}"}}, flush=True)
"""
_BESIDE: Final = f"{EDIT}  # {CANARIES['envfile']}, api_token={CANARIES['source']}"
FILES: Final = {
    "/etc/quantum/risk-proposal.env": f"LOG_LEVEL=INFO\nEXCHANGE_SECRET={CANARIES['envfile']}\n",
    "/etc/quantum/broker.token": f"{CANARIES['loaded']}\n",
    "/etc/quantum/redis.password": f"{CANARIES['passwordfile']}\n",
    f"/etc/systemd/system/{SERVICE}.d/10-secrets.conf": (
        f'[Service]\nEnvironment="API_TOKEN={CANARIES["unit"]}"\nLoadCredential=broker.token:/etc/quantum/broker.token\n'
        f"SetCredential=inline.password:{CANARIES['setcredential']}\nExecStartPre=/bin/true --api-key {CANARIES['prestart']}\n"
    ),
    MAIN: MAIN_BYTES.replace(EDIT.encode(), _BESIDE.encode()).replace(
        b"import redis\r\n", (_GIVEN + _SAYS + _TOLD).replace("\n", "\r\n").encode() + b"import redis\r\n"
    ),
    "/etc/qtops/qtops.toml": (
        f'[redis]\nurl = "redis://ops:{CANARIES["redisurl"]}@127.0.0.1:6379/0"\n[[services]]\nname = "side"\nunit = "{SIDE}"\n'
        f'[[services]]\nname = "risk-proposal"\nunit = "{SERVICE}"\nfamilies = ["risk-proposal"]\nsettle_s = 1.5\n'
    ),
    "/etc/qtops/file.toml": '[redis]\nurl = "redis://127.0.0.1:6379/0"\npassword_file = "/etc/quantum/redis.password"\n',
    "/srv/side.py": (
        "import redis\nclient = redis.Redis(port=6379)\nclient.hset('quantum:risk:proposal:XRPUSDT', 'note', 'x')\n"
        f"client.blpop('side:end')  # password={CANARIES['source']}\n"
    ),
}
_SIDE_UNIT: Final = (
    f"[Service]\nExecStart={ground.VENV}/bin/python3 /srv/side.py --password {CANARIES['option']} --token={CANARIES['joined']}\n"
    "EnvironmentFile=/etc/quantum/risk-proposal.env\nRestart=always\nRestartSec=100ms\n"
)
_SEED: Final = (
    f"ACL SETUSER ops on >{CANARIES['redisurl']} ~* &* +@all",
    f"HSET quantum:risk:proposal:BTCUSDT api_token {CANARIES['hash']} computed_at_utc password={CANARIES['hash']}",
    f"HSET quantum:marketstate:BTCUSDT broker_token {CANARIES['hash']}",
    f"XADD quantum:stream:risk.events * event RISK_GUARD_ACTIVATED guard_type drawdown reason token={CANARIES['reason']} "
    f"duration_sec 60 timestamp 1771361218.4 operator_password {CANARIES['entry']}",
)


@contextmanager
def planted() -> Iterator[Host]:
    """A host on which the publisher has failed, and a service beside it runs."""
    with founding(FILES) as host:
        box = host.box
        box.unit(SIDE, _SIDE_UNIT)
        box.reload()
        box.run(PYTHON, "/srv/redis/ask.py", "6379", input="\n".join(_SEED).encode())
        box.systemctl("start", SIDE)
        until(box, SIDE, ActiveState="active")
        yield host


def leaks(text: str | bytes) -> dict[str, str]:
    """The canaries in a text, by the place where they stand, each with what is around it; in any form that gives them away."""
    if isinstance(text, bytes):
        text = (gzip.decompress(text) if text.startswith(b"\x1f\x8b") else text).decode("utf-8", "replace")
    found = {}
    for place, canary in CANARIES.items():
        for form in _forms(canary):
            at = text.find(form)
            if at >= 0:
                found[place] = text[max(0, at - 80) : at + 80]
    return found


def _forms(canary: str) -> Iterator[str]:
    """As it is, in hex, and in base64 as the service writes it."""
    raw = canary.encode()
    yield from (canary, raw.hex(), "".join(f"%{byte:02x}" for byte in raw))
    yield from (b64encode(raw).decode()[:-4], b64encode(b"u:" + raw).decode()[4:-4])
