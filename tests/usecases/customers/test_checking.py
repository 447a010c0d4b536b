"""What a caller says is compared, counted and audited."""

from datetime import timedelta

import pytest

from netbill_tui.errors import Refused
from netbill_tui.usecases.customers import profiles
from tests.conftest import CLOCK, Desk
from tests.usecases.customers.people import CANARIES, person


@pytest.mark.parametrize(("field", "said", "fits"), [
    ("pin", CANARIES["pin"], True), ("pin", "0000", False), ("birth_date", "17may1971", True), ("birth_date", "1971-05-18", False),
    ("tax_id", "4333", True), ("tax_id", CANARIES["tax_id"], True), ("tax_id", "33", False), ("tax_id", "", False),
])  # fmt: skip
def test_what_the_caller_says_is_compared_and_audited(desk: Desk, field: str, said: str, fits: bool):
    person(desk)
    assert profiles.caller_matches(desk.session, "C1", field, said) is fits
    (detail,) = desk.column("select detail from audit_event where action = 'caller.check'")
    assert detail == f'{{"field":"{field}","match":{str(fits).lower()}}}'


def test_guessing_at_a_caller_ends_after_five_wrong_answers(desk: Desk):
    person(desk)
    for n in range(5):
        assert not profiles.caller_matches(desk.session, "C1", "pin", f"{n}")
    with pytest.raises(Refused, match="5 wrong answers"):
        profiles.caller_matches(desk.session, "C1", "pin", CANARIES["pin"])
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(minutes=16)
    assert profiles.caller_matches(desk.session, "C1", "pin", CANARIES["pin"])
