"""New customers and changes: what is refused by its field, what is left, and what the trail names."""

import json

import pytest

from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.usecases.customers import accounts, changes, profiles
from netbill_tui.usecases.services import events, subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk
from tests.usecases.billing_run.shop import serve, shop
from tests.usecases.customers.people import person


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


def test_an_account_number_is_compared_as_it_is_stored(desk: Desk):
    desk.customer("C2", "Smith, John")
    with pytest.raises(Refused, match="in use"):
        changes.create(desk.session, {"name": "Other", "account": "C2 "})
    assert changes.create(desk.session, {"name": "Other", "account": " C3 "}).account == "C3"
    assert desk.column("select name from customer where account = 'C2'") == ["Smith, John"]


@pytest.mark.parametrize("field", ["status", "kind", "terms_days"])
def test_what_a_customer_needs_cannot_be_emptied(desk: Desk, field: str):
    desk.customer("C1", status="suspended")
    with pytest.raises(InvalidInput, match="needs one"):
        changes.change(desk.session, "C1", {field: " "})


def test_the_audit_names_an_anchor_only_where_one_was_changed(desk: Desk):
    d = shop(desk)
    s = serve(d)
    events.schedule_event(d.session, s, "anchor", {"on": "2026-12-01", "anchor": "15"})
    events.schedule_event(d.session, s, "change", {"on": "2026-12-02", "code": "B", "quantity": "2"})
    told = d.column(
        "select detail from audit_event where action in ('service.add', 'service.anchor', 'service.change') order by seq"
    )
    assert '"anchor":15' in told[-2].replace(" ", "")
    assert '"quantity"' not in told[-2]
    assert "anchor" not in told[-1]
    assert '"quantity":"2"' in told[-1].replace(" ", "")


def test_terms_and_anchors_are_days_of_a_month(sqlite_desk: Desk):
    sqlite_desk.customer()
    for wrong in ({"terms_day": 32}, {"terms_day": -1}, {"anchor": 32}, {"anchor": -1}):
        with pytest.raises(InvalidInput, match="must be from 1 to 31, or 0 for none"):
            subscriptions.set_terms(sqlite_desk.session, "C1", **wrong)
    for right in (0, 1, 31):
        subscriptions.set_terms(sqlite_desk.session, "C1", terms_day=right)
        subscriptions.set_terms(sqlite_desk.session, "C1", anchor=right)
    told = sqlite_desk.column("select detail from audit_event where action = 'customer.terms' order by seq")
    last = json.loads(str(told[-1]))
    assert (last["terms_day"], last["anchor"]) == (31, 31)


def test_the_form_of_a_customer_shows_its_own_terms(sqlite_desk: Desk):
    sqlite_desk.customer("C1", terms_days=14)
    sqlite_desk.customer("C2", terms_days=-1)
    assert [changes.fields_of(sqlite_desk.session, a)["terms_days"] for a in ("C1", "C2")] == ["14", "none"]
