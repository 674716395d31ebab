"""What to do about an exception that ended a program, by its last line."""

import posixpath
import re
from typing import Final

from qtops.checks.circumstances import of_a_module, of_a_path, of_a_variable, of_redis
from qtops.checks.frames import where
from qtops.facts.journal import Traceback
from qtops.facts.service import ServiceFacts

_REDIS: Final = "See that Redis answers: `redis-cli -u URL ping`; After= and Wants=redis-server.service order the two"
_PASSWORD: Final = "Correct the password or the user in the URL that the service is given, or the ACL (`redis-cli ACL LIST`)"  # noqa: S105
_PATTERNS: Final = (
    (r"^redis\.exceptions\.(?:Authentication|Authorization|NoPermission)", _PASSWORD),
    (r"^redis\.exceptions\.\w*.*(?:NOAUTH|WRONGPASS|NOPERM)", _PASSWORD),
    (r"^redis\.exceptions\.(?:ReadOnlyError|OutOfMemoryError)", "Redis takes no writes: see `redis-cli INFO replication memory`"),
    (
        r"^redis\.exceptions\.ConnectionError: Error 13 connecting to (?P<path>/\S+)\. ",
        "Let {user} use {path}: `namei -l {path}`, and `unixsocketperm` of Redis",
    ),
    (r"^redis\.exceptions\.(?:Connection|Timeout|BusyLoading|MasterNotFound|ClusterDown)", _REDIS),
    (r"^redis\.exceptions\.ResponseError: WRONGTYPE", "A key holds another type than the code reads: `redis-cli TYPE KEY`"),
    (r"Address already in use", "Find who holds the port: `ss -ltnp`; end that process, or give this service another port"),
    (r"Cannot assign requested address", "Correct the address to bind: this host has no such one (`ip addr`)"),
    (
        r"^PermissionError: .*'(?P<path>/[^']+)'",
        "Let {user} use {path}: `namei -l {path}`, then chown or chmod",
    ),
    (
        r"^PermissionError: \[Errno 1\]",
        "A filter of the unit forbids it: SystemCallFilter=, MemoryDenyWriteExecute=, CapabilityBoundingSet=, NoNewPrivileges=",
    ),
    (
        r"^PermissionError: \[Errno 13\]",
        "AmbientCapabilities=CAP_NET_BIND_SERVICE for a port below 1024; otherwise see who owns what it opens",
    ),
    (
        r"Read-only file system: '(?P<path>/[^']+)'",
        "ReadWritePaths={folder} in [Service], a directory that has to exist; or write to what StateDirectory= makes",
    ),
    (r"Address family not supported", "RestrictAddressFamilies= of the unit has to name the family: AF_INET AF_INET6 AF_UNIX"),
    (r"No space left on device", "Free some room: `df -h`, `df -i`, `journalctl --vacuum-size=500M`"),
    (r"Too many open files", "Find what is not closed (`ls /proc/PID/fd`); LimitNOFILE= in [Service] gives more"),
    (r"^FileNotFoundError: .*'(?P<path>/[^']+)'", "Provide {path}, or correct where the code or its configuration names it"),
    (
        r"^FileNotFoundError: .*'(?P<path>[^']+)'",
        "{path} is looked up in {directory}: correct WorkingDirectory=, or give the full path",
    ),
    (
        r"^ModuleNotFoundError: No module named '(?P<name>[\w.]+)'",
        "`qtops preflight {unit_file}` says why {name} is not found; a distribution is installed with the unit's own interpreter",
    ),
    (r"^ImportError", "`qtops preflight {unit_file}` says which file the module was taken from"),
    (
        r"^(?:SyntaxError|IndentationError|TabError)",
        "Correct the source, and compile it with the unit's own interpreter before the deployment",
    ),
    (
        r"^MemoryError",
        "It asked for more memory than it may have: `systemctl show {unit} -p MemoryMax,LimitAS`; take less at a time",
    ),
    (r"^ConnectionRefusedError|Connection refused", "Start the server that it calls, or correct the address that it is given"),
    (
        r"gaierror|Name or service not known|Temporary failure in name resolution",
        "Correct the host name, or the resolver: `getent hosts NAME`",
    ),
    (
        r"^TimeoutError",
        "See whether what it waits for answers; After= and Wants= order units, a time limit with retries does the rest",
    ),
    (r"^KeyError: '(?P<name>[A-Z][A-Z0-9_]+)'", "Set {name} in Environment= or in a file of EnvironmentFile=, if it is a variable"),
    (
        r"JSONDecodeError|TOMLDecodeError|YAMLError|ScannerError|ParserError",
        "Correct the file or the reply that it reads there: it is empty, cut short, or of another format",
    ),
    (
        r"^UnicodeDecodeError",
        "What it reads there is no UTF-8: give the encoding, or Environment=PYTHONUTF8=1 where the locale is C",
    ),
    (
        r"^ValueError: (?:invalid literal|could not convert)",
        "A value is no number: see the variables of the unit (ENV102: quotes or a comment in a value)",
    ),
)
REQUIRED_SETTING: Final = re.compile(r"validation errors? for \w*(?:Settings|Config)\w*\\n(?P<name>\w+)\\n\s+[Ff]ield required")
ABOUT_FILES: Final = ("FileNotFoundError: ", "PermissionError: ", "OSError: [Errno 30]")
ABOUT_MODULES: Final = ("ModuleNotFoundError: ", "ImportError: ", "AttributeError: ")
REFUSED_BY_REDIS: Final = ("redis.exceptions.ConnectionError: Error 111 ", "redis.exceptions.TimeoutError: ")
ADVICE: Final = tuple((re.compile(pattern), remedy) for pattern, remedy in _PATTERNS)


