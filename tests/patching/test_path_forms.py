"""The forms in which programs edit sys.path, taken out at the line that the import engine names: the walk then resolves."""

import pytest

from qtops.imports.launch import Launch, Script
from qtops.imports.outcome import ImportVerdict, Outcome
from qtops.imports.predict import predict
from qtops.patching import CannotPatch
from qtops.patching.python_source import remove_statement
from tests.imports.builders import APP, PYTHON, host, launch
from tests.imports.path_edits import FORMS

OLD = f"{APP}/old"
MAIN = f"{OLD}/service/main.py"
TREE = {f"{APP}/inner/__init__.py": "", f"{APP}/inner/tool.py": "VALUE = 1\n", f"{OLD}/inner/__init__.py": ""}
HEAD = (
    "#!/usr/bin/env python3\n"
    "import os\nimport sys\nfrom pathlib import Path\n"
    "HERE = os.path.dirname(os.path.abspath(__file__))\nROOT = Path(__file__).resolve().parent.parent\n"
)
TAIL = "from inner.tool import VALUE\n"

DIRECTORIES = {
    "pathlib .parent chain": "str(Path(__file__).resolve().parent.parent)",
    "pathlib parents": "str(Path(__file__).parents[1])",
    "os.path arithmetic on __file__": "os.path.dirname(os.path.dirname(os.path.abspath(__file__)))",
    "literal absolute": "'/home/qt/app/old'",
    "join with ..": "os.path.join(os.path.dirname(__file__), '..')",
    "abspath of join with ..": "os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))",
    "via variable": "str(ROOT)",
    "os.path arithmetic on a variable": "os.path.dirname(HERE)",
    "literal dot": "'.'",
    "literal empty": "''",
    "literal other relative": "'../old'",
    "pathlib / join": "str(ROOT / 'service' / '..')",
    "environment variable": "os.environ.get('OLD', '/home/qt/app/old')",
}
OPERATIONS = {
    "insert": "sys.path.insert(0, {})",
    "insert on lines of its own": "sys.path.insert(\n        0,\n        {},  # first\n    )",
    "assign a list": "sys.path = [{}] + sys.path",
    "assign a call": "sys.path = list([{}]) + list(sys.path)",
    "slice": "sys.path[:] = [{}, *sys.path]",
    "item": "sys.path[0] = {}",
    "insert by slice": "sys.path[0:0] = [{}]",
}
CONTEXTS = {
    "top level": "{edit}  # noqa: E402\n",
    "in try": "try:\n    {edit}\nexcept Exception:\n    pass\n",
    "in function": "def setup():\n    {edit}\nsetup()\n",
    "if not in sys.path": "if {directory} not in sys.path:\n    {edit}\n",
    "if not in sys.path, one line": "if {directory} not in sys.path: {edit}\n",
    "in class": "class Setup:\n    {edit}\n    ready = True\n",
    "if path exists": "if os.path.isdir({directory} or '.'):\n    {edit}  # there\n",
    "in loop": "for _ in [0]:\n    {edit}\n",
    "in except handler": "try:\n    import not_there\nexcept ImportError:\n    {edit}\n",
    "other if": "if sys.version_info >= (3, 8):\n    {edit}\nelse:\n    pass\n",
    "after a semicolon": "ready = True; {edit}\n",
}


def start(main: str | bytes) -> Outcome:
    environment = {"HOME": "/home/qt", "PYTHONPATH": APP}
    return predict(host({**TREE, MAIN: main}), Launch(PYTHON, Script(MAIN), OLD, environment))


def mended(program: str) -> str:
    """The program without the edit that the engine names; shadowed before, resolved afterwards."""
    before = start(program)
    assert before.verdict is ImportVerdict.SHADOWED
    assert before.resolves_without is not None
    patched = remove_statement(program.encode(), before.resolves_without.site.line)
    after = start(patched.content)
    assert after.verdict is ImportVerdict.OK
    assert after.edits == ()
    return patched.content.decode()


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("directory", DIRECTORIES)
def test_every_directory_in_every_context(directory, context, ends):
    expression = DIRECTORIES[directory]
    text = CONTEXTS[context].format(edit=f"sys.path.insert(0, {expression})", directory=expression)
    program = (HEAD + text + TAIL).replace("\n", ends)
    result = mended(program)
    assert result.startswith(HEAD.replace("\n", ends))
    assert result.endswith(TAIL.replace("\n", ends))


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_in_every_context(operation, context):
    expression = DIRECTORIES["os.path arithmetic on a variable"]
    mended(HEAD + CONTEXTS[context].format(edit=OPERATIONS[operation].format(expression), directory=expression) + TAIL)


@pytest.mark.parametrize("head", ["from sys import path\n", "import sys as s\npath = s.path\n"])
def test_by_another_name(head):
    mended(f"{head}path.insert(0, '{OLD}')\n{TAIL}")


def test_one_of_several_edits_is_enough():
    program = (
        f"{HEAD}sys.path.append('/app')\nsys.path.insert(0, {DIRECTORIES['via variable']})\nsys.path.append(r'C:\\app')\n{TAIL}"
    )
    before = start(program)
    assert before.resolves_without is not None
    after = start(remove_statement(program.encode(), before.resolves_without.site.line).content)
    assert (before.verdict, after.verdict, len(before.edits), len(after.edits)) == (ImportVerdict.SHADOWED, ImportVerdict.OK, 3, 2)


def edits(files: dict[str, str | bytes], environment: dict[str, str]) -> dict[str, int]:
    """Lines of the edits of main.py, by their places."""
    found = predict(host(files), launch(environment={"HOME": "/home/qt", **environment}))
    return {str(edit): edit.site.line for edit in found.edits if edit.site.file == f"{APP}/main.py"}


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"map and lambda"}))
def test_the_line_that_the_engine_names_is_the_one_that_is_found(form):
    case = FORMS[form]
    text = case.files["main.py"]
    assert isinstance(text, str)
    before = edits(dict(case.files), dict(case.environment))
    for line in before.values():
        content = remove_statement(text.encode(), line).content
        assert len(edits({**case.files, "main.py": content}, dict(case.environment))) < len(before)


def test_a_function_that_is_called_elsewhere_is_not_taken_away():
    with pytest.raises(CannotPatch, match="also sets add, which line 2 uses"):
        remove_statement(b"add = lambda d: sys.path.append(d)\nadd('lib')\n", 1)
