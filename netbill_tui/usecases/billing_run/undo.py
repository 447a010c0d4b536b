"""Undoing a run: every invoice of it credited, every credit note of it taken back, and what they billed open again.

Only the newest run that stands can be undone, and only while no payment settles what it issued.
Source: docs/rules.md, *13 Billing run*.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.billing_run.giving_back import span_key
from netbill_tui.billing.services import line_kinds
from netbill_tui.billing.services.subscriptions import Event
from netbill_tui.db.billing_run import runs as run_rows
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances
from netbill_tui.db.receivables import credit_notes as document_rows
from netbill_tui.db.receivables.balances import OpenItem
from netbill_tui.db.receivables.credit_notes import Amounts, Document, DocumentLine, Issued
from netbill_tui.db.receivables.wordings import accounts_before
from netbill_tui.db.services import agreements
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.errors import InvalidInput, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean, counted
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.billing_run.issue import PAUSE_S, find_run
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.receivables import wordings
from netbill_tui.usecases.receivables.apply_credit import use_credit
from netbill_tui.usecases.receivables.credit_notes import close_overtaken, post
from netbill_tui.usecases.receivables.credit_parts import Part, Whole, credit_note, invoice
from netbill_tui.usecases.receivables.numbers import free_numbers
from netbill_tui.usecases.services import events, subscriptions
from netbill_tui.usecases.services.states import state_row

UNDO_BATCH = 100


class Undone(NamedTuple):
    """What the undoing of a run did."""

    run: str
    undoes: str
    credits: int
    invoices: int
    total: int


class Undoable(NamedTuple):
    """A run that can be undone, with its documents."""

    number: str
    invoices: list[Issued]
    credit_notes: list[Issued]


def check_undo(session: Session, number: str) -> Undoable:
    """A run that can be undone.

    Raises:
        Refused: It is undone already, or a payment settles one of its invoices.
    """
    run = find_run(session, number)
    if run.kind != "run":
        raise Refused(f"{run.number} undid {run.undoes}; bill again instead.")
    if run.state == "undone":
        raise Refused(f"{run.number} is undone already.")
    later = run_rows.billed_after(session.db, run.number)
    if later:
        # What a later run gave back or charged anew stands on what this one charged.
        raise Refused(f"{later} billed after {run.number}; undo the newest run first, or credit the invoices one by one.")
    batches = [document_rows.documents_of(session.db, event) for event in run_rows.events_of(session.db, run.number)]
    plus = [document for batch in batches for document in batch.invoices]
    paid = [document.number for document in plus if _later_allocations(session, document.id)]
    if paid:
        raise Refused(
            f"Paid or written off, wholly or in part: {counted(len(paid), 'invoice')} of {run.number} ({', '.join(paid[:5])}); "
            "reverse those payments first, or credit the invoices one by one."
        )
    return Undoable(run.number, plus, [document for batch in batches for document in batch.credit_notes])


def _later_allocations(session: Session, invoice_id: int) -> bool:
    """Whether a payment settles it, or some of it was written off; what was used of open credit in the run itself is released."""
    sums: dict[int, int] = {}
    seq = document_rows.posted_by(session.db, invoice_id)
    for a in document_rows.allocations(session.db, invoice_id):
        if a.credited is None and a.audit_seq != seq:
            sums[a.source_id] = sums.get(a.source_id, 0) + a.amount
    # Below zero: credit that the run had used and that came back since.
    return any(amount > 0 for amount in sums.values())


def undo(
    session: Session, number: str, reason: str, *, on_progress: Callable[[int, int], None] | None = None, batch: int = UNDO_BATCH
) -> Undone:
    """Take a whole run back by credit notes, allowed while no payment settles what it issued; then it can be run again.

    A credit note of the run is taken back by an invoice. Interrupted, it goes on behind what it did, as an undo of its own.

    Raises:
        Refused: A payment settles one of its invoices.

    Side effect: one audit event for each batch.
    """
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("Type why the run is undone, such as: wrong prices.")
    undoable = check_undo(session, number)
    name, plus, whole = undoable.number, undoable.invoices, find_run(session, undoable.number)
    # What invoices took is given back, whatever credit notes of the run take back beside it.
    worth, begun = sum(_total_of(session, document_.number) for document_ in plus), limits.begun(session, name)
    if not begun and not limits.within_limit(session, worth, name) and len(approvals.approvers(session)) > 1:
        raise NotPermitted(f"{name} comes to more than you may give back today; ask an operator with a higher limit.")
    todo = [*((document_, True) for document_ in plus), *((document_, False) for document_ in undoable.credit_notes)]
    run_number, back = "", _TakenBack()
    for at in range(0, len(todo), batch):
        documents, before = todo[at : at + batch], back.sums()
        with writing(session, rights.CREDIT) as tx:
            if not begun:
                approvals.still_within(session, worth, name)
                limits.gave(tx, session, "undo", name, worth)
                begun = True
            run_number = run_number or _begin(tx, session, name, whole.as_of)
            for document, is_invoice in documents:
                customer_rows.lock(session.db, document.customer_id)
                if is_invoice:
                    back.invoice(_undo_invoice(tx, session, document.number, f"Undo of {name}: {words}"))
                else:
                    back.credit_note(_undo_note(tx, session, document.number))
            run_rows.grow(tx, run_number, [now - then for now, then in zip(back.sums(), before, strict=True)])
            tx.note("billing.undo", name, {"run": run_number, "reason": words, "documents": len(documents)}, bulk=True)
        if on_progress:
            on_progress(at + len(documents), len(todo))
        session.db.give_way(PAUSE_S)
    with writing(session, rights.CREDIT) as tx:
        _take_back_skips(tx, session, name)
        run_rows.end(tx, name, "undone", whole.finished_at or 0)
        run_rows.end_broken_undos(tx, name, run_number)
        if run_number:
            run_rows.end(tx, run_number, "done")
        tx.note("billing.undone", name, {"run": run_number, "reason": words})
    for number in {a.object for a in approvals.listed(session) if a.kind == "credit"} & {document_.number for document_ in plus}:
        close_overtaken(session, number)
    return Undone(run_number, name, back.credit_notes, back.invoices, back.net + back.tax)


class _TakenBack:
    """What an undo posted so far: credit notes for invoices, invoices for credit notes; net and tax that went back."""

    def __init__(self) -> None:
        self.credit_notes = self.invoices = self.net = self.tax = 0

    def sums(self) -> tuple[int, ...]:
        """As a run is told of them: customers, invoices, credits, lines, net, tax, parked."""
        return 0, self.invoices, self.credit_notes, 0, -self.net, -self.tax, 0

    def invoice(self, amounts: Amounts | None) -> None:
        """Count what the credit note for an invoice gave back; None where one was there already."""
        if amounts:
            self.credit_notes += 1
            self.net, self.tax = self.net + amounts.net, self.tax + amounts.tax

    def credit_note(self, amounts: Amounts | None) -> None:
        """Count what the invoice for a credit note took again."""
        if amounts:
            self.invoices += 1
            self.net, self.tax = self.net - amounts.net, self.tax - amounts.tax


def _begin(tx: Transaction, session: Session, name: str, as_of: str) -> str:
    """Begin the run that undoes another; its number."""
    operator, _ = session.sign_in_if_needed()
    (row_id,), (seq,) = tx.take("id"), tx.take("run")
    number = f"RUN-{seq:04d}"
    run_rows.begin(tx, row_id, number, as_of, "undo", "", name, operator.name)
    return number


def _total_of(session: Session, number: str) -> int:
    invoice_ = document_rows.invoice(session.db, number)
    return invoice_.total if invoice_ is not None else 0


def _take_back_skips(tx: Transaction, session: Session, number: str) -> None:
    """Take back what the run did not charge by choice: undone, it chose nothing."""
    catalogue = codes.load(session)
    for skipped in service_rows.skipped_by(session.db, run_rows.events_of(session.db, number)):
        account, row = subscriptions.find_service(session, skipped.service_id)
        customer = find_customer(session, account)
        customer_rows.lock(session.db, customer.id)
        event = Event(next(tx.ids(1)), skipped.first, "void", number=skipped.event_id, reason=f"Undo of {number}")
        settled_until = min(date.fromisoformat(row.settled_until), skipped.first).isoformat()
        events.post_event(
            tx,
            session,
            customer.id,
            row._replace(settled_until=settled_until),
            event,
            skipped.first,
            catalogue,
            settled_until=settled_until,
        )


def _undo_invoice(tx: Transaction, session: Session, number: str, reason: str) -> Amounts | None:
    """Credit an invoice of the run wholly and open what it billed again; what was given back, None where no note was made."""
    whole = invoice(session, number)
    if _was_undone(session, whole):
        return None
    if _later_allocations(session, whole.head.id):
        raise Refused(f"{number} was paid or written off meanwhile; what was undone is saved; reverse the payment and go on.")
    before = document_rows.credited(session.db, whole.head.id)
    left = [
        Part(n, n.amount - credited.net, n.tax - credited.tax) for n in whole.lines for credited in (before.get(n.id, Amounts()),)
    ]
    net, tax = sum(p.net for p in left), sum(p.tax for p in left)
    if net + tax > 0:
        # What was given back by hand before stays where it went; of what is left nothing else may have been paid.
        _release(tx, session, whole)
        post(tx, session, whole, left, reason)
        use_credit(tx, whole.head.customer_id)
    _open_again(tx, session, whole.head, whole.lines)
    return Amounts(net, tax) if net + tax > 0 else None


def _was_undone(session: Session, whole: Whole) -> bool:
    """Whether the first line that can be billed again was opened again by an undo before."""
    billed = _billable(whole.lines)
    if not billed:
        before = document_rows.credited(session.db, whole.head.id)
        return all(before.get(n.id, Amounts()) == (n.amount, n.tax) for n in whole.lines)
    return _stands_again(session, whole.head, billed[0])


def _release(tx: Transaction, session: Session, whole: Whole) -> None:
    """Give back the credit that was used on an invoice when it posted."""
    db, head, today = session.db, whole.head, session.today().isoformat()
    sums: dict[int, int] = {}
    days: dict[int, str] = {}
    for a in document_rows.allocations(db, head.id):
        sums[a.source_id] = sums.get(a.source_id, 0) + a.amount
        days[a.source_id] = a.received or a.credited or ""
    for source, amount in sums.items():
        if not amount:
            continue
        (row_id,) = tx.take("id")
        tx.post([posted.Allocation(row_id, source, head.id, head.customer_id, -amount, max(today, head.issued), tx.now_us)])
        balances.settle(db, head.id, -amount)
        # It can be used again from the day on which it was given back; before, it was used.
        balances.give_back_credit(db, source, head.customer_id, max(today, days[source]), today, amount)


def _billable(lines: Sequence[DocumentLine]) -> list[DocumentLine]:
    return [
        n for n in lines if n.billed_id is not None and (n.service_id or n.charge_id > 0) and n.kind in line_kinds.REVERSAL_OF
    ]


def _undo_kind(n: DocumentLine) -> str:
    return line_kinds.REVERSAL_OF[n.kind] if n.service_id else line_kinds.CHARGE_REVERSAL


def _open_again(tx: Transaction, session: Session, head: Document, lines: Sequence[DocumentLine]) -> None:
    """What the lines billed is missing again: the next run bills it anew."""
    db = session.db
    # What a credit note by hand took back with its invoice stands charged again already; a late fee that was waived is over.
    waived = agreements.waived(db, [n.charge_id for n in lines if n.charge_id > 0])
    billed = [
        n
        for n in _billable(lines)
        if n.charge_id not in waived
        and not (n.kind in (line_kinds.CREDIT, line_kinds.FEE_REVERSAL) and _stands_again(session, head, n))
    ]
    ids = tx.ids(len(billed))
    billed_again: list[posted.Billed] = []
    since: dict[int, date] = {}
    for n in billed:
        first = n.period_first or head.bill_date
        key = span_key(first, n.recharge) if n.kind == "recurring" else n.span_first
        kind = _undo_kind(n)
        billed_again.append(posted.Billed(
            next(ids), head.id, head.customer_id, n.service_id, max(n.charge_id, 0), kind, n.code, first, n.period_end,
            n.terms_id,
            n.recharge, key, -n.charged, -n.tax, n.tax_class, 0, f"undoes {head.number}",
        ))  # fmt: skip
        if n.service_id:
            day = date.fromisoformat(first)
            since[n.service_id] = min(since.get(n.service_id, day), day)
        else:
            agreements.add_pending(db, n.charge_id, head.customer_id, first)
    tx.post(billed_again)
    catalogue = codes.load(session) if since else None
    for row in service_rows.of_customer(db, head.customer_id) if since else ():
        if row.service.id in since and catalogue is not None:
            known = service_rows.events(db, (row.service.id,))[row.service.id]
            settled_until = min(date.fromisoformat(row.settled_until), since[row.service.id])
            check = min(since[row.service.id], date.fromisoformat(row.check_on) if row.check_on else since[row.service.id])
            state = state_row(row.service, head.customer_id, known, settled_until, check, catalogue, session.today())
            service_rows.set_states(db, [state])


def _stands_again(session: Session, head: Document, n: DocumentLine) -> bool:
    """Whether an undo before opened again what a line billed."""
    return document_rows.was_undone(session.db, n, _undo_kind(n), n.period_first or head.bill_date)


def _undo_note(tx: Transaction, session: Session, number: str) -> Amounts | None:
    """Take a credit note of the run back by an invoice of the same lines; what it came to, None where that was done before."""
    whole = credit_note(session, number)
    head, db, today = whole.head, session.db, session.today().isoformat()
    if document_rows.is_there(db, head.customer_id, f"Takes back {number}"):
        return None
    ids = tx.ids(2 + len(whole.lines) + len(whole.taxes))
    invoice_id = next(ids)
    (invoice_number,) = free_numbers(tx, "invoice", codes.rules(session).invoice_number, 1, session.today().year)
    # What the credit note had paid is as old again as it was before.
    oldest = document_rows.oldest_settled(db, head.id)
    due = min(today, oldest) if oldest else today
    why, before = f"Takes back {number}", accounts_before(db, [head.customer_id])[head.customer_id]
    tx.post([posted.Invoice(
        invoice_id, invoice_number, "invoice", head.customer_id, head.bill_date, today, due, head.total, head.tax, why, tx.now_us
    )])  # fmt: skip
    _post_lines(tx, whole, invoice_id, ids)
    tx.post([posted.Entry(
        next(ids), head.customer_id, today, "invoice", head.total, invoice_number, why, invoice_id, None, tx.now_us
    )])  # fmt: skip
    wordings.keep(tx, session, invoice_number, before)
    balances.open_items(db, [OpenItem(invoice_id, head.customer_id, invoice_number, today, due, head.total, head.total)])
    balances.add_due(db, [(due, 1, head.total)])
    balances.refresh(db, head.customer_id, head.total)
    use_credit(tx, head.customer_id)
    _open_again(tx, session, head, whole.lines)
    return Amounts(head.total - head.tax, head.tax)


def _post_lines(tx: Transaction, whole: Whole, invoice_id: int, ids: Iterator[int]) -> None:
    """The lines and taxes of a credit note, once more, on the invoice that takes it back."""
    tx.post([
        posted.InvoiceLine(
            next(ids), invoice_id, n.position, n.code, n.kind, n.text, n.period_first, n.period_end, "1", n.amount, n.amount,
            n.tax_class,
        )
        for n in whole.lines
    ])  # fmt: skip
    if whole.taxes:
        tx.post([
            posted.InvoiceTax(next(ids), invoice_id, at, t.name, t.category, t.percent, t.base, t.tax, t.reason)
            for at, t in enumerate(whole.taxes, 1)
        ])  # fmt: skip
