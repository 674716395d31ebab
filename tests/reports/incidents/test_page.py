"""The operator's page explains every word for how an incident and a notice stand."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

from qtops.incidents import State, Told

PAGE = Path(__file__).parents[3] / "runbooks" / "incidents.md"


def test_the_page_explains_each_state():
    explained = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE))
    assert explained == {*get_args(State), *get_args(get_type_hints(Told)["state"])}
