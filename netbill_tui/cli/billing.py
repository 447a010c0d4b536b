"""Commands of billing: bill, service, charge, discount, exempt, credit, quote."""

import sys
from collections.abc import Sequence

from netbill_tui.billing.dates import parse_date
from netbill_tui.billing.invoicing import Bill
from netbill_tui.billing.money import format_amount, parse_amount
from netbill_tui.cli.catalogue import given
from netbill_tui.cli.main import Call
from netbill_tui.cli.output import Column, progress
from netbill_tui.db.services import ServiceRow
from netbill_tui.errors import InvalidInput
from netbill_tui.services import billing_run, charges, credit_notes, subscriptions, undoing
from netbill_tui.services.billing_run import Preview
from netbill_tui.services.session import Session

_EVENTS = ("change", "price", "pause", "resume", "suspend", "restore", "end", "anchor")


def _money(session: Session, minor: int | None) -> str | None:
    return None if minor is None else format_amount(minor, session.book.currency)


# The run.


def bill(call: Call, session: Session) -> int:
    """The billing run for a date; or its runs, parked customers and drafts."""
    args = call.args
    for name, does in (("runs", _runs), ("parked", _parked), ("drafts", _drafts)):
        if getattr(args, name):
            return does(call, session)
    if args.undo:
        return _undo(call, session)
    if args.confirm or args.throw:
        return _decide(call, session)
    as_of = session.date()
    if call.dry_run:
        made = billing_run.preview(session, as_of, catch_up=args.catch_up or "", on_progress=progress("Planning", call.output))
    elif args.account:
        made = billing_run.bill_one(session, args.account, as_of, catch_up=args.catch_up or "")
    else:
        made = _run(call, session)
    data = run_data(session, made)
    data["dry_run"] = call.dry_run
    call.output.record(data, lambda: _run_text(session, made, call.dry_run))
    for account, reason in made.parked:
        call.output.remark(f"{account} was left out: {reason}")
    return 3 if made.parked else 0


def _run(call: Call, session: Session) -> Preview:
    args = call.args
    catch_up = args.catch_up or ""
    if not catch_up and not call.yes and not call.no_input and sys.stdin.isatty() and sys.stderr.isatty():
        ahead = billing_run.preview(session, session.date(), on_progress=progress("Planning", call.output))
        late = [reason for _, reason in ahead.parked if "whole periods are missing" in reason]
        if late:
            print(f"{len(late)} customers miss more than one period.", file=sys.stderr)
            try:
                catch_up = input(
                    "Bill all of them, the latest only, or skip them (all, latest, skip; Enter leaves them out)? "
                ).strip()
            except EOFError:
                catch_up = ""
            billing_run.check_catch_up(catch_up)
    return billing_run.issue(session, session.date(), catch_up=catch_up, on_progress=progress("Billing", call.output))


def run_data(session: Session, made: Preview) -> dict[str, object]:
    """What a run did or would do, as JSON."""
    return {
        "as_of": made.as_of.isoformat(), "issued": made.issued, "credits": made.credits, "already": made.already,
        "parked": [{"account": a, "reason": r} for a, r in made.parked], "lines": made.lines, "net": _money(session, made.net),
        "tax": _money(session, made.tax), "total": _money(session, made.total), "run": made.run or None, "waiting": made.waiting,
        "exceptions": [
            {"account": e.account, "name": e.name or None, "kind": e.kind, "detail": e.detail, "net": _money(session, e.net)}
            for e in made.exceptions
        ],
        "counts": made.counts,
        "last": None if made.last is None else {
            "run": made.last.number, "as_of": made.last.as_of, "issued": made.last.invoices, "total": _money(session,
            made.last.total)
        },
    }  # fmt: skip


def _run_text(session: Session, made: Preview, dry: bool) -> str:
    verb = "Would issue" if dry else "Issued"
    lines = [
        f"{verb} {made.issued:,} invoices and {made.credits:,} credit notes as of {made.as_of}"
        + (f" ({made.run})" if made.run else ""),
        f"  {made.lines:,} lines, net {_money(session, made.net)}, tax {_money(session, made.tax)}, total "
        f"{_money(session, made.total)} {session.book.currency}; {made.already:,} customers are billed already",
    ]
    if made.waiting:
        lines.append(f"  {made.waiting:,} wait as drafts; netbill bill --drafts lists them")
    if made.last is not None:
        last = made.last
        lines.append(f"  last run {last.number} of {last.as_of}: {last.invoices:,} invoices, total {_money(session, last.total)}")
    for kind, count in made.counts.items():
        lines.append(f"  {count:,} {kind}")
        lines += [f"    {e.account:<14} {e.detail}" for e in made.exceptions if e.kind == kind][:10]
    if made.parked:
        lines.append(f"  {len(made.parked):,} left out")
    return "\n".join(lines)


