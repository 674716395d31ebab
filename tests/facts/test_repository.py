"""What is said about a fix that has to reach the repository."""

import pytest

from qtops.facts.repository import RepositoryFacts, RepositoryUntold, stays


def known(**changes: object) -> RepositoryFacts:
    healthy = {
        "top": "/srv/acme", "relative": "main.py", "owner": "app", "head": "0123456789abcdef", "branch": "main", "mirrors": False,
        "in_head": "same", "in_index": "same", "in_tree": "same",
    }  # fmt: skip
    return RepositoryFacts(**(healthy | changes))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, ["no git checkout is known that the file comes from", "git apply /x.patch"]),
        (RepositoryUntold("/srv/acme", "it broke", "mend it"), ["/srv/acme could not be asked about it: it broke (mend it)"]),
        (known(), ["an uncommitted change of main.py in /srv/acme (branch main at 0123456789ab)", "git apply /x.patch"]),
        (known(in_head="absent", in_index="absent"), ["main.py is not tracked in /srv/acme"]),
        (known(mirrors=True), ["apply the patch in /srv/acme (branch main at 0123456789ab): git -C /srv/acme apply /x.patch"]),
        (known(mirrors=True, in_tree="differs"), ["git -C /srv/acme apply", "main.py differs there"]),
        (known(mirrors=True, in_tree="absent", in_head="absent"), ["/srv/acme (branch main at 0123456789ab) has no main.py"]),
        (known(branch=""), ["/srv/acme (at 0123456789ab)", "HEAD of /srv/acme is detached"]),
        (known(head="", in_head="absent"), ["(branch main without a commit yet)"]),
        (known(in_head="differs", in_index="differs"), ["main.py was not as committed before the fix either"]),
        (known(dirty=("a", "b"), dirty_total=2), ["The tree of /srv/acme was dirty before the fix: a, b."]),
        (known(dirty=tuple("abcdefg"), dirty_total=30), ["dirty before the fix: a, b, c, d, e and 25 more."]),
        (known(dirty=("a",), dirty_total=30, dirty_is_all=False), ["a and at least 29 more."]),
        (known(relative="\x1b.py", branch="\x1b"), ["\\x1b.py in /srv/acme (branch \\x1b at"]),
    ],
)  # fmt: skip
def test_what_it_takes_for_a_fix_to_stay_is_said(found, told):
    sentences = " ".join(stays(found, "/x.patch"))
    assert sentences.startswith("This fix lives on this host only")
    assert "git" in sentences
    assert "/x.patch" in sentences
    for part in told:
        assert part in sentences
    assert sentences.isprintable()


def test_a_clean_tree_is_not_called_dirty():
    assert len(stays(known())) == len(stays(known(mirrors=True))) == 1
