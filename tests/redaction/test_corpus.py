"""The corpus as a bar: every planted secret is hidden, and next to nothing else is touched."""

from typing import Final

import pytest

from qtops.collectors.redact import Redactor
from tests.redaction.corpus import Case, altered, clean, planted, recall, vault

KNOWING: Final = Redactor(vault())
BY_LOOKS: Final = Redactor()
LEAST_BY_LOOKS: Final = 0.93
"""Without known values a password in prose, base64 or hex without a name beside it is a word like any other."""


def test_the_corpus_is_large_and_of_many_syntaxes() -> None:
    assert sum(len(case.secrets) for case in planted()) >= 150
    assert len({case.syntax for case in planted()}) >= 12
    assert len(clean()) >= 200
    assert len(set(clean())) == len(clean())
    assert all(case.secrets for case in planted())
    assert all(case.shown(case.text) == list(case.secrets) for case in planted())  # nothing around gives it away


@pytest.mark.parametrize("case", planted(), ids=lambda case: case.syntax)
def test_a_planted_secret_is_hidden_where_values_are_known(case: Case) -> None:
    text = KNOWING.text(case.text)

    assert case.shown(text) == []
    assert text.count("\n") == case.text.count("\n")
    assert KNOWING.text(text) == text


def test_most_are_hidden_by_their_looks_alone() -> None:
    by_looks = recall(BY_LOOKS, planted())

    assert by_looks.hidden.total() / by_looks.planted.total() >= LEAST_BY_LOOKS
    assert {case.syntax for case, _ in by_looks.misses} <= {
        "base64", "connection_strings", "hex", "hooks_and_tables", "percent_encoded", "split_over_lines", "traceback",
    }  # fmt: skip


@pytest.mark.parametrize("redactor", [KNOWING, BY_LOOKS], ids=["known", "by looks"])
def test_what_holds_no_secret_is_hardly_touched(redactor: Redactor) -> None:
    assert len(altered(redactor, clean())) <= 0.02 * len(clean())


NAMES_KEPT = {
    "REDIS_PASSWORD=x7Kp-2mQ": "REDIS_PASSWORD=***",
    '{"apiKey":"x7Kp-2mQ","n":1}': '{"apiKey":"***","n":1}',
    "redis://ops:x7Kp-2mQ@h:1/0": "redis://ops:***@h:1/0",
    "Authorization: Bearer x7Kp-2mQaa": "Authorization: Bearer ***",
    "redis-cli -h h -a x7Kp-2mQ PING": "redis-cli -h h -a *** PING",
    "ACL SETUSER ops on >x7Kp-2mQ ~*": "ACL SETUSER ops on >*** ~*",
    '"AUTH" "ops" "x7Kp-2mQ"': '"AUTH" "ops" "***"',
    "GET /a?symbol=b&signature=" + "0f" * 32: "GET /a?symbol=b&signature=***",
    "SetCredential=redis.password:x7Kp-2mQ": "SetCredential=redis.password:***",
    'Environment="A_TOKEN=two words" "B=1"': 'Environment="A_TOKEN=***" "B=1"',
    "- name: A_TOKEN\n  value: x7Kp-2mQ": "- name: A_TOKEN\n  value: ***",
    "secret: >-\n  two words\n  and more\nnext: 1": "secret: >-\n  ***\n***\nnext: 1",
    "\x1b[1mtoken\x1b[0m=\x1b[32mx7Kp-2mQ\x1b[0m": "token=***",
}


@pytest.mark.parametrize(("before", "after"), NAMES_KEPT.items())
def test_names_and_what_stands_around_are_kept(before: str, after: str) -> None:
    assert BY_LOOKS.text(before) == after
