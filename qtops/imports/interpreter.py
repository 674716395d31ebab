"""The unit's interpreter, read from its files: version, prefixes, standard library (``Modules/getpath.py`` and ``Lib/site.py``)."""

import posixpath
import re
import sys
from dataclasses import dataclass, replace
from functools import cached_property

from qtops.imports.built_in import BUILT_IN_EVERYWHERE, FROZEN_311, LOADED_AT_START, LOADED_BY_SITE, MAY_BE_BUILT_IN
from qtops.imports.launch import Launch
from qtops.imports.tree import Kind, Tree

_VERSION_IN_NAME = re.compile(r"python(\d)\.(\d+)")


@dataclass(frozen=True)
class Interpreter:
    """What of an interpreter decides its imports. ``trouble`` says why it could not be read."""

    executable: str
    version: tuple[int, int]
    base_prefix: str
    prefix: str
    """The venv, or the base."""
    system_site: bool = True
    """A venv that includes the base's site-packages; True outside a venv."""
    debian: bool = False
    extension_suffixes: tuple[str, ...] = (".abi3.so", ".so")
    stdlib_names: frozenset[str] = frozenset()
    built_in: frozenset[str] = frozenset()
    micro: int | None = None
    """The third part of the version, where a pyvenv.cfg tells it."""
    trouble: str | None = None
    lacks_library: bool = False
    """PYTHONHOME leads to no standard library of this version: it ends before it runs anything (``Python/initconfig.c``)."""

    @property
    def in_venv(self) -> bool:
        """Whether sys.prefix differs from sys.base_prefix."""
        return self.prefix != self.base_prefix

    @cached_property
    def library(self) -> str:
        """The directory of the standard library."""
        return posixpath.join(self.base_prefix, "lib", f"python{self.version[0]}.{self.version[1]}")

    @cached_property
    def core_path(self) -> tuple[str, ...]:
        """The standard library's part of sys.path: archive, modules, shared libraries."""
        archive = posixpath.join(self.base_prefix, "lib", f"python{self.version[0]}{self.version[1]}.zip")
        return (archive, self.library, posixpath.join(self.library, "lib-dynload"))

    @cached_property
    def frozen(self) -> frozenset[str]:
        """Modules inside the executable that win over every file."""
        return FROZEN_311 if self.version >= (3, 11) else frozenset({"_frozen_importlib", "zipimport"})

    def loaded_at_start(self, no_site: bool) -> frozenset[str]:
        """Modules that sys.modules holds before the first line of the program: no file can shadow them."""
        return LOADED_AT_START if no_site else LOADED_AT_START | LOADED_BY_SITE


def read_interpreter(tree: Tree, launch: Launch) -> Interpreter:
    """The interpreter of a launch. Never raises: what could not be read is named in ``trouble``."""
    try:
        return _read(tree, launch)
    except OSError as error:
        return _unread(launch, f"the interpreter {launch.interpreter} could not be read: {error.strerror or error}")


def _read(tree: Tree, launch: Launch) -> Interpreter:
    if tree.kind(launch.interpreter) is not Kind.FILE:
        return _unread(launch, f"no interpreter at {launch.interpreter}")
    venv, settings = _venv(tree, launch.interpreter)
    bin_directory = settings["home"] if venv else posixpath.dirname(tree.resolve(launch.interpreter))
    version = launch.version or _version(tree, launch.interpreter, settings, bin_directory)
    if version is None:
        return _unread(launch, f"the version of {launch.interpreter} could not be found out")
    landmark = f"lib/python{version[0]}.{version[1]}/os.py"
    home = launch.variable("PYTHONHOME").partition(":")[0]
    base = home or _upwards(tree, tree.resolve(bin_directory), landmark) or _upwards(tree, bin_directory, landmark)
    if base is None:
        return _unread(launch, f"no standard library {landmark} above {bin_directory}", version)
    if home and not _holds_library(tree, home, version):
        return replace(_unread(launch, "", version), base_prefix=home, prefix=home, trouble=None, lacks_library=True)
    return _described(tree, launch, version, base, venv if not home else None, settings)


def _holds_library(tree: Tree, prefix: str, version: tuple[int, int]) -> bool:
    """Whether the first module that an interpreter imports is there, or an archive that may have it."""
    places = (f"lib/python{version[0]}.{version[1]}/encodings/__init__.py", f"lib/python{version[0]}{version[1]}.zip")
    return any(tree.kind(posixpath.join(prefix, place)) is Kind.FILE for place in places)


