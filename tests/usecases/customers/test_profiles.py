"""Sealed fields of a customer: revealed for a reason, compared, damaged, and never shown by accident."""

import json

import pytest

from netbill_tui.errors import InvalidInput, NotFound, NotPermitted
from netbill_tui.usecases.customers import profiles
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk
from tests.usecases.customers.people import CANARIES, person


def test_the_fields_that_can_be_revealed_are_named_without_the_pin(sqlite_desk: Desk):
    sqlite_desk.customer()
    with pytest.raises(InvalidInput, match=r"type one of tax_id, birth_date, .*bank_account.*\.") as told:
        profiles.reveal(sqlite_desk.session, "C1", "shoe_size", "asked by the caller")
    assert "pin" not in str(told.value).split("type one of")[1]


def test_what_was_shown_of_a_contact_is_counted_in_the_audit(desk: Desk):
    desk.customer("C1", "Ann", street="1 High Street", phones=("+44 20 7946 0199",), emails=("ann@example.org",))
    assert len(profiles.show_contact(desk.session, "C1")) == 3
    (told,) = desk.column("select detail from audit_event where action = 'contact.show'")
    assert json.loads(str(told))["fields"] == 3


def test_a_reveal_needs_a_reason_of_three_letters(sqlite_desk: Desk):
    sqlite_desk.customer("C1", "Ann", profile=(("tax_id", "DE1"),))
    with pytest.raises(InvalidInput, match="A reveal needs a reason"):
        profiles.reveal(sqlite_desk.session, "C1", "tax_id", "no")
    assert profiles.reveal(sqlite_desk.session, "C1", "tax_id", "vat") == "DE1"


def test_a_reveal_is_logged_before_it_happens_and_needs_a_reason(desk: Desk):
    person(desk)
    with pytest.raises(InvalidInput, match="reason"):
        profiles.reveal(desk.session, "C1", "tax_id", "")
    assert profiles.reveal(desk.session, "C1", "tax_id", "caller asks for a copy") == CANARIES["tax_id"]
    assert desk.column("select detail from audit_event where action = 'profile.reveal'") == [
        '{"field":"tax_id","reason":"caller asks for a copy"}'
    ]
    with pytest.raises(NotPermitted, match="never shown"):
        profiles.reveal(desk.session, "C1", "pin", "caller asks")
    with pytest.raises(InvalidInput, match="not a profile field"):
        profiles.reveal(desk.session, "C1", "shoe_size", "caller asks")
    assert all("***" in mask for _, _, mask in profiles.profile(desk.session, "C1"))


def test_a_pin_is_compared_and_never_shown(desk: Desk):
    person(desk)
    assert profiles.caller_matches(desk.session, "C1", "pin", CANARIES["pin"])
    assert not profiles.caller_matches(desk.session, "C1", "pin", "0000")
    desk.customer("C2")
    with pytest.raises(NotFound):
        profiles.caller_matches(desk.session, "C2", "pin", "0000")


def test_a_damaged_cell_is_named_and_nothing_else_is_lost(desk: Desk):
    person(desk)
    blob = "x'00'" if desk.session.db.kind == "sqlite" else "'\\x00'::bytea"
    desk.session.db.peewee.execute_sql(f"update customer set tax_id = {blob}, street = {blob}")
    assert "unreadable" in profiles.reveal(desk.session, "C1", "tax_id", "caller asks")
    assert dict(profiles.show_contact(desk.session, "C1"))["street"].startswith("[unreadable")
    broken = next(c for c in verify(desk.session) if c.name.startswith("sealed")).broken
    assert broken == ["C1 tax_id does not open", "C1 street does not open"]


def test_a_phone_is_indexed_by_its_last_digits_too_and_an_address_is_not(desk: Desk):
    desk.customer("C1", emails=("ann@example.org",), phones=("+44 20 7946 0199",))
    assert dict(zip(desk.column("select kind from contact"), desk.column("select bidx4 is not null from contact"), strict=True)) == {
        "email": 0, "phone": 1,
    }  # fmt: skip
