"""Every scenario on a real systemd: it gets into its state, and doctor names the root, live and from what it saved."""

import gzip
from pathlib import Path

import pytest

from tests.box.box import NoBox
from tests.scenarios.asking import BUNDLE, Answer, ask_bundle, ask_live
from tests.scenarios.catalogue import SCENARIOS
from tests.scenarios.environment import CANARY
from tests.scenarios.installing import prepared
from tests.scenarios.judging import misses

pytestmark = [pytest.mark.slow, pytest.mark.systemd]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Answer], Path]:
    """What doctor says of all scenarios beside their systemd, asked in either way, and of its own bundle elsewhere; that bundle."""
    try:
        with prepared(SCENARIOS) as (box, _):
            slow = ask_live(box, SCENARIOS, "--via", "systemctl")
            live = ask_live(box, SCENARIOS)
            saved = box.read(BUNDLE)
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")
    bundle = tmp_path_factory.mktemp("scenarios") / Path(BUNDLE).name
    bundle.write_bytes(saved)
    return {"live": live, "through systemctl": slow, "from the bundle": ask_bundle(bundle)}, bundle


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_the_root_is_named(answers, scenario):
    ways, _ = answers
    assert {way: found for way, answer in ways.items() if (found := misses(scenario, answer.results.get(scenario.service)))} == {}


def test_no_secret_is_told_or_kept(answers):
    ways, bundle = answers
    assert [way for way, answer in ways.items() if CANARY in answer.text] == []
    assert CANARY not in gzip.decompress(bundle.read_bytes()).decode()
