"""Taking a payment, taking it back, and looking at payments. Rules: docs/rules.md, *3 Payment* to *6 Reversal*."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.receivables.allocation import OpenInvoice, Share, exact_match, settle
from netbill_tui.billing.receivables.documents import Seller
from netbill_tui.billing.receivables.payments import (
    METHODS,
    CheckedRequest,
    Payment,
    PaymentRequest,
    PaymentRow,
    Reversal,
    check_request,
    reference_tail,
    reference_words,
)
from netbill_tui.db.core import chain, posted, unfinished_forms
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.customers import former, notes
from netbill_tui.db.customers.notes import Promise
from netbill_tui.db.receivables import balances, day_sums, payments
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.errors import DuplicateSuspected, InvalidInput, NetbillError, NotFound, NotSaved, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.core.ahead import Ahead
from netbill_tui.usecases.core.hooks import RECOVER, UNRECOVER, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import Claim, answered, claim_of, once, post_once
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.receivables import duplicates, promises
from netbill_tui.usecases.receivables.apply_credit import use_credit


def new_request_id() -> bytes:
    """A request id for a form that opens."""
    return uuid4().bytes


def record(session: Session, request: PaymentRequest) -> Payment:
    """Store a payment and settle the oldest invoices first, after the operator's own choice.

    Raises:
        InvalidInput: A field that cannot be taken.
        NotFound: No such account.
        DuplicateSuspected: It looks like one already taken and nobody confirmed that it is another.
        RequestMismatch: The request id was used for another payment.

    Side effect: one audit event. Source: docs/rules.md, *3 Payment* and *5 Duplicates*.
    """
    customer = find_customer(session, request.account)
    request = request._replace(account=customer.account)
    claim = Claim(request.request_id, request.digest(session.book.currency), "payment")
    earlier = answered(session, claim)
    if earlier is not None:
        # A true repeat is answered from the book, whatever today's rules say of its date.
        return _read(session, earlier, True)
    # A pretended date on the command line is when the money came (docs/commands.md, --as-of).
    day = request.received or (session.calendar.as_of.isoformat() if session.calendar.as_of else None)
    checked = check_request(_received(request, day), session.today())

    def work(tx: Transaction) -> int:
        customer_rows.lock_only(session.db, customer.id)
        return _post(tx, session, request, customer.id, checked, _ready(session, customer.id, request, checked))

    if checked.received < session.today().isoformat():
        session.needs(rights.BACKDATE)
    ahead: Ahead | None = None
    if session.db.kind == "postgres":
        session.may_post()
        session.needs(rights.POST)
        # What it refuses is refused under the locks, where the same request may turn out to be posted already.
        with suppress(NetbillError):
            ready = _ready(session, customer.id, request, checked)
            numbers = {"id": 2 + len(ready.shares), "receipt": 1}
            ahead = Ahead(customer.id, ready.seq, numbers, lambda tx: _post(tx, session, request, customer.id, checked, ready))
    return post_once(
        session, rights.POST, claim, work, lambda payment_id, repeated: _read(session, payment_id, repeated), ahead=ahead
    )


class _Ready(NamedTuple):
    """What a payment has to know before it is written, and the newest event when that was read."""

    seq: int
    shares: Sequence[Share]
    left: int
    duplicate: DuplicateSuspected | None
    promise: Promise | None
    is_written_off: bool


def _ready(session: Session, customer_id: int, request: PaymentRequest, checked: CheckedRequest) -> _Ready:
    head, invoices, promise, is_written_off, same, *cheques = session.db.together(
        chain.reading_head(),
        invoice_rows.reading_open(customer_id),
        notes.reading_promise(customer_id),
        payments.reading_written_off(customer_id),
        *duplicates.alike(customer_id, request, checked.received),
    )
    duplicate = duplicates.among(session, request, checked.reference, same, *cheques)
    if duplicate is not None and not request.confirmed:
        raise duplicate
    shares, left = settle(request.amount, invoices, request.apply)
    return _Ready(head.seq if head is not None else 0, shares, left, duplicate, promise, is_written_off)


def check(session: Session, request: PaymentRequest) -> DuplicateSuspected | None:
    """Refuse what `record` would refuse; the earlier payment that it would ask about. Changes nothing."""
    customer = find_customer(session, request.account)
    received_on = request.received or (session.calendar.as_of.isoformat() if session.calendar.as_of else None)
    reference, _, received = check_request(_received(request, received_on), max(session.today(), session.date()))
    return duplicates.suspect(session, customer.id, request, reference, received)


def check_reversal(session: Session, receipt: str, reason: str) -> Payment:
    """The payment that a reversal would take back. Changes nothing.

    Raises:
        InvalidInput: There is no reason.
        NotFound: No such receipt.
        Refused: It was taken back before.
    """
    if len(clean(reason, "The reason", limit=200)) < 3:
        raise InvalidInput("A reversal needs a reason; type why, such as: wrong account.")
    payment = find_payment(session, receipt)
    if payment.event_document:
        raise Refused(f"{receipt} was {payment.row.state} on {short(payment.event_date or '')} already; nothing was posted.")
    return payment


def _received(request: PaymentRequest, day: str | None) -> PaymentRequest:
    return request._replace(received=day)


def _read(session: Session, payment_id: int, repeated: bool) -> Payment:
    payment = payments.by_id(session.db, payment_id, repeated=repeated)
    if payment is None:
        raise NotSaved("The posted payment cannot be read back; run netbill verify.")
    return payment


def _post(
    tx: Transaction,
    session: Session,
    request: PaymentRequest,
    customer_id: int,
    checked: CheckedRequest,
    ready: _Ready,
) -> int:
    """Write the payment with its audit event; the payment's row id."""
    duplicate = ready.duplicate
    reason = clean(f"{duplicate.receipt}: {request.confirmed}" if duplicate else "", "The reason")
    payment_id, receipt = post_rows(
        tx, session, request, customer_id, checked, ready.shares, ready.left, reason, recovers=ready.is_written_off
    )
    # The form that this was is never offered again, whatever becomes of the program after the commit.
    unfinished_forms.drop_draft(session.db, request.request_id)
    ended = promises.judge_last(tx, session, customer_id, ready.promise)
    detail: dict[str, object] = {
        "account": request.account,
        "amount": request.amount,
        "method": request.method,
        "reference": checked.reference,
        "received": checked.received,
        "request": request.digest(session.book.currency).hex(),
    }
    if duplicate:
        detail["confirmed_duplicate_of"] = duplicate.receipt
    if ended:
        detail["promise"] = ended
    tx.note("payment.record", receipt, detail)
    return payment_id


