"""A throw-away book with believable data, the same for the same seed, size and day.

Every customer has a habit of paying: by direct debit on the day, by bank before it, at the desk with cash, card or
cheque, online; some late, some with a debt that grows, some who dispute, a few whose cheque came back.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from dateutil.relativedelta import relativedelta

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.billing.receivables.overdue import OUTCOMES, next_action
from netbill_tui.billing.receivables.payments import METHODS, reference_tail, reference_words
from netbill_tui.db.core import files, posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.demo import bulk
from netbill_tui.db.receivables import balances, day_sums
from netbill_tui.db.receivables import payments as payment_rows
from netbill_tui.db.receivables.balances import OpenItem
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.books.create import MadeBook, NewBook, make_book
from netbill_tui.usecases.core.demo_key import OPERATOR, key_file
from netbill_tui.usecases.core.session import Session, utc_now
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.demo import copies as book_copies
from netbill_tui.usecases.demo import people, services
from netbill_tui.usecases.demo.histories import History, Month, history_of
from netbill_tui.usecases.demo.names import person

BATCH = 500
# So many customers get a history of their own; in a larger book the others repeat these, under other names and numbers.
BLOCK = 10_000
# The months before this one that the billing run itself bills, with this one: their lines can say why, and be given back.
BILLED_MONTHS = 2
MAX_CUSTOMERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """What the demo book holds."""

    session: Session
    customers: int
    invoices: int
    payments: int


def make(
    target: str,
    *,
    customers: int = 1000,
    months: int = 12,
    seed: int = 2026,
    on_progress: Callable[[int, int], None] | None = None,
    on_billing: Callable[[int, int], None] | None = None,
    clock: Callable[..., object] = utc_now,
) -> Made:
    """Make a demo book at a path or URL.

    Args:
        target: Where; nothing may be there.
        customers: 1 to two million.
        months: How many months of invoices, 1 to 60.
        seed: The same seed gives the same people, amounts and habits.
        on_progress: Called with customers done and in all.
        on_billing: The same with nights on which the run bills.
        clock: For tests.

    Raises:
        InvalidInput: A number out of range.
        Refused: Something is there already.
    """
    if not 1 <= customers <= MAX_CUSTOMERS:
        raise InvalidInput(f"--customers is {customers}; type a number from 1 to {MAX_CUSTOMERS}.")
    if customers > BLOCK and customers % BLOCK:
        raise InvalidInput(f"--customers is {customers}; above {BLOCK:,} type a multiple of {BLOCK:,}.")
    if not 1 <= months <= 60:
        raise InvalidInput(f"--months is {months}; type a number from 1 to 60.")
    book = NewBook("Demo Net", "EUR", "UTC", "GB", OPERATOR, None, demo=True)
    new_book = make_book(target, book, clock=clock)  # type: ignore[arg-type]
    try:
        return _fill(new_book, target, customers, months, seed, on_progress, on_billing)
    except BaseException:
        new_book.session.db.close()
        for suffix in ("", "-wal", "-shm", ".lock", "-journal") if not target.startswith("postgres") else ():
            Path(f"{files.real(target)}{suffix}").unlink(missing_ok=True)
        raise


def _fill(
    new_book: MadeBook,
    target: str,
    customers: int,
    months: int,
    seed: int,
    on_progress: Callable[[int, int], None] | None,
    on_billing: Callable[[int, int], None] | None,
) -> Made:
    session = new_book.session
    writer = _Writer(session, Random(seed), months)  # noqa: S311 - invented people need no secrets
    begun = bulk.series(session.db)
    own = min(customers, BLOCK)
    # A larger book shows how lists and searches grow; its services would be copies that bill alike.
    writer.billed_from = writer.today.replace(day=1) - relativedelta(months=BILLED_MONTHS) if customers <= BLOCK else None
    for first in range(0, own, BATCH):
        writer.batch(first, min(BATCH, own - first))
        if on_progress:
            on_progress(min(first + BATCH, own), customers)
    with writing(session, rights.IMPORT) as tx:
        balances.rebuild(session.db)
        day_sums.rebuild(session.db)
        writer.contacts()
        tx.note("demo.begin", "demo", {"customers": own, "months": months, "seed": seed})
    if customers > own:
        copies = book_copies.Copies(session, writer.people, writer.terms, begun, seed)
        copies.make(customers, on_progress)
        writer.invoices, writer.payments = copies.invoices, copies.payments
    if customers <= BLOCK:
        services.make(session, writer.random, writer.turns)
        writer.bill(on_billing)
    with writing(session, rights.IMPORT) as tx:
        bulk.set_series(session.db, "account", 10001 + customers)
        tx.note("demo.end", "demo", {"customers": customers, "months": months, "seed": seed})
    bulk.analyze(session.db)
    # Last: a book without its key is one that was never finished, and nothing opens it.
    _write_key(key_file(target), new_book.bundle)
    return Made(session, customers, writer.invoices, writer.payments)


def _write_key(path: Path, bundle: bytes) -> None:
    import os

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(bundle)


class _Writer:
    """Writes customers in batches of whole accounts, by bulk statements, with the audit of each batch."""

    def __init__(self, session: Session, random: Random, months: int) -> None:
        self.session, self.random, self.months = session, random, months
        self.today = session.today()
        self.invoices = self.payments = 0
        self.rows: dict[type, list[posted.Row]] = {}
        self.open: list[OpenItem] = []
        self.credit: list[tuple[int, int, str, int]] = []
        self.terms: list[tuple[str, int]] = []
        self._new_terms: list[tuple[str, int]] = []
        self.people: list[NewCustomer] = []
        self.called: list[tuple[object, ...]] = []
        self.billed_from: date | None = None  # months from here on are billed by the run
        self.turns: dict[int, date] = {}  # by customer, the first bill date of the services
        self.recent: dict[tuple[int, str], Month] = {}  # by customer and bill date, what becomes of the invoice

    def batch(self, first: int, count: int) -> None:
        """So many customers with all their months, in one transaction."""
        session = self.session
        operator, vault = session.sign_in_if_needed()
        with writing(session, rights.IMPORT) as tx:
            ids = tx.take("id", count)
            customers = [(ids[n], self.random.randbytes(16), person(self.random, self.today, first + n)) for n in range(count)]
            self.people += [new for _, _, new in customers]
            registration.store(tx, vault, customers, session.book.country, lambda: self.random.randbytes(16))
            whole = [history_of(self.random, self.today, self.months, new) for _, _, new in customers]
            histories = [self._before_the_run(customer_id, h) for (customer_id, _, _), h in zip(customers, whole, strict=True)]
            needed = sum(len(h.lines) + 5 for history in histories for h in history.months) + 4 * count
            self._ids = tx.ids(needed * 2)
            self._number = tx.take("invoice", sum(len(h.months) for h in histories))
            self._receipt = tx.take("receipt", sum(1 for h in histories for m in h.months if m.paid_on))
            self.now, self.operator = tx.now_us, operator.name
            numbers, receipts = iter(self._number), iter(self._receipt)
            for (customer_id, _, _), history, all_of_it in zip(customers, histories, whole, strict=True):
                for month in history.months:
                    self._invoice(customer_id, month, f"INV-{next(numbers):06d}", receipts)
                self._calls(customer_id, all_of_it)
            self._flush(tx)
            tx.note("demo.batch", f"customers {first + 1} to {first + count}", {"customers": count}, bulk=True)

    def _before_the_run(self, customer_id: int, history: History) -> History:
        """The months that are written as they are; the others wait until the run has billed them."""
        if self.billed_from is None or not history.months:
            return history
        recent = [m for m in history.months if m.issued >= self.billed_from]
        self.recent |= {(customer_id, m.issued.isoformat()): m for m in recent}
        self.turns[customer_id] = recent[0].issued if recent else history.months[-1].issued + relativedelta(months=1)
        return History([m for m in history.months if m.issued < self.billed_from])

    def bill(self, on_billing: Callable[[int, int], None] | None) -> None:
        """Run the billing night by night up to yesterday, then take what was paid of it."""
        nights = sorted({on for _, on in self.recent if on < self.today.isoformat()})
        for number, night in enumerate(nights, 1):
            self.invoices += issue.issue(self.session, date.fromisoformat(night), pause_s=0).issued
            if on_billing:
                on_billing(number, len(nights))
        assert self.billed_from is not None
        issued = bulk.issued_since(self.session.db, self.billed_from.isoformat())
        for first in range(0, len(issued), BATCH):
            self._take(issued[first : first + BATCH])
        with writing(self.session, rights.IMPORT) as tx:
            balances.rebuild(self.session.db)
            day_sums.rebuild(self.session.db)
            tx.note("demo.paid", "demo", {"invoices": len(issued)})

    def _take(self, issued: list[bulk.Issued]) -> None:
        with writing(self.session, rights.IMPORT) as tx:
            months = [(i, self.recent[i.customer_id, i.bill_date]) for i in issued if (i.customer_id, i.bill_date) in self.recent]
            self._ids = tx.ids(12 * len(months))
            receipts = iter(tx.take("receipt", sum(1 for _, m in months if m.paid_on)))
            self.now = tx.now_us
            left: list[tuple[int, int, int]] = []
            for invoice, month in months:
                self._dispute(invoice.customer_id, invoice.id, month)
                open_ = invoice.open
                if month.paid_on:
                    # What an earlier payment left over has settled a part of it already.
                    amount = month.amount if month.amount > month.total else min(month.amount, open_)
                    due = replace(month, total=open_, amount=amount)
                    open_ -= self._payment(invoice.customer_id, invoice.id, due, f"R-{next(receipts)}")
                left.append((invoice.id, open_, int(month.disputed)))
            self._flush(tx)
            bulk.set_open(self.session.db, left)
            tx.note("demo.paid", "demo", {"invoices": len(months)}, bulk=True)

    def _dispute(self, customer_id: int, invoice_id: int, month: Month) -> None:
        if month.disputed:
            why = self.random.choice(people.DISPUTES)
            self._post(
                posted.DisputeEvent(next(self._ids), invoice_id, customer_id, "raised", month.issued.isoformat(), why, self.now)
            )

    def contacts(self) -> None:
        """The last contact of each account that was called."""
        balances.contacted_many(self.session.db, self.called)

    def _flush(self, tx: Transaction) -> None:
        db = self.session.db
        for kind in (
            posted.Invoice, posted.InvoiceLine, posted.Payment, posted.PaymentEvent, posted.Allocation, posted.Entry,
            posted.DisputeEvent, posted.Note,
        ):  # fmt: skip
            tx.post(self.rows.get(kind, ()))
        balances.open_items(db, self.open)
        bulk.add_credit(db, self.credit)
        payment_rows.add_terms(db, self._new_terms)
        self.terms += self._new_terms
        self.rows, self.open, self.credit, self._new_terms = {}, [], [], []

    def _post(self, row: posted.Row) -> int:
        self.rows.setdefault(type(row), []).append(row)
        return row.id

    def _invoice(self, customer_id: int, month: Month, number: str, receipts: object) -> None:
        issued, due = month.issued.isoformat(), month.due.isoformat()
        invoice_id = self._post(
            posted.Invoice(next(self._ids), number, "invoice", customer_id, issued, issued, due, month.total, 0, "", self.now)
        )
        end = (month.issued + relativedelta(months=1)).isoformat()
        for at, (code, words, price) in enumerate(month.lines, 1):
            self._post(
                posted.InvoiceLine(next(self._ids), invoice_id, at, code, "recurring", words, issued, end, "1", price, price, "")
            )
        words = f"{month.lines[0][1]} {month.issued:%B}"
        self._post(
            posted.Entry(next(self._ids), customer_id, issued, "invoice", month.total, number, words, invoice_id, None, self.now)
        )
        self.invoices += 1
        self._dispute(customer_id, invoice_id, month)
        left = month.total
        if month.paid_on:
            left -= self._payment(customer_id, invoice_id, month, f"R-{next(receipts)}")  # type: ignore[call-overload]
        if left:
            self.open.append(OpenItem(invoice_id, customer_id, number, issued, due, month.total, left, int(month.disputed)))

    def _payment(self, customer_id: int, invoice_id: int, month: Month, receipt: str) -> int:
        """A payment with its allocation; how much of the invoice stays settled."""
        reference = self._reference(month.method)
        tendered = -(-month.amount // 500) * 500 if month.method == "cash" else None
        on, now = month.paid_on, self.now
        payment_id = self._post(
            posted.Payment(next(self._ids), self.random.randbytes(16), receipt, customer_id, month.amount, month.method,
            reference,
            reference_tail(reference), on, tendered, "", "", self.operator, now,
        ))  # fmt: skip
        self.payments += 1
        part = min(month.amount, month.total)
        self._post(posted.Allocation(next(self._ids), payment_id, invoice_id, customer_id, part, on, now))
        text = METHODS[month.method][0].capitalize() + (f" {reference}" if reference else "")
        self._post(posted.Entry(next(self._ids), customer_id, on, "payment", -month.amount, receipt, text, None, payment_id, now))
        self._new_terms += [(word, payment_id) for word in reference_words(reference)]
        back = (date.fromisoformat(on) + timedelta(days=4)).isoformat()
        if month.fault and back <= self.today.isoformat():
            document, why = f"{receipt}-REV", "cheque came back unpaid"
            self._post(posted.PaymentEvent(next(self._ids), payment_id, "returned", document, back, why, self.operator, now))
            self._post(posted.Allocation(next(self._ids), payment_id, invoice_id, customer_id, -part, back, now))
            self._post(
                posted.Entry(
                    next(self._ids),
                    customer_id,
                    back,
                    "returned",
                    month.amount,
                    document,
                    f"Returned: {why}",
                    None,
                    payment_id,
                    now,
                )
            )
            return 0
        if month.amount > part:
            self.credit.append((payment_id, customer_id, on, month.amount - part))
        return part

    def _reference(self, method: str) -> str:
        """A reference that ends in a number without zeros before it, so that digits behind it make no other words."""
        number = self.random.randrange(10**6, 10**7)
        forms = {
            "cash": "",
            "cheque": f"CHQ {100_000 + number % 900_000}",
            "card": f"pi_{number:x}{1000 + number % 9000}",
            "bank": f"RF18-{number}",
            "debit": f"SEPA-{number}",
            "paypal": f"PP{number}X{10 + number % 90}",
            "online": f"TX-{number}",
        }
        return forms[method]

    def _calls(self, customer_id: int, history: History) -> None:
        """Notes on some accounts, and calls on those with something long overdue."""
        if self.random.random() < 0.1:
            day = (self.today - timedelta(days=self.random.randrange(5, 200))).isoformat()
            text = self.random.choice(people.REMARKS)
            self._post(posted.Note(next(self._ids), customer_id, day, "note", "", text, None, None, self.operator, self.now))
        late = [m for m in history.months if not m.paid_on and (self.today - m.due).days > 20]
        if late and self.random.random() < 0.6:
            ago = self.random.randrange(1, 15)
            called = self.today - timedelta(days=ago)
            key = self.random.choice("nlme")
            promise = called + timedelta(days=self.random.randrange(2, 14)) if key == "m" else None
            next_on = next_action(OUTCOMES[key], called, promise).isoformat()
            promised = promise.isoformat() if promise else None
            self._post(
                posted.Note(next(self._ids), customer_id, called.isoformat(), "call", OUTCOMES[key].word,
                self.random.choice(people.EXCUSES),
                next_on, promised, self.operator, self.now,
            ))  # fmt: skip
            self.called.append((next_on, promised, called.isoformat(), OUTCOMES[key].word, customer_id))
