"""Tags, views, choices, half-filled forms, pinned notes, the caller's answers, new and changed customers."""

from datetime import timedelta

import pytest

from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.collections import work_list
from netbill_tui.usecases.core import unfinished_forms
from netbill_tui.usecases.customers import accounts, changes, notes, profiles, tags
from netbill_tui.usecases.lookup import views
from netbill_tui.usecases.receivables import payments
from netbill_tui.usecases.verify.book import verify
from tests.conftest import CLOCK, Desk
from tests.usecases.test_people import CANARIES, person


def test_a_tag_is_put_on_and_taken_off_once(desk: Desk):
    desk.customer("C1")
    assert tags.tag(desk.session, "c1", "#VIP")
    assert not tags.tag(desk.session, "C1", "vip")
    assert tags.tags_of(desk.session, "C1") == ["vip"]
    assert tags.every_tag(desk.session) == [("vip", 1)]
    assert tags.tag(desk.session, "C1", "vip", on=False)
    assert tags.tags_of(desk.session, "C1") == []
    assert desk.column("select action from audit_event where action in ('tag.add', 'tag.drop') order by seq") == [
        "tag.add",
        "tag.drop",
    ]


@pytest.mark.parametrize("typed", ["", "two words", "a;b", "\x1b[31m", "x" * 40])
def test_a_tag_is_one_short_word(desk: Desk, typed: str):
    desk.customer("C1")
    with pytest.raises(InvalidInput):
        tags.tag(desk.session, "C1", typed)


def test_a_view_is_saved_shared_replaced_and_dropped(desk: Desk):
    views.save_view(desk.session, "overdue", "big", "amount>100  sort:-amount", digit=7)
    views.save_view(desk.session, "overdue", "big", "amount>50", digit=8, shared=True)
    assert views.view(desk.session, "overdue", "big").words == "amount>100 sort:-amount", "one's own comes first"
    views.save_view(desk.session, "overdue", "big", "amount>200", digit=7)
    assert [(v.words, v.owner) for v in views.views(desk.session, "overdue")] == [("amount>200", "boss"), ("amount>50", "")]
    views.drop_view(desk.session, "overdue", "big")
    assert views.view(desk.session, "overdue", "big").owner == ""
    desk.session.operator = desk.session.operator._replace(name="mira")
    assert [v.name for v in views.views(desk.session, "overdue")] == ["big"]
    with pytest.raises(NotFound, match="none yet"):
        views.view(desk.session, "dues", "big")
    with pytest.raises(InvalidInput, match="did you mean"):
        views.save_view(desk.session, "overdue", "bad", "dayz>3")


def test_a_choice_is_remembered_for_its_operator_alone(desk: Desk):
    views.prefer(desk.session, "order.dues", '{"sort": "due"}')
    views.prefer(desk.session, "order.dues", '{"sort": "amount"}')
    assert views.preferences(desk.session) == {"order.dues": '{"sort": "amount"}'}
    desk.session.operator = desk.session.operator._replace(name="mira")
    assert views.preferences(desk.session) == {}


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


def test_a_pinned_note_stands_first(desk: Desk):
    desk.customer("C1")
    for text in ("first", "second", "third"):
        notes.add(desk.session, "C1", text)
    first = notes.of_customer(desk.session, "C1")[-1]
    notes.pin(desk.session, "C1", first.id)
    assert [n.text for n in notes.of_customer(desk.session, "C1")] == ["first", "third", "second"]
    assert notes.of_customer(desk.session, "C1")[0].pinned
    notes.pin(desk.session, "C1", first.id, on=False)
    assert [n.text for n in notes.of_customer(desk.session, "C1")] == ["third", "second", "first"]
    desk.customer("C2")
    with pytest.raises(NotFound):
        notes.pin(desk.session, "C2", first.id)


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


def test_a_new_customer_gets_the_next_free_number(desk: Desk):
    desk.customer("C10001")
    desk.customer("C10777")
    made = changes.create(
        desk.session, {"name": "Ivanova, Olga", "plan": "DSL", "email": "o@example.org", "tax_id": "DE1", "terms_days": "14"}
    )
    assert made.account == "C10778"
    assert (made.name, made.plan, made.terms_days) == ("Ivanova, Olga", "DSL", 14)
    assert changes.create(desk.session, {"name": "Next"}).account == "C10779"
    assert changes.create(desk.session, {"name": "Own", "account": "X-1"}).account == "X-1"
    assert dict(profiles.show_contact(desk.session, made.account)) == {"email": "o@example.org"}
    assert profiles.reveal(desk.session, made.account, "tax_id", "because") == "DE1"
    assert all(not c.broken for c in verify(desk.session))
    assert "DE1" not in repr(desk.column("select detail from audit_event where action = 'customer.create'"))


