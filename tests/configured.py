"""A host without any configuration; a test writes the files that it is about."""

from pathlib import Path

import pytest

from qtops.config import load
from qtops.errors import ConfigError
from qtops.settings import Configuration

FAMILY = """
[[families]]
name = "{name}"
pattern = "quantum:thing:{{symbol}}"
times = [{{ field = "ts_epoch", interval_s = 5, warn_s = 10, critical_s = 15 }}]
"""
SERVICE = """
[[services]]
name = "{name}"
unit = "quantum-{name}.service"
families = ["thing"]
"""


class Host:
    """Its folders, its variables, and what qtops loads there."""

    def __init__(self, root: Path) -> None:
        self.etc, self.home, self.here = root / "etc", root / "home", root / "here"
        self.environ = {"HOME": str(self.home)}
        self.here.mkdir()

    def write(self, path: Path, text: str | bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def load(self, file=None, *options, **environ) -> Configuration:
        return load(file, options=options, environ=self.environ | environ, etc=self.etc)

    def refusal(self, text: str | bytes) -> str:
        """What is said about a configuration file with this text, without the file's name."""
        file = self.write(self.here / "qtops.toml", text)
        with pytest.raises(ConfigError) as caught:
            self.load(file)
        name, _, words = str(caught.value).partition(": ")
        assert name == str(file)
        return words
