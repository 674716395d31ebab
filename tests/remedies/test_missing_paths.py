"""Directories and environment files that are not there: the one that was meant is named by a drop-in, and looked at again."""

import pytest
from msgspec.structs import replace

from qtops.steps import DropIn
from tests.checks.services import down
from tests.checks.starts import path
from tests.collectors.units import APP, unit

from .offers import mended, named, offered, sick

ENV = "/etc/quantum/risk-proposal.env"


def directory(near="", state="missing", **changes):
    return replace(down(user="app"), start=path("WorkingDirectory", state, "/srv/ap", near=near, **changes))


def test_the_directory_that_was_meant(tmp_path):
    first, by_hand = offered("UNIT104", sick(tmp_path, unit(WorkingDirectory="/srv/ap")))
    assert first.changes == (DropIn("app.service", "Service", (f"WorkingDirectory={APP}",)),)
    assert not by_hand.is_offered
    assert mended(tmp_path, first) == []


def test_a_directory_whose_name_has_a_percent_sign():
    assert offered("UNIT104", directory("/srv/100% app"))[0].changes[0].lines == ("WorkingDirectory=/srv/100%% app",)


def test_without_a_name_that_is_like_it_a_person_makes_it():
    (remedy,) = offered("UNIT104", directory())
    assert named((remedy,)) == [("make-working-directory", False)]
    assert "`install -d -o app -g app /srv/ap`" in remedy.title


def test_a_link_that_leads_nowhere_is_not_replaced_by_a_directory():
    (remedy,) = offered("UNIT104", directory(state="broken_link", detail="/srv/ap -> /srv/releases/7"))
    assert "Provide what /srv/ap -> /srv/releases/7 leads to" in remedy.title


@pytest.mark.parametrize("near", ["/srv/ap.old", "/srv/app.bak", "/srv/ap ", "/srv/a[p]", "/srv/ap\n"])
def test_what_no_one_meant_or_no_line_can_hold_is_not_offered(near):
    assert named(offered("UNIT104", directory(near))) == [("make-working-directory", False)]


def test_the_environment_file_that_was_meant_with_all_others_in_their_order(tmp_path):
    text = unit("EnvironmentFile=-/etc/app/local.env", "EnvironmentFile=-/etc/app/*.conf", EnvironmentFile="/etc/app/ap.env")
    first, by_hand = offered("UNIT106", sick(tmp_path, text, {"/etc/app/app.env": "A=1\n"}))
    expected = ("EnvironmentFile=", "EnvironmentFile=/etc/app/app.env", "EnvironmentFile=-/etc/app/local.env")
    assert first.changes[0].lines == (*expected, "EnvironmentFile=-/etc/app/*.conf")
    assert by_hand.name == "provide-environment-file"
    assert mended(tmp_path, first) == []


def test_all_files_that_are_not_there_are_corrected_at_once(tmp_path):
    text = unit("EnvironmentFile=/etc/app/extr.env", EnvironmentFile="/etc/app/ap.env")
    first, _ = offered("UNIT106", sick(tmp_path, text, {"/etc/app/app.env": "A=1\n", "/etc/app/extra.env": "B=1\n"}))
    assert mended(tmp_path, first) == []


def test_one_that_nothing_is_like_keeps_the_others_from_being_offered(tmp_path):
    text = unit("EnvironmentFile=/etc/other/secrets", EnvironmentFile="/etc/app/ap.env")
    assert named(offered("UNIT106", sick(tmp_path, text, {"/etc/app/app.env": "A=1\n"}))) == [("provide-environment-file", False)]


def test_a_template_of_a_file_is_never_taken_for_it(tmp_path):
    service = sick(tmp_path, unit(EnvironmentFile="/etc/app/app.env"), {"/etc/app/app.env.example": "KEY=changeme\n"})
    (remedy,) = offered("UNIT106", service)
    assert "say nothing" in remedy.by_hand  # why it is no leading dash either


def test_where_the_whole_list_is_not_known_nothing_is_reset():
    service = replace(down(), start=path("EnvironmentFile", "missing", "/etc/ap.env", near="/etc/app.env"))
    assert service.start.environment_files == ()
    assert named(offered("UNIT106", service)) == [("provide-environment-file", False)]
    other = replace(service, start=replace(service.start, environment_files=("/etc/x.env",)))
    assert not offered("UNIT106", other)[0].is_offered
    listed = replace(service, start=replace(service.start, environment_files=("/etc/ap.env", "-/etc/x.env")))
    assert offered("UNIT106", listed)[0].is_offered


def test_no_line_is_written_for_a_path_that_would_be_read_as_another():
    files = ("/etc/ap.env", "/etc/back\\slash.env")
    missing = path("EnvironmentFile", "missing", "/etc/ap.env", near="/etc/app.env")
    service = replace(down(), start=replace(missing, environment_files=files))
    assert not offered("UNIT106", service)[0].is_offered
