"""What the options of ``qtops`` itself say, carried to every command in click's ``ctx.obj``."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from rich.console import Console

    from qtops.settings import Configuration, Settings

Color = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class Context:
    """The root options, and what follows from them. Files are read when they are first asked for, and only once."""

    config_file: Path | None = None
    redis_url: str | None = None
    color: Color = "auto"

    @cached_property
    def configuration(self) -> "Configuration":
        """Settings with their origins; raises ConfigError or NotPermitted."""
        from qtops.config import Layer, load

        options = () if self.redis_url is None else (Layer("--redis", {"redis": {"url": self.redis_url}}),)
        return load(self.config_file, options=options)

    @property
    def settings(self) -> "Settings":
        """The settings; raises ConfigError or NotPermitted."""
        return self.configuration.settings

    def console(self, *, stderr: bool = False) -> "Console":
        """A console on standard output, or error, that honours ``--color`` and shows text as it is, never as markup."""
        from qtops.cli.console import open_console

        return open_console(self.color, stderr=stderr)


pass_context = click.make_pass_decorator(Context)
"""Decorator: hand the Context to a command as its first argument."""


def _over(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def take(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.obj = replace(ctx.ensure_object(Context), **{name: value})

    return take


def root_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: ``--config`` and ``--redis`` after the command's name as well, where people write them; they win."""
    redis = click.option("--redis", metavar="URL", expose_value=False, callback=_over("redis_url"), help="Which Redis.")
    path = click.Path(path_type=Path)
    config = click.option(
        "--config",
        metavar="FILE",
        type=path,
        expose_value=False,
        callback=_over("config_file"),
        help="Only this configuration file.",
    )
    return redis(config(command))