def finish(tx: Transaction, session: Session, customer_id: int) -> str:
    """What follows from money that came or went back, on every road: the promise of the account is judged; what became of it."""
    return promises.judge(tx, session, customer_id)


def post_rows(
    tx: Transaction,
    session: Session,
    request: PaymentRequest,
    customer_id: int,
    checked: CheckedRequest,
    shares: Sequence[Share],
    left: int,
    duplicate_reason: str,
    *,
    recovers: bool = True,
) -> tuple[int, str]:
    """Write a payment, its allocations and its entry, without an audit event; its row id and receipt number.

    `recovers`: something of the account may be written off, which what is left over brings back.
    """
    reference, note, received = checked
    operator, _ = session.sign_in_if_needed()
    ids = tx.ids(2 + len(shares))
    receipt = f"R-{tx.take('receipt')[0]}"
    payment_id = next(ids)
    tx.post([posted.Payment(
        payment_id, request.request_id, receipt, customer_id, request.amount, request.method, reference,
        reference_tail(reference), received, request.tendered, note, duplicate_reason, operator.name, tx.now_us,
    )])  # fmt: skip
    allocations = [
        posted.Allocation(
            next(ids), payment_id, s.invoice.id, customer_id, s.amount, max(received, s.invoice.earliest), tx.now_us
        )
        for s in shares
    ]
    tx.post(allocations)
    text = METHODS[request.method][0].capitalize() + (f" {reference}" if reference else "")
    tx.post([posted.Entry(
        next(ids), customer_id, received, "payment", -request.amount, receipt, text, None, payment_id, tx.now_us,
    )])  # fmt: skip
    payments.add_terms(session.db, [(word, payment_id) for word in reference_words(reference)])
    balances.settle_open(session.db, [(share.invoice, share.amount) for share in shares])
    if left and recovers:
        left = int(hook(RECOVER)(tx, session, customer_id, payment_id, received, left))
    balances.add_credit(session.db, payment_id, customer_id, received, left)
    balances.refresh(session.db, customer_id, -request.amount)
    day_sums.add(session.db, [day_sums.received(received, request.method, request.amount)])
    return payment_id, receipt


