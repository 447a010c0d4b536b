"""Credit notes: all or part of an invoice taken back, by hand or by undoing a run. Source: behaviours 13 and 18.

A credit note first settles what is open on its invoice, then what is open on the account; the rest stays as credit.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.invoicing import span_key
from netbill_tui.billing.money import parse_amount, round_half_away, split
from netbill_tui.billing.taxes import CreditedTax, spread, tax_of_credit
from netbill_tui.db import credits as rows
from netbill_tui.db import customers as customer_rows
from netbill_tui.db import kept, tables
from netbill_tui.db import runs as run_rows
from netbill_tui.db import services as service_rows
from netbill_tui.db.credits import Document, DocumentLine, DocumentTax
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.services import catalogue
from netbill_tui.services.billing_run import find_run
from netbill_tui.services.crediting import use_credit
from netbill_tui.services.issuing import number_of
from netbill_tui.services.session import Session
from netbill_tui.services.subscriptions import state_row
from netbill_tui.services.writing import writing
from netbill_tui.text import clean, visible

_OPEN = Statement("select open from open_item where invoice_id = ?")
_GIVE_BACK = Statement("select amount from open_credit where payment_id = ?")
_RAISE_CREDIT = Statement("update open_credit set amount = amount + ? where payment_id = ?")
_BOOK_CREDIT = Statement("update kept_state set credit = credit + ? where id = 1")
UNDO_BATCH = 100


class Whole(NamedTuple):
    """An invoice or credit note with all that stands on it."""

    head: Document
    lines: tuple[DocumentLine, ...]
    taxes: tuple[DocumentTax, ...]


class Credited(NamedTuple):
    """A credit note that was posted."""

    number: str
    invoice: str
    net: int
    tax: int
    settled: int
    left: int
    balance: int

    @property
    def total(self) -> int:
        """With tax."""
        return self.net + self.tax


class Part(NamedTuple):
    """What is given back of one line."""

    line: DocumentLine
    net: int
    tax: int


def invoice(session: Session, number: str) -> Whole:
    """An invoice with its lines and taxes; imported ones have neither arithmetic nor taxes by line.

    Raises:
        NotFound: There is none of this number.
    """
    typed = number.strip()
    head = rows.invoice(session.db, typed) or rows.invoice(session.db, typed.upper())
    if head is None:
        raise NotFound(f"There is no invoice {visible(typed)[:40]!r}; find it with netbill find.")
    lines = rows.lines(session.db, head.id)
    if sum(n.tax for n in lines) != head.tax:
        shares = spread(head.tax, [n.amount for n in lines])
        lines = [n._replace(tax=t) for n, t in zip(lines, shares, strict=True)]
    return Whole(head, tuple(lines), tuple(rows.taxes(session.db, head.id)))


def credit_note(session: Session, number: str) -> Whole:
    """A credit note with its lines and taxes.

    Raises:
        NotFound: There is none of this number.
    """
    head = rows.credit_note(session.db, number.strip()) or rows.credit_note(session.db, number.strip().upper())
    if head is None:
        raise NotFound(
            f"There is no credit note {visible(number.strip())[:40]!r}; netbill credit --list ACCOUNT shows those there are."
        )
    return Whole(head, tuple(rows.credit_lines(session.db, head.id)), tuple(rows.taxes(session.db, head.id)))


def of_account(session: Session, account: str) -> list[tuple[str, str, int, str]]:
    """Number, date, total and reason of the credit notes of an account, newest first."""
    from netbill_tui.services.customers import find_customer

    return rows.notes_of(session.db, find_customer(session, account).id)


# How much is given back.


def parts_of(session: Session, whole: Whole, lines: Mapping[int, int] | None, amount: int | None) -> list[Part]:
    """What is given back of each line, with its tax.

    Args:
        session: Whose book.
        whole: The invoice.
        lines: Net amount by the line's position; None for all.
        amount: A total with tax, spread over the lines by what is left of them; None for all that is left.

    Raises:
        InvalidInput: No such line, more than is left of it, or nothing left.
    """
    before = rows.credited(session.db, whole.head.id)
    left = {n.position: (n.amount - before.get(n.id, (0, 0))[0], n.tax - before.get(n.id, (0, 0))[1]) for n in whole.lines}
    by_position = {n.position: n for n in whole.lines}
    made: list[Part] = []
    if lines is not None:
        for position, net in sorted(lines.items()):
            line = by_position.get(position)
            if line is None:
                raise InvalidInput(f"The invoice has no line {position}; netbill invoice {whole.head.number} shows them.")
            gone = before.get(line.id, (0, 0))
            if net > left[position][0] or net <= 0:
                raise InvalidInput(f"Line {position} has {_show(session, left[position][0])} left to give back.")
            made.append(Part(line, net, tax_of_credit(CreditedTax(line.amount, line.tax, *gone), net)))
    elif amount is not None:
        gross = {p: n + t for p, (n, t) in left.items() if n + t > 0}
        if amount <= 0 or amount > sum(n + t for n, t in left.values()):
            raise InvalidInput(f"The invoice has {_show(session, sum(n + t for n, t in left.values()))} left to give back.")
        for position, part in zip(gross, split(amount, list(gross.values())), strict=True):
            net_left, tax_left = left[position]
            if part:
                net = net_left if part == gross[position] else _net_of(part, net_left, net_left + tax_left)
                made.append(Part(by_position[position], net, part - net))
    else:
        made = [Part(by_position[p], n, t) for p, (n, t) in left.items() if n or t]
    if sum(p.net + p.tax for p in made) <= 0:
        raise InvalidInput(f"Nothing is left to give back of {whole.head.number}.")
    return made


def _net_of(part: int, net: int, gross: int) -> int:
    from fractions import Fraction

    return round_half_away(Fraction(part * net, gross))


def _show(session: Session, minor: int) -> str:
    from netbill_tui.billing.money import format_amount

    return format_amount(minor, session.book.currency)


def read_lines(session: Session, typed: Sequence[str]) -> dict[int, int] | None:
    """Line numbers with net amounts from `2=10.00`; None where none was typed.

    Raises:
        InvalidInput: It is not LINE=AMOUNT.
    """
    made: dict[int, int] = {}
    for word in typed:
        position, sign, amount = word.partition("=")
        if not sign or not position.strip().isascii() or not position.strip().isdigit():
            raise InvalidInput(f"{visible(word)[:30]!r} is not LINE=AMOUNT; type it as 2=10.00.")
        made[int(position)] = parse_amount(amount, session.book.currency)
    return made or None


def credit(
    session: Session, number: str, reason: str, *, lines: Mapping[int, int] | None = None, amount: int | None = None,
    dry_run: bool = False,
) -> Credited:  # fmt: skip
    """Take back all or part of an invoice: at most what is left of each line, tax in proportion, the last takes the remainder.

    Raises:
        InvalidInput: No reason, or more than is left.

    Side effect: one audit event.
    """
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("A credit note needs a reason; type why, such as: line was down for a week.")
    whole = invoice(session, number)
    parts = parts_of(session, whole, lines, amount)
    if dry_run:
        return _told(session, "", whole, parts, 0, 0)
    with writing(session) as tx:
        customer_rows.lock(session.db, whole.head.customer_id)
        # What another desk gave back meanwhile counts.
        parts = parts_of(session, whole, lines, amount)
        made, settled = _post(tx, session, whole, parts, words)
        tx.note("credit.post", made, {"invoice": whole.head.number, "account": whole.head.account, "reason": words})
    return _told(session, made, whole, parts, settled, sum(p.net + p.tax for p in parts) - settled)


def _told(session: Session, number: str, whole: Whole, parts: Sequence[Part], settled: int, left: int) -> Credited:
    from netbill_tui.services.customers import card

    net, tax = sum(p.net for p in parts), sum(p.tax for p in parts)
    balance = card(session, whole.head.account).totals.balance
    return Credited(number, whole.head.number, net, tax, settled, left, balance if number else balance - net - tax)


def _post(tx: Transaction, session: Session, whole: Whole, parts: Sequence[Part], reason: str) -> tuple[str, int]:
    """Write a credit note without an audit event, settle its invoice first; number, and how much of that was open."""
    db, head, today = session.db, whole.head, session.today().isoformat()
    operator, _ = session.sign_in_if_needed()
    net, tax = sum(p.net for p in parts), sum(p.tax for p in parts)
    taxes = _taxes_of(session, whole, parts)
    ids = tx.ids(3 + len(parts) + len(taxes))
    (seq,) = tx.take("credit")
    number = number_of(catalogue.rules(session).credit_number, seq, session.today().year)
    credit_id = next(ids)
    tx.post(tables.CreditNote, [(
        credit_id, number, head.customer_id, head.id, head.bill_date, today, net + tax, tax, reason, operator.name, tx.now_us
    )])  # fmt: skip
    tx.post(tables.CreditLine, [
        (next(ids), credit_id, at, p.line.id, p.line.code, p.line.kind, p.line.text, p.line.period_first, p.line.period_end, p.net,
         p.tax)
        for at, p in enumerate(parts, 1)
    ])  # fmt: skip
    if taxes:
        tx.post(tables.InvoiceTax, [
            (next(ids), credit_id, at, t.name, t.category, t.percent, t.base, t.tax, t.reason) for at, t in enumerate(taxes, 1)
        ])  # fmt: skip
    entry = (next(ids), head.customer_id, today, "credit-note", -(net + tax), number, f"Credit for {head.number}: {reason}"[:120])
    tx.post(tables.Entry, [(*entry, None, None, tx.now_us)])
    found = db.row(_OPEN, (head.id,))
    settled = min(int(found[0]) if found else 0, net + tax)
    if settled:
        on = max(today, head.issued)
        tx.post(tables.Allocation, [(next(ids), credit_id, head.id, head.customer_id, settled, on, tx.now_us)])
        kept.settle(db, head.id, settled)
    kept.add_credit(db, credit_id, head.customer_id, today, net + tax - settled)
    kept.refresh(db, head.customer_id, -(net + tax))
    if net + tax > settled:
        use_credit(tx, head.customer_id)
    return number, settled


def _taxes_of(session: Session, whole: Whole, parts: Sequence[Part]) -> list[DocumentTax]:
    """The taxes of a credit by rate: those of the invoice for the whole of it, else in proportion within each tax class."""
    if not whole.taxes:
        return []
    full = {p.line.id: p.net for p in parts} == {n.id: n.amount for n in whole.lines}
    if full:
        return list(whole.taxes)
    book = catalogue.load(session)
    sums: dict[str, list[int]] = {}
    for p in parts:
        held = sums.setdefault(p.line.tax_class, [0, 0])
        held[0], held[1] = held[0] + p.net, held[1] + p.tax
    known = {(t.category, t.percent): t for t in whole.taxes}
    made: dict[tuple[str, str], DocumentTax] = {}
    for tax_class, (net, tax) in sums.items():
        rates = book.rates_on(tax_class, whole.head.bill_date) if tax_class else ()
        mine = [known[r.category, r.percent] for r in rates if (r.category, r.percent) in known]
        mine = mine or (list(whole.taxes)[:1] if len(whole.taxes) == 1 and tax_class else [])
        weights = [t.tax for t in mine]
        shares = spread(tax, weights) if any(weights) else [tax, *[0] * (len(mine) - 1)]
        for t, share in zip(mine, shares, strict=False):
            before = made.get((t.category, t.percent))
            base = net + (before.base if before else 0)
            made[t.category, t.percent] = t._replace(base=base, tax=share + (before.tax if before else 0))
    return list(made.values())


# Undoing a run.


class Undone(NamedTuple):
    """What the undoing of a run did."""

    run: str
    undoes: str
    credits: int
    invoices: int
    total: int


def check_undo(session: Session, number: str) -> tuple[str, list[tuple[int, str, int]], list[tuple[int, str, int]]]:
    """Number of a run that can be undone, with its invoices and credit notes.

    Raises:
        Refused: It is undone already, or a payment settles one of its invoices.
    """
    run = find_run(session, number)
    if run.kind != "run":
        raise Refused(f"{run.number} undid {run.undoes}; bill again instead.")
    plus: list[tuple[int, str, int]] = []
    minus: list[tuple[int, str, int]] = []
    for event in run_rows.events_of(session.db, run.number):
        invoices, notes = rows.documents_of(session.db, event)
        plus += invoices
        minus += notes
    paid = [n for i, n, _ in plus if _later_allocations(session, i)]
    if paid:
        raise Refused(
            f"{len(paid)} invoices of {run.number} are paid, wholly or in part ({', '.join(paid[:5])}); reverse those payments "
            "first, or credit the invoices one by one."
        )
    if run.state == "undone":
        raise Refused(f"{run.number} is undone already.")
    return run.number, plus, minus


def _later_allocations(session: Session, invoice_id: int) -> bool:
    """Whether a payment settles the invoice: what was used of open credit in the run itself is released, and is none."""
    sums: dict[int, int] = {}
    head = session.db.row(Statement("select audit_seq from invoice where id = ?"), (invoice_id,))
    assert head is not None
    for source, _, amount, _, seq, received, _ in rows.allocations(session.db, invoice_id):
        if received is not None and seq != head[0]:
            sums[source] = sums.get(source, 0) + int(amount)
    return any(sums.values())


def undo(session: Session, number: str, reason: str, *, on_progress: Callable[[int, int], None] | None = None) -> Undone:
    """Take a whole run back by credit notes, allowed while no payment settles what it issued; then it can be run again.

    A credit note of the run is taken back by an invoice. Interrupted, it goes on behind what it did.

    Raises:
        Refused: A payment settles one of its invoices.

    Side effect: one audit event for each batch.
    """
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("Type why the run is undone, such as: wrong prices.")
    name, plus, minus = check_undo(session, number)
    whole = find_run(session, name)
    todo = [*((i, n, c, True) for i, n, c in plus), *((i, n, c, False) for i, n, c in minus)]
    made, done, credits, invoices, total = "", 0, 0, 0, 0
    for at in range(0, len(todo), UNDO_BATCH):
        with writing(session) as tx:
            if not made:
                operator, _ = session.sign_in_if_needed()
                (row_id,), (seq,) = tx.take("id"), tx.take("run")
                made = f"RUN-{seq:04d}"
                run_rows.begin(session.db, row_id, made, whole.as_of, "undo", "", name, tx.now_us, operator.name)
            for _, document, customer_id, is_invoice in todo[at : at + UNDO_BATCH]:
                customer_rows.lock(session.db, customer_id)
                took = (
                    _undo_invoice(tx, session, document, f"Undo of {name}: {words}")
                    if is_invoice
                    else _undo_note(tx, session, document)
                )
                credits += int(took > 0 and is_invoice)
                invoices += int(took > 0 and not is_invoice)
                total += took if is_invoice else -took
                done += 1
            tx.note("billing.undo", name, {"run": made, "reason": words, "documents": len(todo[at : at + UNDO_BATCH])}, bulk=True)
        if on_progress:
            on_progress(done, len(todo))
    with writing(session) as tx:
        run_rows.end(session.db, name, "undone", whole.finished_at or tx.now_us)
        if made:
            run_rows.grow(session.db, made, (0, invoices, credits, 0, -total, 0, 0))
            run_rows.end(session.db, made, "done", tx.now_us)
        tx.note("billing.undone", name, {"run": made, "reason": words})
    return Undone(made, name, credits, invoices, total)


def _undo_invoice(tx: Transaction, session: Session, number: str, reason: str) -> int:
    """Credit an invoice of the run wholly and open what it billed again; how much it was, 0 where that was done before."""
    whole = invoice(session, number)
    before = rows.credited(session.db, whole.head.id)
    if before and all(before.get(n.id, (0, 0)) == (n.amount, n.tax) for n in whole.lines):
        return 0
    _release(tx, session, whole)
    left = [Part(n, n.amount - before.get(n.id, (0, 0))[0], n.tax - before.get(n.id, (0, 0))[1]) for n in whole.lines]
    if sum(p.net + p.tax for p in left) > 0:
        _post(tx, session, whole, left, reason)
    _open_again(tx, session, whole.head, whole.lines)
    return sum(p.net + p.tax for p in left)


def _release(tx: Transaction, session: Session, whole: Whole) -> None:
    """Give back the credit that was used on an invoice when it posted."""
    db, head, today = session.db, whole.head, session.today().isoformat()
    sums: dict[int, tuple[int, str]] = {}
    for source, _, amount, _, _, received, issued in rows.allocations(db, head.id):
        held = sums.get(source, (0, ""))[0]
        sums[source] = (held + int(amount), received or issued)
    for source, (amount, day) in sums.items():
        if not amount:
            continue
        (row_id,) = tx.take("id")
        tx.post(tables.Allocation, [(row_id, source, head.id, head.customer_id, -amount, max(today, head.issued), tx.now_us)])
        kept.settle(db, head.id, -amount)
        if db.row(_GIVE_BACK, (source,)) is None:
            kept.add_credit(db, source, head.customer_id, day, amount)
        else:
            db.run(_RAISE_CREDIT, (amount, source))
            db.run(_BOOK_CREDIT, (amount,))


_TAKES_BACK = {"recurring": "undo", "credit": "uncredit", "fee": "unfee", "one-off": "undo", "usage": "undo"}


def _open_again(tx: Transaction, session: Session, head: Document, lines: Sequence[DocumentLine]) -> None:
    """What the lines billed is missing again: the next run bills it anew."""
    db = session.db
    billed = [n for n in lines if n.billed_id is not None and (n.service_id or n.charge_id > 0) and n.kind in _TAKES_BACK]
    ids = tx.ids(len(billed))
    made: list[tuple[object, ...]] = []
    since: dict[int, date] = {}
    for n in billed:
        first = n.period_first or head.bill_date
        key = span_key(first, n.again) if n.kind == "recurring" else n.span_first
        kind = "unfee" if n.kind == "fee" and n.service_id else _TAKES_BACK[n.kind] if n.service_id else "undo"
        made.append((
            next(ids), head.id, head.customer_id, n.service_id, max(n.charge_id, 0), kind, n.code, first, n.period_end, n.terms_id,
            n.again, key, -n.charged, -n.tax, n.tax_class, 0, f"undoes {head.number}",
        ))  # fmt: skip
        if n.service_id:
            day = date.fromisoformat(first)
            since[n.service_id] = min(since.get(n.service_id, day), day)
        else:
            service_rows.add_pending(db, n.charge_id, head.customer_id, first)
    if made:
        tx.post(tables.Billed, made)
    book = catalogue.load(session) if since else None
    for row in service_rows.of_customer(db, head.customer_id) if since else ():
        if row.service.id in since and book is not None:
            known = service_rows.events(db, (row.service.id,))[row.service.id]
            covered = min(date.fromisoformat(row.covered), since[row.service.id])
            check = min(since[row.service.id], date.fromisoformat(row.check_on) if row.check_on else since[row.service.id])
            state = state_row(row.service, head.customer_id, known, covered, check, book, session.today())
            service_rows.set_states(db, [state])


def _undo_note(tx: Transaction, session: Session, number: str) -> int:
    """Take a credit note of the run back by an invoice of the same lines; how much it was, 0 where that was done before."""
    whole = credit_note(session, number)
    head, db, today = whole.head, session.db, session.today().isoformat()
    if (
        db.row(Statement("select 1 from invoice where customer_id = ? and text = ?"), (head.customer_id, f"Takes back {number}"))
        is not None
    ):
        return 0
    ids = tx.ids(2 + len(whole.lines) + len(whole.taxes))
    (seq,) = tx.take("invoice")
    invoice_id, made = next(ids), number_of(catalogue.rules(session).invoice_number, seq, session.today().year)
    tx.post(tables.Invoice, [(
        invoice_id, made, "invoice", head.customer_id, head.bill_date, today, today, head.total, head.tax, f"Takes back {number}",
        tx.now_us,
    )])  # fmt: skip
    tx.post(tables.InvoiceLine, [
        (next(ids), invoice_id, n.position, n.code, n.kind, n.text, n.period_first, n.period_end, "1", n.amount, n.amount,
         n.tax_class)
        for n in whole.lines
    ])  # fmt: skip
    if whole.taxes:
        tx.post(tables.InvoiceTax, [
            (next(ids), invoice_id, at, t.name, t.category, t.percent, t.base, t.tax, t.reason) for at, t in enumerate(whole.taxes, 1)
        ])  # fmt: skip
    entry = (next(ids), head.customer_id, today, "invoice", head.total, made, f"Takes back {number}", invoice_id, None, tx.now_us)
    tx.post(tables.Entry, [entry])
    kept.open_items(db, [(invoice_id, head.customer_id, made, today, today, head.total, head.total, 0)])
    kept.add_due(db, [(today, 1, head.total)])
    kept.refresh(db, head.customer_id, head.total)
    use_credit(tx, head.customer_id)
    _open_again(tx, session, head, whole.lines)
    return head.total
