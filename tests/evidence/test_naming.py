"""Names of records: each once, whatever services call themselves, and however many are called the same."""

import time

from qtops.evidence.naming import labels, unit_files


def test_what_another_has_already_gets_a_number():
    assert labels(["app.service", "app.service", "b", "app.service"]) == ("app.service", "app.service#2", "b", "app.service#3")


def test_no_service_takes_the_place_of_what_could_not_be_read():
    assert labels(["missing", "missing"]) == ("missing#2", "missing#3")


def test_names_of_which_nothing_is_left_are_told_apart():
    assert labels(["é", "/", "..", ""]) == ("unnamed", "unnamed#2", "unnamed#3", "unnamed#4")


def test_paths_of_unit_files_are_told_by_their_names():
    assert unit_files(["/etc/systemd/system/app.service"]) == ("unit-files/etc-systemd-system-app.service",)


def test_very_many_of_one_name_take_no_longer_than_others():
    began = time.perf_counter()
    assert len(set(labels(["é"] * 50_000))) == 50_000
    assert time.perf_counter() - began < 2