@pytest.mark.parametrize(("fields", "says"), [
    ({"name": ""}, "needs one"), ({"name": "A", "kind": "firm"}, "Kind"), ({"name": "A", "terms_days": "soon"}, "Terms"),
    ({"name": "A", "birth_date": "2030-01-01"}, "in the future"), ({"name": "A", "email": "nobody"}, "E-mail"),
    ({"name": "A\x1b[31m"}, "Name"), ({"name": "A", "height": "2"}, "not a field"), ({"name": "A", "account": "C1"}, "in use"),
    ({"name": "4111111111111111"}, "card number"),
], ids=str)  # fmt: skip
def test_a_customer_that_cannot_be_is_refused_by_its_field(desk: Desk, fields: dict[str, str], says: str):
    desk.customer("C1")
    with pytest.raises((InvalidInput, Refused), match=says):
        changes.create(desk.session, fields)
    assert desk.column("select count(*) from customer") == [1]


def test_a_change_touches_what_is_given_and_names_no_value(desk: Desk):
    person(desk)
    changes.change(desk.session, "C1", {"plan": "Fibre 250", "phone": "", "credit_score": "", "since": "5nov"})
    one = accounts.find_customer(desk.session, "C1")
    assert (one.name, one.plan, one.since) == ("O'Brien, Zoë", "Fibre 250", "2026-11-05")
    assert [k for k, _ in profiles.show_contact(desk.session, "C1")] == ["street", "email"]
    assert {f for f, _, mask in profiles.profile(desk.session, "C1") if mask} == {"tax_id", "birth_date", "bank_account", "pin"}
    detail = desk.column("select detail from audit_event where action = 'customer.change'")
    assert detail == ['{"fields":["credit_score","phone","plan","since"]}']
    with pytest.raises(InvalidInput, match="never changes"):
        changes.change(desk.session, "C1", {"account": "C2"})
    with pytest.raises(InvalidInput, match="Name"):
        changes.change(desk.session, "C1", {"name": " "})
    assert all(not c.broken for c in verify(desk.session))


def test_the_audit_of_an_account_shows_its_payments_too(desk: Desk):
    desk.customer("C1")
    receipt = desk.pay("C1", 500).row.receipt
    tags.tag(desk.session, "C1", "vip")
    found = trail.of_account(desk.session, "C1")
    assert [(e.action, e.object) for e in found][:2] == [("tag.add", "C1"), ("payment.record", receipt)]
    assert trail.words(found[0]) == "tag vip"
    assert [e.action for e in trail.of_record(desk.session, receipt)] == ["payment.record"]


def test_a_read_only_session_writes_nothing_and_opens_nothing_sealed(desk: Desk):
    person(desk)
    desk.invoice("C1", 3000, due=-40)
    desk.session.settings = desk.session.settings._replace(readonly=True)
    before = desk.column("select count(*) from audit_event")
    assert profiles.show_contact(desk.session, "C1") == []
    for act in (
        lambda: notes.add(desk.session, "C1", "x"), lambda: desk.pay("C1", 1), lambda: tags.tag(desk.session, "C1", "vip"),
        lambda: profiles.reveal(desk.session, "C1", "tax_id", "because"), lambda: profiles.caller_matches(desk.session, "C1", "pin", "1"),
        lambda: views.prefer(desk.session, "a", "b"), lambda: unfinished_forms.keep(desk.session, bytes(16), "payment", "x", {"a": "b"}),
    ):  # fmt: skip
        with pytest.raises(Refused, match="read-only"):
            act()
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=3)
    assert accounts.card(desk.session, "C1").oldest_days == 43
    assert desk.column("select count(*) from audit_event") == before


def test_an_account_number_is_compared_as_it_is_stored(desk: Desk):
    desk.customer("C2", "Smith, John")
    with pytest.raises(Refused, match="in use"):
        changes.create(desk.session, {"name": "Other", "account": "C2 "})
    assert changes.create(desk.session, {"name": "Other", "account": " C3 "}).account == "C3"
    assert desk.column("select name from customer where account = 'C2'") == ["Smith, John"]


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


@pytest.mark.parametrize("field", ["status", "kind", "terms_days"])
def test_what_a_customer_needs_cannot_be_emptied(desk: Desk, field: str):
    desk.customer("C1", status="suspended")
    with pytest.raises(InvalidInput, match="needs one"):
        changes.change(desk.session, "C1", {field: " "})


def test_a_book_that_only_reads_counts_what_fell_due_since(desk: Desk):
    from netbill_tui.usecases.lookup import lists
    from netbill_tui.usecases.receivables import overdue

    desk.customer("C1")
    desk.invoice("C1", 3000, due=0)
    desk.session.settings = desk.session.settings._replace(readonly=True)
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=2)
    assert [r.overdue for r in overdue.queue(desk.session)] == [3000]
    assert [r.overdue for r in lists.page(desk.session, "overdue")] == [3000]
    assert lists.sums(desk.session, "overdue") == (1, 3000)
    assert [r.account for r in work_list.work_page(desk.session)] == ["C1"]
    assert work_list.work_sums(desk.session) == (1, 3000)
    assert [r.overdue for r in lists.page(desk.session, "customers")] == [3000]
