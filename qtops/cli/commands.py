"""The table of all commands, and the group that reads it: a command's module is imported when that command is asked for."""

from dataclasses import dataclass
from importlib import import_module
from typing import Final, cast

import click
from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its name, where it is (``module:attribute``), and what the list of commands says about it."""

    name: str
    target: str
    summary: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.target.partition(":")
        return cast("click.Command", getattr(import_module(module), attribute))


COMMANDS: Final = (
    Entry("run", "qtops.cli.run:run_group", "Run the publisher, or the demo."),
    Entry("verify", "qtops.cli.verify:verify_group", "Prove that what Redis holds is fresh, and right."),
    Entry("map", "qtops.cli.map:wiring_map", "Draw who writes and who reads which name in Redis, and where they do not meet."),
    Entry("watch", "qtops.cli.watch:watch", "Look again and again at one of these, and show what changed."),
    Entry("top", "qtops.cli.top:top", "Show how everything is in one live view, the sickest first."),
    Entry("doctor", "qtops.cli.doctor:doctor", "Find the root cause of a sick service, and prove it."),
    Entry("supervise", "qtops.cli.supervise:supervise", "Watch services: notice, find out why, act within limits, tell people."),
    Entry("recover", "qtops.cli.recover:recover", "Mend the proven cause of a sick service, prove the effect, or undo it."),
    Entry("incidents", "qtops.cli.incidents:incidents_group", "List incidents, show one, acknowledge it, close it."),
    Entry("hold", "qtops.cli.hold:hold", "Have the supervisor leave a service alone until a date."),
    Entry("report", "qtops.cli.report:report_group", "Write a report in which every claim is bound to evidence, and check one."),
    Entry("phases", "qtops.cli.phases:phases", "List the phases of the plan, and how each stands."),
    Entry("notify", "qtops.cli.notify:notify_group", "Try out those whom the supervisor tells."),
    Entry("preflight", "qtops.cli.preflight:preflight", "Tell from unit files and source whether services will start."),
    Entry("events", "qtops.cli.events:events", "Show risk events, guards in force, and requests that nobody took."),
    Entry("bundle", "qtops.cli.bundle:bundle_group", "Look into a recorded look at a host, and compare two of them."),
    Entry("redact", "qtops.cli.redact:redact", "Hide secrets in a log, a bundle or a report after the fact."),
    Entry("explain", "qtops.cli.explain:explain", "Say what the code of a finding means, and what to do."),
    Entry("runbook", "qtops.cli.runbook:runbook_group", "Recover step by step, guided by a runbook, and keep the evidence."),
    Entry("install", "qtops.cli.install:install", "Put units, account and rights of the supervisor in place, or take them away."),
    Entry("checks", "qtops.cli.explain:checks", "List all checks."),
    Entry("config", "qtops.cli.config:config_group", "Show the settings in force and where each comes from."),
    Entry("schema", "qtops.cli.schema:schema", "Print the JSON Schema of a machine-readable output."),
    Entry("completion", "qtops.cli.completion:completion", "Print the completion script of a shell."),
)
BY_NAME: Final = {entry.name: entry for entry in COMMANDS}


class CommandTable(click.Group):
    """The group of all commands. Its help and its completion need no command's module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Names in the order of the table."""
        return list(BY_NAME)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command of that name, None where there is none."""
        entry = BY_NAME.get(cmd_name)
        return entry.load() if entry else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but name the command that was meant."""
        name = args[0]
        if name not in BY_NAME and not name.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(name, BY_NAME, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(BY_NAME)}."
            raise click.UsageError(f"No such command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands in the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.summary) for entry in COMMANDS])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names that begin so, then what any command offers: its options."""
        names = [CompletionItem(entry.name, help=entry.summary) for entry in COMMANDS if entry.name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]
