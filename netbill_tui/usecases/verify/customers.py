"""Customers checked: states that cannot be together, and invoices on which two rates of one order were taken.

Each is named with its sum and with the command that mends it; nothing is mended here.
Source: docs/rules.md, *12 States*, *Taxes and discounts*.
"""

from collections import defaultdict

from netbill_tui.billing.core.money import format_amount
from netbill_tui.db.receivables import credit_notes as documents
from netbill_tui.db.verify import customers
from netbill_tui.text import counted
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.checks import Check, blame
from netbill_tui.usecases.core.session import Session


def broken_states(session: Session) -> tuple[int, list[str]]:
    """How many closed and suspended customers were looked at, and which have services that say otherwise."""
    db, today, currency = session.db, session.today().isoformat(), session.book.currency
    wrong = [
        f"{c.account} is closed, and has {counted(c.services, 'running service')} (the first is {c.first_service}; the "
        f"balance is {format_amount(c.balance, currency)}): "
        f"netbill change-customer {c.account} --set status=closed --end-services"
        for c in customers.closed_with_services(db, today)
    ]
    wrong += [
        f"{r.account} is suspended, and its service {r.service_id} {r.code} is not: "
        f"netbill service suspend {r.service_id} --on {today}"
        for r in customers.running_of_suspended(db, today)
    ]
    return customers.count_not_open(db), wrong


def entries_ahead(session: Session) -> Check:
    """No entry is dated after the day on which it was written, but what takes back one of a clock that stood ahead."""
    check = Check("no entry lies ahead of its posting", customers.count_entries(session.db))
    for entry in customers.entries_ahead(session.db):
        if entry.on > max(session.calendar.day_of(entry.recorded_us).isoformat(), entry.takes_back):
            blame(check, f"{entry.document} is dated after the day it was posted")
    return check


def taxed_twice(session: Session) -> tuple[int, list[str]]:
    """How many invoices with several taxes were looked at, and which took two rates of one class and order of the same money.

    Source: docs/rules.md, *Taxes and discounts*: of one class and order one rate is in force on a day, the latest.
    """
    held: dict[tuple[str, int], set[tuple[str, str, str]]] = defaultdict(set)
    for r in codes.load(session).rates:
        if not r.rate.compound:
            held[r.tax_class, r.rate.order].add((r.rate.name, r.rate.category, r.rate.percent))
    rivals = [names for names in held.values() if len(names) > 1]
    count, wrong, currency = 0, [], session.book.currency
    if not rivals:
        return 0, []
    for invoice in customers.with_several_taxes(session.db):
        count += 1
        taxes = documents.taxes(session.db, invoice.id)
        for names in rivals:
            mine = [t for t in taxes if (t.name, t.category, t.percent) in names]
            # Each base is part of the lines; together they are more than all lines only where some were taken twice.
            if len(mine) > 1 and sum(t.base for t in mine) > invoice.net > 0:
                over = min(t.tax for t in mine)
                if invoice.credited < over:
                    amount, both = format_amount(over, currency), " and ".join(f"{t.name} {t.percent} %" for t in mine)
                    wrong.append(
                        f"{invoice.number} of {invoice.account} took {both} of the same lines, "
                        f"up to {amount} too much: netbill credit {invoice.number} --amount {amount} --reason 'two rates'"
                    )
    return count, wrong