def remedy(traceback: Traceback, service: ServiceFacts) -> str:
    """What to do about it. Told by the last line, by ``os.environ`` as the place of a missing key, and by what else is known."""
    message = traceback.message
    variable = missing_variable(traceback)
    if variable:
        return of_a_variable(variable, service)
    if field := REQUIRED_SETTING.search(message):
        return f"{of_a_variable(field['name'].upper(), service)}; with the prefix of its settings, if they have one"
    told = of_a_module(traceback, service) if message.startswith(ABOUT_MODULES) else ""
    told = told or (of_redis(message, service) if message.startswith(REFUSED_BY_REDIS) else "")
    if told:
        return told
    for pattern, words in ADVICE:
        found = pattern.search(message)
        if found is not None:
            path = found.groupdict().get("path") or ""
            made = of_a_path(path) if message.startswith(ABOUT_FILES) else ""
            advice = words.format(**_names(service), folder=posixpath.dirname(path), **found.groupdict())
            return f"{made}; otherwise: {advice}" if made else advice
    place = where(traceback)
    return f"Mend {place}, or deploy the version before it" if place else "Mend the code, or deploy the version before it"


def _names(service: ServiceFacts) -> dict[str, str]:
    unit = service.unit
    return {
        "unit": service.subject,
        "unit_file": unit.fragment_path if unit and unit.fragment_path else service.subject,
        "user": f"the user {unit.user}" if unit and unit.user else "its user",
        "directory": unit.working_directory if unit and unit.working_directory else "/ (there is no WorkingDirectory=)",
    }


def missing_variable(traceback: Traceback) -> str:
    """The variable that ``os.environ[…]`` did not find."""
    found = re.match(r"KeyError: '([^']+)'$", traceback.message)
    is_environ = bool(traceback.frames) and traceback.frames[-1].file in {"<frozen os>", "os.py"}
    is_environ = is_environ or (bool(traceback.frames) and traceback.frames[-1].file.endswith("/os.py"))
    return found[1] if found and is_environ else ""
