"""Commands that look: find, customer, statement, the lists, ageing, receipt, invoice."""

from typing import TYPE_CHECKING

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.ageing import BUCKET_NAMES
from netbill_tui.cli import shapes
from netbill_tui.cli.call import Call
from netbill_tui.cli.output import Column
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    from netbill_tui.billing.lookup.filters import Filter


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
    from netbill_tui.usecases.lookup import search

    text = " ".join(call.args.words)
    if call.args.scope not in search.SCOPES:
        raise InvalidInput(f"--scope is {call.args.scope!r}; type one of {', '.join(search.SCOPES)}.")
    found = search.search(session, text, scope=call.args.scope)
    if not any(h.exact for h in found.hits) and search.wants_contacts(session, text):
        if _sign_in_softly(call, session):
            found = search.search(session, text, scope=call.args.scope)
        else:
            call.output.remark("Phones and e-mails were not searched: give --operator and --password-file.")
    rows = [
        {"type": h.type, "id": h.id, "account": h.account, "name": h.name or None, "date": h.date,
         "amount": None if h.type in search.WITHOUT_AMOUNT else _money(session, h.amount),
         "reference": h.reference or None, "state": h.state}
        for h in found.hits
    ]  # fmt: skip
    columns: list[Column] = [
        ("type", "Type", 0, False), ("id", "Number", 16, False), ("account", "Account", 14, False),
        ("name", "Name", 24, False), ("date", "Date", 0, False), ("amount", "Amount", 0, True),
        ("reference", "Reference", 20, False), ("state", "State", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty=f"Nothing matches {text!r}.", keys="type id account name date amount reference state")
    if found.total > len(found.hits):
        call.output.remark(f"This is the {found.told()}; type more of it to see fewer.")
    return 0 if found.hits else 4


def customer(call: Call, session: Session) -> int:
    """The account card."""
    from netbill_tui.usecases.customers import accounts as customers
    from netbill_tui.usecases.customers import tags

    if call.args.check:
        return _check_caller(call, session)
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
        "tags": tags.tags_of(session, one.account),
    }  # fmt: skip
    if call.args.notes:
        from netbill_tui.usecases.customers import notes

        data["notes"] = [
            {"note": n.id, "date": n.date, "by": n.operator, "outcome": n.outcome or None, "text": n.text, "pinned": n.pinned}
            for n in notes.of_customer(session, one.account)
        ]
    if call.args.contact or call.args.reveal:
        from netbill_tui.usecases.customers import profiles
    if call.args.contact:
        shown = profiles.show_contact(session, one.account)
        data["contact"] = [{"kind": kind, "value": value} for kind, value in shown]
    if call.args.reveal:
        data[call.args.reveal] = profiles.reveal(session, one.account, call.args.reveal, call.args.reason)
    call.output.record(data, lambda: _card_text(data))
    return 1 if card.fault else 0


