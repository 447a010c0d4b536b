"""Commands that post: pay, reverse, note, call. Each is one service call with one audit event."""

import sys
from uuid import UUID

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount, parse_positive
from netbill_tui.billing.receivables.payments import Payment, PaymentRequest, parse_method
from netbill_tui.cli.call import Call
from netbill_tui.cli.output import Column
from netbill_tui.cli.reads import payment_data
from netbill_tui.errors import DuplicateSuspected, InvalidInput
from netbill_tui.text import visible
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts, notes
from netbill_tui.usecases.receivables import disputes, payments
from netbill_tui.usecases.services import with_account


def pay(call: Call, session: Session) -> int:
    """Take a payment."""
    request = _request(call, session)
    if call.dry_run:
        return _dry(call, session, request)
    _not_ahead(call, session)
    try:
        payment = payments.record(session, request)
    except DuplicateSuspected as suspected:
        payment = payments.record(session, _confirmed(call, request, suspected))
    _answer(call, session, payment)
    return 0


def _today_only(call: Call, session: Session, what: str) -> None:
    if call.as_of is not None and call.as_of != session.today():
        raise InvalidInput(f"{what} is dated today; leave --as-of out.")


def _not_ahead(call: Call, session: Session) -> None:
    if call.as_of is not None and call.as_of > session.today():
        raise InvalidInput(f"--as-of {call.as_of} lies ahead; nothing is posted before its day.")


def _request(call: Call, session: Session) -> PaymentRequest:
    args, currency = call.args, session.book.currency
    received = parse_date(args.received, session.today()).isoformat() if args.received else None
    tendered = parse_positive(args.tendered, currency) if args.tendered else None
    return PaymentRequest(
        request_id(call), args.account.strip(), parse_positive(args.amount, currency), parse_method(args.method),
        args.reference, received, tendered, args.note, tuple(_part(text, currency) for text in args.apply),
    )  # fmt: skip


def request_id(call: Call) -> bytes:
    """The request id that was given, or a new one.

    Raises:
        InvalidInput: It is no UUID.
    """
    text = getattr(call.args, "request_id", None)
    if text is None:
        return payments.new_request_id()
    try:
        return UUID(text).bytes
    except ValueError:
        raise InvalidInput(f"--request-id {visible(text)[:50]!r} is not a UUID; leave it out to have one made.") from None


def _part(text: str, currency: str) -> tuple[str, int]:
    number, sign, amount = text.rpartition("=")
    if not sign or not number:
        raise InvalidInput(f"--apply {visible(text)[:50]!r} is not INVOICE=AMOUNT; type it as INV-000123=29.90.")
    return number, parse_positive(amount, currency)


