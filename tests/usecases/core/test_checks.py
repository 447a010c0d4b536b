"""What may be typed as a reason."""

import pytest

from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.receivables import payments
from tests.conftest import Desk


def test_three_letters_are_a_reason(desk: Desk):
    desk.customer()
    number = desk.invoice("C1", 500, due=-3)
    for short in ("", "no"):
        with pytest.raises(InvalidInput):
            payments.check_reversal(desk.session, desk.pay("C1", 100).row.receipt, short)
        with pytest.raises(InvalidInput):
            calls.outcome(desk.session, "C1", "d", short)
    assert payments.check_reversal(desk.session, desk.pay("C1", 100).row.receipt, "dup").row.amount == 100
    calls.outcome(desk.session, "C1", "d", "bad", invoice=number)
