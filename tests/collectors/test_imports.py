"""What of a start's imports becomes facts."""

from qtops.collectors.imports import Predictor
from qtops.facts.preflight import ImportFacts
from qtops.imports.files import Files
from tests.imports.builders import APP, host, launch

MAIN = "import sys\nsys.path.insert(0, '/home/qt/shared')\nimport own.part\nimport tool\nimport json\n"
FILES = {"main.py": MAIN, "own/__init__.py": "", "own/part.py": "", "/home/qt/shared/tool.py": "", "unused.py": ""}


def predicted(files: dict[str, str], **changes: object) -> ImportFacts:
    return Predictor(Files(host(files))).predict(launch(**changes))


def test_the_files_that_were_followed_are_named_in_the_order_of_execution() -> None:
    found = predicted(FILES)
    assert found.followed == (f"{APP}/main.py", f"{APP}/own/__init__.py", f"{APP}/own/part.py", "/home/qt/shared/tool.py")
    assert found.files == 4


def test_the_projects_own_folders_on_the_path_are_told_from_those_of_python() -> None:
    environment = {"HOME": "/home/qt", "PYTHONPATH": f"/nowhere:{APP}/own"}
    assert predicted(FILES, environment=environment).own_folders == ("/home/qt/shared", APP, f"{APP}/own")


def test_a_folder_that_is_not_certain_is_not_named() -> None:
    assert predicted({"main.py": "import sys\nsys.path.append(open('x').read())\n"}).own_folders == (APP,)
