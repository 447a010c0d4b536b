"""A payment before it is posted: methods, days, tendered cash, what a request is made of."""

import pytest

from netbill_tui.billing.receivables.payments import PaymentRequest, check_request, parse_method
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.receivables import payments
from tests.conftest import TODAY, Desk


def test_methods_are_typed_by_their_first_letters():
    assert [parse_method(t) for t in ("cash", "che", "B", "paypal", "deb")] == ["cash", "cheque", "bank", "paypal", "debit"]
    with pytest.raises(InvalidInput, match="type one of"):
        parse_method("c")


def request(**more: object) -> PaymentRequest:
    return PaymentRequest(**({"request_id": bytes(16), "account": "C1", "amount": 100, "method": "cash"} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [
    {"amount": 0}, {"method": "gold"}, {"method": "cheque"}, {"tendered": 99}, {"method": "card", "tendered": 100},
    {"received": "2026-11-23"}, {"received": "2026-11-14"}, {"reference": "4111 1111 1111 1111"}, {"note": "a\x1b[31mb"},
    {"reference": "x" * 81},
])  # fmt: skip
def test_a_payment_that_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidInput):
        check_request(request(**wrong), TODAY)


def test_money_may_have_come_a_week_ago():
    assert check_request(request(received="2026-11-15"), TODAY).received == "2026-11-15"


def test_the_request_hash_is_over_what_was_given():
    same = request().digest("EUR")
    assert request(note="other").digest("EUR") == same
    for other in ({"amount": 101}, {"method": "card"}, {"reference": "x"}, {"received": "2026-11-22"}, {"apply": (("1", 5),)}):
        assert request(**other).digest("EUR") != same
    assert request().digest("USD") != same


def test_only_cash_is_tendered(desk: Desk):
    desk.customer()
    with pytest.raises(InvalidInput, match="leave it empty for cheque"):
        desk.pay("C1", 1000, method="cheque", reference="77", tendered=2000)
    with pytest.raises(InvalidInput, match="less than the amount"):
        desk.pay("C1", 1000, tendered=999)
    assert desk.pay("C1", 1000, tendered=1000).row.amount == 1000


def test_what_of_a_payment_is_a_slip_of_the_hand(desk: Desk):
    desk.customer()
    today = desk.pay("C1", 1000)
    assert payments.right_to_reverse(desk.session, today) == "reverse"
    other = today._replace(operator="somebody")
    assert payments.right_to_reverse(desk.session, other) == "reverse"
