"""A customer in memory who is billed again and again: what a book keeps of their services, without a database."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from netbill_tui.billing.billing_run.accounts import Account, Fee, Held
from netbill_tui.billing.billing_run.invoicing import Bill, OneOff
from netbill_tui.billing.billing_run.planning import happenings, plan_customer
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.services.charging import Span
from netbill_tui.billing.services.subscriptions import Event, Service, standing, timeline_of

ACCOUNT = Account(1, "C1", "Smith, John", 30)


@dataclass
class Customer:
    """Services by id with what was billed of them."""

    book: Catalogue
    account: Account = ACCOUNT
    held: dict[int, Held] = field(default_factory=dict)
    charges: list[OneOff] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)

    def add(self, service: Service, events: list[Event]) -> None:
        known = standing(events)
        made = timeline_of(service, known)
        later = [d for d in happenings(made, known) if d >= service.start]
        self.held[service.id] = Held(service, tuple(known), (), service.start, None, 0, min(later, default=None))

    def happen(self, service_id: int, event: Event) -> None:
        """An event is entered now."""
        held = self.held[service_id]
        known = standing([*held.events, event])
        made = timeline_of(held.service, known)
        turns = [d for d in happenings(made, known) if d >= event.on]
        before = [held.check_on] if held.check_on else []
        self.held[service_id] = held._replace(events=tuple(known), check_on=min([event.on, *turns, *before]))

    def bill(self, as_of: date, catch_up: str = "all") -> list[Bill]:
        """Run as of a day."""
        due = [c for c in self.charges if c.on <= as_of + timedelta(days=self.book.rules.lead_days)]
        plan = plan_customer(self.account, list(self.held.values()), due, as_of, self.book, "EUR", catch_up)
        billed = {n.charge_id for b in plan.bills for n in b.lines if n.charge_id}
        self.charges = [c for c in self.charges if c.id not in billed]
        self.bills += plan.bills
        for after in plan.after:
            held = self.held[after.service_id]
            spans = spans_of(held, plan.bills)
            fee, fees = held.fee, held.fees
            for b in plan.bills:
                for n in b.lines:
                    if n.service_id == after.service_id and n.kind == "fee":
                        fee, fees = (
                            Fee(n.code, n.tax_class, n.charged, n.first, n.terms_id, n.recharge, str(b.bill_date)),
                            fees + 1,
                        )
                    elif n.service_id == after.service_id and n.kind == "unfee":
                        fee = None
            self.held[after.service_id] = held._replace(
                spans=spans, settled_until=after.settled_until, check_on=after.check_on, fee=fee, fees=fees,
                settled=min([after.settled_until, *(s.first for s in spans)]),
            )  # fmt: skip
        return list(plan.bills)

    def night_by_night(self, first: date, end: date) -> "Customer":
        day = first
        while day <= end:
            self.bill(day)
            day += timedelta(days=1)
        return self

    def shown(self) -> list[tuple[object, ...]]:
        """Every invoice as two books are compared: bill date, lines, taxes, total."""
        return [
            (b.bill_date, tuple((n.kind, n.code, n.first, n.end, n.quantity, m) for n, m in zip(b.lines, b.nets, strict=True)),
             b.tax, b.total)
            for b in self.bills
        ]  # fmt: skip


def spans_of(held: Held, bills: tuple[Bill, ...]) -> tuple[Span, ...]:
    """What stands charged after some bills, read from their lines as a book keeps them."""
    spans = {(s.first, s.terms_id, s.recharge): s for s in held.spans}
    for on, line in ((b.bill_date, n) for b in bills for n in b.lines if n.service_id == held.service.id and n.end and n.first):
        first, end = date.fromisoformat(line.first), date.fromisoformat(line.end)
        if line.kind == "recurring":
            key = (first, line.terms_id, line.recharge)
            told = (line.code, line.tax_class, line.charged)
            old = spans.get(key)
            spans[key] = (
                old._replace(lines=(*old.lines, told))
                if old
                else Span(first, end, line.terms_id, (told,), (), line.recharge, (), str(on))
            )
        elif line.kind == "credit":
            span_first, _, again = line.span_first.partition("#")
            key = (date.fromisoformat(span_first), line.terms_id, int(again))
            if (first, end) not in spans[key].credited:
                spans[key] = spans[key]._replace(credited=(*spans[key].credited, (first, end)))
    return tuple(sorted(spans.values(), key=lambda s: (s.first, s.recharge)))
