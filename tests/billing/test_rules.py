"""Dates, allocation, the overdue queue, references and queries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.core.dates import due_date, next_business_day, parse_date
from netbill_tui.billing.customers.phones import (
    check_email,
    check_phone,
    international_phone,
    is_valid_phone,
    normal_email,
    normal_phone,
    normal_tax_id,
    short_phone,
)
from netbill_tui.billing.lookup.search import read_query
from netbill_tui.billing.receivables.ageing import BUCKET_NAMES, bucket_of, days_past_due
from netbill_tui.billing.receivables.allocation import OpenInvoice, exact_match, settle
from netbill_tui.billing.receivables.overdue import Overdue, by_amount, by_days, work_list
from netbill_tui.billing.receivables.payments import PaymentRequest, check_request, parse_method, reference_tail, reference_words
from netbill_tui.errors import InvalidInput
from netbill_tui.identifiers import iban_is_valid

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(("typed", "day"), [
    ("2026-11-22", date(2026, 11, 22)), ("t", TODAY), ("today", TODAY), ("-1", date(2026, 11, 21)), ("+7", date(2026, 11, 29)),
    (" 2024-02-29 ", date(2024, 2, 29)),
])  # fmt: skip
def test_a_date_is_typed_in_few_keys(typed, day):
    assert parse_date(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed", ["01/02/2026", "2026-02-30", "22.11.2026", "yesterday", "", "2026-1-1", "9999-01-01", "1899-12-31", "٢٠٢٦-01-01"]
)
def test_a_date_is_never_guessed(typed):
    with pytest.raises(InvalidInput, match="type"):
        parse_date(typed, TODAY)


@pytest.mark.parametrize(("issued", "terms", "due"), [
    pytest.param(date(2026, 1, 31), {"days": 30}, date(2026, 3, 2), id="days"),
    pytest.param(date(2026, 1, 31), {"day_of_next_month": 31}, date(2026, 2, 28), id="clamped"),
    pytest.param(date(2026, 12, 5), {"day_of_next_month": 15}, date(2027, 1, 15), id="over-new-year"),
])  # fmt: skip
def test_an_invoice_falls_due_by_its_terms(issued, terms, due):
    assert due_date(issued, **terms) == due


def test_the_due_day_itself_is_not_overdue():
    assert bucket_of(days_past_due("2026-11-22", "2026-11-22")) == "current"
    assert bucket_of(days_past_due("2026-11-21", "2026-11-22")) == "1-30"


@pytest.mark.parametrize(("days", "bucket"), [(-5, "current"), (0, "current"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"),
                                              (61, "61-90"), (90, "61-90"), (91, "over-90"), (9999, "over-90")])  # fmt: skip
def test_the_buckets_touch_without_gap(days, bucket):
    assert bucket_of(days) == bucket
    assert bucket in BUCKET_NAMES


def test_the_next_action_skips_the_weekend():
    assert next_business_day(date(2026, 11, 20), 2) == date(2026, 11, 24)


def invoice(number: str, due: str, cents: int, *, disputed: bool = False) -> OpenInvoice:
    return OpenInvoice(int(number), number, due, due, cents, cents, disputed)


def test_the_oldest_due_is_settled_first():
    shares, left = settle(7000, [invoice("2", "2026-04-01", 6000), invoice("1", "2026-03-01", 4000)])
    assert [(s.invoice.number, s.amount) for s in shares] == [("1", 4000), ("2", 3000)]
    assert left == 0


def test_a_disputed_invoice_is_skipped_unless_it_is_chosen():
    items = [invoice("1", "2026-03-01", 4000, disputed=True), invoice("2", "2026-04-01", 1000)]
    assert [(s.invoice.number, s.amount) for s in settle(2500, items)[0]] == [("2", 1000)]
    assert settle(2500, items)[1] == 1500
    assert [(s.invoice.number, s.amount) for s in settle(2500, items, [("1", 2000)])[0]] == [("1", 2000), ("2", 500)]


@pytest.mark.parametrize(
    "chosen", [[("9", 100)], [("1", 4001)], [("1", 0)], [("1", 2000), ("1", 2001)], [("1", 4000), ("2", 3500)]]
)
def test_a_choice_that_cannot_be_is_refused(chosen):
    with pytest.raises(InvalidInput):
        settle(7000, [invoice("1", "2026-03-01", 4000), invoice("2", "2026-04-01", 6000)], chosen)


def test_an_amount_that_fits_another_invoice_is_a_hint():
    items = [invoice("1", "2026-03-01", 4000), invoice("2", "2026-04-01", 6000)]
    shares, _ = settle(6000, items)
    assert exact_match(6000, items, shares) == "2"


@given(st.integers(1, 10**6), st.lists(st.tuples(st.integers(1, 10**5), st.booleans()), max_size=8))
def test_settling_never_loses_or_overpays(amount, opens):
    items = [invoice(str(n), f"2026-01-{n + 1:02d}", cents, disputed=d) for n, (cents, d) in enumerate(opens)]
    shares, left = settle(amount, items)
    assert sum(s.amount for s in shares) + left == amount
    assert all(0 < s.amount <= s.invoice.open and not s.invoice.disputed for s in shares)
    assert left == 0 or all(s.amount == s.invoice.open for s in shares)


def overdue(account: str, days: int, cents: int, **more: object) -> Overdue:
    base = {"invoices": 1, "disputed": 0, "next_action_on": None, "promise_on": None, "last_contact_on": None, "last_contact": ""}
    return Overdue(0, account, "", "", days, cents, bucket_of(days), **(base | more))  # type: ignore[arg-type]


def test_the_queue_has_two_orders():
    rows = [overdue("B", 5, 900), overdue("A", 5, 100), overdue("C", 40, 500)]
    assert [r.account for r in by_days(rows)] == ["C", "A", "B"]
    assert [r.account for r in by_amount(rows)] == ["B", "C", "A"]


def test_the_work_list_leaves_out_what_waits_and_begins_with_broken_promises():
    rows = [
        overdue("small", 99, 499), overdue("waits", 99, 900, next_action_on="2026-11-23"),
        overdue("promised", 99, 900, promise_on="2026-11-22"), overdue("disputed", 99, 900, disputed=900),
        overdue("rest", 3, 900), overdue("thirty", 35, 600), overdue("sixty", 61, 500), overdue("broken", 2, 600, promise_on="2026-11-21"),
        overdue("today", 3, 950, next_action_on="2026-11-22"),
    ]  # fmt: skip
    assert [r.account for r in work_list(rows, TODAY)] == ["broken", "sixty", "thirty", "today", "rest"]


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


def test_a_reference_is_found_by_its_parts():
    assert reference_words("CHQ 004417") == ["chq004417", "chq", "004417", "4417"]
    assert reference_tail("RF18-4417") == "714481fr"
    assert "7518720" in reference_words("RF18-7518720")


@pytest.mark.parametrize(("typed", "country", "normal"), [
    ("+44 20 7946 0199", "GB", "442079460199"), ("020 7946 0199", "GB", "442079460199"), ("0049 30 1234", "GB", "49301234"),
    ("030 1234", "DE", "49301234"), ("555-0132", "", "5550132"), ("06 30 123", "HU", "3630123"), ("（02）1234", "IT", "39021234"),
])  # fmt: skip
def test_phones_have_one_normal_form(typed, country, normal):
    assert normal_phone(typed, country) == normal


@pytest.mark.parametrize(("typed", "country", "normal"), [
    ("011 44 20 7946 0199", "US", "442079460199"), ("+44 (0)20 7946 0199", "US", "442079460199"), ("9123 4567", "SG", "6591234567"),
    ("050 123 4567", "AE", "971501234567"), ("011 15-2345-6789", "AR", "5491123456789"), ("081 234 5678", "TH", "66812345678"),
    ("030 1234567", "DE", "49301234567"), ("555-0132", "", "5550132"), ("11", "DE", "4911"), ("no number", "DE", "49"),
])  # fmt: skip
def test_numbers_are_read_by_the_plan_of_every_country(typed, country, normal):
    assert international_phone(typed, country) == normal


@pytest.mark.parametrize(("typed", "valid"), [
    ("+4915123456789", True), ("0049 151 23456789", True), ("+44 20 7946 0199", True), ("015123456789", False), ("+4222222222222", False),
    ("+4111111111111111", False), ("4111111111111111", False), ("+", False), ("+49 1", False),
])  # fmt: skip
def test_a_number_with_its_country_code_is_known_by_its_plan(typed, valid):
    assert is_valid_phone(typed) == valid


def test_contact_data_is_checked_and_normalised():
    assert normal_email(" Anna+Bill@EXAMPLE.org ") == "anna+bill@example.org"
    assert normal_email("a@bücher.example") == "a@xn--bcher-kva.example"
    assert normal_tax_id("de 123.456-789") == "DE123456789"
    assert short_phone("+44 20 7946 0199") == "+44 20..0199"
    assert iban_is_valid("GB82 WEST 1234 5698 7654 32")
    assert not iban_is_valid("GB83 WEST 1234 5698 7654 32")
    for wrong in ("no-at", "a@b", "a b@c.de", "@c.de"):
        with pytest.raises(InvalidInput):
            check_email(wrong)
    for wrong in ("abc", "123", "1" * 21):
        with pytest.raises(InvalidInput):
            check_phone(wrong)


def test_a_query_is_read_in_every_way_it_can_be():
    assert read_query("59,80", "EUR", TODAY).amount == 5980
    assert read_query("4417", "EUR", TODAY).digits == "4417"
    assert read_query("O'Brien", "EUR", TODAY).words == ("obrien",)
    assert read_query("2026-11-20", "EUR", TODAY).day == "2026-11-20"
    assert read_query("a@b.org", "EUR", TODAY).email == "a@b.org"
