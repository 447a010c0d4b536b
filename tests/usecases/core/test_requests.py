"""A request that is sent again posts one row and one event."""

import uuid
from collections.abc import Callable

import pytest

from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.customers import changes, notes
from netbill_tui.usecases.receivables import credit_notes, disputes, payments
from netbill_tui.usecases.services import charges, discounts, subscriptions
from netbill_tui.usecases.services import events as service_events
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop


@pytest.mark.parametrize(
    "act", ["reverse", "credit", "charge", "discount", "service", "event", "note", "call", "dispute", "customer"]
)
def test_a_request_that_is_sent_again_posts_one_row_and_one_event(desk: Desk, act: str):
    """A line that dies after the commit: the same form is sent again."""
    shop(desk)
    codes.store_code(desk.session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "tax_class": "std"})
    service = serve(desk, start="2026-09-01")
    bill(desk, "2026-09-01")
    receipt = desk.pay("C1", 100).row.receipt
    request_id, s = uuid.uuid4().bytes, desk.session
    acts: dict[str, Callable[[], object]] = {
        "reverse": lambda: payments.reverse(s, receipt, "wrong account", request_id=request_id),
        "credit": lambda: credit_notes.credit(s, "INV-000001", "goodwill", amount=120, request_id=request_id),
        "charge": lambda: charges.charge(s, "C1", {"code": "VISIT", "amount": "5"}, request_id=request_id),
        "discount": lambda: discounts.discount(s, "C1", {"percent": "10", "from": "2026-11-01"}, request_id=request_id),
        "service": lambda: subscriptions.add(s, "C1", {"code": "B", "start": "2026-12-01"}, request_id=request_id),
        "event": lambda: service_events.schedule_event(
            s, service, "change", {"on": "2026-11-01", "code": "B"}, request_id=request_id
        ),
        "note": lambda: notes.add(s, "C1", "Called about the line", request_id=request_id),
        "call": lambda: calls.outcome(s, "C1", "n", request_id=request_id),
        "dispute": lambda: disputes.start(s, "INV-000001", "The line was down", request_id=request_id),
        "customer": lambda: changes.create(s, {"name": "Ann", "kind": "residential"}, request_id=request_id),
    }
    before = desk.column("select count(*) from audit_event")
    first = acts[act]()
    events, rows = desk.column("select count(*) from audit_event"), every_table(desk)
    assert events[0] == before[0] + 1  # type: ignore[operator]
    second = acts[act]()
    assert desk.column("select count(*) from audit_event") == events
    assert every_table(desk) == rows
    assert type(second) is type(first)
    sound(desk)


def every_table(desk: Desk) -> dict[str, object]:
    names = desk.session.db.peewee.get_tables()
    return {name: desk.column(f"select count(*) from {name}")[0] for name in names}


def test_what_is_sealed_is_no_part_of_the_hash_of_a_request(desk: Desk):
    request_id = uuid.uuid4().bytes
    plain = {"name": "Ann", "kind": "residential"}
    made = changes.create(desk.session, {**plain, "phone": "+44 20 7946 0199", "street": "1 High Street"}, request_id=request_id)
    # The hash is that of what stands in clear: sent again with another number it is the same request.
    again = changes.create(desk.session, {**plain, "phone": "+44 20 7946 0000", "email": "a@example.org"}, request_id=request_id)
    assert again.account == made.account
    assert desk.column("select count(*) from customer") == [1]
