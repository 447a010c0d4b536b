"""Runs one after another: 7 scenarios of Kill Bill, each typed into a book whose changes are billed at once."""

import json
from datetime import date
from decimal import Decimal

import pytest

from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes, rules
from netbill_tui.usecases.services import charges, events, subscriptions
from tests.conftest import SHARED, Desk, shared
from tests.oracles.killbill import CYCLES

FILE = SHARED / "oracles" / "invoice_runs_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


class Customer:
    """An account with the subscriptions of a scenario as its services."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.session = desk, desk.session
        self.services: dict[str, int] = {}
        rules.set_rule(self.session, "changes", "at-once")
        codes.store_code(self.session, {"code": "PLAN", "name": "Plan"})
        codes.store_code(self.session, {"code": "ONCE", "name": "Once", "kind": "one-time"})
        desk.customer("C1", "Kill Bill")

    def know(self, event) -> None:
        """Type an event of the scenario."""
        on, name, rate = event["effective"], event["subscription"], event["recurring_rate"]
        if event["fixed_price"] is not None:
            charges.charge(self.session, "C1", {"code": "ONCE", "amount": event["fixed_price"], "on": on})
        if rate is None and name in self.services:
            events.schedule_event(self.session, self.services[name], "end", {"on": on, "policy": "days"})
        elif rate is not None and name in self.services:
            fields = {"on": on, "price": rate, "reason": "phase"}
            events.schedule_event(self.session, self.services[name], "price", fields)
        elif rate is not None:
            fields = {
                "code": "PLAN", "start": on, "cycle": CYCLES[event["billing_period"]], "anchor": str(event["bill_cycle_day"]),
                "price": rate, "reason": "phase",
            }  # fmt: skip
            row = subscriptions.add(self.session, "C1", fields)
            assert row is not None
            self.services[name] = row.service.id

    def lines(self, target: str) -> list[tuple[str, str, int]]:
        """First day, end and amount of each line that a run brings, of invoices and credit notes alike."""
        before = self.desk.column("select count(*) from billed")[0]
        issue.issue(self.session, date.fromisoformat(target), pause_s=0, catch_up="all")
        statement = f"select first_on, end_on, charged from billed order by id limit 1000 offset {before}"
        return self.session.db.peewee.execute_sql(statement).fetchall()


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_each_run_brings_only_what_is_missing(case, sqlite_desk: Desk):
    shared("oracles", "invoice_runs_killbill.json")
    customer, known, shown = Customer(sqlite_desk), list(case["events"]), 0
    for step in case["steps"]:
        known += step.get("new_events") or []
        upto = len(known) if step.get("visible_events") is None else step["visible_events"]
        for event in known[shown:upto]:
            customer.know(event)
        shown = max(shown, upto)
        lines = customer.lines(step["target"])
        if step.get("expected_items") is not None:
            assert len(lines) == step["expected_items"]
        if step.get("expected_total") is not None:
            assert sum(amount for *_, amount in lines) == int(Decimal(step["expected_total"]) * 100)
        if step.get("expected_periods"):
            assert sorted([first, end] for first, end, _ in lines if end) == sorted(step["expected_periods"])
