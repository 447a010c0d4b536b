"""Runs one after another: 7 scenarios of Kill Bill, planned by our rules for a change that is billed at once."""

import json
from datetime import date
from decimal import Decimal

import pytest

from netbill_tui.billing.accounts import Account, Held
from netbill_tui.billing.catalogue import Catalogue, Code, Rules
from netbill_tui.billing.charging import Span
from netbill_tui.billing.invoicing import Bill, OneOff
from netbill_tui.billing.planning import plan_customer
from netbill_tui.billing.prices import Own
from netbill_tui.billing.services import Event, Service
from tests.conftest import SHARED, shared
from tests.oracles.killbill import PERIODS

FILE = SHARED / "oracles" / "invoice_runs_killbill.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
BOOK = Catalogue({"PLAN": Code("PLAN", "Plan"), "ONCE": Code("ONCE", "Once", kind="one-time")}, {}, (), Rules(changes="at-once"))


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


class Customer:
    """The subscriptions as our services, with what was billed of them."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.charged: set[int] = set()

    def know(self, events: list[dict[str, object]]) -> list[OneOff]:
        """Take the events; the one-off charges among them that are not billed yet."""
        charges = []
        for number, event in enumerate(events):
            on, name = date.fromisoformat(event["effective"]), event["subscription"]
            if event["fixed_price"] is not None and number not in self.charged:
                charges.append(OneOff(number, on, "one-off", "ONCE", Decimal(1), cents(event["fixed_price"]), "", on.isoformat()))
            rate, at = event["recurring_rate"], 10 * number + 1
            held = self.held.get(name)
            if held is None:
                if rate is None:
                    continue
                service = Service(number + 1, on, PERIODS[event["billing_period"]], event["bill_cycle_day"], "advance", on.month)
                held = Held(service, (Event(at, on, "start", "PLAN"),), (), on)
                new = [Event(at + 1, on, "price", own=Own("fixed", str(cents(rate))))]
            elif any(e.id == at for e in held.events):
                continue
            elif rate is None:
                new = [Event(at, on, "end", policy="days")]
            else:
                new = [Event(at, on, "change", "PLAN"), Event(at + 1, on, "price", own=Own("fixed", str(cents(rate))))]
            known = sorted((*held.events, *new), key=lambda e: (e.on, e.id))
            check = on if held.check_on is None else min(on, held.check_on)
            self.held[name] = held._replace(events=tuple(known), check_on=check if len(held.events) > 1 or rate is None else None)
        return charges

    def run(self, charges: list[OneOff], target: date) -> list[Bill]:
        services = list(self.held.values())
        plan = plan_customer(Account(1, "C1", "", 30), services, charges, target, BOOK, "USD")
        self.charged |= {n.charge_id for b in plan.bills for n in b.lines if n.kind == "one-off"}
        for (name, held), after in zip(self.held.items(), plan.after, strict=True):
            new = spans_of(held, plan.bills)
            self.held[name] = held._replace(spans=new, check_on=after.check_on)
        return list(plan.bills)


def spans_of(held: Held, bills: tuple[Bill, ...]) -> tuple[Span, ...]:
    """What stands charged after some bills, read from their lines as a book keeps them."""
    spans = {(s.first, s.terms_id, s.again): s for s in held.spans}
    for line in (n for b in bills for n in b.lines if n.service_id == held.service.id and n.end):
        first, end = date.fromisoformat(line.first), date.fromisoformat(line.end)
        if line.kind == "recurring":
            spans[first, line.terms_id, line.again] = Span(
                first, end, line.terms_id, ((line.code, line.tax_class, line.charged),), (), line.again
            )
        elif line.kind == "credit":
            span_first, _, again = line.span_first.partition("#")
            key = (date.fromisoformat(span_first), line.terms_id, int(again))
            spans[key] = spans[key]._replace(given=(*spans[key].given, (first, end)))
    return tuple(spans.values())


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_each_run_brings_only_what_is_missing(case):
    shared("oracles", "invoice_runs_killbill.json")
    customer, known = Customer(), list(case["events"])
    shown = 0
    for step in case["steps"]:
        known += step.get("new_events") or []
        shown = step.get("visible_events") or (len(known) if step.get("visible_events") is None else shown)
        charges = customer.know(known[:shown])
        bills = customer.run(charges, date.fromisoformat(step["target"]))
        lines = [n for b in bills for n in b.lines]
        if step.get("expected_items") is not None:
            assert len(lines) == step["expected_items"]
        if step.get("expected_total") is not None:
            assert sum(n.amount for n in lines) == cents(step["expected_total"])
        if step.get("expected_periods"):
            assert sorted([n.first, n.end] for n in lines if n.end) == sorted(step["expected_periods"])
