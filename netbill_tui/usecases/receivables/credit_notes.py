"""Credit notes: all or part of an invoice taken back, by hand or by undoing a run.

A credit note first settles what is open on its invoice, then what is open on the account; the rest stays as credit.

Source: docs/rules.md, *13 Billing run* and *18 Credit notes*.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.services import line_kinds
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances, credit_notes
from netbill_tui.db.receivables.credit_notes import CreditNoteRow
from netbill_tui.db.receivables.wordings import accounts_before
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.core.hooks import RECOVER, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once
from netbill_tui.usecases.receivables import promises, wordings
from netbill_tui.usecases.receivables.apply_credit import use_credit
from netbill_tui.usecases.receivables.credit_parts import Part, Whole, invoice, parts_of
from netbill_tui.usecases.receivables.credit_taxes import taxes_of
from netbill_tui.usecases.receivables.numbers import free_numbers

TAKES_BACK = "Takes back "


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


def of_account(session: Session, account: str) -> list[CreditNoteRow]:
    """The credit notes of an account, newest first."""
    from netbill_tui.usecases.customers.accounts import find_customer

    return credit_notes.of_customer(session.db, find_customer(session, account).id)


# How much is given back.


def credit(
    session: Session,
    number: str,
    reason: str,
    *,
    lines: Mapping[int, int] | None = None,
    amount: int | None = None,
    dry_run: bool = False,
    request_id: bytes | None = None,
) -> Credited:
    """Take back all or part of an invoice: at most what is left of each line, tax in proportion, the last takes the remainder.

    Over the limit of who posts it is asked of a second operator; the limit is the one in force when it is posted.

    Raises:
        InvalidInput: No reason, or more than is left.

    Side effect: one audit event.
    """
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("A credit note needs a reason; type why, such as: line was down for a week.")
    whole = invoice(session, number)
    if whole.head.text.startswith(TAKES_BACK):
        raise Refused(f"{whole.head.number} {whole.head.text[0].lower()}{whole.head.text[1:]}; bill again instead.")
    claim = claim_of(request_id, "credit", whole.head.number, words, lines, amount)
    known = answered(session, claim)
    if known is not None:
        return _posted(session, whole, known)
    approvals.refuse_answered(session, "credit", whole.head.number, claim.uid.hex())
    parts = parts_of(session, whole, lines, amount)
    if dry_run:
        return _summary(session, "", whole, parts, 0, 0)
    total = sum(p.net + p.tax for p in parts)
    asked: dict[str, object] = {approvals.CLAIM: claim.uid.hex(), "amount": amount}
    asked["lines"] = [[p, n] for p, n in sorted(lines.items())] if lines is not None else None

    def work(tx: Transaction) -> int:
        credit_number, _, now_given = _post_again(tx, session, whole, lines, amount, words)
        # Read anew in this transaction: an administrator may have lowered it while its operator sat there.
        approvals.still_within(session, sum(p.net + p.tax for p in now_given), whole.head.number)
        limits.gave(tx, session, "credit", whole.head.number, sum(p.net + p.tax for p in now_given))
        tx.note("credit.post", credit_number, {
            "invoice": whole.head.number, "account": whole.head.account, "reason": words,
            "net": sum(p.net for p in now_given), "tax": sum(p.tax for p in now_given),
        })  # fmt: skip
        note = credit_notes.credit_note(session.db, credit_number)
        assert note is not None
        return note.id

    approvals.ask(session, rights.CREDIT, "credit", whole.head.number, total, words, asked)
    try:
        posted = once(session, rights.CREDIT, claim, work)
    except approvals.LimitLowered:
        approvals.ask(session, rights.CREDIT, "credit", whole.head.number, total, words, asked)
        raise
    close_overtaken(session, whole.head.number)
    return _posted(session, whole, posted)


def close_overtaken(session: Session, number: str) -> None:
    """Close what was asked for an invoice and can be posted no more.

    Side effect: an audit event for each.
    """
    whole = invoice(session, number)
    approvals.close_overtaken(session, rights.CREDIT, "credit", whole.head.number, lambda r, n: _comes_to(session, whole, r) == n)


def _comes_to(session: Session, whole: Whole, request: Mapping[str, Any]) -> int:
    """What a credit note that was asked would give back now; 0 where it can be posted no more."""
    try:
        return sum(p.net + p.tax for p in parts_of(session, whole, _lines_of(request), request["amount"]))
    except InvalidInput:
        return 0


def _lines_of(request: Mapping[str, Any]) -> dict[int, int] | None:
    return None if request["lines"] is None else {int(p): int(n) for p, n in request["lines"]}


def _posted(session: Session, whole: Whole, credit_id: int) -> Credited:
    """A credit note of an invoice as it stands in the book."""
    from netbill_tui.usecases.customers.accounts import card

    note = credit_notes.posted(session.db, credit_id, whole.head.id)
    balance = card(session, whole.head.account).totals.balance
    left = note.total - note.settled
    return Credited(note.number, whole.head.number, note.total - note.tax, note.tax, note.settled, left, balance)


def _post_again(
    tx: Transaction, session: Session, whole: Whole, lines: Mapping[int, int] | None, amount: int | None, reason: str
) -> tuple[str, int, list[Part]]:
    """Post what is left of what was asked: what another desk gave back meanwhile counts."""
    customer_rows.lock(session.db, whole.head.customer_id)
    parts = parts_of(session, whole, lines, amount)
    number, settled = post(tx, session, whole, parts, reason)
    _retake(tx, session, whole, parts)
    return number, settled, parts


def post_approved(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:
    """Post a credit note that was asked over a limit; its number.

    Raises:
        Refused: What is left of the invoice is not what was asked for any more.
    """
    number, _, parts = _post_again(
        tx, session, invoice(session, asked.object), _lines_of(request), request["amount"], asked.reason
    )
    if sum(p.net + p.tax for p in parts) != asked.amount:
        raise Refused(f"Something of {asked.object} was given back since this was asked; refuse it, and have it asked again.")
    return number


def _retake(tx: Transaction, session: Session, whole: Whole, parts: Sequence[Part]) -> None:
    """A credit line that is taken back with its invoice: what it gave back stands charged again, and the run looks at it."""
    kinds = {k: line_kinds.REVERSAL_OF[k] for k in (line_kinds.CREDIT, line_kinds.FEE_REVERSAL)}
    back = [p.line for p in parts if p.line.kind in kinds and p.line.service_id and p.net == p.line.amount]
    if not back:
        return
    head = whole.head
    ids = tx.ids(len(back))
    tx.post([
        posted.Billed(next(ids), head.id, head.customer_id, n.service_id, 0, kinds[n.kind], n.code,
        n.period_first or head.bill_date,
         n.period_end, n.terms_id, n.recharge, n.span_first, -n.charged, -n.tax, n.tax_class, 0, f"{head.number} was taken back")
        for n in back
    ])  # fmt: skip
    for n in back:
        service_rows.look_again(session.db, n.service_id, n.period_first or head.bill_date)


def _summary(session: Session, number: str, whole: Whole, parts: Sequence[Part], settled: int, left: int) -> Credited:
    from netbill_tui.usecases.customers.accounts import card

    net, tax = sum(p.net for p in parts), sum(p.tax for p in parts)
    balance = card(session, whole.head.account).totals.balance
    return Credited(number, whole.head.number, net, tax, settled, left, balance if number else balance - net - tax)


def post(tx: Transaction, session: Session, whole: Whole, parts: Sequence[Part], reason: str) -> tuple[str, int]:
    """Write a credit note without an audit event, settle its invoice first; number, and how much of that was open."""
    db, head, today = session.db, whole.head, session.today().isoformat()
    operator, _ = session.sign_in_if_needed()
    net, tax = sum(p.net for p in parts), sum(p.tax for p in parts)
    total, taxes = net + tax, taxes_of(session, whole, parts)
    ids = tx.ids(3 + len(parts) + len(taxes))
    (number,) = free_numbers(tx, "credit", rules.rules(session).credit_number, 1, session.today().year)
    credit_id, of = next(ids), head.customer_id
    before = accounts_before(db, [of])[of]
    note = posted.CreditNote(credit_id, number, of, head.id, head.bill_date, today, total, tax, reason, operator.name, tx.now_us)
    tx.post([note])
    tx.post(_lines_to_post(ids, credit_id, parts))
    tx.post(
        [
            posted.InvoiceTax(next(ids), credit_id, at, t.name, t.category, t.percent, t.base, t.tax, t.reason)
            for at, t in enumerate(taxes, 1)
        ],
    )
    text = f"Credit for {head.number}: {reason}"[:120]
    tx.post([posted.Entry(next(ids), of, today, "credit-note", -total, number, text, None, None, tx.now_us)])
    wordings.keep(tx, session, number, before, credit=True)
    settled = min(balances.open_of(db, head.id), total)
    if settled:
        on = max(today, head.issued)
        tx.post([posted.Allocation(next(ids), credit_id, head.id, of, settled, on, tx.now_us)])
        balances.settle(db, head.id, settled)
    left = total - settled
    if left:
        # What was given up of the invoice, or of another one, is nobody's credit.
        left = int(hook(RECOVER)(tx, session, of, credit_id, max(today, head.issued), left, invoice_id=head.id))
    balances.add_credit(db, credit_id, of, today, left)
    balances.refresh(db, of, -total)
    if left:
        use_credit(tx, of)
    promises.judge(tx, session, of)
    return number, settled


def _lines_to_post(ids: Iterator[int], credit_id: int, parts: Sequence[Part]) -> list[posted.CreditLine]:
    return [
        posted.CreditLine(
            next(ids), credit_id, at, p.line.id, p.line.code, p.line.kind, p.line.text, p.line.period_first, p.line.period_end,
            p.net, p.tax,
        )
        for at, p in enumerate(parts, 1)
    ]  # fmt: skip