def _check_caller(call: Call, session: Session) -> int:
    import getpass
    import sys

    from netbill_tui.usecases.customers import profiles

    if call.no_input and sys.stdin.isatty():
        raise InvalidInput("What the caller says is asked on the terminal or read from stdin; leave --no-input out.")
    said = getpass.getpass("The caller says: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not said.strip():
        raise InvalidInput("Type what the caller says.")
    matches = profiles.caller_matches(session, call.args.account, call.args.check, said)
    call.output.record({"account": call.args.account, "match": matches}, lambda: "match" if matches else "no match")
    return 0 if matches else 1


def _card_text(data: dict[str, object]) -> str:
    lines = []
    for key, value in data.items():
        if isinstance(value, dict):
            value = "  ".join(str(v) for v in value.values() if v)
        if isinstance(value, list):
            value = "\n              ".join(_listed(v) for v in value)
        if value not in (None, ""):
            lines.append(f"{key.replace('_', ' '):<14}{value}")
    return "\n".join(lines)


def _listed(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['kind']} {value['value']}" if "kind" in value else " ".join(str(v) for v in value.values() if v)
    return str(value)


def statement(call: Call, session: Session) -> int:
    """Opening, entries with running balance, closing."""
    from netbill_tui.documents.statement import statement_text
    from netbill_tui.usecases.customers import accounts as customers
    from netbill_tui.usecases.receivables.documents import seller

    first, last = _span(call, session)
    made = customers.statement(session, call.args.account, first, last)
    entries = [
        {"date": e.date, "document": e.document, "text": e.text, "debit": _money(session, e.amount) if e.amount > 0 else None,
         "credit": _money(session, -e.amount) if e.amount <= 0 else None, "balance": _money(session, e.balance)}
        for e in made.entries
    ]  # fmt: skip
    if call.output.form == "csv":
        call.output.rows(entries, [], empty="", keys="date document text debit credit balance")
        return 0
    data = {"opening": _money(session, made.opening), "entries": entries, "closing": _money(session, made.closing)}
    book = session.book
    aged = customers.aged(session, call.args.account, made.last)

    def text() -> str:
        return statement_text(made, seller(session).name, book.currency, aged=aged, demo=book.demo)

    if call.args.pdf:
        from netbill_tui.cli.invoices import write_file
        from netbill_tui.documents.pdf import statement_pdf

        content = statement_pdf(made, seller(session), book.currency, aged=aged, demo=book.demo)
        return write_file(call, session, call.args.pdf, content)
    call.output.record(data, text)
    return 0


def _span(call: Call, session: Session) -> tuple[str | None, str | None]:
    today = session.date()
    first, last = call.args.first, call.args.last
    return (
        parse_date(first, today).isoformat() if first else None,
        parse_date(last, today).isoformat() if last else None,
    )


def _chosen(call: Call, session: Session, name: str, *terms: str) -> "Filter":
    """The filter of a list command: its view, its own options and what was typed, all of which must hold."""
    from netbill_tui.usecases.lookup import lists, views

    if call.args.limit is not None and call.args.limit < 1:
        raise InvalidInput(f"--limit is {call.args.limit}; type a number from 1.")
    saved = ""
    if call.args.view:
        saved = views.view(session, name, call.args.view).words
    return lists.read_filter(session, name, " ".join(t for t in (saved, *terms, call.args.filter) if t))


def dues(call: Call, session: Session) -> int:
    """Open invoices, of one account or of all."""
    from netbill_tui.usecases.customers import accounts as customers
    from netbill_tui.usecases.lookup import lists
    from netbill_tui.usecases.receivables import dues as service

    within, terms = call.args.due_within, ""
    if within is not None and not 0 <= within <= 3660:
        raise InvalidInput(f"--due-within is {within}; type a number of days from 0 to 3660.")
    if within is not None:
        first, last = service.within(session, within)
        terms = f"due>={first} due<={last}"
    account = customers.find_customer(session, call.args.account).account if call.args.account else None
    if account is not None:
        terms += f' acc:"{account}"'
    chosen = _chosen(call, session, "dues", terms)
    rows = lists.every(session, "dues", chosen, None if account else call.args.limit)
    if account is not None:
        # The filter takes small and capital letters alike; the command named one account.
        rows = [r for r in rows if r.account == account][: call.args.limit]
    data = [shapes.due(session.book.currency, r) for r in rows]
    call.output.rows(data, shapes.DUES, empty="Nothing is open.", keys="number account name issued due total open days state")
    return 0


def overdue(call: Call, session: Session) -> int:
    """The overdue queue, by account."""
    from netbill_tui.usecases.collections import work_list
    from netbill_tui.usecases.lookup import lists
    from netbill_tui.usecases.receivables import overdue as service

    args = call.args
    if args.sort is not None and args.sort not in service.SORTS:
        raise InvalidInput(f"--sort is {args.sort!r}; type one of {', '.join(service.SORTS)}.")
    if args.bucket is not None and args.bucket not in BUCKET_NAMES:
        raise InvalidInput(f"--bucket is {args.bucket!r}; type one of {', '.join(BUCKET_NAMES[1:])}.")
    chosen = _chosen(call, session, "overdue", service.bucket_terms(args.bucket), f"sort:-{args.sort}" if args.sort else "")
    if args.work and chosen.sort:
        raise InvalidInput("The work list has an order of its own; leave the sort out, or --work.")
    found = work_list.work(session, chosen, args.limit) if args.work else lists.every(session, "overdue", chosen, args.limit)
    call.output.rows(
        [shapes.overdue(session.book.currency, r) for r in found],
        shapes.OVERDUE,
        empty="Nobody is overdue.",
        keys="account name days overdue bucket invoices stage promise last_contact",
    )
    return 0


def customers(call: Call, session: Session) -> int:
    """The list of customers."""
    from netbill_tui.usecases.lookup import lists

    found = lists.every(session, "customers", _chosen(call, session, "customers"), call.args.limit)
    data = [shapes.customer(session.book.currency, r, lists.oldest_days(session, r)) for r in found]
    call.output.rows(
        data,
        shapes.CUSTOMERS,
        empty="No customer is like that.",
        keys="account name status kind plan town balance overdue days last_contact credit",
    )
    return 0


def ageing(call: Call, session: Session) -> int:
    """What is open by how long it is past due."""
    from netbill_tui.usecases.receivables.ageing import ageing as service

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
    """Payments in a span; the last 30 days when no span and no filter is given."""
    from datetime import timedelta

    from netbill_tui.billing.receivables.payments import parse_method
    from netbill_tui.usecases.lookup import lists

    first, last = _span(call, session)
    if not (first or last or call.args.filter or call.args.view):
        last = session.date().isoformat()
    if last and not first:
        first = (parse_date(last, session.date()) - timedelta(days=30)).isoformat()
    if first and last and first > last:
        raise InvalidInput(f"The span would end on {last}, before it begins on {first}; turn the dates round.")
    method = f"method:{parse_method(call.args.method)}" if call.args.method else ""
    terms = (f"date>={first}" if first else "", f"date<={last}" if last else "", method)
    found = lists.every(session, "payments", _chosen(call, session, "payments", *terms), call.args.limit)
    rows = [shapes.payment(session.book.currency, p) for p in found]
    empty = f"No payment was received from {first} to {last}." if first and last else "No payment is like that."
    call.output.rows(rows, shapes.PAYMENTS, empty=empty, keys="receipt account name date method reference amount state")
    return 0


def receipt(call: Call, session: Session) -> int:
    """A receipt as text or data; it says COPY, because the first one was given when the money came."""
    from netbill_tui.documents.receipt import receipt_text
    from netbill_tui.usecases.receivables import payments as service

    payment = service.find_payment(session, call.args.receipt)
    book = session.book
    data = payment_data(session, payment)
    printed, company = service.as_printed(session, payment)
    call.output.record(data, lambda: receipt_text(printed, company, book.currency, copy=True, demo=book.demo))
    return 0


def payment_data(session: Session, payment: object) -> dict[str, object]:
    """A payment as JSON."""
    from uuid import UUID

    from netbill_tui.billing.receivables.payments import Payment

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