def preview(
    session: Session, account: str, amount: int, apply: tuple[tuple[str, int], ...] = ()
) -> tuple[list[Share], int, str | None]:
    """How a payment would be spread, what would be left, and an invoice that it would pay exactly. Changes nothing."""
    customer = find_customer(session, account)
    invoices = invoice_rows.open_invoices(session.db, customer.id)
    shares, left = settle(amount, invoices, apply)
    return shares, left, exact_match(amount, invoices, shares)


def open_invoices(session: Session, account: str) -> list[OpenInvoice]:
    """What a payment of this account can settle now."""
    return invoice_rows.open_invoices(session.db, find_customer(session, account).id)


def reverse(session: Session, receipt: str, reason: str, *, returned: bool = False, request_id: bytes | None = None) -> Reversal:
    """Take a payment back today: exactly its allocations are undone, and the payment stays with its new state.

    What opens again is settled by credit that stands, as what is issued is.

    Raises:
        InvalidInput: There is no reason.
        NotFound: No such receipt.
        Refused: It was taken back before.

    Side effect: one audit event. Source: docs/rules.md, *4 Overpayment* and *6 Reversal*.
    """
    state = "returned" if returned else "reversed"
    claim = claim_of(request_id, "reversal", find_payment(session, receipt).row.receipt, state)
    if answered(session, claim) is None:
        payment = check_reversal(session, receipt, reason)
        words = clean(reason, "The reason", limit=200)
        customer = find_customer(session, payment.row.account)

        def work(tx: Transaction) -> int:
            customer_rows.lock(session.db, customer.id)
            now = payments.by_id(session.db, payment.row.id)
            assert now is not None
            if now.event_document:
                raise Refused(f"{receipt} was {now.row.state} on {short(now.event_date or '')} already; nothing was posted.")
            return _take_back(tx, session, now, customer, state, words)

        once(session, right_to_reverse(session, payment), claim, work)
    return _reversal(session, receipt, state)


def _take_back(tx: Transaction, session: Session, payment: Payment, customer: Customer, state: str, reason: str) -> int:
    """Write a reversal with its audit event; the id of the event of the payment."""
    operator, _ = session.sign_in_if_needed()
    undone = payments.allocations(session.db, payment.row.id)
    # What was dated ahead, under a wrong clock, is taken back on its own day: never was it settled without being paid.
    today = max(session.today().isoformat(), payment.row.date, *payments.last_settled(session.db, payment.row.id))
    document = f"{payment.row.receipt}-REV"
    ids = tx.ids(2 + len(undone))
    event_id = next(ids)
    tx.post([posted.PaymentEvent(
        event_id, payment.row.id, state, document, today, reason, operator.name, tx.now_us,
    )])  # fmt: skip
    tx.post(
        [posted.Allocation(next(ids), payment.row.id, a.invoice_id, customer.id, -a.amount, today, tx.now_us) for a in undone],
    )
    tx.post([posted.Entry(
        next(ids), customer.id, today, state, payment.row.amount, document, f"{state.capitalize()}: {reason}",
        None, payment.row.id, tx.now_us,
    )])  # fmt: skip
    for allocation in undone:
        balances.settle(session.db, allocation.invoice_id, -allocation.amount)
    balances.drop_credit(session.db, payment.row.id)
    lost = int(hook(UNRECOVER)(tx, session, customer.id, payment.row.id, today))
    balances.refresh(session.db, customer.id, payment.row.amount)
    row = payment.row
    day_sums.add(session.db, day_sums.taken_back(today, row.method, row.amount, row.date))
    used = use_credit(tx, customer.id)
    ended = finish(tx, session, customer.id)
    tx.note(f"payment.{state}", payment.row.receipt, {
        "account": customer.account, "reason": reason, "amount": payment.row.amount,
        **({"credit_used": used} if used else {}), **({"given_up_again": lost} if lost else {}),
        **({"promise": ended} if ended else {}),
    })  # fmt: skip
    return event_id