def _described(
    tree: Tree, launch: Launch, version: tuple[int, int], base: str, venv: str | None, settings: dict[str, str]
) -> Interpreter:
    library = posixpath.join(base, f"lib/python{version[0]}.{version[1]}")
    in_library = tree.names(library)
    dynload = posixpath.join(library, "lib-dynload")
    shared = tree.names(dynload) if tree.kind(dynload) is Kind.DIRECTORY else frozenset()
    on_disk = {name.partition(".")[0] for name in in_library | shared} - {"site-packages", "dist-packages"}
    built_in = BUILT_IN_EVERYWHERE | (MAY_BE_BUILT_IN - on_disk)
    tags = {name.partition(".")[2] for name in shared if ".cpython-" in name and name.endswith(".so")}
    tag = f".{min(tags)}" if tags else f".cpython-{version[0]}{version[1]}-{sys.implementation._multiarch}.so"  # noqa: SLF001
    return Interpreter(
        executable=launch.interpreter,
        version=version,
        base_prefix=base,
        prefix=base if venv is None or launch.flags.no_site else venv,
        system_site=venv is None or settings.get("include-system-site-packages", "true").lower() == "true",
        debian="site.py" in in_library and b"dist-packages" in tree.read(posixpath.join(library, "site.py")),
        extension_suffixes=(tag, ".abi3.so", ".so"),
        stdlib_names=frozenset(on_disk) | built_in | sys.stdlib_module_names,
        built_in=built_in,
        micro=_micro(settings),
    )


def _micro(settings: dict[str, str]) -> int | None:
    parts = settings.get("version", settings.get("version_info", "")).split(".")
    return int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else None


def _venv(tree: Tree, executable: str) -> tuple[str | None, dict[str, str]]:
    """The directory of pyvenv.cfg (beside the executable's folder, or in it) and its settings; no ``home`` means no venv."""
    folder = posixpath.dirname(executable)
    for place in (posixpath.dirname(folder), folder):
        path = posixpath.join(place, "pyvenv.cfg")
        if tree.kind(path) is not Kind.FILE:
            continue
        lines = tree.read(path).decode("utf-8", "replace").splitlines()
        settings = {key.strip().lower(): value.strip() for key, equals, value in (line.partition("=") for line in lines) if equals}
        return (place, settings) if "home" in settings else (None, {})
    return None, {}


def _version(tree: Tree, executable: str, settings: dict[str, str], bin_directory: str) -> tuple[int, int] | None:
    """From pyvenv.cfg, the real name of the executable, or the only standard library above it."""
    stated = settings.get("version", settings.get("version_info", "")).split(".")
    if len(stated) >= 2 and stated[0].isdigit() and stated[1].isdigit():
        return int(stated[0]), int(stated[1])
    for path in (tree.resolve(executable), executable):
        if named := _VERSION_IN_NAME.search(posixpath.basename(path)):
            return int(named[1]), int(named[2])
    libraries = posixpath.join(posixpath.dirname(bin_directory), "lib")
    if tree.kind(libraries) is not Kind.DIRECTORY:
        return None
    found = [_VERSION_IN_NAME.fullmatch(name) for name in tree.names(libraries)]
    versions = {(int(m[1]), int(m[2])) for m in found if m and tree.kind(f"{libraries}/{m[0]}/os.py") is Kind.FILE}
    return versions.pop() if len(versions) == 1 else None


def _upwards(tree: Tree, directory: str, landmark: str) -> str | None:
    while True:
        if tree.kind(posixpath.join(directory, landmark)) is Kind.FILE:
            return directory
        if directory in {"/", ""}:
            return None
        directory = posixpath.dirname(directory)


def _unread(launch: Launch, why: str, version: tuple[int, int] | None = None) -> Interpreter:
    """An interpreter that cannot be looked at: its standard library is taken to be the usual one, nothing else is known."""
    prefix = posixpath.dirname(posixpath.dirname(launch.interpreter))
    return Interpreter(
        executable=launch.interpreter,
        version=launch.version or version or sys.version_info[:2],
        base_prefix=prefix,
        prefix=prefix,
        stdlib_names=sys.stdlib_module_names,
        built_in=BUILT_IN_EVERYWHERE | MAY_BE_BUILT_IN,
        trouble=why,
    )
