"""What is left of incidents that are long over."""

import os
import time
from pathlib import Path

from qtops.actions.incidents.sweeping import KEPT_S, sweep
from qtops.incidents import Change, Incident

NOW_S = time.time()


def folder(store, number: int, age_s: float) -> Path:
    path = Path(store.folder_of(number))
    (path / "opening.json.gz").write_bytes(b"")
    for file in (path / "opening.json.gz", path):
        os.utime(file, (NOW_S - age_s, NOW_S - age_s))
    return path


def test_folders_go_when_nothing_is_on_record_of_them_and_they_are_old(store):
    incident = Incident(
        fingerprint="a", unit="a.service", kind="process", title="it died", began_s=NOW_S, opened_s=NOW_S, last_s=NOW_S
    )
    (kept,) = store.apply((Change(incident=incident, event="opened", at_s=NOW_S, text="it died"),))
    known = folder(store, kept.number, 2 * KEPT_S)
    old, young = folder(store, 70, 2 * KEPT_S), folder(store, 71, KEPT_S / 2)
    assert sweep(store, NOW_S) == (70,)
    assert [path.exists() for path in (known, old, young)] == [True, False, True]


def test_a_link_is_left_alone(store, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    Path(store.folder_of(1)).with_name("72").symlink_to(outside)
    assert sweep(store, NOW_S + 10 * KEPT_S) in {(), (1,)}
    assert outside.is_dir()


def test_what_is_no_folder_of_an_incident_hinders_nothing(store):
    old = folder(store, 70, 2 * KEPT_S)
    old.with_name("69").touch()
    old.with_name("9" * 30).mkdir()
    assert sweep(store, NOW_S) == (70,)
