"""A step of systemd's own failed before the program ran.

What it is: a status between 200 and 245 (203/EXEC, 200/CHDIR, 217/USER, 226/NAMESPACE …) or Result=resources: systemd
prepared the process and could not.

Why it matters: the program never ran, so that its own log is silent; systemd's line names the step, and often not the
path.

What to do: the step says where to look; the checks of the unit's files (UNIT101 to UNIT116) name the path and the line.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.standing import last_run
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT209", "A step of systemd's own failed", Severity.CRITICAL, ("systemd",))
SHOWN = 3  # lines of systemd: of one failed step there are no more
REMEDIES: Final = {
    200: "Create the directory of WorkingDirectory=, let the user enter it, or correct the path",
    203: "See that the program of ExecStart= exists through all links, may be executed and has a right first line: "
    "`namei -l PATH`, `head -c 60 PATH | cat -A`",
    205: "Lower the Limit…= that is above the hard limit",
    208: "Correct StandardInput=",
    209: "Create the directory of StandardOutput=, or correct the path",
    216: "Create the group of Group= (systemd-sysusers), or correct its name",
    217: "Create the user of User= (systemd-sysusers), or correct its name",
    219: "See `systemd-cgls` and the slice that Slice= names",
    222: "Create the directory of StandardError=, or correct the path",
    224: "See PAMName= and /etc/pam.d",
    225: "See PrivateNetwork= and NetworkNamespacePath=",
    226: "Create the paths of ReadWritePaths=, BindPaths= and their kin, or write a - before those that may be missing",
    228: "See SystemCallFilter=: a group that this systemd does not know",
    233: "See RuntimeDirectory= and who owns what lies in its place",
    238: "See StateDirectory= and who owns what lies in its place",
    239: "See CacheDirectory= and who owns what lies in its place",
    240: "See LogsDirectory= and who owns what lies in its place",
    241: "See ConfigurationDirectory= and who owns what lies in its place",
    243: "Provide the file of LoadCredential=",
}
RESOURCES = "Provide each file of EnvironmentFile=, or write a - before those that may be missing"


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    last = last_run(service, facts.taken_at_s)
    if service.unit is None or last.end.kind not in {"step", "resources"}:
        return
    is_step = last.end.kind == "step"
    said = f"status={last.end.step}" if is_step else "Result=resources"
    evidence = [f"systemd says: {said}"]
    if last.ended_s is not None and is_step:
        evidence.append(f"it ended at {moment(last.ended_s, facts.taken_at_s)}, before the program ran")
    lines = [line.text for line in service.journal.lines if line.source == "systemd"] if service.journal else []
    evidence += [line for line in lines if "ailed to " in line or "failed:" in line or "Unable to " in line][-SHOWN:]
    remedy = REMEDIES.get(last.end.status, "See systemd.exec(5) for this step") if is_step else RESOURCES
    summary = f"systemd could not start the program: {said}"
    yield CHECK.finding(service.subject, summary, tuple(evidence), remedy)
