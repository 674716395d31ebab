"""Services with a secret in every place where one can stand, and servers that repeat what they are given."""

from typing import Final

from publisher.embedded import find_server
from tests.box.box import PYTHON
from tests.scenarios.ground import ASK

PLACES: Final = (
    "unit", "dropin", "envfile", "url", "option", "joined", "short", "prestart", "bearer", "header", "pair", "document", "message",
    "comment", "unknown", "refused", "status", "field", "time", "replied", "passwordfile", "slept",
)  # fmt: skip
PLANTED: Final = {place: f"kestrel{place}fjord" for place in PLACES}  # words: nothing but their place says that they are secret
MAIN = f"""import os
import sys
sys.path.insert(0, "/srv/canary/lib")
sys.path.insert(0, "/srv/canary/shadow")  # password={PLANTED["comment"]}
print("GET /orders Authorization: Bearer {PLANTED["bearer"]}")
print({{"Authorization": "Basic {PLANTED["header"]}"}})
print("logged in with password={PLANTED["pair"]}")
print('{{"api_key": "{PLANTED["document"]}"}}')
print("ERROR", os.environ.get("API_TOKEN"), os.environ.get("DB_PASSWORD"), os.environ.get("EXCHANGE_SECRET"), flush=True)
from pkg.real import thing
"""
FAILS = f"""import os
raise RuntimeError("password={PLANTED["message"]} refused at " + os.environ["REDIS_URL"] + " for " + os.environ["API_TOKEN"])
"""
STAYS = f"""import os
import socket
import time
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    manager.sendto(b"READY=1\\nSTATUS=logged in with token={PLANTED["status"]}", os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
time.sleep(1000)
"""
SLOW = f"""import time
token = "{PLANTED["slept"]}"
time.sleep(0.5)
"""
ECHO = """import socketserver

class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            words = [line]
            for _ in range(int(line[1:])):
                self.rfile.readline()
                words.append(self.rfile.readline())
            self.wfile.write(b"-ERR refused: " + b" ".join(word.strip() for word in words[1:]) + b"\\r\\n")

with socketserver.ThreadingTCPServer(("127.0.0.1", 6398), Talk) as server:
    server.serve_forever()
"""
CONFIGURATION = """[redis]
url = "redis://127.0.0.1:6398/0"
password_file = "/etc/canary.password"
[[services]]
name = "family"
unit = "canary-family.service"
families = ["risk-proposal"]
redis_url = "redis://127.0.0.1:6390/0"
[[services]]
name = "bare"
unit = "canary-bare.service"
families = ["marketstate"]
"""
SEED = f"HSET quantum:risk:proposal:BTCUSDT computed_at_utc token={PLANTED['time']} note {PLANTED['field']}\nPING\n"


def unit(script: str, *lines: str, program: str = PYTHON) -> str:
    argv = f"--password {PLANTED['option']} --token={PLANTED['joined']} -p {PLANTED['short']}"
    return "\n".join((
        "[Service]", f'Environment=API_TOKEN={PLANTED["unit"]} "REDIS_URL=redis://app:{PLANTED["url"]}@127.0.0.1:6398/0"',
        "EnvironmentFile=/etc/canary.env", f"ApiToken={PLANTED['unknown']}", f"RestartSec=password={PLANTED['refused']}", *lines,
        f"ExecStartPre=/bin/true --api-key {PLANTED['prestart']}", f"ExecStart={program} {script} {argv}",
        "[Install]", "WantedBy=multi-user.target", "",
    ))  # fmt: skip


SICK: Final = {
    "canary-import.service": unit("/srv/canary/main.py"),
    "canary-fails.service": unit("/srv/canary/fails.py"),
    "canary-stays.service": unit("/srv/canary/stays.py", "Type=notify"),
    "canary-refused.service": unit("/srv/canary/main.py", program=f"bin/--secret={PLANTED['refused']}"),
    "canary-bare.service": f"[Service]\nExecStart={PYTHON} -c 'raise SystemExit(3)'\n",
    "canary-family.service": "[Service]\nExecStart=/bin/sleep 1000\n",
}
SERVERS: Final = {
    "echo.service": f"[Service]\nExecStart={PYTHON} /srv/echo.py\nExecStartPost={PYTHON} /srv/ask.py 6398\n",
    "server.service": f"[Service]\nExecStart={find_server()} --port 6390 --bind 127.0.0.1 --save ''\n"
    f"ExecStartPost={PYTHON} /srv/ask.py 6390\nStandardInput=file:/srv/seed\n",
}
FILES: Final = {
    "/srv/canary/main.py": MAIN,
    "/srv/canary/fails.py": FAILS,
    "/srv/canary/stays.py": STAYS,
    "/srv/canary/shadow/pkg/__init__.py": SLOW,
    "/srv/canary/lib/pkg/__init__.py": "",
    "/srv/canary/lib/pkg/real.py": "thing = 1\n",
    "/etc/canary.env": f"EXCHANGE_SECRET={PLANTED['envfile']}\n",
    "/etc/canary.password": PLANTED["passwordfile"],
    "/etc/canary.toml": CONFIGURATION,
    "/srv/echo.py": ECHO,
    "/srv/ask.py": ASK,
    "/srv/seed": SEED,
}
