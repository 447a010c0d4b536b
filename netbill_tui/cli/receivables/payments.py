"""Commands of payments: taken, taken back, listed."""

import sys
from datetime import date
from uuid import UUID

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount, parse_positive
from netbill_tui.billing.receivables.payments import Payment, PaymentRequest, parse_method
from netbill_tui.cli.core import shapes
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.words import filter_of, money, not_ahead, request_id, span_of, today_only
from netbill_tui.errors import DuplicateSuspected, InvalidInput
from netbill_tui.text import visible
from netbill_tui.usecases.collections import fees
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import payments as usecase


def payments(call: Call, session: Session) -> int:
    """Payments in a span; the last 30 days when no span and no filter is given."""
    from datetime import timedelta

    from netbill_tui.billing.receivables.payments import parse_method
    from netbill_tui.usecases.lookup import lists

    first, last = span_of(call, session)
    if not (first or last or call.args.filter or call.args.view):
        last = session.date().isoformat()
    if last and not first:
        first = (parse_date(last, session.date()) - timedelta(days=30)).isoformat()
    if first and last and first > last:
        raise InvalidInput(f"The last day {last} is before the first day {first}; swap the two days.")
    method = f"method:{parse_method(call.args.method)}" if call.args.method else ""
    terms = (f"date>={first}" if first else "", f"date<={last}" if last else "", method)
    payments_ = lists.every(session, "payments", filter_of(call, session, "payments", *terms), call.args.limit)
    rows = [shapes.payment(session.book.currency, p) for p in payments_]
    empty = f"No payment was received from {first} to {last}." if first and last else "No payment fits the filter."
    call.output.rows(rows, shapes.PAYMENTS, empty=empty, keys="receipt account name date method reference amount state")
    return 0


def receipt(call: Call, session: Session) -> int:
    """A receipt as text or data; it says COPY, because the first one was given when the money came."""
    from netbill_tui.documents.receipt import receipt_text
    from netbill_tui.usecases.receivables import payments as usecase

    payment = usecase.find_payment(session, call.args.receipt)
    if call.args.print:
        from netbill_tui.cli.receivables.invoices import print_document

        return print_document(call, session, "receipt", payment.row.receipt)
    book = session.book
    data = payment_data(session, payment)
    printed, seller, language = usecase.as_printed(session, payment)

    def text() -> str:
        return receipt_text(printed, seller.name, book.currency, copy=True, demo=book.demo, language=language)

    call.output.record(data, text)
    return 0


def payment_data(session: Session, payment: object) -> dict[str, object]:
    """A payment as JSON."""
    from netbill_tui.billing.receivables.payments import Payment

    assert isinstance(payment, Payment)
    row = payment.row
    return {
        "receipt": row.receipt, "payment": str(UUID(bytes=payment.uid)), "account": row.account, "name": row.name or None,
        "date": row.date, "method": row.method, "reference": row.reference or None, "amount": money(session, row.amount),
        "state": row.state,
        "allocated": [{"invoice": s.invoice, "amount": money(session, s.amount)} for s in payment.allocated],
        "unapplied": money(session, payment.unapplied), "balance": money(session, payment.balance),
        "repeated": payment.repeated,
    }  # fmt: skip


def pay(call: Call, session: Session) -> int:
    """Take a payment."""
    request = _request(call, session)
    if call.dry_run:
        return _dry(call, session, request)
    not_ahead(call, session)
    try:
        payment = usecase.record(session, request)
    except DuplicateSuspected as suspected:
        payment = usecase.record(session, _confirmed(call, request, suspected))
    _answer(call, session, payment)
    if payment.row.date < session.today().isoformat():
        for fee in fees.offered(session, payment.row.account, date.fromisoformat(payment.row.date)):
            call.output.remark(
                f"It came in time for the late fee of {format_amount(fee.amount, session.book.currency)} on "
                f"{fee.invoice}: netbill waive "
                f"{payment.row.account} {fee.id} --reason 'paid in time'."
            )
    return 0


def _request(call: Call, session: Session) -> PaymentRequest:
    args, currency = call.args, session.book.currency
    received = parse_date(args.received, session.today()).isoformat() if args.received else None
    tendered = parse_positive(args.tendered, currency) if args.tendered else None
    return PaymentRequest(
        request_id(call), args.account.strip(), parse_positive(args.amount, currency), parse_method(args.method),
        args.reference, received, tendered, args.note, tuple(_part(text, currency) for text in args.apply),
    )  # fmt: skip


