"""Templates: the shipped ones, an operator's in their place, and what is refused."""

import hashlib
import os
import re
import subprocess
import sys

import pytest
from jinja2 import UndefinedError

from qtops.errors import ConfigError
from qtops.reports.written import markdown, page
from qtops.reports.written.templates import LARGEST, SHIPPED, load
from tests.reports.written.documents import document, every_block

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "templates"
    place.mkdir(mode=0o755)
    return place


def put(folder, name, text, mode=0o644):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_the_shipped_ones_are_in_the_package():
    assert {"report.md.j2", "report.html.j2"} <= set(load(None).files)
    assert load(None).hashes() == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SHIPPED.iterdir()}


def test_an_operators_file_of_the_same_name_wins(folder):
    put(folder, "report.md.j2", "# {{ document.title | words }}!\n")
    templates = load(folder)
    assert markdown.render(document(), templates) == "# Incident: risk proposals!\n"
    assert page.render(document(), templates) == page.render(document(), load(None))


def test_it_can_extend_the_shipped_one_and_both_are_hashed(folder):
    mine = put(folder, "report.md.j2", '{% include "shipped/report.md.j2" %}\n\nFor internal use.\n')
    templates = load(folder)
    assert markdown.render(document(), templates) == markdown.render(document(), load(None)) + "\nFor internal use.\n"
    assert templates.hashes()["report.md.j2"] == hashlib.sha256(mine.read_bytes()).hexdigest()
    assert templates.hashes()["shipped/report.md.j2"] == load(None).hashes()["report.md.j2"]


def test_a_folder_may_be_empty_and_may_hold_other_things(folder):
    put(folder, "README.md", b"\xff")
    assert load(folder).hashes() == load(None).hashes()


def test_a_part_of_the_shipped_template_can_be_replaced_alone(folder):
    put(folder, "blocks.md.j2", "{% macro laid_out(block, bullet) %}{{ block | kind }}{% endmacro %}")
    assert "\n\nparagraph\n\nlist\n" in markdown.render(document(*every_block()), load(folder))


@pytest.mark.parametrize(
    ("name", "source", "line", "why"),
    [
        ("report.md.j2", "a\n{% if %}", 2, "Expected an expression"),
        ("report.md.j2", "a\nb\n{{ document.titel }}", 3, "no attribute 'titel'"),
        ("report.md.j2", "{{ nothing }}", 1, "'nothing' is undefined"),
        ("report.md.j2", "\n{{ document.title | shout }}", 2, "No filter named 'shout'"),
        ("report.md.j2", "\n{% include 'other.j2' %}", 2, "no template other.j2"),
        ("report.md.j2", "\n\n{{ 1 / 0 }}", 3, "division by zero"),
        ("report.md.j2", "{{ 5 | words }}", 1, "not iterable"),
        ("report.md.j2", "{{ document.__class__.__mro__ }}", 1, "unsafe"),
        ("report.md.j2", "{% for n in range(10000000) %}x{% endfor %}", 1, "Range too big"),
        ("report.md.j2", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", 1, "recursion"),
        ("report.md.j2", '{{ "x" * 10 ** 15 }}', 1, "MemoryError"),
        ("blocks.md.j2", "{% macro laid_in() %}{% endmacro %}", None, "laid_out"),
        ("report.md.j2", "{{ [1, 2] | random }}", 1, "No filter named 'random'"),
        ("report.md.j2", "{{ lipsum() }}", 1, "'lipsum' is undefined"),
    ],
)
def test_an_error_names_the_file_the_line_and_what_is_wrong(folder, name, source, line, why):
    path = put(folder, name, source)
    with pytest.raises(ConfigError) as told:
        markdown.render(document(*every_block()), load(folder))
    message = str(told.value)
    assert message.startswith(f"{path}:{line}: " if line else str(SHIPPED)), message
    assert re.search(why, message), message
    assert message.endswith("; mend it, or remove it to have the shipped one again")
    assert "\n" not in message


def test_what_no_file_can_hold_is_told(folder):
    put(folder, "report.md.j2", r'{{ "\ud800" }}')
    with pytest.raises(ConfigError, match="surrogates not allowed; mend it"):
        markdown.render(document(), load(folder))


def test_what_is_no_template_is_told_before_anything_is_gathered(folder):
    put(folder, "report.html.j2", "{% endfor %}")
    with pytest.raises(ConfigError, match=r"report.html.j2:1: Encountered unknown tag 'endfor'"):
        load(folder)


def test_templates_reach_nothing_outside(folder):
    put(folder, "report.md.j2", "{{ cycler.__init__.__globals__.os }}")
    with pytest.raises(ConfigError, match="unsafe"):
        markdown.render(document(), load(folder))


@pytest.mark.parametrize(("content", "why"), [(b"\xff", "not UTF-8"), (b"x" * (LARGEST + 1), "larger than")], ids=["bytes", "size"])
def test_a_file_that_cannot_be_one_is_refused(folder, content, why):
    put(folder, "report.md.j2", content)
    with pytest.raises(ConfigError, match=f"report.md.j2: {why}"):
        load(folder)


def test_links_are_not_followed(folder, tmp_path):
    (folder / "report.md.j2").symlink_to("/etc/hostname")
    with pytest.raises(ConfigError, match=r"report.md.j2: is a link"):
        load(folder)
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(ConfigError, match="link: is a link"):
        load(tmp_path / "link")


def test_a_pipe_does_not_make_us_wait(folder):
    os.mkfifo(folder / "report.md.j2")
    with pytest.raises(ConfigError, match="not a regular file"):
        load(folder)


def test_a_folder_that_is_none_is_told(folder):
    with pytest.raises(ConfigError, match="No such file or directory"):
        load(folder / "none")
    with pytest.raises(ConfigError, match="Not a directory"):
        load(put(folder, "file", ""))


@root_only
@pytest.mark.parametrize("spoil", [lambda path: path.chmod(0o777), lambda path: os.chown(path, 1234, 0)], ids=["mode", "owner"])
@pytest.mark.parametrize("name", ["", "report.md.j2"], ids=["folder", "file"])
def test_root_takes_none_that_others_may_write(folder, name, spoil):
    put(folder, "report.md.j2", "x")
    spoil(folder / name)
    with pytest.raises(ConfigError, match="root writes reports from its own templates only"):
        load(folder)


@root_only
def test_root_takes_none_that_a_group_may_write(folder):
    path = put(folder, "report.md.j2", "x", 0o664)
    os.chown(path, 0, 1234)
    with pytest.raises(ConfigError, match="others than root may write it"):
        load(folder)


@root_only
def test_what_the_caller_may_not_read_is_told(folder):
    put(folder, "report.md.j2", "x", 0o600)
    folder.parent.chmod(0o755)
    script = f"""
import os
from pathlib import Path
from qtops.errors import NotPermitted
from qtops.reports.written.templates import _own
os.chdir({str(folder.parent)!r})
os.seteuid(65534)
try:
    list(_own(Path("templates")))
except NotPermitted as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("templates/report.md.j2: this user may not read it")


def test_a_fault_of_the_shipped_ones_stays_a_fault():
    with pytest.raises(UndefinedError):
        load(None).render("report.md.j2", markdown._filters(document()), document=5)


def test_nothing_is_imported_before_it_is_needed():
    script = "import sys, qtops.reports.written.markdown, qtops.reports.written.page; print('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
