"""The user or group of the service does not exist.

What it is: User= or Group= names an account that passwd or group of the tree does not have.

Why it matters: systemd gives up with status=217/USER or 216/GROUP before the program runs.

What to do: create the account (`systemd-sysusers`, `useradd --system`), or correct the name. Accounts that come from
elsewhere than these files (LDAP) are not seen here.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT105", "The user or group does not exist", Severity.CRITICAL, ("accounts",))
STATUS = {"User": "217/USER", "Group": "216/GROUP"}
LIST = {"User": "/etc/passwd", "Group": "/etc/group"}


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per account."""
    for account in start.accounts:
        if account.known is False and account.setting in STATUS:
            evidence = (f"it is not in {LIST[account.setting]}", f"systemd will say: status={STATUS[account.setting]}")
            summary = f"{account.setting}={account.name}: there is no such {account.setting.lower()}"
            remedy = f"Create it, or correct {account.setting}= at {account.where}"
            yield CHECK.finding(start.subject, summary, evidence, remedy, where=account.where)
