"""Late fees and dunning of ERPNext, Tryton, Invoice Ninja and OCA: nine cases.

Policy: fees on an invoice of their own where the case wants the receivable to show them at once. Declared differences: a credit note
that "keeps its own balance" is used on its invoice by itself (0006), a notice that was not sent is overtaken by the step that has come
(0010), an issued invoice is never added to (0015). A posted credit note is not cancelled, so 0005 ends with it.
"""

import json

import pytest

from netbill_tui.usecases.collections import night
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import credit_notes, overdue
from tests.conftest import SHARED, Desk, shared
from tests.usecases.collections.ladders import night_on, with_ladder

FILE = SHARED / "oracles" / "late_fee_and_dunning.json"
CASES = {case["id"].rpartition("-")[2]: case for case in json.loads(FILE.read_text())} if FILE.exists() else {}


def case_of(number: str) -> dict:
    shared("oracles", "late_fee_and_dunning.json")
    return CASES[number]


def cents(text: str) -> int:
    return round(float(text) * 100)


def balance(desk: Desk) -> int:
    return accounts.card(desk.session, "C1").totals.balance


def test_0001_without_interest_and_fee_nothing_is_charged(desk: Desk):
    case = case_of("0001")
    desk.customer()
    desk.invoice("C1", cents(case["principal"]), due=-case["days_overdue"])
    with_ladder(desk)
    assert night_on(desk, 0).fees.amount == cents(case["expected"]["charge"])
    assert balance(desk) == cents(case["expected"]["total"])


@pytest.mark.parametrize("number", ["0005", "0006"])
def test_a_credit_note_resolves_the_dunning(desk: Desk, number: str):
    case = case_of(number)
    desk.customer()
    invoice = desk.invoice("C1", cents(case["principal"]), due=-case["days_overdue"])
    with_ladder(desk)
    assert night.preview(desk.session).count == 1
    amount = case.get("credit_note", {}).get("amount", case["principal"])
    credit_notes.credit(desk.session, invoice, "as the case says", amount=cents(amount))
    assert night.preview(desk.session).count == 0
    # Declared for 0006: there it is unresolved.
    assert case["expected"]["dunning_status"] == ("resolved" if number == "0005" else "unresolved")


def levels_of(case: dict) -> str:
    return "; ".join(f"l{level['level']} +{level['days']} letter" for level in case["levels"])


def test_0009_the_first_level_comes_with_its_day(desk: Desk):
    case = case_of("0009")
    desk.customer()
    desk.invoice("C1", cents(case["principal"]), due=-case["day_after_due"] + 1)
    with_ladder(desk, steps=levels_of(case), transit="0")
    assert night_on(desk, 0).count == 0
    assert list(night_on(desk, 1).messages) == [(f"l{case['expected_level']}", "letter")]


def test_0010_a_notice_that_was_not_sent_is_overtaken(desk: Desk):
    case = case_of("0010")
    desk.customer()
    desk.invoice("C1", cents(case["principal"]), due=-5)
    with_ladder(desk, steps=levels_of(case), transit="0")
    night_on(desk, 0, deliver=False)
    assert desk.column("select step || ' ' || state from outbox") == ["l1 queued"]
    night_on(desk, case["day_after_due"] - 5, deliver=False)
    # Declared: there the draft keeps its level.
    assert desk.column("select step || ' ' || state from outbox order by message_id") == ["l1 cancelled", "l2 queued"]
    assert case["expected_level"] == 1


@pytest.mark.parametrize(("number", "receivable"), [("0013", "expected_receivable"), ("0016", "expected_customer_balance"), ("0015", "expected_customer_balance")])  # fmt: skip
def test_a_fee_is_owed_beside_an_invoice_that_stays(desk: Desk, number: str, receivable: str):
    case = case_of(number)
    desk.customer()
    days = case.get("day_after_due", case.get("days_overdue", 10))
    invoice = desk.invoice("C1", cents(case["principal"]), due=-days)
    fees = {"mode": "flat", "flat": case["fee"]["amount"], "rate": "0", "cap_rate": "0", "grace": str(days - 1), "invoice": "own"}
    with_ladder(desk, fees=fees)
    night_on(desk, 0)
    assert balance(desk) == cents(case[receivable])
    stays = {d.number: d.open for d in accounts.dues_of(desk.session, "C1")}[invoice]
    assert stays == cents(case["principal"])
    if number == "0016":
        assert stays == cents(case["expected_original_invoice_balance"])


def test_0018_overdue_counts_what_is_due_and_not_what_will_be(desk: Desk):
    case = case_of("0018")
    desk.customer()
    for invoice in case["invoices"]:
        desk.invoice("C1", cents(invoice["balance"]), due=-invoice["due_days_ago"])
    (row,) = overdue.queue(desk.session)
    assert (row.invoices, row.overdue) == (case["expected"]["overdue_count"], cents(case["expected"]["overdue_amount"]))
