"""The command report."""

from datetime import date

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.reports import revenue


def report(call: Call, session: Session) -> int:
    """Revenue by code, or tax by rate, of a span."""
    args = call.args
    today = session.date()
    first = parse_date(args.first, today) if args.first else date(today.year, today.month, 1)
    last = parse_date(args.last, today) if args.last else today
    if last < first:
        raise InvalidInput(f"The last day {last} is before the first day {first}; swap the two days.")
    currency = session.book.currency
    if args.name == "revenue":
        rows = [
            {"code": b.code, "name": b.name, "category": b.category, "lines": b.lines, "net": format_amount(b.net, currency)}
            for b in revenue.revenue(session, first, last)
        ]
        columns: list[Column] = [
            ("code", "Code", 20, False),
            ("name", "Name", 30, False),
            ("category", "Category", 0, False),
            ("lines", "Lines", 0, True),
            ("net", "Net", 0, True),
        ]
    elif args.name == "tax":
        rows = [
            {
                "name": r.name,
                "category": r.category,
                "percent": r.percent,
                "documents": r.documents,
                "base": format_amount(r.base, currency),
                "tax": format_amount(r.tax, currency),
            }
            for r in revenue.taxes(session, first, last)
        ]
        columns = [
            ("name", "Tax", 24, False),
            ("category", "Cat", 0, False),
            ("percent", "%", 0, True),
            ("documents", "Documents", 0, True),
            ("base", "Base", 0, True),
            ("tax", "Tax", 0, True),
        ]
    else:
        raise InvalidInput(f"{args.name!r} is not a report; type revenue or tax.")
    keys = " ".join(key for key, *_ in columns)
    call.output.rows(rows, columns, empty=f"Nothing was invoiced from {first} to {last}.", keys=keys)
    return 0
