"""The command approval."""

from netbill_tui.billing.core.money import format_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import moment
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.access import approvals
from netbill_tui.usecases.core.session import Session


def approval(call: Call, session: Session) -> int:
    """What was asked over a limit: list, approve, refuse."""
    args = call.args
    currency = session.book.currency
    if args.what in ("approve", "refuse"):
        if args.number is None:
            raise InvalidInput(f"Give the number: netbill approval {args.what} NUMBER; netbill approval lists them.")
        answer_ = approvals.answer(session, args.number, approve=args.what == "approve", reason=args.reason, dry_run=call.dry_run)
        data = {"approval": answer_.id, "state": answer_.state, "result": answer_.result or None}
        call.output.record(data, lambda: f"Approval {answer_.id} of {answer_.object}: {answer_.state}. {answer_.result}".rstrip())
        return 0
    rows: list[dict[str, object]] = [
        {"approval": a.id, "kind": a.kind, "object": a.object, "amount": format_amount(a.amount, currency), "reason": a.reason,
         "asked_by": a.asked_by, "asked": moment(a.asked_us), "state": a.state, "answered_by": a.answered_by or None,
         "result": a.result or None}
        for a in approvals.listed(session, every=args.all)
    ]  # fmt: skip
    columns: list[Column] = [
        ("approval", "No", 8, True),
        ("kind", "What", 8, False),
        ("object", "Of", 14, False),
        ("amount", "Amount", 12, True),
        ("asked_by", "Asked by", 12, False),
        ("reason", "Why", 24, False),
        ("state", "State", 9, False),
    ]
    call.output.rows(
        rows,
        columns,
        empty="Nothing waits for approval.",
        keys="approval kind object amount reason asked_by asked state answered_by result",
    )
    return 0
