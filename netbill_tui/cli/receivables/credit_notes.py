"""The command credit."""

from netbill_tui.billing.core.money import parse_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import dated_today, money, needs_word, options_given, request_id
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import apply_credit, credit_notes, credit_parts


def credit(call: Call, session: Session) -> int:
    """Take back all or part of an invoice; or list the credit notes of an account, or show one."""
    args = call.args
    if args.list:
        return _list(call, session)
    if args.invoice == "apply":
        return _apply_credit(call, session)
    if args.account:
        raise InvalidInput("Only credit apply takes an account: netbill credit apply ACCOUNT.")
    if not args.invoice:
        raise InvalidInput("Give the number of an invoice or credit note, or --list ACCOUNT.")
    if not args.reason:
        from netbill_tui.cli.receivables.invoices import show_credit_note

        fields = options_given(call, "amount") | ({"line": " --line ".join(args.line)} if args.line else {})
        needs_word(fields, "a reason", f"netbill credit {args.invoice} --reason 'line was down'")

        return show_credit_note(call, session, args.invoice)
    dated_today(call, session, "A credit note")
    lines = credit_parts.read_lines(session, args.line)
    amount = parse_amount(args.amount, session.book.currency) if args.amount else None
    if lines is not None and amount is not None:
        raise InvalidInput("Give lines with their amounts, or one amount for the whole invoice, not both.")
    credited = credit_notes.credit(
        session, args.invoice, args.reason, lines=lines, amount=amount, dry_run=call.dry_run, request_id=request_id(call)
    )
    data = {
        "number": credited.number or None,
        "invoice": credited.invoice,
        "net": money(session, credited.net),
        "tax": money(session, credited.tax),
        "total": money(session, credited.total),
        "settled": money(session, credited.settled),
        "unapplied": money(session, credited.left),
        "balance": money(session, credited.balance),
        "dry_run": call.dry_run,
    }
    said = "Would give back" if call.dry_run else f"{credited.number} gives back"
    call.output.record(data, lambda: f"{said} {data['total']} of {credited.invoice}; balance {data['balance']}.")
    return 0


def _list(call: Call, session: Session) -> int:
    rows = [
        {"number": n.number, "issued": n.issued, "total": money(session, n.total), "reason": n.reason}
        for n in credit_notes.of_account(session, call.args.list)
    ]
    columns: list[Column] = [
        ("number", "Number", 0, False),
        ("issued", "Issued", 0, False),
        ("total", "Total", 0, True),
        ("reason", "Reason", 40, False),
    ]
    call.output.rows(rows, columns, empty="No credit note yet.", keys="number issued total reason")
    return 0


def _apply_credit(call: Call, session: Session) -> int:
    """Use the open credit of an account on its open invoices."""
    if not call.args.account:
        raise InvalidInput("Name the account whose credit is used: netbill credit apply ACCOUNT.")
    dated_today(call, session, "Using credit")
    applied = apply_credit.apply_credit(session, call.args.account, dry_run=call.dry_run, request_id=request_id(call))
    data = {
        "account": applied.account,
        "used": money(session, applied.used),
        "left": money(session, applied.left),
        "overdue": money(session, applied.overdue),
        "dry_run": call.dry_run,
    }
    said = "Would use" if call.dry_run else "Used"
    call.output.record(data, lambda: f"{said} {data['used']} of the credit of {applied.account}; {data['left']} of it is left.")
    return 0
