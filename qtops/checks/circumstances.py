"""What the facts of a service add to the remedy for an exception: a name that was meant, a directory that systemd would make."""

import posixpath
import re
import sys
from difflib import get_close_matches
from typing import Final

from qtops.checks.frames import is_own, raised_in
from qtops.facts.journal import Traceback
from qtops.facts.service import ServiceFacts

MADE: Final = (  # folders in which systemd makes one for the service, with the right owner (systemd.exec(5), "RuntimeDirectory=")
    ("/run", "RuntimeDirectory"), ("/var/lib", "StateDirectory"), ("/var/cache", "CacheDirectory"), ("/var/log", "LogsDirectory"),
)  # fmt: skip
ALIKE: Final = 0.75


def of_a_variable(name: str, service: ServiceFacts) -> str:
    """What to do about a variable that is not set: the line that was to set it, or one of nearly its name, is named."""
    start = service.start
    variables = start.variables if start else ()
    for setting in start.settings if start else ():
        if setting.text.startswith(f"{name} is not set") or f"so {name!a} is not set" in setting.text:
            return f"Correct {setting.where}: {setting.text}"
    there = next((variable for variable in reversed(variables) if variable.name == name), None)
    if there is not None:
        return f"{name} is set at {there.where} by now: start it again"
    unread = next((file for file in service.changed if file.kind == "unit"), None)
    if unread is not None and service.unit is not None and service.unit.need_daemon_reload:
        return (
            f"See whether {unread.path} sets {name}: systemd has not read it, so `systemctl daemon-reload`; otherwise set it there"
        )
    near = get_close_matches(name, [variable.name for variable in variables], 1, ALIKE)
    meant = next((f" (did you mean {v.name}, which is set at {v.where}?)" for v in variables if v.name in near), "")
    return f"Set {name} in Environment= of the unit, or in a file of EnvironmentFile={meant}"


def of_a_module(traceback: Traceback, service: ServiceFacts) -> str:
    """What to do about a module that is not found, or is not what it should be. Empty where the files say no more."""
    message, imports = traceback.message, service.start.imports if service.start else None
    found = re.search(r"No module named '(?P<missing>[\w.]+)'|(?:from|module) '(?P<other>\w+)'", message)
    if found is None or imports is None:
        return ""
    own = [path for path in imports.followed if posixpath.splitext(posixpath.basename(path))[0] == found["other"]]
    own += re.findall(rf"\((/[^)]*/{found['other']}\.py)\)", message)
    hides = [path for path in own if path.startswith(tuple(imports.own_folders))]
    if found["other"] in sys.stdlib_module_names and hides:
        return f"Rename {hides[0]}: it hides the standard library's {found['other']}"
    importer = raised_in(traceback)
    if found["missing"] and importer and not is_own(importer):
        top = found["missing"].partition(".")[0]
        return f"{imports.interpreter} -m pip install the distribution that provides {top}: {importer} needs it"
    if found["missing"] and not imports.failures and not imports.unknown:
        who = f"User={service.unit.user}" if service.unit and service.unit.user else "the service"
        return (
            f"From the files {found['missing']} is found: see whether {who} may read it (`namei -l FILE`), "
            "and whether a setting of the sandbox, or the code itself, takes it away"
        )
    return ""


def of_a_path(path: str) -> str:
    """The setting by which systemd makes the directory of a path; empty where there is none."""
    for root, setting in MADE:
        name = path.removeprefix(f"{root}/").partition("/")[0]
        if path.startswith(f"{root}/") and name != path.removeprefix(f"{root}/"):
            return f"{setting}={name} in [Service] makes {root}/{name} for its user"
        if path.startswith(f"{root}/"):
            return f"{setting}=NAME in [Service] makes {root}/NAME for its user: use a path in there"
    return ""


def of_redis(message: str, service: ServiceFacts) -> str:
    """What to do where Redis answers now, and did not answer the service; empty where it does not answer, or was not asked."""
    redis = service.redis
    if redis is None or redis.reading.state != "ok":
        return ""
    called = re.search(r"connecting to ([\w.-]+:\d+)", message)
    if called is not None and called[1] not in redis.reading.url:
        return f"It called {called[1]}, and {redis.named_by} says {redis.reading.url}: find where the code has the former from"
    return (
        f"Redis answers at {redis.reading.url} now. If it was not up then: After= and Wants= order the two. "
        "If it was, the sandbox keeps the service from it: PrivateNetwork=, RestrictAddressFamilies=, IPAddressDeny="
    )
