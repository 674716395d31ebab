"""Every scenario, diagnosed from what doctor once looked at: without a systemd, without rights, on any machine."""

import gzip
import json
import re

import msgspec
import pytest

from qtops import bundle
from qtops.diagnose import diagnose
from tests.scenarios.catalogue import SCENARIOS
from tests.scenarios.environment import CANARY
from tests.scenarios.judging import misses
from tests.scenarios.recording import FOLDER, path_of

MACHINE = re.compile(r"/root/|/tmp/(?!private-tmp)|/work/|\.venv/bin/python -m|site-packages/qtops")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_the_recording_is_diagnosed_as_the_service_was(scenario):
    (diagnosis,) = diagnose(bundle.load(path_of(scenario)))
    assert misses(scenario, msgspec.to_builtins(diagnosis)) == []


def test_there_is_one_recording_per_scenario_and_no_other():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(path_of(each).name for each in SCENARIOS)


def test_no_recording_holds_a_secret_or_the_machine_it_was_made_on():
    texts = {path.name: json.dumps(json.loads(gzip.decompress(path.read_bytes()))) for path in sorted(FOLDER.iterdir())}
    assert [name for name, text in texts.items() if CANARY in text] == []
    assert {name: found[0] for name, text in texts.items() if (found := MACHINE.search(text))} == {}
