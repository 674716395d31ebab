import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qtops.actions.backups import folder_of
from qtops.actions.ledger_opening import look_into, open_ledger
from qtops.actions.state import StateFolder, open_state
from qtops.errors import ConfigError, Unavailable
from qtops.steps import RecoveryPlan
from tests.actions.patching_run import DROP_IN, NEW_SOURCE, UNIT
from tests.actions.test_ledger import plan_of


@pytest.fixture
def state(tmp_path) -> StateFolder:
    return open_state(str(tmp_path / "state"))


@pytest.fixture
def plan(tmp_path) -> RecoveryPlan:
    return plan_of(tmp_path / "tree")


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(8192))


def half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flipped(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"unit":"demo', b'"unit":"demq'))


@pytest.mark.parametrize("harm", [garbage, half, flipped])
def test_a_damaged_ledger_is_moved_aside_said_aloud_and_nothing_open_is_forgotten(state, tmp_path, harm):
    begun, verified = plan_of(tmp_path / "tree", "id-begun"), plan_of(tmp_path / "tree", "id-verified", "other.service")
    contents = {step.action.after.sha256: content for step, content in zip(begun.steps, (NEW_SOURCE, DROP_IN), strict=False)}
    with open_ledger(state) as ledger:
        for plan in (begun, verified):
            folder_of(state, plan.id).make(plan, contents)
            ledger.begin(plan, "alice")
        ledger.note(verified.id, "verified", at_s=5_000_000_000.0)
    harm(Path(state.ledger))
    damaged = Path(state.ledger).read_bytes()
    with pytest.raises(Unavailable, match=r"is damaged .*; the next recovery moves it aside"), look_into(state.path):
        pass
    with open_ledger(state) as ledger:
        told = {record.id: (record.state, record.ended_s) for record in ledger.records()}
        assert told == {"id-begun": ("begun", None), "id-verified": ("verified", 5_000_000_000.0)}
        aside, opened = ledger.said
    assert "was damaged (" in aside
    assert opened == f"id-begun: was entered in the new ledger as begun: `qtops recover {UNIT} --resume` or `--undo`"
    (kept,) = Path(state.path).glob("qtops.db.damaged-*Z")
    assert kept.read_bytes() == damaged
    with open_ledger(state) as ledger:
        assert ledger.said == ()


@pytest.mark.parametrize("lost", ["removed", "emptied"])
def test_a_ledger_that_is_lost_is_made_anew_from_the_folders(state, plan, lost):
    with open_ledger(state) as ledger:
        folder_of(state, plan.id).make(plan, {})
        ledger.begin(plan, "alice")
    if lost == "removed":
        Path(state.ledger).unlink()
    else:
        os.truncate(state.ledger, 0)
    with open_ledger(state) as ledger:
        assert ledger.open_recovery(UNIT) is not None
        assert len(ledger.said) == 1


def test_a_plan_that_is_damaged_too_is_said_and_does_not_stop_the_rest(state, plan):
    folder_of(state, plan.id).make(plan, {})
    (Path(state.recoveries) / "broken").mkdir()
    (Path(state.recoveries) / "broken" / "plan.json").write_text('{"schema"')
    with open_ledger(state) as ledger:
        assert [record.id for record in ledger.records()] == [plan.id]
        assert any("broken/plan.json: is damaged" in said for said in ledger.said)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> StateFolder:
    """A state folder with one open recovery, to be copied and harmed."""
    place = tmp_path_factory.mktemp("sound")
    state, plan = open_state(str(place / "state")), plan_of(place / "tree")
    with open_ledger(state) as ledger:
        folder_of(state, plan.id).make(plan, {})
        ledger.begin(plan, "alice")
        for number in range(3):
            ledger.note(plan.id, "step begun", number, {"path": f"/srv/{number}"})
    return state


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(place=0.125, bit=7, cut=False)  # a statement that made a table: SQLite quotes it, and it is no text any more
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_a_bit_that_flips_or_a_file_cut_short_never_hides_an_open_recovery(sound, tmp_path, place, bit, cut):
    shutil.rmtree(tmp_path / "state", ignore_errors=True)
    shutil.copytree(sound.path, tmp_path / "state")
    state = StateFolder(str(tmp_path / "state"))
    content = bytearray(Path(state.ledger).read_bytes())
    at = int(place * len(content))
    if cut:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    Path(state.ledger).write_bytes(content)
    with suppress(ConfigError), open_ledger(state) as ledger:  # ConfigError: the bit was one of the schema's number
        record = ledger.open_recovery(UNIT)
        assert record is not None
        assert len(ledger.entries(record.id)) == 4