def _confirmed(call: Call, request: PaymentRequest, suspected: DuplicateSuspected) -> PaymentRequest:
    """The request with the operator's word that it is another payment.

    Raises:
        DuplicateSuspected: Nobody confirmed it. Source: behaviours 5.
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
    suspected = payments.check(session, request)
    if suspected is not None:
        call.output.remark(f"It would be asked about: {suspected}")
    shares, left, hint = payments.preview(session, request.account, request.amount, request.apply)
    balance = accounts.card(session, request.account).totals.balance - request.amount
    money = session.book.currency
    data = {
        "receipt": None, "payment": None, "amount": format_amount(request.amount, money),
        "allocated": [{"invoice": s.invoice.number, "amount": format_amount(s.amount, money)} for s in shares],
        "unapplied": format_amount(left, money), "balance": format_amount(balance, money), "repeated": False, "dry_run": True,
    }  # fmt: skip
    call.output.record(data, lambda: "\n".join(
        [f"Would apply {format_amount(s.amount, money)} to {s.invoice.number}" for s in shares]
        + [f"Would leave {format_amount(left, money)} on account", "Nothing was posted."]
    ))  # fmt: skip
    if hint:
        call.output.remark(f"The amount is exactly what is open on {hint}; give --apply {hint}=… to settle that one.")
    return 0


def _answer(call: Call, session: Session, payment: Payment) -> None:
    data = payment_data(session, payment)
    row, money = payment.row, session.book.currency
    known = "was posted before; nothing was posted again" if payment.repeated else "posted"
    allocated = ", ".join(f"{n} {format_amount(a, money)}" for n, a in payment.allocated) or "nothing open"
    call.output.record(
        data,
        lambda: (
            f"{row.receipt} {known}: {format_amount(row.amount, money)} {row.method} for {row.account}; applied to "
            f"{allocated}; on account {format_amount(payment.unapplied, money)}; balance {format_amount(payment.balance, money)}"
        ),
    )


def reverse(call: Call, session: Session) -> int:
    """Take a payment back."""
    _today_only(call, session, "A reversal")
    if call.dry_run:
        payment = payments.check_reversal(session, call.args.receipt, call.args.reason)
        call.output.record(
            {"receipt": payment.row.receipt, "reopened": [n for n, _ in payment.allocated], "dry_run": True},
            lambda: f"Would take back {payment.row.receipt} and open {', '.join(n for n, _ in payment.allocated) or 'nothing'}.",
        )
        return 0
    made = payments.reverse(
        session, call.args.receipt, call.args.reason, returned=call.args.returned, request_id=request_id(call)
    )
    money = session.book.currency
    data = {
        "receipt": made.receipt, "document": made.document, "state": made.state,
        "reopened": [{"invoice": n, "amount": format_amount(a, money)} for n, a in made.reopened],
        "fee": format_amount(made.fee, money), "balance": format_amount(made.balance, money),
    }  # fmt: skip
    call.output.record(data, lambda: f"{made.document}: {made.receipt} is {made.state}; balance {data['balance']}")
    return 0


def note(call: Call, session: Session) -> int:
    """Write a note on an account."""
    _today_only(call, session, "A note")
    if call.dry_run:
        notes.check_note(session, call.args.account, call.args.text)
    else:
        notes.add(session, call.args.account, call.args.text, request_id=request_id(call))
    call.output.record(
        {"account": call.args.account, "dry_run": call.dry_run}, lambda: "Nothing was noted." if call.dry_run else "Noted."
    )
    return 0


def call(call: Call, session: Session) -> int:
    """Record what came of a call."""
    promise = parse_date(call.args.promise_on, session.today()) if call.args.promise_on else None
    _today_only(call, session, "A call's outcome")
    words = (call.args.account, call.args.outcome, call.args.text, promise)
    if call.args.invoice and call.args.outcome != "d":
        raise InvalidInput(
            "--invoice names what is disputed: netbill call ACCOUNT d --invoice INV-000123 --text 'what is wrong'."
        )
    if call.dry_run:
        again = calls.check_outcome(session, *words, invoice=call.args.invoice)
    else:
        again = calls.outcome(session, *words, invoice=call.args.invoice, request_id=request_id(call))
    data = {"account": call.args.account, "outcome": call.args.outcome, "next_action": again.isoformat()}
    call.output.record(data, lambda: f"{'Would be noted' if call.dry_run else 'Noted'}; the account comes up again on {again}.")
    return 0


def dispute(call: Call, session: Session) -> int:
    """List disputes, raise one, answer or withdraw one."""
    args = call.args
    how = "answered" if args.answer else "withdrawn" if args.withdraw else "raised"
    reason = args.answer or args.withdraw or args.reason
    if sum(bool(w) for w in (args.answer, args.withdraw, args.reason)) > 1:
        raise InvalidInput("A dispute is raised, answered or withdrawn: give one of --reason, --answer and --withdraw.")
    if not reason:
        return _disputes(call, session)
    if not args.what:
        raise InvalidInput("Name the invoice: netbill dispute INV-000123 --reason 'what is wrong'.")
    _today_only(call, session, "A dispute")
    if how == "raised":
        number = disputes.start(session, args.what, reason, dry_run=call.dry_run, request_id=request_id(call))
    else:
        number = disputes.end(session, args.what, how, reason, dry_run=call.dry_run, request_id=request_id(call))
    data = {"invoice": number, "state": how, "dry_run": call.dry_run}
    call.output.record(data, lambda: f"The dispute of {number} {'would be' if call.dry_run else 'is'} {how}.")
    return 0


def _disputes(call: Call, session: Session) -> int:
    rows = [
        {"invoice": d.number, "account": d.account, "name": d.name or None, "raised": d.raised, "days": d.days,
         "open": format_amount(d.open, session.book.currency), "reason": d.reason}
        for d in disputes.listed(session, call.args.what or "")
    ]  # fmt: skip
    columns: list[Column] = [
        ("invoice", "Invoice", 14, False), ("account", "Account", 10, False), ("name", "Customer", 16, False),
        ("raised", "Raised", 0, False), ("days", "Days", 0, True), ("open", "Open", 0, True), ("reason", "Reason", 24, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="Nothing is disputed.", keys="invoice account name raised days open reason")
    return 0


def pin(call: Call, session: Session) -> int:
    """Let a note stand above the others."""
    notes.check_pin(session, call.args.account, call.args.note)
    if not call.dry_run:
        notes.pin(session, call.args.account, call.args.note, on=not call.args.off)
    data = {"account": call.args.account, "note": call.args.note, "pinned": not call.args.off, "dry_run": call.dry_run}
    call.output.record(data, lambda: "Nothing was changed." if call.dry_run else "Done.")
    return 0


def new_customer(call: Call, session: Session) -> int:
    """Store a new customer."""
    from netbill_tui.usecases.customers import changes

    fields = {**_fields(call), "name": call.args.name, "account": call.args.account}
    if call.dry_run:
        changes.check_new(session, fields)
        call.output.record({"account": None, "dry_run": True}, lambda: "The customer can be stored; nothing was stored.")
        return 0
    made = changes.create(session, fields)
    call.output.record({"account": made.account, "name": made.name}, lambda: f"{made.account} {made.name} was stored.")
    return 0


def change_customer(call: Call, session: Session) -> int:
    """Change what is known of a customer."""
    from netbill_tui.usecases.customers import changes

    fields, end = _fields(call), bool(call.args.end_services)
    if end and fields.get("status", "").strip().lower() != "closed":
        raise InvalidInput(
            "--end-services goes with closing: netbill change-customer ACCOUNT --set status=closed --end-services."
        )
    if call.dry_run:
        customer = changes.check_change(session, call.args.account, fields, end_services=end)
    else:
        customer = changes.change(session, call.args.account, fields, end_services=end)
    account = customer.account
    data = {"account": account, "changed": sorted(fields), "dry_run": call.dry_run}
    verb = "were" if len(fields) > 1 else "was"
    said = f"{account}: {', '.join(sorted(fields))} {'would be' if call.dry_run else verb} changed."
    if fields.get("status", "").strip().lower() == "closed":
        said = "\n".join([said, *with_account.told(session, customer)])
    call.output.record(data, lambda: said)
    return 0


def _fields(call: Call) -> dict[str, str]:
    """FIELD=VALUE from the options, and of private fields from stdin: the list of processes shows arguments to everybody."""
    from netbill_tui.usecases.customers.changes import SECRET

    secret = [name for name, _ in SECRET]
    given = [(text, "--set") for text in call.args.set]
    if call.args.private:
        given += [(line.rstrip("\n"), "stdin") for line in sys.stdin if line.strip()]
    fields = {}
    for text, where in given:
        name, sign, value = text.partition("=")
        if not sign:
            shown = repr(visible(text)[:40]) if where == "--set" else "A line of stdin"
            raise InvalidInput(f"{shown} is not FIELD=VALUE; type it as plan=DSL.")
        if name in secret and where == "--set":
            raise InvalidInput(f"{name} is private and everybody can see arguments; give --private and type it on stdin.")
        fields[name] = value
    return fields
