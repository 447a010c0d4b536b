"""The command dispute."""

from netbill_tui.billing.core.money import format_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import request_id, today_only
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import disputes


def dispute(call: Call, session: Session) -> int:
    """List disputes, raise one, answer or withdraw one."""
    args = call.args
    how = "answered" if args.answer else "withdrawn" if args.withdraw else "raised"
    reason = args.answer or args.withdraw or args.reason
    if sum(bool(w) for w in (args.answer, args.withdraw, args.reason)) > 1:
        raise InvalidInput("Give only one of --reason (raise it), --answer and --withdraw.")
    if not reason:
        return _disputes(call, session)
    if not args.what:
        raise InvalidInput("Name the invoice: netbill dispute INV-000123 --reason 'what is wrong'.")
    today_only(call, session, "A dispute")
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
        ("invoice", "Invoice", 14, False),
        ("account", "Account", 10, False),
        ("name", "Customer", 16, False),
        ("raised", "Raised", 0, False),
        ("days", "Days", 0, True),
        ("open", "Open", 0, True),
        ("reason", "Reason", 24, False),
    ]
    call.output.rows(rows, columns, empty="No invoice is disputed.", keys="invoice account name raised days open reason")
    return 0
