"""What is on record of another recovery, unit, host or time proves nothing of this one."""

import pytest
from msgspec.structs import replace

from qtops.chapters.incident import incident
from qtops.evidence.numbering import recorded
from qtops.evidence.splitting import split
from tests.evidence.cases import founding_case

CASE = founding_case()
OTHER = "other.service"


def at_unit(look, name):
    (service,) = look.services
    return replace(look, services=(replace(service, unit=replace(service.unit, name=name)),))


APART = {
    "the plan of another host": replace(CASE, plan=replace(CASE.plan, host="other")),
    "the plan of another unit": replace(CASE, plan=replace(CASE.plan, unit=OTHER)),
    "the plan of another recovery": replace(CASE, plan=replace(CASE.plan, id="20261101T000000Z-x")),
    "a look after it at another unit": replace(CASE, after=at_unit(CASE.after, OTHER)),
    "a latest look that is not at it": replace(CASE, now=replace(CASE.now, services=())),
    "a latest look at another host": replace(CASE, now=replace(CASE.now, host="other")),
    "a look after it from long before it": replace(CASE, after=replace(CASE.after, taken_at_s=CASE.before.taken_at_s - 3600)),
}


def document(case):
    return incident(case, recorded(split(case)))


def test_one_recovery_is_proven_by_its_own_records():
    assert document(CASE).status == "RECOVERED"


@pytest.mark.parametrize("case", APART.values(), ids=APART)
def test_records_of_another_prove_nothing(case):
    told = document(case)
    assert (told.status, told.exit_code) == ("UNVERIFIED", 3)


def test_a_clock_that_was_set_back_by_less_than_a_second_is_no_other_time():
    early = replace(CASE, before=replace(CASE.before, taken_at_s=CASE.after.taken_at_s + 0.9))
    assert document(early).status == "RECOVERED"
