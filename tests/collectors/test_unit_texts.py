"""Unit files as they are shown: every line that tells how a service is run, and no secret."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.redact import Redactor
from qtops.collectors.unit_texts import read_unit_texts, without_secrets
from qtops.facts.unit import UnitState

FOUNDING = """[Unit]
Description=Quantum Risk Proposal Publisher (P1.5)
Requires=redis.service

[Service]
Environment="PYTHONPATH=/home/qt/quantum_trader"
User=qt
# Python environment
Environment="PATH=/opt/quantum/venvs/ai-engine/bin:/usr/local/sbin:/usr/bin"
EnvironmentFile=/etc/quantum/risk-proposal.env
ExecStart=/opt/quantum/venvs/ai-engine/bin/python3 \\
    /home/qt/quantum_trader/microservices/risk_proposal_publisher/main.py
MemoryMax=512M
"""


def told(text, *known):
    return without_secrets(text, Redactor(known))


def test_a_unit_without_secrets_stays_as_it_is():
    assert told(FOUNDING) == FOUNDING


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Environment=TOKEN=abc PYTHONPATH=/srv", 'Environment="TOKEN=***" "PYTHONPATH=/srv"'),
        ('Environment="DB_PASSWORD=a b c" "PATH=/bin"', 'Environment="DB_PASSWORD=***" "PATH=/bin"'),
        (r'Environment="API_KEY=a\x41 \" b"', 'Environment="API_KEY=***"'),
        ("Environment='SECRET=it has \\\n  two lines' A=1", 'Environment="SECRET=***" "A=1"'),
        ('Environment="TOKEN=not closed', "Environment=***"),
        ("#Environment=\"DB_PASSWORD=was here\" A=1", '#Environment="DB_PASSWORD=***" "A=1"'),
        ("Environment=REDIS_URL=redis://u:hunter2@h:1/0", 'Environment="REDIS_URL=redis://u:***@h:1/0"'),
        ("Environment=TOKEN=", "Environment=TOKEN="),
        ("SetCredential=key:hunter2", "SetCredential=***"),
        ("SetCredential = key:hunter2 \\\n  and more", "SetCredential = ***"),
        ("LoadCredential=key:/etc/key", "LoadCredential=***"),
        ("LoadCredentialEncrypted=key:/etc/key", "LoadCredentialEncrypted=***"),
        ("ExecStart=/bin/app --api-key \\\n  hunter2 --port 80", "ExecStart=/bin/app --api-key *** --port 80"),
        ("ExecStart=/bin/app -p hunter2", "ExecStart=/bin/app -p ***"),
        ("ExecStart=-/bin/app -p 6379 -a x", "ExecStart=-/bin/app -p 6379 -a x"),
        ("X-Note=the known one is k-n-o-w-n", "X-Note=the known one is ***"),
    ],
)  # fmt: skip
def test_a_secret_is_taken_out_of_its_line(line, shown):
    assert told(f"[Service]\n{line}\nUser=qt\n", ("SOME_TOKEN", "k-n-o-w-n")) == f"[Service]\n{shown}\nUser=qt\n"


def test_what_controls_a_terminal_is_escaped_and_other_line_ends_make_no_difference():
    assert told("[Unit]\r\nDescription=\x1b[2J\u202e\xa0\tx\r\n") == "[Unit]\nDescription=\\x1b[2J\\u202e\\xa0\tx\n"


SECRET = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=6, max_size=20)
    .map(str.strip)
    .filter(lambda text: len(text) > 5 and set(text) != {"*"})
)


@given(st.text(max_size=40), SECRET, st.text(max_size=40))
def test_a_known_value_is_never_shown_whatever_surrounds_it(before, secret, after):
    shown = told(f"[Service]\n{before}\nExecStart=/bin/x {secret}\n{after}", ("MY_TOKEN", secret))
    assert all(line.isprintable() for line in shown.replace("\t", " ").split("\n"))
    assert f"/bin/x {secret}\n" not in shown


def unit(*paths):
    return UnitState(name="app.service", fragment_path=str(paths[0]), drop_ins=tuple(map(str, paths[1:])))


def test_the_fragment_comes_before_its_drop_ins_each_with_the_hash_of_what_is_there(tmp_path):
    first, second = tmp_path / "app.service", tmp_path / "10.conf"
    first.write_text(FOUNDING)
    second.write_text("[Service]\nEnvironment=TOKEN=hunter2\n")
    found = read_unit_texts(unit(first, second), Redactor())
    assert [text.path for text in found.texts] == [str(first), str(second)]
    assert found.texts[1].text == '[Service]\nEnvironment="TOKEN=***"\n'
    assert found.texts[1].sha256 == hashlib.sha256(second.read_bytes()).hexdigest()
    assert found.lacking == ()


def test_one_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path):
    (tmp_path / "app.service").write_text(FOUNDING)
    (tmp_path / "large.conf").write_bytes(b"#" * (1024 * 1024 + 1))
    os.mkfifo(tmp_path / "fifo.conf")
    paths = [tmp_path / name for name in ("app.service", "gone.conf", "large.conf", "fifo.conf")]
    found = read_unit_texts(unit(*paths, "/dev/null"), Redactor())
    assert len(found.texts) == 1
    assert [told.rpartition(": ")[2] for told in found.lacking] == [
        "No such file or directory", "larger than any unit file", "it is no regular file", "it is no regular file",
    ]  # fmt: skip


def test_bytes_that_are_no_text_are_shown_as_such(tmp_path):
    path = tmp_path / "app.service"
    path.write_bytes(b"[Unit]\nDescription=\xff\n")
    assert read_unit_texts(unit(path), Redactor()).texts[0].text == "[Unit]\nDescription=\\xff\n"


root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root may be led to")


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A directory of root's beside one of a user's."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "secret").write_text("root:hash\n")
    (tmp_path / "home" / "app.service").write_text(FOUNDING)
    os.chown(tmp_path / "home", 4242, 4242)
    os.chown(tmp_path / "home" / "app.service", 4242, 4242)
    return tmp_path / "etc"


@root
def test_a_link_of_roots_own_is_followed_to_what_a_user_owns(etc):
    (etc / "app.service").symlink_to("../home/app.service")
    assert read_unit_texts(unit(etc / "app.service"), Redactor()).texts[0].text == FOUNDING


@root
def test_a_link_in_a_users_folder_leads_nowhere(etc):
    (etc / "app.service").symlink_to(etc.parent / "home" / "app.service")
    (etc.parent / "home" / "app.service").unlink()
    (etc.parent / "home" / "app.service").symlink_to(etc.parent / "secret")
    found = read_unit_texts(unit(etc / "app.service"), Redactor())
    assert found.texts == ()
    assert "a user could have put it there" in found.lacking[0]


@root
def test_neither_does_a_file_of_roots_that_a_user_took_into_his_folder(etc):
    os.link(etc.parent / "secret", etc.parent / "home" / "taken.service")
    assert read_unit_texts(unit(etc.parent / "home" / "taken.service"), Redactor()).texts == ()


@root
def test_links_that_lead_in_a_circle_end(etc):
    (etc / "a.service").symlink_to("b.service")
    (etc / "b.service").symlink_to("a.service")
    assert "Too many levels" in read_unit_texts(unit(etc / "a.service"), Redactor()).lacking[0]
