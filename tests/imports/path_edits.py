"""The ways in which programs edit sys.path, each as a small tree."""
# ruff: noqa: E501  (one tree per line: a table is read across)

from .cpython import Case

HERE = "import os, sys\nfrom pathlib import Path\n"
LIB = {"lib/inner/__init__.py": "", "lib/inner/tool.py": "VALUE = 1\n"}


def edit(statement: str, **more: str) -> Case:
    """A main.py that edits sys.path, then imports what only the edit can find."""
    return Case({**LIB, "main.py": f"{HERE}{statement}\nimport inner.tool\n", **more})


FORMS = {
    "insert dirname abspath": edit("sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))"),
    "insert literal": edit("sys.path.insert(0, 'ROOT/lib')"),
    "insert relative": edit("sys.path.insert(0, 'lib')"),
    "insert dot": edit("sys.path.insert(0, '.')\nsys.path.insert(0, '')\nsys.path.insert(0, './lib')"),
    "insert windows": edit("sys.path.insert(0, r'C:\\code\\lib')"),
    "insert parent chain": edit("sys.path.insert(0, str(Path(__file__).resolve().parent / 'lib'))"),
    "insert parents[0]": edit("sys.path.insert(0, str(Path(__file__).parents[0].joinpath('lib')))"),
    "a Path object is passed over": edit("sys.path.insert(0, Path(__file__).resolve().parent / 'lib')"),
    "join with ..": edit("sys.path.append(os.path.join(os.path.dirname(__file__), 'lib', '..', 'lib'))"),
    "join dirname .. abspath": edit(
        "sys.path.append(os.path.abspath(os.path.join(os.path.dirname(__file__), '..', os.getcwd(), 'lib')))"
    ),
    "via variable": edit("ROOT_DIR = Path(__file__).parent\nLIB = ROOT_DIR / 'lib'\nsys.path.append(str(LIB))"),
    "environment": Case({**LIB, "main.py": f"{HERE}sys.path.insert(0, os.environ.get('LIB', '/nowhere'))\nimport inner.tool\n"}),
    "environment set": Case(
        {**LIB, "main.py": f"{HERE}sys.path.insert(0, os.getenv('LIB'))\nimport inner.tool\n"}, environment={"LIB": "ROOT/lib"}
    ),
    "environment subscript unset": edit("sys.path.insert(0, os.environ['LIB_HOME'])"),
    "expandvars": edit("sys.path.append(os.path.expandvars('$HOME/lib'))\nsys.path.append(os.path.expanduser('~/lib'))"),
    "in try": edit("try:\n    sys.path.insert(0, 'lib')\nexcept Exception:\n    pass"),
    "in function": edit("def setup(base):\n    sys.path.insert(0, os.path.join(base, 'lib'))\nsetup(os.path.dirname(__file__))"),
    "in function not called": edit("def setup():\n    sys.path.insert(0, 'lib')"),
    "function result": edit("def root():\n    return Path(__file__).parent\nsys.path.insert(0, str(root() / 'lib'))"),
    "not in sys.path": edit(
        "p = os.path.abspath('lib')\nif p not in sys.path:\n    sys.path.insert(0, p)\nif p not in sys.path:\n    1/0"
    ),
    "if exists": edit("for p in ('nope', 'lib'):\n    if os.path.isdir(p):\n        sys.path.insert(0, p)"),
    "in loop": edit(
        "for part in ['a', 'b', 'lib']:\n    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), part))"
    ),
    "in class": edit("class Setup:\n    base = 'lib'\n    sys.path.append(base)"),
    "in constructor": edit(
        "class Setup:\n    def __init__(self, d):\n        self.d = d\n        self.add()\n    def add(self):\n        sys.path.append(self.d)\nSetup('lib')"
    ),
    "in except": edit("try:\n    import inner.tool\nexcept ImportError:\n    sys.path.append('lib')\n    import inner.tool"),
    "assign list": edit("sys.path = ['lib'] + sys.path"),
    "assign list()": edit("sys.path = list(sys.path) + ['lib']"),
    "assign slice": edit("sys.path[:] = ['lib', *sys.path]"),
    "insert by slice": edit("sys.path[0:0] = ['lib']\nsys.path[1] = sys.path[1]"),
    "augmented": edit("sys.path += ['lib']"),
    "extend": edit("sys.path.extend(['nope', 'lib'])"),
    "remove": Case(
        {"main.py": f"{HERE}sys.path.remove(os.path.dirname(os.path.abspath(__file__)))\nimport other\n", "other.py": ""}
    ),
    "remove not there": edit("sys.path.remove('not there')"),
    "pop": Case({"main.py": f"{HERE}sys.path.pop(0)\nimport other\n", "other.py": ""}),
    "del": Case({"main.py": f"{HERE}del sys.path[0]\nimport other\n", "other.py": ""}),
    "comprehension": Case({"main.py": f"{HERE}sys.path[:] = [p for p in sys.path if 'ROOT' != p]\nimport other\n", "other.py": ""}),
    "clear": edit("sys.path.clear()\nsys.path.append('lib')"),
    "chdir": edit("os.chdir('lib')\nsys.path.insert(0, '')"),
    "from sys import path": Case({**LIB, "main.py": "from sys import path\npath.insert(0, 'lib')\nimport inner.tool\n"}),
    "alias of sys": Case(
        {**LIB, "main.py": "import sys as s, os.path as p\ns.path.append(p.join(p.dirname(__file__), 'lib'))\nimport inner\n"}
    ),
    "alias of path": edit("paths = sys.path\npaths.append('lib')"),
    "addsitedir": edit(
        "import site\nsite.addsitedir('lib')", **{"lib/more.pth": "deep\n# no\n\nnot there\n", "lib/deep/below.py": ""}
    ),
    "edit in an imported module": Case(
        {**LIB, "setup_path.py": "import sys\nsys.path.append('lib')\n", "main.py": "import setup_path\nimport inner.tool\n"}
    ),
    "edit in the main guard": Case(
        {**LIB, "main.py": f"{HERE}if __name__ == '__main__':\n    sys.path.append('lib')\n    import inner.tool\n"}
    ),
    "f-string": edit("base = os.path.dirname(os.path.abspath(__file__))\nsys.path.insert(0, f'{base}/lib')"),
    "percent and format": edit("sys.path.insert(0, '%s/%s' % ('.', 'nope'))\nsys.path.insert(0, '{}/lib'.format(os.getcwd()))"),
    "relpath": edit("sys.path.insert(0, os.path.relpath('lib', os.getcwd()))"),
    "while": edit(
        "d = os.path.abspath(__file__)\nwhile not os.path.isdir(os.path.join(d, 'lib')):\n    d = os.path.dirname(d)\nsys.path.append(d + '/lib')"
    ),
    "walk up by parents": edit(
        "for p in Path(__file__).resolve().parents:\n    if (p / 'lib').exists():\n        sys.path.insert(0, str(p / 'lib'))\n        break"
    ),
    "map and lambda": edit("add = lambda d: sys.path.append(d)\nadd('lib')"),
    "conditional expression": edit("sys.path.append('lib' if os.path.exists('lib') else 'nope')"),
    "walrus": edit("if (d := Path('lib')).is_dir():\n    sys.path.append(str(d))"),
    "unpacking": edit("a, (b, c) = 'x', ('y', 'lib')\nsys.path.append(c)"),
    "sys.argv[0]": edit("sys.path.append(os.path.join(os.path.dirname(sys.argv[0]), 'lib'))"),
    "sys.path[0]": edit("sys.path.append(os.path.join(sys.path[0], 'lib'))"),
}
