"""Commands of what is due."""

from typing import TYPE_CHECKING

from netbill_tui.cli.core import shapes
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.words import filter_of, money
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    pass


def dues(call: Call, session: Session) -> int:
    """Open invoices, of one account or of all."""
    from netbill_tui.usecases.customers import accounts as customers
    from netbill_tui.usecases.lookup import lists
    from netbill_tui.usecases.receivables import dues as usecase

    within, terms = call.args.due_within, ""
    if within is not None and not 0 <= within <= 3660:
        raise InvalidInput(f"--due-within is {within}; type a number of days from 0 to 3660.")
    if within is not None:
        first, last = usecase.within(session, within)
        terms = f"due>={first} due<={last}"
    account = customers.find_customer(session, call.args.account).account if call.args.account else None
    if account is not None:
        terms += f' acc:"{account}"'
    chosen = filter_of(call, session, "dues", terms)
    rows = lists.every(session, "dues", chosen, None if account else call.args.limit)
    if account is not None:
        # The filter takes small and capital letters alike; the command named one account.
        rows = [r for r in rows if r.account == account][: call.args.limit]
    data = [shapes.due(session.book.currency, r) for r in rows]
    call.output.rows(data, shapes.DUES, empty="No invoice is open.", keys="number account name issued due total open days state")
    return 0


def ageing(call: Call, session: Session) -> int:
    """What is open by how long it is past due."""
    from netbill_tui.usecases.receivables.ageing import ageing as usecase

    aged = usecase(session)
    buckets = [{"bucket": b, "invoices": t.number, "amount": money(session, t.amount)} for b, t in aged.buckets.items()]
    data = {
        "as_of": aged.as_of,
        "currency": session.book.currency,
        "buckets": buckets,
        "unapplied": money(session, aged.unapplied),
        "total": money(session, aged.total),
    }
    if call.output.form == "csv":
        call.output.rows(buckets, [], empty="")
        return 0

    def text() -> str:
        lines = [f"Ageing as of {aged.as_of}, {session.book.currency}"]
        lines += [f"{b['bucket']:<10}{b['invoices']:>8}{b['amount']:>16}" for b in buckets]
        return "\n".join([*lines, f"{'unapplied':<18}{data['unapplied']:>16}", f"{'total':<18}{data['total']:>16}"])

    call.output.record(data, text)
    return 0
