"""The frame of the commands that look, judge and report: exit codes, what is kept and replayed, what is printed where."""

import json
import sys

import click
import pytest
from rich.console import Console

from qtops.bundle import BundleError, load
from qtops.cli import checking
from qtops.cli.checking import Look, checking_options, run, show
from qtops.cli.context import Context
from qtops.facts.service import Facts
from qtops.findings import Severity
from qtops.reports.checked import human
from tests.cli.test_verify_watch import terminal
from tests.reports.checked.reports import NOW_S, finding, render, report

OPTIONS = {"bundle": None, "save": None, "output": "human", "quiet": False, "verbose": False}


class Bench:
    """A look whose facts are a name of a host: how sick it is is in the name."""

    def __init__(self, host: str = "ok") -> None:
        self.host, self.looked = host, 0
        self.look = Look(self.collect, self.report, self.human, {"json": render})

    def collect(self, context, options, tell):
        self.looked += 1
        tell("keys", 1, 2)
        return Facts(host=self.host, taken_at_s=NOW_S)

    @staticmethod
    def human(found, verbose):
        return human.frame(found, [], verbose=verbose)

    @staticmethod
    def report(facts, options):
        if facts.host == "lost":
            return report(names=())
        return report(*([] if facts.host == "ok" else [finding(severity=Severity[facts.host.upper()])]), host=facts.host)


def ran(host: str = "ok", **options):
    bench = Bench(host)
    return run(bench.look, Context(), {**OPTIONS, **options}), bench


@pytest.mark.parametrize(("host", "code"), [("ok", 0), ("info", 0), ("warning", 1), ("critical", 2), ("lost", 3)])
@pytest.mark.parametrize("output", ["human", "json", "nagios", "junit", "prometheus"])
def test_the_exit_code_is_that_of_the_verdict_in_every_form(host, code, output, capsys):
    assert ran(host, output=output)[0] == code
    printed, talk = capsys.readouterr()
    assert printed.endswith("\n")
    assert not printed.endswith("\n\n")
    assert talk == ""


def test_what_was_saved_is_judged_again_without_looking(tmp_path, capsys):
    saved = tmp_path / "a.json.gz"
    code, _ = ran("critical", save=saved, output="json")
    first = json.loads(capsys.readouterr().out)
    again, bench = ran("ok", bundle=saved, output="json")
    assert (code, again, bench.looked) == (2, 2, 0)
    assert json.loads(capsys.readouterr().out) == first


def test_a_replay_can_be_saved_too(tmp_path):
    ran("warning", save=tmp_path / "a")
    ran(bundle=tmp_path / "a", save=tmp_path / "b")
    assert load(tmp_path / "a") == load(tmp_path / "b")


def test_what_cannot_be_saved_or_loaded_ends_the_command(tmp_path):
    with pytest.raises(BundleError, match="No such file"):
        ran(save=tmp_path / "none" / "a")
    with pytest.raises(BundleError, match="No such file"):
        ran(bundle=tmp_path / "none")


def test_quiet_says_nothing_to_people_where_all_is_well(capsys):
    ran(quiet=True)
    assert capsys.readouterr().out == ""
    ran("warning", quiet=True)
    assert "PROPOSAL101" in capsys.readouterr().out
    ran(quiet=True, output="nagios")
    assert capsys.readouterr().out.startswith("OK: ")


def test_where_there_is_no_terminal_lines_are_wide(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert checking.wide_console(Context()).width == checking.WIDE
    monkeypatch.setenv("COLUMNS", "70")
    assert checking.wide_console(Context()).width == 70


def test_a_commands_own_forms_are_beside_the_usual_ones(capsys):
    look = Look(Bench().collect, Bench.report, lambda *_: "", {"json": render, "mermaid": lambda _: "graph LR\n"})
    show(look, report(), Console(), {**OPTIONS, "output": "mermaid"})
    assert capsys.readouterr().out == "graph LR\n"


def parsed(*arguments: str, formats: tuple[str, ...] = ()) -> dict[str, object]:
    seen: dict[str, object] = {}

    @click.command()
    @checking_options(*formats)
    @click.pass_obj
    def command(context: Context, /, **options: object) -> None:
        seen.update(options, redis=context.redis_url)

    command.main([*arguments], standalone_mode=False, obj=Context())
    return seen


def test_the_options_are_those_that_the_frame_reads():
    assert set(parsed()) == {*OPTIONS, "redis"}
    assert parsed("--from", "a", "-o", "dot", "--redis", "redis://h", formats=("dot",))["output"] == "dot"
    with pytest.raises(click.BadParameter):
        parsed("-o", "dot")


PROGRAM = """
import time
from qtops.cli import checking
from qtops.cli.context import Context
from tests.cli.test_checking import OPTIONS, Bench
class Slow(Bench):
    def collect(self, context, options, tell):
        for done in range(3):
            time.sleep(0.5)
            tell("keys read", done, 3)
        return super().collect(context, options, tell)
raise SystemExit(checking.run(Slow("warning").look, Context(), {{**OPTIONS, "quiet": {quiet}}}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [False, True])
def test_progress_is_for_terminals_and_those_who_want_it(quiet):
    command = (sys.executable, "-c", PROGRAM.format(quiet=quiet))
    with terminal(command=command) as screen:
        assert screen.end() == 1
    assert (b"keys read" in screen.drawn) is not quiet
    assert b"PROPOSAL101" in screen.drawn
