"""Commands that look: find, customer, statement, dues, overdue, ageing, payments, receipt."""

from collections.abc import Sequence

from netbill_tui.billing.ageing import BUCKET_NAMES
from netbill_tui.billing.dates import parse_date
from netbill_tui.billing.money import format_amount
from netbill_tui.cli.main import Call
from netbill_tui.cli.output import Column
from netbill_tui.errors import InvalidInput
from netbill_tui.services.session import Session


def _money(session: Session, minor: int) -> str:
    return format_amount(minor, session.book.currency)


def _sign_in_softly(call: Call, session: Session) -> bool:
    """Sign in where that needs no question; False leaves phones and e-mails unsearched."""
    from netbill_tui.bootstrap import can_unlock_silently

    if not can_unlock_silently(session, call.settings):
        return False
    session.sign_in_if_needed()
    return True


def find(call: Call, session: Session) -> int:
    """One search over everything."""
    from netbill_tui.services import finding

    text = " ".join(call.args.words)
    if call.args.scope not in finding.SCOPES:
        raise InvalidInput(f"--scope is {call.args.scope!r}; type one of {', '.join(finding.SCOPES)}.")
    hits = finding.find(session, text, scope=call.args.scope)
    if not any(h.exact for h in hits) and finding.wants_contacts(session, text):
        if _sign_in_softly(call, session):
            hits = finding.find(session, text, scope=call.args.scope)
        else:
            call.output.remark("Phones and e-mails were not searched: give --operator and --password-file.")
    rows = [
        {"type": h.type, "id": h.id, "account": h.account, "name": h.name or None, "date": h.date,
         "amount": _money(session, h.amount), "reference": h.reference or None, "state": h.state}
        for h in hits
    ]  # fmt: skip
    columns: list[Column] = [
        ("type", "Type", 0, False), ("id", "Number", 16, False), ("account", "Account", 14, False),
        ("name", "Name", 24, False), ("date", "Date", 0, False), ("amount", "Amount", 0, True),
        ("reference", "Reference", 20, False), ("state", "State", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty=f"Nothing matches {text!r}.")
    return 0 if hits else 4


def customer(call: Call, session: Session) -> int:
    """The account card."""
    from netbill_tui.services import customers

    if call.args.check_pin:
        return _check_pin(call, session)
    card = customers.card(session, call.args.account)
    one, totals = card.customer, card.totals
    last = None
    if card.last_payment:
        p = card.last_payment
        last = {"receipt": p.receipt, "date": p.received_on, "method": p.method, "amount": _money(session, p.amount),
                "reference": p.reference or None, "state": p.state}  # fmt: skip
    data: dict[str, object] = {
        "account": one.account, "name": one.name or None, "kind": one.kind, "status": one.status, "since": one.since,
        "plan": one.plan or None, "town": one.town or None, "balance": _money(session, totals.balance),
        "overdue": _money(session, totals.overdue), "credit": _money(session, totals.credit),
        "disputed": _money(session, card.disputed), "oldest_days": card.oldest_days, "last_payment": last,
        "next_action": totals.next_action_on, "notes": card.notes, "fault": card.fault or None,
    }  # fmt: skip
    if call.args.contact or call.args.reveal:
        from netbill_tui.services import profiles
    if call.args.contact:
        shown = profiles.show_contact(session, one.account)
        data["contact"] = [{"kind": kind, "value": value} for kind, value in shown]
    if call.args.reveal:
        data[call.args.reveal] = profiles.reveal(session, one.account, call.args.reveal, call.args.reason)
    call.output.record(data, lambda: _card_text(data))
    return 1 if card.fault else 0


def _check_pin(call: Call, session: Session) -> int:
    import getpass
    import sys

    from netbill_tui.services import profiles

    said = getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline()
    matches = profiles.pin_matches(session, call.args.account, said)
    call.output.record({"account": call.args.account, "match": matches}, lambda: "match" if matches else "no match")
    return 0 if matches else 1


def _card_text(data: dict[str, object]) -> str:
    lines = []
    for key, value in data.items():
        if isinstance(value, dict):
            value = "  ".join(str(v) for v in value.values() if v)
        if isinstance(value, list):
            value = "  ".join(f"{v['kind']} {v['value']}" for v in value)
        if value not in (None, ""):
            lines.append(f"{key.replace('_', ' '):<14}{value}")
    return "\n".join(lines)


def statement(call: Call, session: Session) -> int:
    """Opening, entries with running balance, closing."""
    from netbill_tui.documents.statement import statement_text
    from netbill_tui.services import customers

    first, last = _span(call, session)
    made = customers.statement(session, call.args.account, first, last)
    entries = [
        {"date": e.date, "document": e.document, "text": e.text, "debit": _money(session, e.amount) if e.amount > 0 else None,
         "credit": _money(session, -e.amount) if e.amount <= 0 else None, "balance": _money(session, e.balance)}
        for e in made.entries
    ]  # fmt: skip
    if call.output.form == "csv":
        call.output.rows(entries, [], empty="")
        return 0
    data = {"opening": _money(session, made.opening), "entries": entries, "closing": _money(session, made.closing)}
    book = session.book
    call.output.record(data, lambda: statement_text(made, book.company, book.currency, demo=book.demo))
    return 0


def _span(call: Call, session: Session) -> tuple[str | None, str | None]:
    today = session.date()
    first, last = call.args.first, call.args.last
    return (
        parse_date(first, today).isoformat() if first else None,
        parse_date(last, today).isoformat() if last else None,
    )


def dues(call: Call, session: Session) -> int:
    """Open invoices, of one account or of all."""
    from netbill_tui.services import customers
    from netbill_tui.services import dues as service

    within = call.args.due_within
    if within is not None and not 0 <= within <= 3660:
        raise InvalidInput(f"--due-within is {within}; type a number of days from 0 to 3660.")
    span = service.ALL if within is None else service.within(session, within)
    if call.args.account:
        first, last = span
        found = [d for d in customers.dues_of(session, call.args.account) if first <= d.due <= last]
    else:
        found = service.every(session, span)
    rows = [
        {"number": d.number, "account": d.account, "name": d.name or None, "issued": d.issued, "due": d.due,
         "total": _money(session, d.total), "open": _money(session, d.open), "days": d.days, "state": d.state}
        for d in found
    ]  # fmt: skip
    columns: list[Column] = [
        ("number", "Invoice", 16, False), ("account", "Account", 14, False), ("name", "Name", 22, False),
        ("due", "Due", 0, False), ("total", "Total", 0, True), ("open", "Open", 0, True), ("days", "Days", 0, True),
        ("state", "State", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="Nothing is open.")
    return 0


def overdue(call: Call, session: Session) -> int:
    """The overdue queue, by account."""
    from netbill_tui.services import overdue as service

    args = call.args
    if args.sort not in service.SORTS:
        raise InvalidInput(f"--sort is {args.sort!r}; type one of {', '.join(service.SORTS)}.")
    if args.bucket is not None and args.bucket not in BUCKET_NAMES:
        raise InvalidInput(f"--bucket is {args.bucket!r}; type one of {', '.join(BUCKET_NAMES[1:])}.")
    if args.limit is not None and args.limit < 1:
        raise InvalidInput(f"--limit is {args.limit}; type a number from 1.")
    found = service.queue(session, sort=args.sort, bucket=args.bucket, work=args.work, limit=args.limit)
    rows = [
        {"account": r.account, "name": r.name or None, "days": r.days, "overdue": _money(session, r.overdue),
         "bucket": r.bucket, "invoices": r.invoices, "stage": r.stage, "promise": r.promise_on,
         "last_contact": r.last_contact_on}
        for r in found
    ]  # fmt: skip
    columns: list[Column] = [
        ("account", "Account", 14, False), ("name", "Name", 26, False), ("days", "Days", 0, True),
        ("overdue", "Overdue", 0, True), ("invoices", "Inv", 0, True), ("stage", "Stage", 0, False),
        ("promise", "Promise", 0, False), ("last_contact", "Contact", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="Nobody is overdue.")
    return 0


def ageing(call: Call, session: Session) -> int:
    """What is open by how long it is past due."""
    from netbill_tui.services.ageing import ageing as service

    made = service(session)
    buckets = [{"bucket": b, "invoices": n, "amount": _money(session, amount)} for b, (n, amount) in made.buckets.items()]
    data = {"as_of": made.as_of, "currency": session.book.currency, "buckets": buckets,
            "unapplied": _money(session, made.unapplied), "total": _money(session, made.total)}  # fmt: skip
    if call.output.form == "csv":
        call.output.rows(buckets, [], empty="")
        return 0

    def text() -> str:
        lines = [f"Ageing as of {made.as_of}, {session.book.currency}"]
        lines += [f"{b['bucket']:<10}{b['invoices']:>8}{b['amount']:>16}" for b in buckets]
        return "\n".join([*lines, f"{'unapplied':<18}{data['unapplied']:>16}", f"{'total':<18}{data['total']:>16}"])

    call.output.record(data, text)
    return 0


def payments(call: Call, session: Session) -> int:
    """Payments in a span; the last 30 days when none is given."""
    from datetime import timedelta

    from netbill_tui.billing.payments import parse_method
    from netbill_tui.services import payments as service
    from netbill_tui.services.paging import FIRST, Page

    first, last = _span(call, session)
    last = last or session.date().isoformat()
    first = first or (parse_date(last, session.date()) - timedelta(days=30)).isoformat()
    if first > last:
        raise InvalidInput(f"The span would end on {last}, before it begins on {first}; turn the dates round.")
    method = parse_method(call.args.method) if call.args.method else ""
    found, which = [], FIRST
    while part := service.in_span(session, first, last, method, which):
        found += part
        which = Page(after=(part[-1].date, part[-1].id))
    rows = [
        {"receipt": p.receipt, "account": p.account, "name": p.name or None, "date": p.date, "method": p.method,
         "reference": p.reference or None, "amount": _money(session, p.amount), "state": p.state}
        for p in found
    ]  # fmt: skip
    call.output.rows(rows, payment_columns(), empty=f"No payment was received from {first} to {last}.")
    return 0


def payment_columns() -> Sequence[Column]:
    """The columns of a list of payments."""
    return [
        ("date", "Date", 0, False), ("receipt", "Receipt", 12, False), ("account", "Account", 14, False),
        ("name", "Name", 20, False), ("method", "Method", 0, False), ("reference", "Reference", 16, False),
        ("amount", "Amount", 0, True), ("state", "State", 0, False),
    ]  # fmt: skip


def receipt(call: Call, session: Session) -> int:
    """A receipt as text or data; it says COPY, because the first one was given when the money came."""
    from netbill_tui.documents.receipt import receipt_text
    from netbill_tui.services import payments as service

    payment = service.find_payment(session, call.args.receipt)
    book = session.book
    data = payment_data(session, payment)
    call.output.record(data, lambda: receipt_text(payment, book.company, book.currency, copy=True, demo=book.demo))
    return 0


def payment_data(session: Session, payment: object) -> dict[str, object]:
    """A payment as JSON."""
    from uuid import UUID

    from netbill_tui.billing.payments import Payment

    assert isinstance(payment, Payment)
    row = payment.row
    return {
        "receipt": row.receipt, "payment": str(UUID(bytes=payment.uid)), "account": row.account, "name": row.name or None,
        "date": row.date, "method": row.method, "reference": row.reference or None, "amount": _money(session, row.amount),
        "state": row.state,
        "allocated": [{"invoice": n, "amount": _money(session, a)} for n, a in payment.allocated],
        "unapplied": _money(session, payment.unapplied), "balance": _money(session, payment.balance),
        "repeated": payment.repeated,
    }  # fmt: skip
