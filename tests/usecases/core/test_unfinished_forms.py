"""Half-filled forms: sealed, given back whole, and gone with what was posted."""

from netbill_tui.usecases.core import unfinished_forms
from netbill_tui.usecases.customers import changes
from netbill_tui.usecases.receivables import payments
from tests.conftest import Desk
from tests.usecases.customers.people import CANARIES


def test_a_half_filled_form_comes_back_whole_and_is_stored_sealed(desk: Desk):
    uid = payments.new_request_id()
    fields = {"account": "C1", "reference": "CANARY-REF"}
    unfinished_forms.keep(desk.session, uid, "payment", "Payment C1", {"account": "C"})
    unfinished_forms.keep(desk.session, uid, "payment", "Payment C1", fields, {"tax_id": CANARIES["tax_id"]})
    (kept,) = unfinished_forms.waiting(desk.session)
    assert kept == unfinished_forms.Draft(uid, "payment", "Payment C1", fields | {"tax_id": CANARIES["tax_id"]})
    for table in ("draft", "audit_event"):
        stored = repr(desk.session.db.peewee.execute_sql(f"select * from {table}").fetchall())
        assert "CANARY-REF" not in stored
        assert CANARIES["tax_id"] not in stored
    unfinished_forms.drop(desk.session, uid)
    assert unfinished_forms.waiting(desk.session) == []


def test_a_form_that_was_posted_is_not_offered_again(desk: Desk):
    desk.customer("C1")
    uid = payments.new_request_id()
    unfinished_forms.keep(desk.session, uid, "payment", "Payment C1", {"account": "C1", "amount": "5"})
    desk.pay("C1", 500, request_id=uid)
    assert unfinished_forms.waiting(desk.session) == []


def test_a_card_number_is_not_kept_in_a_half_filled_form(desk: Desk):
    unfinished_forms.keep(
        desk.session, payments.new_request_id(), "payment", "x", {"reference": "4111111111111111", "note": "ok"}
    )
    assert unfinished_forms.waiting(desk.session)[0].fields == {"note": "ok"}


def test_the_draft_of_what_is_posted_goes_in_the_same_transaction(desk: Desk):
    uid = payments.new_request_id()
    unfinished_forms.keep(desk.session, uid, "customer", "New customer", {"name": "A"})
    changes.create(desk.session, {"name": "A"}, draft=uid)
    assert desk.column("select count(*) from draft") == [0]
    desk.customer("C1")
    unfinished_forms.keep(desk.session, uid, "payment", "Payment", {"account": "C1"})
    desk.pay("C1", 500, request_id=uid)
    assert desk.column("select count(*) from draft") == [0]


def test_the_title_of_a_draft_is_sealed_too(desk: Desk):
    unfinished_forms.keep(desk.session, payments.new_request_id(), "payment", "Payment CANARY", {"a": "b"})
    unfinished_forms.keep(desk.session, payments.new_request_id(), "payment", "Payment 4111111111111111", {"a": "b"})
    assert sorted(d.title for d in unfinished_forms.waiting(desk.session)) == ["", "Payment CANARY"]
    assert "CANARY" not in repr(desk.session.db.peewee.execute_sql("select * from draft").fetchall())
