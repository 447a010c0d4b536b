"""S23: whatever operators do, in any order and over months, verify finds nothing wrong: a false alarm stops a company."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.core import versions
from netbill_tui.errors import NetbillError
from netbill_tui.usecases.access import operators, tries
from netbill_tui.usecases.billing_run import undo
from netbill_tui.usecases.billing_run.issue import decide_draft, drafts, issue, runs
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.catalogue import rules as billing_rules
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import changes as editing
from netbill_tui.usecases.customers import notes, tags
from netbill_tui.usecases.lookup import views
from netbill_tui.usecases.receivables import credit_notes, disputes, payments
from netbill_tui.usecases.services import charges, discounts, events, subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.proof import tampering
from tests.proof.books import make
from tests.proof.report import Report, Run, proof

ACCOUNTS = ("C1", "C2", "C3", "C4")
_RULES = {
    "lead_days": ("0", "7", "60"), "first_bill": ("stub", "stub+full", "defer"), "changes": ("next", "at-once"),
    "drafts_days": ("0", "3"), "proration": ("days", "30"), "seller": ("Proof Net|Leeds", "Other Net|York"),
    "invoice_number": ("INV-{seq:06}", "{year}-{seq:05}"),
}  # fmt: skip


class Desk:
    """Somebody who does things at random, on days that go on."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance = session, random.Random(seed)
        self.now = datetime.now(UTC) + timedelta(hours=1)  # behind what made the book
        session.calendar.clock = lambda: self.now
        self.done: Counter[str] = Counter()

    def day(self, back: int = 40, ahead: int = 90) -> str:
        return (self.now.date() + timedelta(days=self.chance.randint(-back, ahead))).isoformat()

    def services(self) -> list[int]:
        return [r.service.id for a in ACCOUNTS for r in subscriptions.of_account(self.session, a)]

    def passes(self) -> None:
        self.now += timedelta(days=self.chance.randint(1, 25), hours=self.chance.randint(0, 5))

    def sells(self) -> None:
        fields = {"code": self.chance.choice("ABTW"), "start": self.day(), "mode": self.chance.choice(("advance", "arrears")),
                  "cycle": self.chance.choice(("1M", "1M", "3M")), "anchor": self.chance.choice(("", "1", "31"))}  # fmt: skip
        if self.chance.random() < 0.3:
            fields |= {"price": "12.50", "reason": "agreed", "price_until": self.day(-30, 200)}
        if self.chance.random() < 0.2:
            fields["billed_through"] = self.day(10, 10)
        subscriptions.add(self.session, self.chance.choice(ACCOUNTS), fields)

    def changes(self) -> None:
        kind = self.chance.choice(("pause", "resume", "suspend", "restore", "end", "change", "price", "anchor"))
        fields = {"on": self.day(), "reason": "asked"}
        fields |= {"change": {"code": self.chance.choice("ABTW")}, "price": {"price": "9.90", "until": self.day(-100, 200)},
                   "end": {"policy": self.chance.choice(("days", "period"))}, "anchor": {"anchor": "10"}}.get(kind, {})  # fmt: skip
        events.schedule_event(self.session, self.chance.choice(self.services()), kind, fields)

    def takes_back(self) -> None:
        service_id = self.chance.choice(self.services())
        event = self.chance.choice(subscriptions.history(self.session, service_id)).event
        events.take_back(self.session, service_id, event.id, "mistaken")

    def bills(self) -> None:
        as_of = self.now.date() + timedelta(days=self.chance.choice((0, 0, 0, 5, 40)))
        issue(self.session, as_of, pause_s=0, catch_up=self.chance.choice(("all", "all", "latest", "skip", "")))

    def undoes(self) -> None:
        standing = [r.number for r in runs(self.session) if r.kind == "run" and r.state != "undone" and r.invoices + r.credits]
        undo.undo(self.session, standing[0], "wrong")

    def credits(self) -> None:
        number = self.chance.choice(self.numbers("invoice"))
        credit_notes.credit(self.session, number, "goodwill", amount=self.chance.choice((None, 100, 1234)))

    def numbers(self, table: str) -> list[str]:
        column = "receipt" if table == "payment" else "number"
        return [r[0] for r in self.session.db.peewee.execute_sql(f"select {column} from {table} order by id").fetchall()]

    def pays(self) -> None:
        payments.record(self.session, PaymentRequest(
            self.chance.randbytes(16), self.chance.choice(ACCOUNTS), self.chance.randint(1, 20_000), "cheque",
            reference=f"CHQ {self.chance.randint(1, 99999)}", confirmed="proof",
        ))  # fmt: skip

    def reverses(self) -> None:
        payments.reverse(
            self.session, self.chance.choice(self.numbers("payment")), "bounced", returned=self.chance.random() < 0.5
        )

    def charges(self) -> None:
        charges.charge(self.session, self.chance.choice(ACCOUNTS), {"code": "V", "amount": "7", "on": self.day(5, 60)})

    def withdraws(self) -> None:
        account = self.chance.choice(ACCOUNTS)
        charges.withdraw(self.session, account, self.chance.choice(charges.pending(self.session, account)).id, "not done")

    def discounts(self) -> None:
        how = {"percent": "10"} if self.chance.random() < 0.5 else {"amount": "3", "code": "A"}
        discounts.discount(self.session, self.chance.choice(ACCOUNTS), how | {"from": self.day(0, 60)})

    def rules(self) -> None:
        name = self.chance.choice(list(_RULES))
        billing_rules.set_rule(self.session, name, self.chance.choice(_RULES[name]))

    def prices(self) -> None:
        amount = str(self.chance.randint(20, 70))
        codes.add_price(self.session, self.chance.choice("AB"), {"amount": amount, "from": self.day(-1, 90)})

    def rates(self) -> None:
        tax_rates.add_rate(
            self.session, "std", {"percent": str(self.chance.randint(5, 25)), "name": "VAT", "from": self.day(-1, 90)}
        )

    def notes(self) -> None:
        account = self.chance.choice(ACCOUNTS)
        notes.add(self.session, account, "a note", request_id=self.chance.randbytes(16))
        calls.outcome(self.session, account, "m", "after payday", self.now.date() + timedelta(days=5))
        notes.pin(self.session, account, notes.of_customer(self.session, account)[0].id, on=self.chance.random() < 0.7)

    def arranges(self) -> None:
        tags.tag(self.session, self.chance.choice(ACCOUNTS), self.chance.choice(("vip", "hold")), on=self.chance.random() < 0.6)
        views.save_view(self.session, "customers", self.chance.choice(("big", "old")), "bal>5", shared=self.chance.random() < 0.5)

    def disputes(self) -> None:
        number = self.chance.choice(self.numbers("invoice"))
        if self.chance.random() < 0.6:
            disputes.start(self.session, number, "not mine")
        else:
            disputes.end(self.session, number, "withdrawn", "it was")

    def edits(self) -> None:
        field = self.chance.choice(({"name": "Other Name"}, {"town": "Bristol"}, {"street": "1 High St"}, {"status": "suspended"},
                                    {"status": "active"}, {"email": "a@example.org"}))  # fmt: skip
        editing.change(self.session, self.chance.choice(ACCOUNTS), field)

    def decides(self) -> None:
        one = self.chance.choice(drafts(self.session))
        decide_draft(self.session, one.account, one.bill_date, confirm=self.chance.random() < 0.7)

    def guesses(self) -> None:
        row = operator_rows.by_name(self.session.db, "mira")
        assert row is not None
        tries.claim(self.session, row.uid)
        tries.answer(self.session, row.uid, failed=True, name="mira")

    def manages(self) -> None:
        name = f"op{self.chance.randint(1, 9999)}"
        tampering.enrolled(self.session, name, self.chance.choice(("clerk", "supervisor")))
        if self.chance.random() < 0.5:
            operators.disable(self.session, name)
        else:
            operators.change_role(self.session, name, "cashier")

    def acts(self) -> dict[str, tuple[Callable[[], None], int]]:
        """What is done, and how often of a hundred."""
        return {
            "day": (self.passes, 14), "sell": (self.sells, 8), "change": (self.changes, 12), "take back": (self.takes_back, 4),
            "bill": (self.bills, 14), "undo": (self.undoes, 3), "credit": (self.credits, 4), "pay": (self.pays, 8),
            "reverse": (self.reverses, 3), "charge": (self.charges, 3), "withdraw": (self.withdraws, 2),
            "discount": (self.discounts, 2), "rule": (self.rules, 3), "price": (self.prices, 3), "rate": (self.rates, 1),
            "note": (self.notes, 3), "arrange": (self.arranges, 3), "dispute": (self.disputes, 3), "edit": (self.edits, 4),
            "draft": (self.decides, 2), "guess": (self.guesses, 1), "manage": (self.manages, 1),
        }  # fmt: skip

    def does(self) -> str:
        acts = self.acts()
        (name,) = self.chance.choices(list(acts), [often for _, often in acts.values()])
        with suppress(NetbillError, IndexError):
            acts[name][0]()
            self.done[name] += 1
        return name


