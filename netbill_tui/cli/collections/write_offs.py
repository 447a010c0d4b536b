"""The commands write-off, hold and hand-over."""

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import money, only_wet, request_id, today_only
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.collections import holds, write_offs
from netbill_tui.usecases.core.session import Session


def write_off(call: Call, session: Session) -> int:
    """The write-offs of an account, or give up what is open of an invoice."""
    args = call.args
    if not args.invoice:
        return _listed(call, session)
    today_only(call, session, "A write-off")
    amount = parse_amount(args.amount, session.book.currency) if args.amount else None
    done = write_offs.write_off(
        session, args.account, args.invoice, args.reason or "", amount=amount, anyway=args.anyway, dry_run=call.dry_run,
        request_id=request_id(call),
    )  # fmt: skip
    data = {"number": done.number or None, "account": args.account, "invoice": done.invoice, "amount": money(session,
    done.amount),
            "balance": money(session, done.balance), "dry_run": call.dry_run}  # fmt: skip
    verb = "Would be written off" if call.dry_run else f"{done.number}: written off"
    call.output.record(
        data,
        lambda: f"{verb} {money(session, done.amount)} of {done.invoice}; the balance is {money(session, done.balance)}.",
    )
    return 0


def _listed(call: Call, session: Session) -> int:
    rows = [
        {"number": w.number, "on": w.on, "invoice": w.invoice, "amount": money(session, w.amount),
         "recovered": money(session, w.recovered), "reason": w.reason, "by": w.operator}
        for w in write_offs.of_account(session, call.args.account)
    ]  # fmt: skip
    columns: list[Column] = [
        ("number", "Write-off", 0, False), ("on", "On", 0, False), ("invoice", "Invoice", 14, False),
        ("amount", "Amount", 0, True),
        ("recovered", "Recovered", 0, True), ("reason", "Reason", 30, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="Nothing was written off.", keys="number on invoice amount recovered reason by")
    return 0


def hold(call: Call, session: Session) -> int:
    """Hold an account, release it, or list what is held."""
    args = call.args
    if not args.account or not (args.reason or args.until or args.release):
        return _marks(call, session)
    only_wet(call, session)
    if args.release:
        holds.release(session, args.account, args.reason or "")
        call.output.record({"account": args.account, "held": False}, lambda: f"{args.account} is released.")
        return 0
    until = parse_date(args.until, session.today()) if args.until else None
    holds.hold(session, args.account, until, args.reason or "", covers="fees" if args.fees else "all")
    data = {"account": args.account, "held": True, "until": until.isoformat() if until else None}
    what = "No fee is charged to" if args.fees else "Nothing is sent, charged or suspended of"
    call.output.record(data, lambda: f"{what} {args.account} until {until or 'it is released'}.")
    return 0


def _marks(call: Call, session: Session) -> int:
    marks = holds.of_account(session, call.args.account) if call.args.account else holds.listed(session)
    rows = [
        {
            "account": m.account,
            "name": m.name or None,
            "mark": m.kind,
            "until": m.until,
            "covers": m.covers or None,
            "reason": m.reason,
        }
        for m in marks
    ]
    columns: list[Column] = [
        ("account", "Account", 12, False), ("name", "Customer", 20, False), ("mark", "Mark", 0, False),
        ("until", "Until", 0, False),
        ("covers", "Covers", 0, False), ("reason", "Reason", 30, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="No account is held or handed over.", keys="account name mark until covers reason")
    return 0


def hand_over(call: Call, session: Session) -> int:
    """Hand an account over to an agency, take it back, or list what is handed over."""
    args = call.args
    if not args.account:
        rows = [r for r in holds.agency(session)]
        shown = [
            {"account": r.account, "name": r.name or None, "postcode": r.postcode or None, "town": r.town or None,
             "overdue": money(session, r.overdue), "oldest_due": r.oldest_due, "invoices": r.invoices, "reason": r.reason}
            for r in rows
        ]  # fmt: skip
        columns: list[Column] = [
            ("account", "Account", 12, False), ("name", "Customer", 24, False), ("overdue", "Overdue", 0, True),
            ("oldest_due", "Oldest", 0, False), ("reason", "Reason", 24, False),
        ]  # fmt: skip
        call.output.rows(
            shown, columns, empty="No account is handed over.",
            keys="account name postcode town overdue oldest_due invoices reason",
        )  # fmt: skip
        return 0
    only_wet(call, session)
    if not args.reason:
        raise InvalidInput("Type why: netbill hand-over ACCOUNT --reason 'to the agency of the town'.")
    (holds.take_back if args.take_back else holds.hand_over)(session, args.account, args.reason)
    state = "taken back" if args.take_back else "handed over; ladder and queue leave it alone"
    call.output.record({"account": args.account, "handed_over": not args.take_back}, lambda: f"{args.account} is {state}.")
    return 0
