"""The commands fee and waive: late fees of an account, what became of all of them, and waiving one."""

from datetime import date

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import money, number_of, request_id, today_only
from netbill_tui.db.collections.fees import FeeRow
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.collections import fees
from netbill_tui.usecases.collections.fees import FeeSums
from netbill_tui.usecases.core.session import Session


def fee(call: Call, session: Session) -> int:
    """The late fees of an account, or what became of all that were charged in a span of days."""
    if not call.args.account:
        return _report(call, session)
    rows = [_data(session, row) for row in fees.of_account(session, call.args.account)]
    columns: list[Column] = [
        ("fee", "Fee", 0, True), ("on", "Charged", 0, False), ("invoice", "For", 14, False), ("amount", "Fee", 0, True),
        ("why", "Why", 30, False), ("state", "State", 24, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="No late fee was charged.", keys="fee on invoice n amount base why state by")
    return 0


def _data(session: Session, row: FeeRow) -> dict[str, object]:
    return {
        "fee": row.id, "on": row.on, "invoice": row.invoice, "n": row.n, "amount": money(session, row.amount),
        "base": money(session, row.base), "why": row.why, "state": state_of(row), "by": row.operator,
    }  # fmt: skip


def state_of(row: FeeRow) -> str:
    """How a fee stands, in words."""
    if row.waived_by:
        return f"waived by {row.waived_by}"
    return "waits" if row.waits else f"on {row.billed}" if row.billed else "withdrawn"


def _report(call: Call, session: Session) -> int:
    today = session.date()
    first = parse_date(call.args.first, today) if call.args.first else date(today.year, today.month, 1)
    last = parse_date(call.args.last, today) if call.args.last else today
    if last < first:
        raise InvalidInput(f"The report ends on {last}, before it begins on {first}; swap the two days.")
    total, by_operator = fees.report(session, first, last)
    data = {"from": str(first), "to": str(last), **_sums(session, total),
            "by": [{"operator": who, **_sums(session, sums)} for who, sums in sorted(by_operator.items())]}  # fmt: skip
    call.output.record(data, lambda: "\n".join([
        f"Late fees from {first} to {last}, without tax",
        f"  {'':<14} {'charged':>12} {'waived':>12} {'collected':>12} {'open':>12} {'written off':>12}",
        *(_line(session, who, sums) for who, sums in [*sorted(by_operator.items()), ("total", total)]),
    ]))  # fmt: skip
    return 0


def _sums(session: Session, sums: FeeSums) -> dict[str, object]:
    return {
        "number": sums.number, "charged": money(session, sums.charged), "waived": money(session, sums.waived),
        "collected": money(session, sums.collected), "open": money(session, sums.open),
        "written_off": money(session, sums.written_off),
    }  # fmt: skip


def _line(session: Session, who: str, sums: FeeSums) -> str:
    parts = (sums.charged, sums.waived, sums.collected, sums.open, sums.written_off)
    return f"  {who:<14} " + " ".join(f"{money(session, part):>12}" for part in parts)


def waive(call: Call, session: Session) -> int:
    """Waive a late fee."""
    args = call.args
    today_only(call, session, "A waiver")
    number = number_of(args.fee, "late fee", f"netbill fee {args.account} lists them")
    done = fees.waive(session, args.account, number, args.reason, dry_run=call.dry_run, request_id=request_id(call))
    data = {"account": done.fee.account, "fee": number, "amount": money(session, done.amount), "document": done.document or None,
            "dry_run": call.dry_run}  # fmt: skip
    by = f" by {done.document}" if done.document.startswith("C") else ", its charge withdrawn" if done.document else ""
    call.output.record(
        data, lambda: f"Fee {number} {'would be' if call.dry_run else 'is'} waived: {money(session, done.amount)}{by}."
    )
    return 0
