"""The map's forms for people, documents and drawings: what the first lines say, and that no text can change their shape."""

import io
import re
import shutil
import subprocess

import pytest
from rich.console import Console

from qtops.reports.wiring import drawing, human, markdown
from tests.checks.wiring.maps import fleet, reads, unit, writes

from .reports import HOSTILE, control_plane, healthy, hostile, made


def printed(report, *, verbose=False, width=140):
    with io.StringIO() as out:
        Console(file=out, width=width, color_system=None).print(human.render(report, verbose))
        return out.getvalue()


def test_an_operator_sees_the_three_worst_first():
    lines = printed(made()).splitlines()
    assert lines[2] == "WORST FIRST"
    assert lines[3].startswith(" 1. WIRING103 app:stream:exec.result")
    assert "→ At bridge.py:20 write app:stream:exec.result" in lines[4] + lines[5] or "→ At exit.py" in lines[4] + lines[5]
    assert "MAP, from upstream to downstream" in lines


def test_the_tree_names_both_sides_and_who_is_off():
    text = printed(made())
    assert (
        "   ← maker.service  XADD  maker.py:16  inactive (dead), disabled\n   → worker.service  XREADGROUP  worker.py:16\n" in text
    )
    assert " app:stream:features  stream  WIRING101\n   ← no writer\n" in text
    assert "UNRESOLVED bus.service XADD at bus.py:7: the name is a parameter of publish()" in text


def test_what_is_only_worth_knowing_is_counted_and_told_on_request():
    assert "worth knowing, and no fault by itself: 1 WIRING102; -v tells them" in printed(made())
    assert "status.service writes this key, and no source here reads it" in printed(made(), verbose=True)


def test_of_many_names_only_those_with_trouble_are_listed():
    facts = fleet(*(unit(f"u{n}", writes("", f"app:stream:s{n}x"), reads("", f"app:stream:s{n}x")) for n in range(50)))
    assert "and 50 names of which all is well; -v lists them" in printed(made(facts))
    assert "app:stream:s49x" in printed(made(facts), verbose=True)


def test_of_many_units_on_one_name_the_others_are_counted():
    facts = fleet(*(unit(f"u{n}", writes("", "app:stream:all")) for n in range(100)))
    text = printed(made(facts))
    assert "u0.service and 99 more write this stream, and no source here reads it" in text
    assert text.count("← u") == 12
    assert "   ← and 88 more; -v lists them\n   → no reader\n" in text
    assert printed(made(facts), verbose=True).count("← u") == 100


def test_the_control_plane_answers_four_questions():
    text = printed(control_plane())
    assert re.findall(r"^(BROKEN|UNFED|IDLE) (\S+)", text, re.MULTILINE) == [
        ("BROKEN", "quantum:stream:policy.updated"),
        ("UNFED", "quantum:stream:model.retrain"),
        ("IDLE", "quantum:stream:reconcile.close"),
    ]
    for question in ("1. why is it empty?", "2. who should publish?", "3. inactive or misconfigured?", "4. intended or broken?"):
        assert text.count(question) == 3


@pytest.mark.parametrize("width", [20, 80, 200])
def test_nothing_hostile_reaches_a_terminal(width):
    text = printed(hostile(), verbose=True, width=width)
    assert text.replace("\n", "").isprintable()
    assert "[bold]app:rich" in text.replace("\n", "").replace(" ", "") or width == 20


MERMAID_LINE = re.compile(
    r"flowchart LR|  %% [\w :]+"
    r"|  (u\d+\[\"|n\d+\(\[\")([A-Za-z0-9 ._/-]|#\d+;)*(\"\]|\"\]\))"
    r"|  [un]\d+ --> [un]\d+|  n\d+ -\. meant to be one \.-> n\d+"
    r"|  classDef (critical|warning|unknown|off) [a-z0-9#:, -]+"
    r"|  class [un\d,]+ (critical|warning|unknown|off)"
)


