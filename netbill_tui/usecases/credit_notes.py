"""Credit notes: all or part of an invoice taken back, by hand or by undoing a run. Source: behaviours 13 and 18.

A credit note first settles what is open on its invoice, then what is open on the account; the rest stays as credit.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from netbill_tui.billing.money import parse_amount, round_half_away, split
from netbill_tui.billing.taxes import CreditedTax, spread, tax_of_credit
from netbill_tui.db import credits as rows
from netbill_tui.db import customers as customer_rows
from netbill_tui.db import kept, tables
from netbill_tui.db.credits import Document, DocumentLine, DocumentTax
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases import approvals, billing_rules, giving, promises
from netbill_tui.usecases.approvals import Approval
from netbill_tui.usecases.credit_taxes import taxes_of
from netbill_tui.usecases.crediting import use_credit
from netbill_tui.usecases.issuing import free_numbers
from netbill_tui.usecases.own_reasons import only_own
from netbill_tui.usecases.session import Session
from netbill_tui.usecases.writing import answered, claim_of, once

_LOOK_AGAIN = Statement(
    "update service_state set check_on = case when check_on is null or check_on > ? then ? else check_on end where service_id = ?"
)
TAKES_BACK = "Takes back "
_OPEN = Statement("select open from open_item where invoice_id = ?")


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
    head = next((one for n in billing_rules.numbers_meant(session, number) if (one := rows.invoice(session.db, n))), None)
    if head is None:
        raise NotFound(f"There is no invoice {visible(number.strip())[:40]!r}; F2 or netbill find looks for it.")
    lines = only_own(session, rows.lines(session.db, head.id))
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
    lines = only_own(session, rows.credit_lines(session.db, head.id))
    return Whole(head, tuple(lines), tuple(rows.taxes(session.db, head.id)))


def of_account(session: Session, account: str) -> list[tuple[str, str, int, str]]:
    """Number, date, total and reason of the credit notes of an account, newest first."""
    from netbill_tui.usecases.customers import find_customer

    return rows.notes_of(session.db, find_customer(session, account).id)


def left_of(session: Session, whole: Whole) -> int:
    """What is left to give back of an invoice, with tax."""
    before = _given_before(session, whole)
    return whole.head.total - sum(net + tax for net, tax in before.values())


def _given_before(session: Session, whole: Whole) -> dict[int, tuple[int, int]]:
    """Net and tax that were given back of each line: by credit notes that name it, and by runs that gave back days not used."""
    named = rows.credited(session.db, whole.head.id)
    inclusive = billing_rules.rules(session).inclusive
    made = {}
    for line in whole.lines:
        net, tax = named.get(line.id, (0, 0))
        by_run = rows.given_back(session.db, line, inclusive=inclusive)
        if (net, tax) != (0, 0) or by_run != (0, 0):
            made[line.id] = (net + by_run[0], tax + by_run[1])
    return made


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
    before = _given_before(session, whole)
    left = {n.position: (n.amount - before.get(n.id, (0, 0))[0], n.tax - before.get(n.id, (0, 0))[1]) for n in whole.lines}
    by_position = {n.position: n for n in whole.lines}
    made: list[Part] = []
    if lines is not None:
        for position, net in sorted(lines.items()):
            line = by_position.get(position)
            if line is None:
                raise InvalidInput(f"The invoice has no line {position}; netbill invoice {whole.head.number} shows them.")
            gone = before.get(line.id, (0, 0))
            able = left[position][0] - _discounted(session, line)
            if net > able or net <= 0:
                raise InvalidInput(f"Line {position} has {_show(session, max(able, 0))} left to give back.")
            made.append(Part(line, net, tax_of_credit(CreditedTax(line.amount, line.tax, *gone), net)))
    elif amount is not None and amount != sum(n + t for n, t in left.values()):
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


def _discounted(session: Session, line: DocumentLine) -> int:
    """The line's part of the discounts on the whole invoice, without tax: it was never paid, so it is not given back."""
    if line.billed_id is None or line.amount <= 0 or not line.charged:
        return 0
    full = line.amount + line.tax if billing_rules.rules(session).inclusive else line.amount
    return line.amount - _net_of(line.charged, line.amount, full) if 0 < line.charged < full else 0


def _net_of(part: int, net: int, gross: int) -> int:
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
        if int(position) in made:
            raise InvalidInput(f"Line {position} is named twice; type one amount for it.")
        made[int(position)] = parse_amount(amount, session.book.currency)
    return made or None


