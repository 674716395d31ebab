"""What installers put into site-packages: .pth lines as they stand there, and modules cut down to what decides."""
# ruff: noqa: E501  (a .pth line is one line)

DISTUTILS = "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); \n"
COVERAGE = 'import sys; exec(\'import os\\n\\nif os.getenv("COVERAGE_PROCESS_START") or os.getenv("COVERAGE_PROCESS_CONFIG"):\\n try:\\n  import coverage\\n except:\\n  pass\\n else:\\n  coverage.process_startup(slug="pth")\')\n'
COVERAGE_5 = "import coverage; coverage.process_startup()\n"
PYTEST_COV = "import os, sys;exec('if \\'COV_CORE_SOURCE\\' in os.environ:\\n try:\\n  from pytest_cov.embed import init\\n  init()\\n except Exception as exc:\\n  sys.stderr.write(\\n   \"pytest-cov: {0!r} {1!r}\\\\n\".format(\\n    dict((k, v) for k, v in os.environ.items() if k.startswith(\\'COV_CORE\\')),\\n    exc\\n   )\\n  )\\n')\n"
NAMESPACE = "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google',));importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('google', importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('google', [os.path.dirname(p)])));m = m or sys.modules.setdefault('google', types.ModuleType('google'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)\n"
NAMESPACE_BELOW = "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google', 'cloud'));importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('google.cloud', importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('google.cloud', [os.path.dirname(p)])));m = m or sys.modules.setdefault('google.cloud', types.ModuleType('google.cloud'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p);m and setattr(sys.modules['google'], 'cloud', m)\n"
NAMESPACE_OF_OLD = "import sys,types,os; p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('zope',)); ie = os.path.exists(os.path.join(p,'__init__.py')); m = not ie and sys.modules.setdefault('zope', types.ModuleType('zope')); mp = (m or []) and m.__dict__.setdefault('__path__',[]); (p not in mp) and mp.append(p)\n"

DISTUTILS_HACK = """
import sys, os

class DistutilsMetaFinder:
    def find_spec(self, fullname, path, target=None):
        if path is not None and not fullname.startswith('test.'):
            return None
        method_name = 'spec_for_{fullname}'.format(**locals())
        method = getattr(self, method_name, lambda: None)
        return method()

    def spec_for_distutils(self):
        import importlib
        try:
            importlib.import_module('setuptools._distutils')
        except Exception:
            return None

    def spec_for_pip(self):
        return None

    sensitive_tests = ['test.test_distutils']

for name in DistutilsMetaFinder.sensitive_tests:
    setattr(DistutilsMetaFinder, f'spec_for_{name}', DistutilsMetaFinder.spec_for_pip)

DISTUTILS_FINDER = DistutilsMetaFinder()

def add_shim():
    DISTUTILS_FINDER in sys.meta_path or sys.meta_path.insert(0, DISTUTILS_FINDER)
"""
VIRTUALENV = """
import os, sys
_DISTUTILS_PATCH = "distutils.dist", "setuptools.dist"

class _Finder:
    fullname = None

    def find_spec(self, fullname, path, target=None):
        if fullname in _DISTUTILS_PATCH and self.fullname is None:
            from importlib.util import find_spec
            self.fullname = fullname
            try:
                return find_spec(fullname, path)
            finally:
                self.fullname = None
        return None

sys.meta_path.insert(0, _Finder())
"""
SETUPTOOLS = """
import sys
from importlib.machinery import ModuleSpec, PathFinder, all_suffixes
from importlib.util import spec_from_file_location
from pathlib import Path

MAPPING: dict[str, str] = {mapping!r}
NAMESPACES: dict[str, list[str]] = {namespaces!r}
PATH_PLACEHOLDER = '__editable__.own.finder' + ".__path_hook__"

class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            place = Path(MAPPING[fullname])
            for candidate in (place / "__init__.py", *(place.with_suffix(suffix) for suffix in all_suffixes())):
                if candidate.exists():
                    return spec_from_file_location(fullname, candidate)
            return None
        parent = fullname.rpartition(".")[0]
        return PathFinder.find_spec(fullname, path=[MAPPING[parent]]) if parent in MAPPING else None

class _EditableNamespaceFinder:
    @classmethod
    def _path_hook(cls, path):
        if path == PATH_PLACEHOLDER:
            return cls
        raise ImportError

    @classmethod
    def find_spec(cls, fullname, target=None):
        if fullname not in NAMESPACES:
            return None
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [*NAMESPACES[fullname], PATH_PLACEHOLDER]
        return spec

def install():
    sys.meta_path.append(_EditableFinder)
    if NAMESPACES:
        sys.path_hooks.append(_EditableNamespaceFinder._path_hook)
        sys.path.append(PATH_PLACEHOLDER)
"""
EDITABLES = """
import importlib.util
import sys

class RedirectingFinder:
    _redirections = {}

    @classmethod
    def map_module(cls, name, path):
        cls._redirections[name] = path

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if path is not None or fullname not in cls._redirections:
            return None
        return importlib.util.spec_from_file_location(fullname, cls._redirections[fullname])

    @classmethod
    def install(cls):
        if cls not in sys.meta_path:
            sys.meta_path.append(cls)
"""