def _part(text: str, currency: str) -> tuple[str, int]:
    number, sign, amount = text.rpartition("=")
    if not sign or not number:
        raise InvalidInput(f"--apply {visible(text)[:50]!r} is not INVOICE=AMOUNT; type it as INV-000123=29.90.")
    return number, parse_positive(amount, currency)


def _confirmed(call: Call, request: PaymentRequest, suspected: DuplicateSuspected) -> PaymentRequest:
    """The request with the operator's word that it is another payment.

    Raises:
        DuplicateSuspected: Nobody confirmed it. Source: docs/rules.md, *5 Duplicates*.
    """
    if call.yes:
        return request._replace(confirmed="--yes")
    if call.no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise suspected
    print(f"{visible(str(suspected))}", file=sys.stderr)
    try:
        answer = input("Type yes to post it all the same: ")
        reason = input("Why is it another payment? ") if answer.strip().lower() == "yes" else ""
    except EOFError:
        raise suspected from None
    if not reason.strip():
        raise suspected
    return request._replace(confirmed=reason.strip())


def _dry(call: Call, session: Session, request: PaymentRequest) -> int:
    suspected = usecase.check(session, request)
    if suspected is not None:
        call.output.remark(f"You would be asked about it: {suspected}")
    shares, left, hint = usecase.preview(session, request.account, request.amount, request.apply)
    balance = accounts.card(session, request.account).totals.balance - request.amount
    money = session.book.currency
    data = {
        "receipt": None,
        "payment": None,
        "amount": format_amount(request.amount, money),
        "allocated": [{"invoice": s.invoice.number, "amount": format_amount(s.amount, money)} for s in shares],
        "unapplied": format_amount(left, money),
        "balance": format_amount(balance, money),
        "repeated": False,
        "dry_run": True,
    }
    call.output.record(
        data,
        lambda: "\n".join(
            [f"Would apply {format_amount(s.amount, money)} to {s.invoice.number}" for s in shares]
            + [f"Would leave {format_amount(left, money)} on account", "Nothing was posted."]
        ),
    )
    if hint:
        call.output.remark(f"The amount is exactly what is open on {hint}; give --apply {hint}=… to settle that one.")
    return 0


def _answer(call: Call, session: Session, payment: Payment) -> None:
    data = payment_data(session, payment)
    row, money = payment.row, session.book.currency
    known = "was posted before; nothing was posted again" if payment.repeated else "posted"
    allocated = ", ".join(f"{s.invoice} {format_amount(s.amount, money)}" for s in payment.allocated) or "nothing open"
    call.output.record(
        data,
        lambda: (
            f"{row.receipt} {known}: {format_amount(row.amount, money)} {row.method} for {row.account}; applied to "
            f"{allocated}; on account {format_amount(payment.unapplied, money)}; balance {format_amount(payment.balance, money)}"
        ),
    )


def reverse(call: Call, session: Session) -> int:
    """Take a payment back."""
    today_only(call, session, "A reversal")
    if call.dry_run:
        payment = usecase.check_reversal(session, call.args.receipt, call.args.reason)
        call.output.record(
            {"receipt": payment.row.receipt, "reopened": [s.invoice for s in payment.allocated], "dry_run": True},
            lambda: (
                f"Would take back {payment.row.receipt} and open {', '.join(s.invoice for s in payment.allocated) or 'nothing'}."
            ),
        )
        return 0
    reversal = usecase.reverse(
        session, call.args.receipt, call.args.reason, returned=call.args.returned, request_id=request_id(call)
    )
    money = session.book.currency
    data = {
        "receipt": reversal.receipt,
        "document": reversal.document,
        "state": reversal.state,
        "reopened": [{"invoice": s.invoice, "amount": format_amount(s.amount, money)} for s in reversal.reopened],
        "fee": format_amount(reversal.fee, money),
        "balance": format_amount(reversal.balance, money),
    }
    call.output.record(data, lambda: f"{reversal.document}: {reversal.receipt} is {reversal.state}; balance {data['balance']}")
    return 0
