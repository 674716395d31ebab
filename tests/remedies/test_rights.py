"""Rights: the exact command, and never carried out."""

import pytest
from msgspec.structs import replace

from tests.checks.services import down
from tests.checks.starts import path

from .offers import named, offered


@pytest.mark.parametrize(
    ("denied", "commands"),
    [
        ("/srv/x is drwx------ root:root: app may not search it", ("setfacl -m u:app:x /srv/x", "chmod g+x /srv/x")),
        ("/srv/a b is -rw------- root:root: app may not read it", ("setfacl -m u:app:r '/srv/a b'", "chgrp app '/srv/a b'")),
        ("/srv/x is drwx--x--x 0:0 with an access control list: app may not read it", ("u:app:rx /srv/x", "chmod g+rx /srv/x")),
    ],
)
def test_one_right_for_one_account(denied, commands):
    code, setting = ("UNIT116", "script") if "read" in denied else ("UNIT115", "WorkingDirectory")
    kept = path(setting, "directory", "/srv/x", denied=denied)
    (remedy,) = offered(code, replace(down(), start=kept))
    assert named((remedy,)) == [("give-right", False)]
    assert all(command in remedy.title for command in commands)


def test_words_that_are_not_understood_leave_the_finding_s_own_advice():
    kept = path("WorkingDirectory", "directory", "/srv/x", denied="something else is in the way")
    (remedy,) = offered("UNIT115", replace(down(), start=kept))
    assert "namei -l PATH" in remedy.title
