"""Names of the standard library whose values shape paths and conditions."""

from typing import TYPE_CHECKING

from qtops.imports.values import External, Unknown, Value

if TYPE_CHECKING:
    from qtops.imports.state import State

_CONSTANTS: dict[str, Value] = {
    "typing.TYPE_CHECKING": False,
    "typing_extensions.TYPE_CHECKING": False,
    "builtins.__debug__": True,
    "os.sep": "/",
    "os.path.sep": "/",
    "os.pathsep": ":",
    "os.path.pathsep": ":",
    "os.curdir": ".",
    "os.pardir": "..",
    "os.path.curdir": ".",
    "os.path.pardir": "..",
    "os.name": "posix",
    "os.linesep": "\n",
    "sys.platform": "linux",
    "sys.implementation.name": "cpython",
    "builtins.True": True,
}


def constant(name: str, state: "State") -> Value:
    """The value of a name of the standard library, where it is known."""
    interpreter, launch = state.interpreter, state.launch
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name == "sys.version_info":
        micro = Unknown("the micro version") if interpreter.micro is None else interpreter.micro
        return (*interpreter.version, micro, "final", 0) if not interpreter.trouble or launch.version else External(name)
    if name in {"sys.version_info.major", "sys.version_info.minor"}:
        return interpreter.version[name.endswith("minor")]
    if name == "sys.executable":
        return launch.interpreter
    if name in {"sys.prefix", "sys.exec_prefix"}:
        return interpreter.prefix
    if name in {"sys.base_prefix", "sys.base_exec_prefix"}:
        return interpreter.base_prefix
    if name == "sys.argv":
        return [getattr(launch.target, "path", "-c"), *launch.arguments]
    return External(name)