def credit(
    session: Session, number: str, reason: str, *, lines: Mapping[int, int] | None = None, amount: int | None = None,
    dry_run: bool = False, request_id: bytes | None = None,
) -> Credited:  # fmt: skip
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
        return _told(session, "", whole, parts, 0, 0)
    total = sum(p.net + p.tax for p in parts)
    asked: dict[str, object] = {approvals.CLAIM: claim.uid.hex(), "amount": amount}
    asked["lines"] = [[p, n] for p, n in sorted(lines.items())] if lines is not None else None

    def work(tx: Transaction) -> int:
        made, _, again = _post_again(tx, session, whole, lines, amount, words)
        # Read anew in this transaction: an administrator may have lowered it while its operator sat there.
        approvals.still_within(session, sum(p.net + p.tax for p in again), whole.head.number)
        giving.gave(tx, session, "credit", whole.head.number, sum(p.net + p.tax for p in again))
        tx.note("credit.post", made, {
            "invoice": whole.head.number, "account": whole.head.account, "reason": words,
            "net": sum(p.net for p in again), "tax": sum(p.tax for p in again),
        })  # fmt: skip
        found = rows.credit_note(session.db, made)
        assert found is not None
        return found.id

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
    from netbill_tui.usecases.customers import card

    number, total, tax, settled = rows.credit_of(session.db, credit_id, whole.head.id)
    balance = card(session, whole.head.account).totals.balance
    return Credited(number, whole.head.number, total - tax, tax, settled, total - settled, balance)


def _post_again(
    tx: Transaction, session: Session, whole: Whole, lines: Mapping[int, int] | None, amount: int | None, reason: str
) -> tuple[str, int, list[Part]]:
    """Post what is left of what was asked: what another desk gave back meanwhile counts."""
    customer_rows.lock(session.db, whole.head.customer_id)
    parts = parts_of(session, whole, lines, amount)
    made, settled = post(tx, session, whole, parts, reason)
    _retake(tx, session, whole, parts)
    return made, settled, parts


def post_approved(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:
    """Post a credit note that was asked over a limit; its number.

    Raises:
        Refused: What is left of the invoice is not what was asked for any more.
    """
    made, _, parts = _post_again(tx, session, invoice(session, asked.object), _lines_of(request), request["amount"], asked.reason)
    if sum(p.net + p.tax for p in parts) != asked.amount:
        raise Refused(f"Something of {asked.object} was given back since this was asked; refuse it, and let it be asked anew.")
    return made


def _retake(tx: Transaction, session: Session, whole: Whole, parts: Sequence[Part]) -> None:
    """A credit line that is taken back with its invoice: what it gave back stands charged again, and the run looks at it."""
    kinds = {"credit": "uncredit", "unfee": "refee"}
    back = [p.line for p in parts if p.line.kind in kinds and p.line.service_id and p.net == p.line.amount]
    if not back:
        return
    head = whole.head
    ids = tx.ids(len(back))
    tx.post(tables.Billed, [
        (next(ids), head.id, head.customer_id, n.service_id, 0, kinds[n.kind], n.code, n.period_first or head.bill_date,
         n.period_end, n.terms_id, n.again, n.span_first, -n.charged, -n.tax, n.tax_class, 0, f"{head.number} was taken back")
        for n in back
    ])  # fmt: skip
    for n in back:
        day = n.period_first or head.bill_date
        session.db.run(_LOOK_AGAIN, (day, day, n.service_id))


def _told(session: Session, number: str, whole: Whole, parts: Sequence[Part], settled: int, left: int) -> Credited:
    from netbill_tui.usecases.customers import card

    net, tax = sum(p.net for p in parts), sum(p.tax for p in parts)
    balance = card(session, whole.head.account).totals.balance
    return Credited(number, whole.head.number, net, tax, settled, left, balance if number else balance - net - tax)


def post(tx: Transaction, session: Session, whole: Whole, parts: Sequence[Part], reason: str) -> tuple[str, int]:
    """Write a credit note without an audit event, settle its invoice first; number, and how much of that was open."""
    db, head, today = session.db, whole.head, session.today().isoformat()
    operator, _ = session.sign_in_if_needed()
    net, tax = sum(p.net for p in parts), sum(p.tax for p in parts)
    taxes = taxes_of(session, whole, parts)
    ids = tx.ids(3 + len(parts) + len(taxes))
    (number,) = free_numbers(tx, "credit", billing_rules.rules(session).credit_number, 1, session.today().year)
    credit_id = next(ids)
    tx.post(tables.CreditNote, [(
        credit_id, number, head.customer_id, head.id, head.bill_date, today, net + tax, tax, reason, operator.name, tx.now_us
    )])  # fmt: skip
    tx.post(tables.CreditLine, [
        (next(ids), credit_id, at, p.line.id, p.line.code, p.line.kind, p.line.text, p.line.period_first, p.line.period_end,
        p.net,
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
    promises.judge(tx, session, head.customer_id)
    return number, settled
