"""Where a finding is, as a code host wants it."""

import pytest

from qtops.facts.preflight import StartFacts
from qtops.reports.preflight.places import place_of
from qtops.reports.preflight.report import Row

UNIT = Row(StartFacts(subject="app.service", unit_file="deploy/app.service", script="/srv/app/main.py"), (), ())
SCRIPT = Row(StartFacts(subject="main.py", script="/srv/app/main.py"), (), ())


@pytest.mark.parametrize(
    ("where", "row", "root", "place"),
    [
        ("deploy/app.service:7", UNIT, "/build/image", ("deploy/app.service", 7)),
        ("deploy/app.service.d/a.conf:2", UNIT, "/build/image", ("deploy/app.service.d/a.conf", 2)),
        ("/srv/app/main.py:29", UNIT, "/build/image", ("image/srv/app/main.py", 29)),
        ("/srv/app/main.py:29", UNIT, "/elsewhere", ("/elsewhere/srv/app/main.py", 29)),
        ("/build/src/main.py:3", UNIT, "/", ("src/main.py", 3)),
        ("/srv/app/lib.py", UNIT, "/", ("/srv/app/lib.py", 1)),
        ("", UNIT, "/build/image", ("deploy/app.service", 1)),
        ("", SCRIPT, "/build/image", ("image/srv/app/main.py", 1)),
    ],
)
def test_a_place_is_relative_to_where_the_command_runs(where, row, root, place):
    assert place_of(where, row, root, "/build") == place
