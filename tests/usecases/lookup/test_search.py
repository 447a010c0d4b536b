"""Find finds what the screens show, in the form in which they show it, and tells how much there is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.lookup.search import account_numbers, read_query
from netbill_tui.db.core.engine import Database
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.errors import NeedsApproval
from netbill_tui.usecases.customers import accounts, notes
from netbill_tui.usecases.lookup.search import find, search
from netbill_tui.usecases.receivables import credit_notes, payments
from tests.conftest import TODAY, Desk
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import bill, serve, shop
from tests.usecases.customers.people import EMAIL, person

TYPED = {
    "79.80": (7980, True, None, ()),
    "79,80": (7980, True, None, ()),
    "1,234.50": (123450, True, None, ()),
    "1 234.50": (123450, True, None, ()),
    "EUR 79.80": (7980, True, None, ()),
    "79.80 EUR": (7980, True, None, ()),
    "€79.80": (7980, True, None, ()),
    "-5.00": (500, True, None, ()),
    "80": (8000, False, None, ()),
    "2026-11-10": (None, False, "2026-11-10", ()),
    "10 Nov 26": (None, False, "2026-11-10", ()),
    "10nov": (None, False, "2026-11-10", ()),
    "10 november 2026": (None, False, "2026-11-10", ()),
    "79.80 10 Nov 26": (7980, True, "2026-11-10", ()),
    "10nov 79.80": (7980, True, "2026-11-10", ()),
    "smith 79.80": (7980, True, None, ("smith",)),
    "79.80 smith john 2026-11-10": (7980, True, "2026-11-10", ("smith", "john")),
    "smith": (None, False, None, ("smith",)),
    "12.345": (None, False, None, ("12", "345")),
    "99 foo 26": (2600, False, None, ("99", "foo")),
    "31 Feb 26": (2600, False, None, ("31", "feb")),
}


@pytest.mark.parametrize("typed", TYPED)
def test_a_query_is_read_as_the_screens_print(typed: str):
    query = read_query(typed, "EUR", date(2026, 11, 22))
    assert (query.amount, query.printed, query.day, query.rest) == TYPED[typed]


@given(st.integers(1, 10**11), st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_every_printed_amount_and_date_is_read_back(minor: int, day: date, currency: str):
    for grouped in (False, True):
        shown = format_amount(minor, currency, grouped=grouped)
        assert read_query(shown, currency, TODAY).amount == minor
        both = read_query(f"Smith {shown} {short(day.isoformat())}", currency, TODAY)
        assert (both.amount, both.day, both.rest) == (minor, day.isoformat(), ("smith",))
    assert read_query(day.isoformat(), currency, TODAY).day == read_query(short(day.isoformat()), currency, TODAY).day == str(day)


def test_digits_stand_for_the_numbers_of_the_own_series():
    assert account_numbers("c17") == ["c17", "C17"]
    assert account_numbers("10004")[:3] == ["10004", "C10004", "C010004"]


@pytest.fixture
def owing(desk: Desk) -> Desk:
    """Three people with equal amounts, two days, one reference as card processors write it."""
    desk.customer("C10004", "Smith, John", town="Northfield")
    desk.customer("C10005", "Smith, Jane")
    desk.customer("C10006", "Jones, Ann")
    for account in ("C10004", "C10005", "C10006"):
        desk.invoice(account, 7980, due=-5)
    desk.pay("C10004", 7980, method="card", reference="pi_3cb3608826", received="2026-11-18")
    desk.pay("C10005", 7980, method="bank", reference="RF18-7989575", received="2026-11-21")
    desk.pay("C10006", 3100, method="bank", reference="987980", received="2026-11-18")
    return desk


@pytest.mark.parametrize(("typed", "first"), [
    ("pi_3cb3608826", ["R-10001"]), ("3cb3608826", ["R-10001"]), ("pi 3cb3608826", ["R-10001"]), ("3608826", ["R-10001"]),
    ("RF18-7989575", ["R-10002"]), ("989575", ["R-10002"]),
    ("10004", ["C10004"]), ("c10004", ["C10004"]),
    ("79.80", ["R-10002", "R-10001"]), ("79,80", ["R-10002", "R-10001"]), ("EUR 79.80", ["R-10002", "R-10001"]),
    ("18 Nov 26", ["R-10003", "R-10001"]), ("18nov", ["R-10003", "R-10001"]), ("2026-11-18", ["R-10003", "R-10001"]),
    ("79.80 18 Nov 26", ["R-10001"]), ("18nov 79.80", ["R-10001"]),
    ("smith 79.80", ["R-10002", "R-10001"]), ("smi john 79.80", ["R-10001"]), ("79.80 northfield", ["R-10001"]),
    ("smith 18 Nov 26", ["R-10001"]), ("10004 79.80", ["R-10001"]), ("smith 79.80 21 Nov 26", ["R-10002"]),
    ("smith 79.80 18 Nov 26 john", ["R-10001"]),
])  # fmt: skip
def test_what_a_screen_shows_is_found_in_the_form_it_is_shown(owing: Desk, typed: str, first: list[str]):
    assert [h.id for h in find(owing.session, typed)][: len(first)] == first


def test_an_equal_amount_stands_before_an_equal_end_of_a_reference(owing: Desk):
    assert [h.id for h in find(owing.session, "79.80", scope="payment")] == ["R-10002", "R-10001", "R-10003"]


def test_whole_numbers_may_be_accounts_and_parts_of_names_too(owing: Desk):
    owing.customer("K1", "Kiosk 24")
    owing.pay("K1", 3000, received="2026-11-18")
    owing.customer("7590-VHVEG", "")
    owing.pay("7590-VHVEG", 555, received="2026-11-18")
    owing.pay("C10004", 2000, received="2026-11-20")
    for typed, first in (
        ("7590 18 Nov 26", "R-10005"), ("7590-vhveg 5.55", "R-10005"), ("7590 5.55", "R-10005"),
        ("10004 18 Nov 26", "R-10001"), ("2026-11-18 10004", "R-10001"), ("Kiosk 24 18 Nov 26", "R-10004"), ("Kiosk 24 30", "R-10004"),
        ("10004 20", "R-10006"), ("smith 20", "R-10006"),
    ):  # fmt: skip
        assert first in [h.id for h in find(owing.session, typed, scope="payment")], typed


def test_documents_are_found_by_total_and_day_whether_open_or_not(owing: Desk):
    owing.pay("C10006", 7980)
    note = credit_notes.credit(owing.session, "INV-000001", "goodwill", amount=1234).number
    for typed in ("12.34", "-12.34", "22 Nov 26", "smith 12.34", "10004 12.34", "12.34 22 Nov 26", "smith 22 Nov 26"):
        assert note in [h.id for h in find(owing.session, typed)], typed
    (issued,) = {str(d) for d in owing.column("select issued_on from invoice")}
    for typed in (short(issued), f"jones {short(issued)}", "jones 79.80", f"79.80 {short(issued)}"):
        assert "INV-000003" in [h.id for h in find(owing.session, typed)], typed  # paid meanwhile


def test_services_approvals_and_notes_are_found_by_their_numbers(desk: Desk):
    shop(desk)
    desk.customer("C10004", "Smith, John")
    service_id = serve(desk, "C10004")
    notes.add(desk.session, "C10004", "call after six")
    (note_id,) = desk.column("select id from note")
    for typed in (f"service {service_id}", f"Service #{service_id}", f"service{service_id}"):
        (hit, *_) = find(desk.session, typed)
        assert (hit.type, hit.id, hit.account, hit.exact) == ("service", str(service_id), "C10004", True)
    (hit, *_) = find(desk.session, f"note {note_id}")
    assert (hit.type, hit.account, hit.reference) == ("note", "C10004", "call after six")
    # A number alone is an amount or a document first, and opens nothing by itself.
    desk.pay("C10004", int(service_id) * 100)
    hits = find(desk.session, str(service_id))
    assert [h.type for h in hits if h.type in ("payment", "service")] == ["payment", "service"]
    assert not any(h.exact for h in hits)
    assert find(desk.session, f"service {service_id}", scope="payment") == []
    assert not find(desk.session, "service 999999")
    kim = enrolled(desk, "kim", "supervisor", "1")
    desk.invoice("C10004", 5000)
    with pytest.raises(NeedsApproval):
        credit_notes.credit(kim, "INV-000001", "too much")
    (number,) = desk.column("select id from approval")
    (hit, *_) = find(desk.session, f"approval {number}")
    assert (hit.type, hit.amount, hit.reference, hit.state, hit.date) == ("approval", 5000, "INV-000001", "asked", "2026-11-22")


def test_an_invoice_is_found_by_its_bill_date_alone(desk: Desk):
    shop(desk)
    desk.customer("C10004", "Smith, John")
    serve(desk, "C10004", start="2026-11-01")
    bill(desk, "2026-11-22")
    assert desk.column("select bill_date || ' ' || issued_on from invoice") == ["2026-11-01 2026-11-22"]
    for typed in ("1 Nov 26", "1nov", "2026-11-01"):
        assert [h.id for h in find(desk.session, typed)] == ["INV-000001"]


def test_a_day_without_a_year_lies_behind_or_a_little_ahead():
    for typed, wanted in (
        ("5 may", "2026-05-05"),
        ("5may", "2026-05-05"),
        ("5 dec", "2026-12-05"),
        ("5 May 27", "2027-05-05"),
        ("5 nov", "2026-11-05"),
    ):
        assert read_query(typed, "EUR", date(2026, 11, 29)).day == wanted


def test_what_has_only_one_of_two_things_is_not_found_by_both(owing: Desk):
    assert find(owing.session, "jones 79.80", scope="payment") == []
    assert [h.id for h in find(owing.session, "jones 79.80")] == ["INV-000003"]
    assert find(owing.session, "79.80 19 Nov 26", scope="payment") == []


def test_counts_are_true_beyond_what_is_shown(desk: Desk):
    for n in range(149):
        desk.customer(f"A{n:03d}", f"Smith, Number {n}")
    found = search(desk.session, "smith")
    assert (len(found.hits), found.total, found.summary()) == (50, 149, "first 50 of 149 hits")
    assert search(desk.session, "smith", scope="payment").summary() == "0 hits"
    assert search(desk.session, "number 14").summary() == "10 hits"
    for _ in range(60):
        desk.pay("A000", 500)
    found = search(desk.session, "5.00")
    assert (len(found.hits), found.total) == (50, 60)
    # A row that two ways lead to counts once: the amount, and the number that it begins.
    both = search(desk.session, "smith 5.00")
    assert (len(both.hits), both.total) == (50, 60)


def test_a_name_with_a_typo_is_counted_truly(desk: Desk):
    for n in range(60):
        desk.customer(f"A{n:03d}", f"Avery {n}")
    found = search(desk.session, "avrey")
    assert (len(found.hits), found.total) == (50, 60)
    assert found.hits[0].reference == "like avery"


def test_an_exact_number_counts_beside_what_else_has_it(desk: Desk):
    desk.customer("A1", "Smith")
    for n in range(60):
        desk.invoice("A1", 60_00 if n else 99_00)
    # INV-000060 has this number and this total, INV-000001 another.
    found = search(desk.session, "60", scope="invoice")
    assert found.total == 59
    found = search(desk.session, "1", scope="invoice")
    assert [h.id for h in found.hits] == ["INV-000001"]


def test_what_was_overdue_then_is_not_what_is_overdue_now(desk: Desk):
    desk.customer("A1", "Smith")
    desk.invoice("A1", 5000, due=-3)
    assert [h.type for h in find(desk.session, "50.00", scope="customer")] == ["customer"]
    desk.session.calendar.as_of = date(2026, 11, 1)
    assert find(desk.session, "50.00", scope="customer") == []


def test_a_past_view_counts_what_had_come_by_then(desk: Desk):
    desk.customer("A1", "Smith")
    for n in range(60):
        desk.pay("A1", 500, received="2026-11-20" if n < 55 else "2026-11-18")
    desk.session.calendar.as_of = date(2026, 11, 19)
    found = search(desk.session, "5.00", scope="payment")
    assert (len(found.hits), found.total) == (5, 5)


def test_every_number_that_is_printed_leads_to_its_thing(desk: Desk):
    desk.customer("C10001", "Smith, John")
    shop(desk)
    serve(desk, "C10001", start="2026-11-22")
    bill(desk, "2026-11-22")
    (run,) = desk.column("select number from billing_run")
    note = credit_notes.credit(desk.session, "INV-000001", "goodwill", amount=500).number
    desk.pay("C10001", 1000)
    payments.reverse(desk.session, "R-10001", "wrong account")
    (document,) = desk.column("select document from payment_event")
    for typed, kind, wanted in (
        (run, "run", run), (note, "credit-note", note), ("A", "code", "A"), ("a", "code", "A"),
        ("INV-000001", "invoice", "INV-000001"), ("1", "invoice", "INV-000001"), (document, "payment", "R-10001"),
        ("10001", "customer", "C10001"),
    ):  # fmt: skip
        first = find(desk.session, typed)[0]
        assert (first.type, first.id, first.exact) == (kind, wanted, True), typed


def test_a_hit_shows_what_runs_and_not_what_was_typed(desk: Desk):
    desk.customer("C10001", "Smith, John", plan="Gold of old")
    assert find(desk.session, "smith")[0].reference == "Gold of old"
    shop(desk)
    serve(desk, "C10001")
    assert find(desk.session, "smith")[0].reference == "Plan A"


def test_one_account_number_is_understood_by_every_road(owing: Desk):
    assert accounts.find_customer(owing.session, "10004").account == "C10004"
    assert owing.pay("10004", 100).row.account == "C10004"
    owing.customer("C010004", "Other, One")
    assert accounts.find_customer(owing.session, "C10004").account == "C10004"
    with pytest.raises(Exception, match="C10004 or C010004; type the whole account number"):
        accounts.find_customer(owing.session, "10004")


def test_an_invoice_is_found_by_its_bill_date_beside_its_account(desk: Desk):
    desk.customer("C10001", "Smith, John")
    shop(desk)
    serve(desk, "C10001", start="2026-09-01")
    bill(desk, "2026-11-22", catch_up="all")
    # Issued on 22 November, and the screen says bill date 01 Sep 26.
    assert [h.id for h in find(desk.session, "10001 01 Sep 26")] == ["INV-000001"]


def test_a_number_that_was_indexed_by_an_older_program_is_found_too(desk: Desk):
    """Normalisation v1 stands in books of before; a search tries both, and a rotated key indexes anew."""
    from netbill_tui.billing.customers.phones import normal_phone
    from netbill_tui.usecases.access import rotation

    desk.customer("C1", "Old Hand", phones=("+44 20 7946 0199",))
    old = desk.session.vault.blind_index("phone", "phone.v1", normal_phone("+44 20 7946 0199", "GB"))
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql(f"update contact set bidx = {old}, bidx4 = null where kind = 'phone'")
    for typed in ("020 7946 0199", "+44 20 7946 0199", "0044 20 7946 0199"):
        assert [h.account for h in search(desk.session, typed).hits] == ["C1"], typed
    rotation.rotate(desk.session, "CONTACT")
    assert desk.column("select bidx from contact where kind = 'phone'") != [old]
    assert [h.account for h in search(desk.session, "+44 (0)20 7946 0199").hits] == ["C1"]


def test_find_as_of_a_past_day_shows_what_was_owed_then(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40, issued=date(2026, 10, 1))
    desk.pay("C1", 1000)
    desk.session.calendar.as_of = TODAY - timedelta(days=1)
    found = {h.type: h.amount for h in find(desk.session, "smith")} | {h.type: h.amount for h in find(desk.session, "INV-000001")}
    assert found == {"customer": 3000, "invoice": 3000}
    assert invoice_rows.balance_as_of(desk.session.db, 1, "2026-11-21") >= 0


def test_three_letters_of_a_number_find_it(desk: Desk):
    desk.customer("AB1234")
    assert [h.id for h in search(desk.session, "AB1").hits if h.type == "customer"] == ["AB1234"]


def test_what_was_found_by_a_contact_says_by_which(desk: Desk):
    desk.customer("C1", "Ann", phones=("+44 20 7946 0199",), emails=("ann@example.org",))
    assert [h.reference for h in search(desk.session, "020 7946 0199").hits] == ["phone ..0199"]
    assert [h.reference for h in search(desk.session, "ann@example.org").hits] == ["e-mail"]


def test_the_words_of_all_names_are_read_once_in_some_minutes(sqlite_desk: Desk):
    asked: list[int] = []

    def read(_: Database) -> frozenset[str]:
        asked.append(1)
        return frozenset({"smith"})

    for _ in range(3):
        assert sqlite_desk.session.name_words(read) == {"smith"}
    assert asked == [1]


@pytest.mark.parametrize("typed", [
    "C1", "c1", "o'brien", "OBRIEN", "zoe o'b", "northfield", "nf1", "0199", "7946 0199", "+44 20 7946 0199", "020 7946 0199",
    EMAIL, EMAIL.upper(),
])  # fmt: skip
def test_a_customer_is_found_by_what_a_caller_says(desk: Desk, typed: str):
    person(desk)
    desk.customer("C2", "Smith, John", phones=("+44 20 7946 0299",))
    assert [h.id for h in find(desk.session, typed) if h.type == "customer"] == ["C1"]


@pytest.mark.parametrize("typed", ["R-10001", "10001", "chq 004417", "004417", "4417", "417", "59.80", "59,80", "2026-11-22"])
def test_a_payment_is_found_by_part_of_what_it_says(desk: Desk, typed: str):
    person(desk)
    desk.pay("C1", 5980, method="cheque", reference="CHQ 004417")
    desk.pay("C1", 2990, method="bank", reference="RF18-991", received="2026-11-20")
    found = [h.id for h in find(desk.session, typed) if h.type == "payment"]
    assert found == ["R-10001"], typed


def test_exact_numbers_stand_first_and_a_scope_narrows(desk: Desk):
    person(desk, "10001")
    desk.pay("10001", 10001)
    assert [(h.type, h.exact) for h in find(desk.session, "10001")][:2] == [("customer", True), ("payment", True)]
    assert {h.type for h in find(desk.session, "10001", scope="payment")} == {"payment"}
    assert find(desk.session, "   ") == []
    assert find(desk.session, "nobody-at-all") == []
