"""Runbooks in right order, of which a test says only what is wrong."""

from qtops.guides.parsing import parse
from qtops.guides.values import Runbook

PARAMETERS = """\
```toml parameters
[service]
help = "the service"

[family]
help = "its keys"
default = "risk-proposal"
```
"""


def step(**changes: str) -> str:
    """A step of a runbook; values are TOML, an empty one leaves its key out."""
    keys = {"name": '"look"', "command": '["systemctl", "status", "{unit}"]', "why": '"To know."', "changes": "false"} | changes
    lines = "\n".join(f"{key.replace('__', '.')} = {value}" for key, value in keys.items() if value)
    return f"```toml step\n{lines}\n```\n"


def page(*steps: str, parameters: str = PARAMETERS) -> str:
    """A page with these steps."""
    return "\n".join(["# A title\n\nSome words.\n", parameters, *steps])


def runbook(*steps: str, parameters: str = PARAMETERS) -> Runbook:
    """The same, read."""
    return parse(page(*steps, parameters=parameters).encode(), "page.md")
