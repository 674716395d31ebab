"""Values written into a unit's lines, so that systemd reads them back as they are (systemd.unit(5), systemd.syntax(7))."""

from typing import Final

_ESCAPED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "%": "%%"})
_OF_A_PATTERN: Final = frozenset("*?[\\")


def assigned(name: str, value: str) -> str:
    """``Environment=`` of one variable: quoted, with specifiers and escapes doubled; a dollar means nothing there."""
    return f'Environment="{name}={value.translate(_ESCAPED)}"'


def is_writable(value: str) -> bool:
    """Whether a value can stand in a line of a unit at all."""
    return bool(value) and value.isprintable()


def path_line(setting: str, path: str) -> str:
    """A setting that takes the rest of its line for one path: neither quotes nor escapes, and specifiers doubled."""
    return f"{setting}={path.replace('%', '%%')}"


def is_plain_path(path: str) -> bool:
    """Whether a path can stand in such a line: blanks at its ends would be cut off, a backslash or a pattern be read as such."""
    return is_writable(path) and path.startswith("/") and path == path.strip() and not _OF_A_PATTERN & {*path}
