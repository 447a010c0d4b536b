"""Overdue states of Kill Bill: 24 cases, each asked of a first night over a ladder whose steps are the states.

Policy: netbill's age runs from the due date; with terms of 0 days that is the invoice date. A state is the step that a first
night sends; a rule without days holds from the first day past due on, as nothing is overdue before.
"""

import json
from datetime import date, timedelta

import pytest

from netbill_tui.usecases.collections import night, write_offs
from tests.conftest import SHARED, TODAY, Desk, shared
from tests.usecases.collections.ladders import with_ladder

FILE = SHARED / "oracles" / "overdue_states_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


def cents(text: str) -> int:
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0"))


def steps_of(rules: list[dict]) -> str:
    """The rules as steps, the mildest first."""
    steps = []
    for at, rule in enumerate(reversed(rules), 1):
        words = [rule.get("state", "state").lower(), f"+{rule.get('days', at)}", "letter"]
        words += ["invoices", str(rule["unpaid_invoices"])] if "unpaid_invoices" in rule else []
        words += ["least", rule["unpaid_total"]] if "unpaid_total" in rule else []
        steps.append(" ".join(words))
    return "; ".join(steps)


def state(desk: Desk) -> str:
    sent = [step.upper() for step, _ in night.preview(desk.session).messages]
    assert len(sent) <= 1
    return sent[0] if sent else "CLEAR"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"] if case else "no-shared-data")
def test_overdue_states_killbill(case, desk: Desk):
    shared("oracles", "overdue_states_killbill.json")
    desk.customer()
    rules = case.get("rules") or [case["condition"]]
    with_ladder(desk, steps=steps_of(rules), minimum="0.01", transit="0", gap="1")
    if "rules" in case:
        moved = TODAY - date.fromisoformat(case["as_of"])
        for invoice in case["invoices"]:
            due = date.fromisoformat(invoice["invoice_date"]) + moved
            number = desk.invoice("C1", cents(invoice["amount"]), due=due)
            paid = cents(invoice["amount"]) - cents(invoice.get("balance", invoice["amount"]))
            if paid:
                desk.pay("C1", paid, apply=((number, paid),))
            if invoice.get("written_off"):
                write_offs.write_off(desk.session, "C1", number, "the case says so", anyway=True)
        assert state(desk) == case["expected_state"]
        return
    known = case["account_state"]
    total, days = cents(known.get("unpaid_total", "100.00")), known.get("days_since_earliest_unpaid", 10)
    if total and days is not None:
        desk.invoice("C1", total, due=TODAY - timedelta(days=days))
    assert (state(desk) != "CLEAR") == case["expected_match"]