@proof("S23", "whatever operators do, in any order and over months, verify finds nothing wrong", "forgets-to-vouch")
def s23(run: Run) -> Report:
    report = Report()
    if run.sabotage == "forgets-to-vouch":
        versions.post_touched = lambda _: None
    many: Counter[str] = Counter()
    looked = 0
    for seed in range(run.seed, run.seed + run.size(2, 60)):
        made = make(str(run.place / f"{seed}.db"), customers=4, profile=True)
        session = made.session
        desk = Desk(session, seed)
        tax_rates.add_rate(session, "std", {"percent": "20", "name": "VAT"})
        for code, more in (("A", {}), ("B", {"suspended": "stop"}), ("T", {"minimum_months": "12", "leave_fee": "50"}),
                           ("W", {"proration": "whole"})):  # fmt: skip
            codes.store_code(session, {"code": code, "name": f"Plan {code}", "tax_class": "std", **more})
            codes.add_price(session, code, {"amount": "30", "from": "2020-01-01", "promo_amount": "10", "promo_periods": "2"})
        codes.store_code(session, {"code": "V", "name": "Visit", "kind": "one-time", "category": "one-off"})
        tampering.enrolled(session, "mira", "clerk")
        did = []
        for step in range(run.size(120, 300)):
            did.append(desk.does())
            if step % 4 == 3:
                looked += 1
                wrong = [f"{c.name}: {c.broken[0]}" for c in verify(session) if c.broken]
                report.must(
                    not wrong, f"seed {seed}, after {', '.join(did[-6:])} on {date.isoformat(desk.now.date())}: {wrong[:1]}"
                )
                if wrong:
                    break
        many += desk.done
        session.db.close()
    report.figures = {
        "acts": sum(many.values()),
        "looked at": looked,
        "of each kind": ", ".join(f"{n} {k}" for n, k in many.most_common()),
    }
    return report
