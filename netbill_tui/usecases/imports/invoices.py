"""Import of invoices with the day each was settled; a settled one brings its payment, allocated to it alone."""

from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.billing.receivables.documents import IMPORTED
from netbill_tui.billing.receivables.payments import METHODS, reference_tail, reference_words
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.customers import notes
from netbill_tui.db.receivables import balances, credit_notes, day_sums
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables import payments as payment_rows
from netbill_tui.db.receivables.balances import OpenItem
from netbill_tui.db.receivables.invoices import KnownInvoice
from netbill_tui.integrations.csv_files import BadCell, Cells, Rejection
from netbill_tui.integrations.values import shown
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.customers.checking import account_of, cleaned, known_accounts
from netbill_tui.usecases.imports.payments import check_currency, qualified, read_method
from netbill_tui.usecases.imports.result import Result
from netbill_tui.usecases.receivables import promises
from netbill_tui.usecases.receivables.apply_credit import use_credit

SERIES = "imported"


@dataclass(frozen=True, slots=True)
class Read:
    """A row that can be taken. Amount in minor units, dates ISO."""

    account: str
    number: str
    issued: str
    due: str
    amount: int
    settled: str | None
    disputed: bool
    method: str
    reference: str
    name: str
    paperless: bool


def read(session: Session, cells: Cells) -> Read:
    """The invoice in a row, every cell checked."""
    issued, due, settled = cells.date("issued"), cells.date("due"), cells.date("settled")
    if issued is None or due is None:
        raise cells.bad("issued" if issued is None else "due", "is empty")
    today = session.today()
    for name, day in (("issued", issued), ("settled", settled)):
        if day is not None and day > today:
            raise cells.bad(name, f"{day} is in the future; nothing is posted before its day")
    if due < issued:
        raise cells.bad("due", f"{due} is before the issue date {issued}")
    check_currency(session, cells)
    kind = "settled-invoices" if cells.has("settled") else "invoices"
    column, said = qualified(kind, cells, ("state", "type"))
    if column:
        raise BadCell(column, f"{said}; only a valid invoice is imported")
    amount = cells.amount("amount", session.book.currency)
    if amount <= 0:
        raise cells.bad("amount", "is not more than zero")
    _check_open(session, cells, amount)
    number = cleaned(cells, "number", 60, needed=True)
    method = read_method(cells, "settled-invoices")
    reference, name = cleaned(cells, "reference", 80), cleaned(cells, "name", 300)
    return Read(
        account_of(cells), number, issued.isoformat(), due.isoformat(), amount, settled.isoformat() if settled else None,
        cells.yes("disputed"), method, reference, name, cells.yes("paperless"),
    )  # fmt: skip


def _check_open(session: Session, cells: Cells, amount: int) -> None:
    """Refuse a row of which a part was paid: its payment would be missing in the book."""
    for name, whole in (("paid", 0), ("open", amount)):
        if cells.text(name) and cells.signed(name, session.book.currency) != whole:
            raise cells.bad(name, f"says {shown(cells.text(name))}: the bill is paid in part; import it whole, then its payments")


def payment_uid(install_id: bytes, number: str, reference: str) -> bytes:
    """The identity of an imported payment: the same row of the same file is the same payment for ever."""
    return uuid5(UUID(bytes=install_id), "\x1f".join(("settled-invoices", number, reference))).bytes