def _reversal(session: Session, receipt: str, state: str) -> Reversal:
    """What a reversal did, as it stands in the book."""
    payment = find_payment(session, receipt)
    row = payment.row
    reopened = tuple(payments.taken_back(session.db, row.id))
    balance = customer_rows.totals(session.db, find_customer(session, row.account).id).balance
    return Reversal(row.receipt, payment.event_document, state, row.amount, reopened, 0, balance)


def right_to_reverse(session: Session, payment: Payment) -> str:
    """What taking this payment back needs: one's own of today is a slip of the hand, any other is somebody's money."""
    operator, _ = session.sign_in_if_needed()
    mine_today = payment.operator == operator.name and session.calendar.day_of(payment.recorded_at) == session.today()
    return rights.VOID if mine_today and not operator.may(rights.REVERSE) else rights.REVERSE


def find_payment(session: Session, receipt: str) -> Payment:
    """Everything about the payment with this receipt number.

    Raises:
        NotFound: There is none.
    """
    typed, as_of = receipt.strip(), session.date().isoformat()
    for number in dict.fromkeys((typed, typed.upper(), f"R-{typed}")):
        payment = payments.by_receipt(session.db, number, as_of)
        if payment is None or not session.calendar.is_past:
            if payment is not None:
                return payment
            continue
        if payment.row.date > as_of:
            break  # It had not come by then.
        customer = find_customer(session, payment.row.account)
        return payment._replace(balance=invoice_rows.balance_as_of(session.db, customer.id, as_of))
    raise NotFound(f"There is no receipt {typed[:40]!r}; F2 or netbill find looks for it by name or reference.")


class AsPrinted(NamedTuple):
    """A payment as its receipt was printed, who printed it, and the language of the receipt."""

    payment: Payment
    seller: Seller
    language: str


def as_printed(session: Session, payment: Payment) -> AsPrinted:
    """A payment as its receipt was printed when it was posted; what became of it since stands above it.

    The name, what it settled and the balance are those of then, so that a copy reads as the first one did.
    """
    from netbill_tui.usecases.receivables.documents import style_of
    from netbill_tui.usecases.receivables.wordings import former_seller

    then = payments.when_posted(session.db, payment.row.id)
    who = former.addressee(session.db, then.customer_id, then.audit_seq)
    allocated = tuple(payments.allocated_by(session.db, payment.row.id, then.audit_seq))
    unapplied = payment.row.amount - sum(part.amount for part in allocated)
    row = payment.row._replace(name=who.name)
    printed = payment._replace(row=row, allocated=allocated, unapplied=unapplied, balance=then.balance)
    styled = style_of(session, then.customer_id)
    return AsPrinted(printed, former_seller(session, then.audit_seq, styled.billing), styled.style.language)


def posted_by(session: Session, payment: Payment) -> int:
    """The audit event that posted a payment."""
    return payments.when_posted(session.db, payment.row.id).audit_seq


def of_customer(session: Session, account: str) -> list[PaymentRow]:
    """The payments of one account, newest first."""
    return payments.of_customer(session.db, find_customer(session, account).id, session.date().isoformat())
