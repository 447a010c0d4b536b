"""The command call."""

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.words import request_id, today_only
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core.session import Session


def call(call: Call, session: Session) -> int:
    """Record what came of a call."""
    promise = parse_date(call.args.promise_on, session.today()) if call.args.promise_on else None
    amount = parse_amount(call.args.promise, session.book.currency) if call.args.promise else None
    today_only(call, session, "A call's outcome")
    words = (call.args.account, call.args.outcome, call.args.text, promise)
    if call.args.invoice and call.args.outcome != "d":
        raise InvalidInput(
            "Give --invoice only with d (dispute): netbill call ACCOUNT d --invoice INV-000123 --text 'what is wrong'."
        )
    if call.dry_run:
        next_on = calls.check_outcome(session, *words, invoice=call.args.invoice, amount=amount)
    else:
        next_on = calls.outcome(session, *words, invoice=call.args.invoice, amount=amount, request_id=request_id(call))
    data = {"account": call.args.account, "outcome": call.args.outcome, "next_action": next_on.isoformat()}
    call.output.record(data, lambda: f"{'Would be noted' if call.dry_run else 'Noted'}; the account comes up again on {next_on}.")
    return 0