def _runs(call: Call, session: Session) -> int:
    rows = [
        {"run": r.number, "as_of": r.as_of, "kind": r.kind, "state": r.state, "undoes": r.undoes or None, "issued": r.invoices,
         "credits": r.credits, "net": _money(session, r.net), "tax": _money(session, r.tax), "parked": r.parked, "by": r.operator}
        for r in billing_run.runs(session)
    ]  # fmt: skip
    columns: list[Column] = [
        ("run", "Run", 0, False), ("as_of", "As of", 0, False), ("kind", "Kind", 0, False), ("state", "State", 0, False),
        ("issued", "Issued", 0, True), ("credits", "Credits", 0, True), ("net", "Net", 0, True), ("tax", "Tax", 0, True),
        ("parked", "Parked", 0, True), ("by", "By", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="Nothing was billed yet; netbill bill --dry-run shows what would be.")
    return 0


def _parked(call: Call, session: Session) -> int:
    rows = [{"account": p.account, "name": p.name or None, "as_of": p.as_of, "reason": p.reason, "run": p.run}
            for p in billing_run.parked(session)]  # fmt: skip
    columns: list[Column] = [
        ("account", "Account", 14, False), ("name", "Name", 20, False), ("as_of", "As of", 0, False), ("reason", "Reason", 70,
        False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="Nobody is parked.")
    return 0


def _drafts(call: Call, session: Session) -> int:
    rows = [
        {"account": d.account, "name": d.name or None, "bill_date": d.bill_date, "posts_on": d.posts_on, "net": _money(session,
        d.net),
         "tax": _money(session, d.tax), "state": d.state}
        for d in billing_run.drafts(session)
    ]  # fmt: skip
    columns: list[Column] = [
        ("account", "Account", 14, False), ("name", "Name", 20, False), ("bill_date", "Bill date", 0, False),
        ("posts_on", "Issued on", 0, False), ("net", "Net", 0, True), ("tax", "Tax", 0, True), ("state", "State", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="No invoice waits.")
    return 0


def _decide(call: Call, session: Session) -> int:
    args = call.args
    if not args.account:
        raise InvalidInput("Name the account whose draft is meant: netbill bill ACCOUNT --confirm BILL-DATE.")
    day = parse_date(args.confirm or args.throw, session.today()).isoformat()
    if not call.dry_run:
        billing_run.decide_draft(session, args.account, day, confirm=bool(args.confirm))
    said = "will be issued by the next run" if args.confirm else "waits its days again"
    call.output.record({"account": args.account, "bill_date": day, "confirmed": bool(args.confirm)}, lambda: f"The draft {said}.")
    return 0


def _undo(call: Call, session: Session) -> int:
    args = call.args
    number, plus, minus = undoing.check_undo(session, args.undo)
    if call.dry_run:
        call.output.record(
            {"run": number, "invoices": len(plus), "credit_notes": len(minus), "dry_run": True},
            lambda: f"Would take back {len(plus)} invoices and {len(minus)} credit notes of {number}.",
        )
        return 0
    if not call.yes:
        if call.no_input or not sys.stdin.isatty():
            raise InvalidInput(f"Undoing {number} writes {len(plus)} credit notes; give --yes to do it.")
        print(f"{number}: {len(plus)} invoices and {len(minus)} credit notes would be taken back.", file=sys.stderr)
        try:
            typed = input(f"Type {number} to do it: ")
        except EOFError:
            typed = ""
        if typed.strip().upper() != number:
            raise InvalidInput("Nothing was undone.")
    done = undoing.undo(session, number, args.reason, on_progress=progress("Undoing", call.output))
    data = {"run": done.run, "undoes": done.undoes, "credits": done.credits, "invoices": done.invoices,
            "total": _money(session, done.total)}  # fmt: skip
    call.output.record(data, lambda: f"{done.undoes} is undone by {done.credits} credit notes, {_money(session, done.total)}.")
    return 0


# Services.


def service_data(session: Session, account: str, row: ServiceRow) -> dict[str, object]:
    """A service as JSON."""
    own = None
    if row.own.kind:
        own = _money(session, int(row.own.value)) if row.own.kind == "fixed" else f"{row.own.value}%"
    return {
        "service": row.service.id, "account": account, "code": row.code, "quantity": row.quantity, "parts": row.parts.split(),
        "status": row.status, "start": row.service.start.isoformat(), "ends": row.ends_on, "cycle": row.service.cycle.code,
        "anchor": row.service.anchor, "mode": row.service.mode, "own_price": own, "billed_through": row.covered,
        "next_bill": row.next_on,
    }  # fmt: skip


def service(call: Call, session: Session) -> int:
    """Services of an account: list, add; of one service: what happens to it."""
    args = call.args
    if args.history:
        return _history(call, session)
    if args.take_back:
        service_id, event_id = (_number(w) for w in args.take_back)
        gone = subscriptions.take_back(session, service_id, event_id, args.reason or "")
        call.output.record(
            {"service": service_id, "taken_back": gone.kind}, lambda: f"The {gone.kind} of {gone.on} is taken back."
        )
        return 0
    if args.what in _EVENTS:
        return _happen(call, session)
    if args.what is None:
        raise InvalidInput("Name an account: netbill service ACCOUNT; or an event: netbill service end 12 --on 2026-12-01.")
    fields = given(
        call, "code", "quantity", "start", "end", "cycle", "anchor", "mode", "price", "percent", "price_until", "reason", "parts",
        "address", "billed_through",
    )  # fmt: skip
    if "code" in fields:
        return _add(call, session, fields)
    if fields:
        raise InvalidInput("A new service needs its code: --code INT-100; an event is netbill service change 12 --code INT-250.")
    if args.next:
        plan = subscriptions.next_bill(session, args.what)
        return _show_bills(call, session, plan.bills, f"{args.what}: no invoice is to come.")
    rows = [service_data(session, args.what, r) for r in subscriptions.of_account(session, args.what)]
    columns: list[Column] = [
        ("service", "No", 0, True), ("code", "Code", 16, False), ("quantity", "Qty", 0, True), ("status", "Status", 0, False),
        ("start", "Start", 0, False), ("ends", "Ends", 0, False), ("cycle", "Cycle", 0, False), ("anchor", "Day", 0, True),
        ("own_price", "Own price", 0, True), ("billed_through", "Billed to", 0, False), ("next_bill", "Next bill", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="No service yet; add one: netbill service ACCOUNT --code INT-100.")
    return 0


def _number(text: object) -> int:
    typed = str(text).strip()
    if not typed.isascii() or not typed.isdigit() or len(typed) > 18:
        raise InvalidInput(f"{typed[:20]!r} is no number of a service; netbill service ACCOUNT shows them.")
    return int(typed)


def _add(call: Call, session: Session, fields: dict[str, str]) -> int:
    row = subscriptions.add(session, call.args.what, fields, dry_run=call.dry_run)
    if row is None:
        new = subscriptions.read_new(session, call.args.what, fields)
        from netbill_tui.services import catalogue

        plan = subscriptions.estimate_of(
            session, [new], subscriptions.account_of(session, call.args.what), catalogue.load(session)
        )  # fmt: skip
        return _show_bills(call, session, plan.bills, "It would never be billed.")
    data = service_data(session, call.args.what, row)
    call.output.record(data, lambda: f"Service {row.service.id} {row.code} from {row.service.start}, billed on {row.next_on}.")
    return 0


def _happen(call: Call, session: Session) -> int:
    args = call.args
    fields = given(call, "on", "reason", "code", "quantity", "parts", "price", "percent", "until", "anchor", "policy")
    event, row = subscriptions.happen(session, _number(args.number), args.what, fields, dry_run=call.dry_run)
    account, _ = subscriptions.one(session, row.service.id)
    data = {**service_data(session, account, row), "event": args.what, "on": event.on.isoformat(), "dry_run": call.dry_run}
    said = "would" if call.dry_run else "will"
    call.output.record(data, lambda: f"Service {row.service.id} of {account}: {args.what} {said} count from {event.on}.")
    return 0


def _history(call: Call, session: Session) -> int:
    found = subscriptions.history(session, _number(call.args.history))
    gone = {e.event.number for e in found if e.event.kind == "void"}
    rows = [
        {"event": e.event.id, "on": e.event.on.isoformat(), "kind": e.event.kind, "code": e.event.code or None,
         "quantity": e.event.quantity, "own_price": e.event.own.value or None, "until": str(e.event.until or "") or None,
         "reason": e.event.reason or None, "by": e.operator, "taken_back": e.event.id in gone}
        for e in found
    ]  # fmt: skip
    columns: list[Column] = [
        ("event", "Event", 0, True), ("on", "On", 0, False), ("kind", "Kind", 0, False), ("code", "Code", 16, False),
        ("quantity", "Qty", 0, True), ("own_price", "Own price", 0, True), ("until", "Until", 0, False),
        ("reason", "Reason", 30, False), ("by", "By", 0, False), ("taken_back", "Gone", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="The service has no event.")
    return 0 if rows else 4


def bills_data(session: Session, bills: Sequence[Bill]) -> list[dict[str, object]]:
    """Bills that are not issued, as JSON."""
    return [
        {"bill_date": b.bill_date.isoformat(), "net": _money(session, b.net), "tax": _money(session, b.tax),
         "total": _money(session, b.total),
         "lines": [
             {"code": n.code or None, "kind": n.kind, "text": n.text, "from": n.first, "to": n.end, "quantity": n.quantity,
              "unit_price": _money(session, n.unit_price), "amount": _money(session, net), "why": n.why.split("\n")}
             for n, net in zip(b.lines, b.nets, strict=True)
         ],
         "taxes": [{"name": g.rate.name, "percent": g.rate.percent, "base": _money(session, g.base), "tax": _money(session,
         g.tax)}
                   for g in b.groups]}
        for b in bills
    ]  # fmt: skip


def _show_bills(call: Call, session: Session, bills: Sequence[Bill], empty: str) -> int:
    from netbill_tui.documents.bills import bills_text

    if call.output.form == "json":
        call.output.json(bills_data(session, bills))
    elif bills:
        call.output.text(bills_text(bills, session.book.currency))
    else:
        call.output.remark(empty)
    return 0


def quote(call: Call, session: Session) -> int:
    """The first and the following bill of services that are not stored."""
    from netbill_tui.billing.planning import Account
    from netbill_tui.services import catalogue

    args = call.args
    common = given(call, "start", "cycle", "anchor", "mode", "price", "percent", "quantity")
    book = catalogue.load(session)
    account = args.account or ""
    many = []
    for word in args.codes:
        code, _, quantity = word.partition("=")
        fields = {**common, "code": code} | ({"quantity": quantity} if quantity else {})
        many.append(subscriptions.read_new(session, account, fields, book))
    who = subscriptions.account_of(session, account) if account else Account(0, "", "", 30)
    plan = subscriptions.estimate_of(session, many, who, book)
    return _show_bills(call, session, plan.bills[:2], "It would never be billed.")


# Charges, discounts, exemptions, credits.


def charge(call: Call, session: Session) -> int:
    """A one-off charge or usage, on the next invoice; without a code, those that wait."""
    args = call.args
    if args.withdraw:
        charges.withdraw(session, args.account, _number(args.withdraw), args.reason or "")
        call.output.record({"account": args.account, "withdrawn": _number(args.withdraw)}, lambda: "It will not be billed.")
        return 0
    if args.code is None:
        rows = [
            {"charge": c.id, "on": c.on.isoformat(), "kind": c.kind, "code": c.code, "quantity": str(c.quantity),
             "amount": _money(session, c.amount), "text": c.text or None}
            for c in charges.pending(session, args.account)
        ]  # fmt: skip
        columns: list[Column] = [
            ("charge", "No", 0, True), ("on", "On", 0, False), ("kind", "Kind", 0, False), ("code", "Code", 16, False),
            ("quantity", "Qty", 0, True), ("amount", "Amount", 0, True), ("text", "Text", 30, False),
        ]  # fmt: skip
        call.output.rows(rows, columns, empty="No charge waits for an invoice.")
        return 0
    fields = given(call, "code", "amount", "quantity", "on", "text", "service")
    made = charges.charge(session, args.account, fields, dry_run=call.dry_run)
    data = {"charge": made.id or None, "account": args.account, "code": made.code, "quantity": str(made.quantity),
            "amount": _money(session, made.amount), "on": made.on.isoformat(), "dry_run": call.dry_run}  # fmt: skip
    call.output.record(data, lambda: f"{made.code} {'would stand' if call.dry_run else 'stands'} on the next invoice.")
    return 0


def discount(call: Call, session: Session) -> int:
    """Give a discount, end one, or list those of an account."""
    args = call.args
    if args.stop:
        on = parse_date(args.on, session.today()) if args.on else session.today()
        charges.end_discount(session, args.account, _number(args.stop), on)
        call.output.record(
            {"account": args.account, "discount": _number(args.stop), "until": str(on)}, lambda: f"It ends on {on}."
        )
        return 0
    fields = given(call, "percent", "amount", "code", "from", "until", "periods", "text")
    if not {"percent", "amount"} & fields.keys():
        rows = [
            {"discount": d.id, "code": d.code or None, "kind": d.kind,
             "value": d.value + "%" if d.kind == "percent" else _money(session, int(d.value)), "from": d.first, "until": d.end,
             "text": d.text}
            for d in charges.discounts(session, args.account)
        ]  # fmt: skip
        columns: list[Column] = [
            ("discount", "No", 0, True), ("code", "Code", 16, False), ("value", "Value", 0, True), ("from", "From", 0, False),
            ("until", "Until", 0, False), ("text", "Text", 30, False),
        ]  # fmt: skip
        call.output.rows(rows, columns, empty="No discount.")
        return 0
    made = charges.discount(session, args.account, fields, dry_run=call.dry_run)
    data = {"discount": made.id or None, "account": args.account, "code": made.code or None, "kind": made.kind,
    "from": made.first,
            "until": made.end, "dry_run": call.dry_run}  # fmt: skip
    until = f" until {made.end}" if made.end else ""
    call.output.record(data, lambda: f"{made.text} holds from {made.first}{until}.")
    return 0


def exempt(call: Call, session: Session) -> int:
    """Take no tax from a customer while a certificate holds."""
    args, today = call.args, session.today()
    first = parse_date(getattr(args, "from"), today) if getattr(args, "from") else today
    until = parse_date(args.until, today) if args.until else None
    charges.exempt(session, args.account, args.certificate, first, until, dry_run=call.dry_run)
    data = {"account": args.account, "certificate": args.certificate, "from": str(first), "until": str(until) if until else None}
    call.output.record(data, lambda: f"{args.account} pays no tax from {first}{f' until {until}' if until else ''}.")
    return 0


def credit(call: Call, session: Session) -> int:
    """Take back all or part of an invoice; or list the credit notes of an account, or show one."""
    args = call.args
    if args.list:
        rows = [{"number": n, "issued": d, "total": _money(session, t), "reason": r}
                for n, d, t, r in credit_notes.of_account(session, args.list)]  # fmt: skip
        columns: list[Column] = [
            ("number", "Number", 0, False), ("issued", "Issued", 0, False), ("total", "Total", 0, True), ("reason", "Reason",
            40, False),
        ]  # fmt: skip
        call.output.rows(rows, columns, empty="No credit note yet.")
        return 0
    if not args.invoice:
        raise InvalidInput("Name the invoice that is taken back, or --list ACCOUNT.")
    if not args.reason:
        from netbill_tui.cli.invoices import show_credit_note

        return show_credit_note(call, session, args.invoice)
    lines = credit_notes.read_lines(session, args.line)
    amount = parse_amount(args.amount, session.book.currency) if args.amount else None
    if lines is not None and amount is not None:
        raise InvalidInput("Give lines with their amounts, or one amount for the whole invoice, not both.")
    made = credit_notes.credit(session, args.invoice, args.reason, lines=lines, amount=amount, dry_run=call.dry_run)
    data = {
        "number": made.number or None, "invoice": made.invoice, "net": _money(session, made.net), "tax": _money(session,
        made.tax),
        "total": _money(session, made.total), "settled": _money(session, made.settled), "unapplied": _money(session, made.left),
        "balance": _money(session, made.balance), "dry_run": call.dry_run,
    }  # fmt: skip
    said = "Would give back" if call.dry_run else f"{made.number} gives back"
    call.output.record(data, lambda: f"{said} {data['total']} of {made.invoice}; balance {data['balance']}.")
    return 0
