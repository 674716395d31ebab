"""The shipped JSON Schemas are those of the types."""

import json
import subprocess
import sys

import pytest

from qtops.schemas import FOLDER, SCHEMAS, make, path, read, stale

NAMES = [name for name, _ in SCHEMAS]


def test_every_schema_is_up_to_date_and_every_file_is_listed():
    assert stale() == ()
    assert {file.name for file in FOLDER.glob("*.json")} == {path(name).name for name in NAMES}
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_which_output_it_describes_and_lets_it_grow(name):
    text = read(name)
    definitions = json.loads(text)["$defs"]
    top = definitions[json.loads(text)["$ref"].rpartition("/")[2]]
    assert top["properties"]["schema"]["enum"] == [f"qtops.{name}/1"]
    assert "schema" in top["required"]
    assert '"additionalProperties": false' not in text
    assert all(definition.get("description") for definition in definitions.values() if definition.get("type") == "object")


def test_a_stale_schema_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("qtops.schemas.FOLDER", tmp_path)
    assert list(stale()) == NAMES  # absent
    for name, target in SCHEMAS:
        path(name).write_text(make(target), "utf-8")
    assert stale() == ()
    path(NAMES[0]).write_text("{}", "utf-8")
    assert stale() == (NAMES[0],)


def test_the_command_checks_and_refuses_what_it_does_not_know():
    def run(*arguments: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "qtops.schemas", *arguments], stderr=subprocess.DEVNULL, check=False
        ).returncode

    assert run("--check") == 0
    assert run() == 64