@pytest.mark.parametrize(
    "report", [made(), healthy(), hostile(), control_plane()], ids=["sick", "healthy", "hostile", "control plane"]
)
def test_every_line_of_a_flowchart_is_one_of_six_forms(report):
    lines = drawing.mermaid(report).splitlines()
    assert [line for line in lines if not MERMAID_LINE.fullmatch(line)] == []
    nodes = {line.strip().partition("[")[0].partition("(")[0] for line in lines if '"' in line}
    ends = {end for line in lines if "-->" in line for end in line.split(" --> ")}
    assert {end.strip() for end in ends} <= nodes


def test_a_flowchart_is_never_more_than_mermaid_draws():
    units = [unit(f"u{n}", writes("", f"app:stream:s{n}x"), reads("", f"app:stream:s{n}x")) for n in range(400)]
    text = drawing.mermaid(made(fleet(*units, unit("lost", reads("", "app:stream:missing")))))
    assert text.count("-->") <= 500
    assert len(text) <= 50_000
    assert "%% 400 of 401 names are left out: too many to draw" in text
    assert "missing" in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
@pytest.mark.parametrize("report", [made(), hostile()], ids=["sick", "hostile"])
def test_graphviz_reads_it(report):
    ran = subprocess.run(
        ["dot", "-Tplain"], input=drawing.dot(report), capture_output=True, encoding="utf-8", timeout=20, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert sum(line.startswith("node ") for line in ran.stdout.splitlines()) == len(
        {end.unit for row in report.rows for end in (*row.writers, *row.readers)}
    ) + len(report.rows)


def test_every_quote_of_a_digraph_is_closed():
    for line in drawing.dot(hostile()).splitlines():
        assert line.isprintable()
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0


def cells(line):
    return line.strip("|").split("|")


def test_the_truth_map_has_its_tables():
    text = markdown.render(made())
    assert text.startswith("# SYSTEM_TRUTH_MAP\n")
    assert "| Component | Status | Running | Connected to | Last verified | Evidence |" in text
    assert "| stream | producer | consumer groups | active? | last event | length |" in text
    assert "1. **WIRING103** (critical) `app:stream:exec.result`" in text
    assert re.search(r"\| `maker.service` \| OFF \| `inactive \(dead\), disabled` \|", text)
    assert re.search(r"\| `bridge.service` \| DEGRADED \|", text)
    assert "| `app:stream:ticks` | `market.service` | `strategy` | yes | 2026-02-17 21:46:03 UTC (2 s ago) | 100 |" in text


def test_no_text_changes_the_shape_of_a_table():
    lines = markdown.render(hostile()).splitlines()
    header = 0
    for line in lines:
        if line.startswith("|"):
            header = header or len(cells(line))
            assert len(cells(line)) == header
        else:
            header = 0


def test_in_markdown_no_foreign_text_stands_outside_of_code():
    text = markdown.render(hostile())
    fenced = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", fenced)
    for word in ("@user", "<script>", "[bold]", "%%", "中", "#35"):
        assert word in text
        assert word not in bare
    assert len(HOSTILE) == 13


def test_where_source_is_below_one_folder_the_tree_names_it_once():
    facts = fleet(
        unit("a", writes("", "app:x", where="/srv/app/a/main.py:3")), unit("b", reads("", "app:x", where="/srv/app/b/main.py:5"))
    )
    text = printed(made(facts))
    assert "source below /srv/app/" in text
    assert "   ← a.service  HSET  a/main.py:3\n   → b.service  HGETALL  b/main.py:5\n" in text


def test_two_names_that_were_meant_to_be_one_are_joined_in_a_drawing():
    numbers = {row.name: f"n{number}" for number, row in enumerate(made().rows)}
    written, read = numbers["app:stream:exec.res"], numbers["app:stream:exec.result"]
    assert f"  {written} -. meant to be one .-> {read}\n" in drawing.mermaid(made())
    assert f"  {written} -> {read} [style=dashed" in drawing.dot(made())
