"""Dunning campaigns of Lago: seven cases, each one customer and one run.

Policy: a threshold is the minimum of a ladder with one step, the customer's own campaign a policy of the customer. A book has one
currency: what a case says of another currency is asked of an account of its own.
"""

import json

import pytest

from netbill_tui.billing.core.money import format_amount
from netbill_tui.usecases.collections import night, policies
from tests.conftest import SHARED, Desk, shared
from tests.usecases.collections.ladders import with_ladder

FILE = SHARED / "oracles" / "dunning_lago.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
STEP = "r1 +1 letter"


def threshold(thresholds: list[dict], currency: str) -> dict[str, str] | None:
    mine = [t["amount_cents"] for t in thresholds if t["currency"] == currency]
    return {"steps": STEP, "minimum": format_amount(mine[0], "EUR")} if mine else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"] if case else "no-shared-data")
def test_dunning_lago(case, desk: Desk):
    shared("oracles", "dunning_lago.json")
    default = case.get("default_thresholds")
    with_ladder(desk, **(threshold(default, "EUR") or {}) if default else {"steps": STEP})
    currencies = [i["currency"] for i in case["overdue_invoices"]] or ["EUR"]
    for currency in currencies:
        desk.customer(currency, f"Owes {currency}")
        values = threshold(case["thresholds"], currency)
        policies.set_policy(desk.session, "reminders", currency, values or {}, none=values is None)
    for invoice in case["overdue_invoices"]:
        desk.invoice(invoice["currency"], invoice["amount_cents"], due=-10)
    if not case["overdue_invoices"]:
        desk.invoice("EUR", 10000, due=10)
    done = night.collect(desk.session, pause_s=0)
    reminded = {fate.account for fate in done.fates if not fate.reason}
    assert reminded == set(case["expected_reminder_currencies"])
    for currency, attempts in case.get("expected_attempts", {}).items():
        assert desk.column(
            f"select count(*) from message m join customer c on c.id = m.customer_id where c.account = '{currency}'"
        ) == [attempts]
