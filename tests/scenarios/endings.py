"""Programs that start, and end: with an exception, a message, a signal, or in silence."""

from tests.scenarios.scenario import DEAD, RUNNING, STAY, Scenario, failed, python, service

SCENARIOS = (
    python(
        "exit-message",
        "import sys\n\nsys.exit('config error: QUEUE_URL is not set')\n",
        until=failed(),
        root="LOG203",
        says=("config error: QUEUE_URL is not set",),
    ),
    python(
        "exception",
        "def price(book):\n    return book['bid']\n\n\nprint('loaded 3 symbols')\nprice({})\n",
        until=failed(),
        root="LOG201",
        says=("KeyError: 'bid'", "/srv/exception/main.py:2"),
    ),
    python(
        "exception-in-noise",
        "import sys\n\nfor n in range(200):\n    print(f'<3>ERROR telemetry: upload {n} failed: HTTP 503', file=sys.stderr)\n"
        "raise RuntimeError('order book is empty')\n",
        until=failed(),
        root="LOG201",
        says=("RuntimeError: order book is empty",),
    ),
    python(
        "exception-chained",
        "def load():\n    return int('twelve')\n\n\n"
        "try:\n    load()\nexcept ValueError as why:\n    raise RuntimeError('no limits') from why\n",
        until=failed(),
        root="LOG201",
        says=("RuntimeError: no limits", "ValueError: invalid literal"),
    ),
    python(
        "exception-hostile",  # text that terminals, Markdown and chats would obey
        "raise RuntimeError('\\x1b[31m[red]order | `book` | @everyone <b>closed</b>\\x1b[0m')\n",
        until=failed(),
        root="LOG201",
        says=("[red]order | `book` | @everyone <b>closed</b>",),
    ),
    python(
        "words-undecodable",
        "import sys\n\nsys.stderr.buffer.write(b'caf\\xe9 is closed\\n')\nsys.exit(4)\n",
        until=failed(4),
        root="LOG203",
        says=("is closed",),
    ),
    python(
        "ends-without-a-word",  # no root can be proven: that is said
        "import os\n\nos._exit(3)\n",
        until=failed(3),
        root=None,
        further=("UNIT203",),
        verdicts=("critical",),
    ),
    python(
        "file-forbidden",
        "open('/etc/file-forbidden/keys.json').read()\n",
        "User=app",
        files={"/etc/file-forbidden/keys.json": "{}"},
        prepare=("chmod 600 /etc/file-forbidden/keys.json",),
        until=failed(),
        root="LOG201",
        says=("PermissionError: [Errno 13] Permission denied: '/etc/file-forbidden/keys.json'",),
    ),
    python(
        "file-system-read-only",  # ProtectSystem=strict without the path that the program writes to
        "open('/srv/file-system-read-only/state.json', 'w').write('{}')\n",
        "ProtectSystem=strict",
        until=failed(),
        root="LOG201",
        says=("OSError: [Errno 30] Read-only file system",),
    ),
    python(
        "port-in-use",
        "import socket\n\nlistener = socket.socket()\nlistener.bind(('127.0.0.1', 6379))\n" + STAY,
        until=failed(),
        root="LOG201",
        says=("OSError: [Errno 98] Address already in use",),
    ),
    python("memory-error", "ticks = bytearray(1 << 60)\n", until=failed(), root="LOG201", says=("MemoryError",)),
    python(
        "killed",
        STAY,
        first=RUNNING,
        then=("systemctl kill --kill-who=main -s KILL killed.service",),
        until=failed(9, "signal"),
        root="UNIT211",
        says=("KILL",),
    ),
    python(
        "segfault",
        "import ctypes\n\nctypes.string_at(0)\n",
        "LimitCORE=0",
        until=failed(11, "signal|core-dump"),
        root="UNIT211",
        says=("SEGV",),
    ),
    python(
        "aborted",
        "import os\n\nos.abort()\n",
        "WorkingDirectory=/tmp",
        "LimitCORE=infinity",
        until=failed(6, "core-dump|signal"),
        root="UNIT211",
        says=("ABRT",),
    ),
    python(
        "library-not-daemon",  # it defines a main and never calls it; the failed units do not list it
        "def main():\n    while True:\n        pass\n",
        "Restart=on-failure",
        until={**DEAD, "ExecMainCode": "1"},
        root="CODE102",
        says=("exits with status 0 at once",),
    ),
    python(
        "ends-by-itself",  # the tasks are started, and nobody waits for them
        "import asyncio\n\n\n"
        "async def main():\n    task = asyncio.create_task(asyncio.sleep(3600))\n    print('consuming', task.get_name())\n"
        "\n\nasyncio.run(main())\n",
        "Restart=on-failure",
        until={**DEAD, "ExecMainCode": "1"},
        root="UNIT204",
        says=("status 0",),
    ),
    Scenario(
        name="pre-command-fails",
        unit=service('ExecStartPre=/bin/sh -c "echo migration 0042 failed >&2; exit 4"', "ExecStart=/bin/sleep 600"),
        until={"ActiveState": "failed", "Result": "exit-code", "ExecMainCode": "0"},
        root="UNIT210",
        says=("ExecStartPre", "4"),
    ),
    Scenario(
        name="post-command-fails",
        unit=service("ExecStart=/bin/sleep 600", 'ExecStartPost=/bin/sh -c "exit 7"'),
        until={"ActiveState": "failed", "Result": "exit-code"},
        root="UNIT210",
        says=("ExecStartPost", "7"),
    ),
)
