"""The commands promise and arrange: promises of an account, a new one, an arrangement, cancelling one."""

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import money, request_id, today_only
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.collections import calls, grading, promises
from netbill_tui.usecases.core.session import Session


def promise(call: Call, session: Session) -> int:
    """The promises of an account, or a new one, or cancel the open one."""
    args = call.args
    if args.cancel:
        today_only(call, session, "Cancelling")
        promises.cancel(session, args.account, args.reason or "")
        call.output.record(
            {"account": args.account, "state": "cancelled"}, lambda: f"The promise of {args.account} is cancelled."
        )
        return 0
    if not args.by:
        if args.amount:
            raise InvalidInput("A promise needs its day: netbill promise ACCOUNT AMOUNT --by DATE.")
        return _listed(call, session)
    today_only(call, session, "A promise")
    by = parse_date(args.by, session.today())
    amount = parse_amount(args.amount, session.book.currency) if args.amount else None
    if call.dry_run:
        next_on = calls.check_outcome(
            session, args.account, "m", args.text or "", by, amount=amount, channel=args.channel or "phone"
        )
    else:
        next_on = calls.outcome(
            session, args.account, "m", args.text or "", by, amount=amount, channel=args.channel or "phone",
            request_id=request_id(call),
        )  # fmt: skip
    data = {"account": args.account, "by": by.isoformat(), "amount": money(session, amount), "next_action": next_on.isoformat(),
            "dry_run": call.dry_run}  # fmt: skip
    call.output.record(
        data,
        lambda: f"{'Would be noted' if call.dry_run else 'Noted'}: a promise by {by}; the account comes up again on {next_on}.",
    )
    return 0


def _listed(call: Call, session: Session) -> int:
    rows = [
        {"on": p.on, "kind": p.kind, "amount": money(session, p.amount), "by": p.by, "state": p.state,
         "came": money(session, grading.judgement(session, p).came), "holds_until": p.holds_until,
         "parts": [{"by": part.by.isoformat(), "amount": money(session, part.amount)} for part in p.instalments],
         "operator": p.operator, "text": p.text or None}
        for p in promises.of_account(session, call.args.account)
    ]  # fmt: skip
    columns: list[Column] = [
        ("on", "Made", 0, False), ("kind", "Kind", 0, False), ("amount", "Amount", 0, True), ("by", "By", 0, False),
        ("state", "State", 0, False), ("came", "Came", 0, True), ("holds_until", "Holds until", 0, False),
        ("operator", "By whom", 10, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="No promise was made.", keys="on kind amount by state came holds_until operator text")
    return 0


def arrange(call: Call, session: Session) -> int:
    """Make an arrangement: dated instalments that sum to what is overdue."""
    args = call.args
    today_only(call, session, "An arrangement")
    parts = promises.read_parts(session, args.parts, session.book.currency)
    asked = promises.arrange(
        session, args.account, parts, args.text or "", channel=args.channel or "phone", dry_run=call.dry_run,
        request_id=request_id(call),
    )  # fmt: skip
    said = [{"by": p.by.isoformat(), "amount": money(session, p.amount)} for p in asked.parts]
    data = {"account": args.account, "amount": money(session, asked.amount), "parts": said, "dry_run": call.dry_run}
    verb = "Would be arranged" if call.dry_run else "Arranged"
    call.output.record(data, lambda: f"{verb}: {money(session, asked.amount)} in {len(said)} instalments until {parts[-1].by}.")
    return 0