class _Batch:
    """The rows that one batch adds to each table, gathered first and inserted together."""

    def __init__(self, tx: Transaction, session: Session, good: list[tuple[Cells, Read]]) -> None:
        self.tx, self.session = tx, session
        self.rows: dict[type, list[posted.Row]] = {}
        self.open: dict[int, OpenItem] = {}
        self.due: dict[str, Tally] = {}
        self.received: list[day_sums.DayChange] = []
        self.settled: list[balances.Settled] = []
        self.words: list[tuple[str, int]] = []
        self.touched: set[int] = set()
        self.unsettled: set[int] = set()
        db = session.db
        numbers = list(dict.fromkeys(r.number for _, r in good))
        self.known = invoice_rows.known(db, numbers)
        self.notes = credit_notes.numbered(db, numbers)
        uids = [payment_uid(session.book.install_id, r.number, r.reference) for _, r in good]
        self.paid = payment_rows.received(db, uids)
        self.customers = {a: c.id for a, c in known_accounts(session, [r.account for _, r in good]).items()}
        # At most: invoice, line, two entries, payment, allocation, dispute.
        self.ids = tx.ids(7 * len(good)) if good else iter(())

    def post(self, row: posted.Row) -> int:
        """Gather a row, with an id of `ids`; that id."""
        self.rows.setdefault(type(row), []).append(row)
        return row.id

    def flush(self) -> None:
        """Insert what was gathered, parents first, and bring the kept figures up to date."""
        for kind in (
            posted.Invoice, posted.InvoiceLine, posted.Payment, posted.Allocation, posted.Entry, posted.DisputeEvent,
        ):  # fmt: skip
            self.tx.post(self.rows.get(kind, ()))
        db = self.session.db
        balances.open_items(db, list(self.open.values()))
        balances.settle_wholly(db, self.settled)
        day_sums.add(db, self.received)
        payment_rows.add_terms(db, self.words)
        balances.add_due(db, [(day, sums.number, sums.amount) for day, sums in self.due.items()])
        balances.recount(db, sorted(self.touched))


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: Result) -> None:
    """Create what is new, add a payment where a settlement appeared, reject what contradicts the book."""
    good = _whole(good, result)
    good = _new_customers(tx, session, good, result)
    batch = _Batch(tx, session, good)
    to_pay: list[tuple[Read, KnownInvoice, bytes]] = []
    for cells, row in good:
        if row.number in batch.notes:
            why = f"{row.number} is a credit note in the book; two documents never share a number"
            result.rejected.append(Rejection(cells.line, cells.column("number"), why))
            continue
        known = batch.known.get(row.number)
        uid = payment_uid(session.book.install_id, row.number, row.reference)
        is_new = known is None
        if known is None:
            known = _add_invoice(batch, row)
            result.add("invoices")
        problem = _contradiction(known, row, batch.paid.get(uid))
        if problem:
            result.rejected.append(Rejection(cells.line, cells.column(problem[0]), problem[1]))
            continue
        settles = row.settled is not None and uid not in batch.paid
        if settles:
            to_pay.append((row, known, uid))
            batch.paid[uid], known.open = row.settled or "", 0
            result.add("payments")
        result.count("created" if is_new else "updated" if settles else "already")
    # Receipt numbers have no gaps, so they are taken when it is known how many are needed.
    receipts = tx.take("receipt", len(to_pay)) if to_pay else ()
    for (row, known, uid), number in zip(to_pay, receipts, strict=True):
        _add_payment(batch, row, known, uid, number)
    batch.flush()
    for customer_id in balances.with_credit(session.db, sorted(batch.unsettled)):
        use_credit(tx, customer_id)
    payers = sorted({known.customer_id for _, known, _ in to_pay})
    promised = session.db.together(notes.reading_promises(payers))[0] if payers else {}
    for customer_id in payers:
        promises.judge_last(tx, session, customer_id, promised.get(customer_id))


def _contradiction(known: KnownInvoice, row: Read, paid_on: str | None) -> tuple[str, str] | None:
    """Field and reason where the file says something else than the book, which never changes what is posted."""
    if known.account.upper() != row.account.upper():
        return "account", f"invoice {row.number} belongs to {known.account} in the book"
    if known.total != row.amount:
        return "amount", f"invoice {row.number} is in the book with another amount"
    if known.issued != row.issued:
        return "issued", f"invoice {row.number} was issued on {known.issued} in the book"
    if known.due != row.due:
        return "due", f"invoice {row.number} is due on {known.due} in the book"
    if row.settled and paid_on and paid_on != row.settled:
        return "settled", f"invoice {row.number} was settled on {paid_on} in the book"
    if row.disputed and not known.disputed:
        return "disputed", f"invoice {row.number} is not disputed in the book; raise it there: netbill dispute {row.number}"
    if row.settled and not paid_on and known.open != known.total:
        return "settled", f"invoice {row.number} is paid in the book by another payment, wholly or in part"
    return None


def _whole(good: list[tuple[Cells, Read]], result: Result) -> list[tuple[Cells, Read]]:
    """The rows without those of a number that stands on several: each would be taken for the whole invoice."""
    kept_rows = []
    for cells, row in good:
        first = result.seen.get(("twice", row.number))
        if first is None:
            kept_rows.append((cells, row))
            continue
        other = f"line {first} too" if first != cells.line else "another line too"
        why = f"invoice {row.number} is on {other}; add the lines of an invoice up to one row"
        result.rejected.append(Rejection(cells.line, cells.column("number"), why))
    return kept_rows


