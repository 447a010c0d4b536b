"""The command charge."""

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import dated_today, money, needs_word, number_of, only_wet, options_given, request_id
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.services import charges


def charge(call: Call, session: Session) -> int:
    """A one-off charge or usage, on the next invoice; without a code, those that wait."""
    args = call.args
    if args.withdraw:
        only_wet(call, session)
        charges.withdraw(session, args.account, number_of(args.withdraw), args.reason or "")
        call.output.record({"account": args.account, "withdrawn": number_of(args.withdraw)}, lambda: "It will not be billed.")
        return 0
    fields = options_given(call, "code", "amount", "quantity", "on", "text", "service")
    if args.code is None:
        needs_word(fields, "a code", f"netbill charge {args.account} VISIT")
        rows = [
            {"charge": c.id, "on": c.on.isoformat(), "kind": c.kind, "code": c.code, "quantity": str(c.quantity),
             "amount": money(session, c.amount), "text": c.text or None}
            for c in charges.pending(session, args.account)
        ]  # fmt: skip
        columns: list[Column] = [
            ("charge", "No", 0, True),
            ("on", "On", 0, False),
            ("kind", "Kind", 0, False),
            ("code", "Code", 16, False),
            ("quantity", "Qty", 0, True),
            ("amount", "Amount", 0, True),
            ("text", "Text", 30, False),
        ]
        call.output.rows(rows, columns, empty="No charge waits for an invoice.", keys="charge on kind code quantity amount text")
        return 0
    dated_today(call, session, "A charge")
    charged = charges.charge(session, args.account, fields, dry_run=call.dry_run, request_id=request_id(call))
    data = {"charge": charged.id or None, "account": args.account, "code": charged.code, "quantity": str(charged.quantity),
            "amount": money(session, charged.amount), "on": charged.on.isoformat(), "dry_run": call.dry_run}  # fmt: skip
    call.output.record(data, lambda: f"{charged.code} {'would go' if call.dry_run else 'goes'} on the next invoice.")
    return 0
