"""Commands of one account and of all."""

from typing import TYPE_CHECKING

from netbill_tui.cli.core import shapes
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.words import filter_of, listed, money
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    pass


def customer(call: Call, session: Session) -> int:
    """The account card."""
    from netbill_tui.usecases.customers import accounts as customers
    from netbill_tui.usecases.customers import tags

    if call.args.account is None:
        raise InvalidInput("Type the account number: netbill customer C10234.")
    if call.args.check:
        return _check_caller(call, session)
    card = customers.card(session, call.args.account)
    known, totals = card.customer, card.totals
    last = None
    if card.last_payment:
        p = card.last_payment
        last = {
            "receipt": p.receipt,
            "date": p.received_on,
            "method": p.method,
            "amount": money(session, p.amount),
            "reference": p.reference or None,
            "state": p.state,
        }
    data: dict[str, object] = {
        "account": known.account, "name": known.name or None, "kind": known.kind, "status": known.status, "since": known.since,
        "plan": known.plan or None, "language": known.language or None,
        "town": known.town or None, "balance": money(session, totals.balance),
        "overdue": money(session, totals.overdue), "credit": money(session, totals.credit),
        "disputed": money(session, card.disputed), "oldest_days": card.oldest_days, "last_payment": last,
        "next_action": totals.next_action_on, "notes": card.notes, "fault": card.fault or None,
        "tags": tags.tags_of(session, known.account),
    }  # fmt: skip
    if call.args.notes:
        from netbill_tui.usecases.customers import notes

        data["notes"] = [
            {"note": n.id, "date": n.date, "by": n.operator, "outcome": n.outcome or None, "text": n.text, "pinned": n.pinned}
            for n in notes.of_customer(session, known.account)
        ]
    if call.args.contact or call.args.reveal:
        from netbill_tui.usecases.customers import profiles
    if call.args.contact:
        shown = profiles.show_contact(session, known.account)
        data["contact"] = [{"kind": kind, "value": value} for kind, value in shown]
    if call.args.reveal:
        data[call.args.reveal] = profiles.reveal(session, known.account, call.args.reveal, call.args.reason)
    call.output.record(data, lambda: _card_text(data))
    return 1 if card.fault else 0


def _check_caller(call: Call, session: Session) -> int:
    import getpass
    import sys

    from netbill_tui.usecases.customers import profiles

    if call.no_input and sys.stdin.isatty():
        raise InvalidInput("Type the caller's answer at the terminal or give it on stdin; leave --no-input out.")
    said = getpass.getpass("The caller says: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not said.strip():
        raise InvalidInput("Type what the caller says.")
    matches = profiles.caller_matches(session, call.args.account, call.args.check, said)
    call.output.record({"account": call.args.account, "match": matches}, lambda: "match" if matches else "no match")
    return 0 if matches else 1


def _as_one(text: str) -> str:
    """A text of several lines so that none of them stands where a line of the card does."""
    return text.replace("\n", f"\n{'':14}  | ")


def _card_text(data: dict[str, object]) -> str:
    lines = []
    for key, value in data.items():
        if isinstance(value, dict):
            value = "  ".join(str(v) for v in value.values() if v)
        if isinstance(value, list):
            value = "\n              ".join(_as_one(listed(v)) for v in value)
        elif isinstance(value, str):
            value = _as_one(value)
        if value not in (None, ""):
            lines.append(f"{key.replace('_', ' '):<14}{value}")
    return "\n".join(lines)


def customers(call: Call, session: Session) -> int:
    """The list of customers."""
    from netbill_tui.usecases.lookup import lists

    customers_ = lists.every(session, "customers", filter_of(call, session, "customers"), call.args.limit)
    data = [shapes.customer(session.book.currency, r, lists.oldest_days(session, r)) for r in customers_]
    call.output.rows(
        data,
        shapes.CUSTOMERS,
        empty="No customer fits the filter.",
        keys="account name status kind plan town balance overdue days last_contact credit",
    )
    return 0