def _near(session: Session, accounts: list[str]) -> dict[str, str]:
    """Accounts that a spreadsheet may have made of one that there is: its zeros lost, or a decimal put behind it."""
    variants: dict[str, str] = {}
    for account in accounts:
        plain = account.removesuffix(".0").removesuffix(".00")
        if plain.isascii() and plain.isdigit():
            bare = plain.lstrip("0") or "0"
            variants |= {v: account for v in (plain, bare, *(bare.zfill(n) for n in range(2, 13))) if v != account}
    customers = customer_rows.by_accounts(session.db, list(variants)) if variants else {}
    return {variants[there]: there for there in customers}


def _new_customers(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: Result) -> list[tuple[Cells, Read]]:
    """Make the customers that are not there yet; the rows without those whose account is one of the book, written otherwise."""
    have = known_accounts(session, list({r.account for _, r in good}))
    fresh = {r.account: r for _, r in reversed(good) if r.account not in have}
    if not fresh:
        return good
    near = _near(session, list(fresh))
    for cells, row in good:
        if row.account in near:
            why = f"there is no account {row.account}; write {near[row.account]} if that is meant"
            result.rejected.append(Rejection(cells.line, cells.column("account"), why))
    _, vault = session.sign_in_if_needed()
    rows = [r for a, r in reversed(fresh.items()) if a not in near]
    new_rows = (
        [
            (i, uuid4().bytes, NewCustomer(r.account, r.name, paperless=r.paperless))
            for i, r in zip(tx.take("id", len(rows)), rows, strict=True)
        ]
        if rows
        else []
    )
    registration.store(tx, vault, new_rows, session.book.country, lambda: uuid4().bytes)
    result.add("customers", len(new_rows))
    result.accounts += [r.account for r in rows[: max(0, 20 - len(result.accounts))]]
    return [(cells, row) for cells, row in good if row.account not in near]


def _add_invoice(batch: _Batch, row: Read) -> KnownInvoice:
    now, customer_id = batch.tx.now_us, batch.customers[row.account]
    invoice_id = batch.post(
        posted.Invoice(next(batch.ids), row.number, SERIES, customer_id, row.issued, row.issued, row.due, row.amount, 0, "", now)
    )
    batch.post(
        posted.InvoiceLine(next(batch.ids), invoice_id, 1, IMPORTED, "one-off", "Imported invoice", None, None, "1", row.amount,
        row.amount, "",
    ))  # fmt: skip
    batch.post(
        posted.Entry(
            next(batch.ids), customer_id, row.issued, "invoice", row.amount, row.number, "Invoice", invoice_id, None, now
        )
    )
    if row.disputed:
        batch.post(
            posted.DisputeEvent(
                next(batch.ids), invoice_id, customer_id, "raised", row.issued, "Disputed in the imported file", now
            )
        )
    item = OpenItem(invoice_id, customer_id, row.number, row.issued, row.due, row.amount, row.amount, int(row.disputed))
    batch.open[invoice_id] = item
    day = batch.due.get(row.due, Tally())
    batch.due[row.due] = Tally(day.number + 1, day.amount + row.amount)
    batch.touched.add(customer_id)
    if not row.settled:
        batch.unsettled.add(customer_id)
    known = KnownInvoice(invoice_id, customer_id, row.account, row.issued, row.due, row.amount, row.amount, "", int(row.disputed))
    batch.known[row.number] = known
    return known


def _add_payment(batch: _Batch, row: Read, known: KnownInvoice, uid: bytes, number: int) -> None:
    """The payment of a settled invoice, for its whole amount."""
    operator, _ = batch.session.sign_in_if_needed()
    settled = row.settled
    assert settled is not None
    now, receipt = batch.tx.now_us, f"R-{number}"
    payment_id = batch.post(
        posted.Payment(next(batch.ids), uid, receipt, known.customer_id, row.amount, row.method, row.reference,
        reference_tail(row.reference), settled, None, "", "", operator.name, now,
    ))  # fmt: skip
    on_date = max(settled, known.issued, known.reopened)
    batch.post(posted.Allocation(next(batch.ids), payment_id, known.id, known.customer_id, row.amount, on_date, now))
    text = METHODS[row.method][0].capitalize() + (f" {row.reference}" if row.reference else "")
    batch.post(
        posted.Entry(next(batch.ids), known.customer_id, settled, "payment", -row.amount, receipt, text, None, payment_id, now)
    )
    batch.received.append(day_sums.received(settled, row.method, row.amount))
    batch.words += [(w, payment_id) for w in reference_words(row.reference)]
    if known.id in batch.open:
        del batch.open[known.id]
        day = batch.due[known.due]
        batch.due[known.due] = Tally(day.number - 1, day.amount - row.amount)
    else:
        batch.settled.append(balances.Settled(known.id, known.due, row.amount))
    batch.touched.add(known.customer_id)
