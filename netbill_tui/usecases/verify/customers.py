"""Customers checked: states that cannot be together, and invoices on which two rates of one order were taken.

Each is named with its sum and with the command that mends it; nothing is mended here. Source: behaviours 12, taxes.
"""

from collections import defaultdict

from netbill_tui.billing.core.money import format_amount
from netbill_tui.db.core.statements import Statement
from netbill_tui.text import counted
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.checks import Check, blame
from netbill_tui.usecases.core.session import Session

_AHEAD = Statement(
    "select e.document, e.on_date, e.recorded_at, coalesce(p.received_on, '') from entry e left join payment p "
    "on p.id = e.payment_id and e.kind in ('reversed', 'returned') where e.on_date > (select max(rolled_to) from kept_state) "
    "order by e.id"
)
_ENTRIES = Statement("select count(*) from entry")
# One that ends by its first day never runs.
_RUNNING = "(t.ends_on is null or (t.ends_on > ? and t.ends_on > s.start_on))"
_CLOSED = Statement(
    "select c.account, count(*), min(t.service_id), "
    "coalesce((select k.balance from customer_total k where k.customer_id = c.id), 0) "
    f"from customer c join service_state t on t.customer_id = c.id join service s on s.id = t.service_id "
    f"where c.status = 'closed' and {_RUNNING} "
    "group by c.id, c.account order by c.account limit 50"
)
_LAST_ACCESS = (
    "(select e.kind from service_event e where e.service_id = t.service_id and e.on_date <= ? "
    "and e.kind in ('suspend', 'restore') "
    "and e.id not in (select v.number from service_event v where v.service_id = t.service_id and v.kind = 'void') "
    "order by e.on_date desc, e.id desc limit 1)"
)
_SUSPENDED = Statement(
    "select c.account, t.service_id, t.code from customer c join service_state t on t.customer_id = c.id "
    f"join service s on s.id = t.service_id where c.status = 'suspended' and {_RUNNING} and s.start_on <= ? "
    f"and coalesce({_LAST_ACCESS}, 'restore') = 'restore' order by c.account, t.service_id limit 50"
)
_COUNT = Statement("select count(*) from customer where status in ('closed', 'suspended')")
_SEVERAL = Statement(
    "select i.id, i.number, c.account, "
    # Each line less its discounts; what is given back without tax is part of no base.
    "(select coalesce(sum(b.charged), 0) from billed b where b.invoice_id = i.id and b.tax_class <> '' "
    "and b.kind <> 'discount' and not (b.charged < 0 and b.tax = 0)), "
    "(select coalesce(sum(r.total), 0) from credit_note r where r.invoice_id = i.id) "
    "from invoice i join customer c on c.id = i.customer_id where i.id in "
    "(select x.invoice_id from invoice_tax x group by x.invoice_id having count(*) > 1) order by i.id"
)
_TAXES = Statement("select name, category, percent, base, tax from invoice_tax where invoice_id = ? order by position")


def broken_states(session: Session) -> tuple[int, list[str]]:
    """How many closed and suspended customers were looked at, and which have services that say otherwise."""
    db, today, currency = session.db, session.today().isoformat(), session.book.currency
    found = db.row(_COUNT)
    wrong = [
        f"{account} is closed, and has {counted(many, 'running service')} (the first is {first}; the balance is "
        f"{format_amount(balance, currency)}): netbill change-customer {account} --set status=closed --end-services"
        for account, many, first, balance in db.rows(_CLOSED, (today,))
    ]
    wrong += [
        f"{account} is suspended, and its service {service} {code} is not: netbill service suspend {service} --on {today}"
        for account, service, code in db.rows(_SUSPENDED, (today, today, today))
    ]
    return (int(found[0]) if found else 0), wrong


def entries_ahead(session: Session) -> Check:
    """No entry is dated after the day on which it was written, but what takes back one of a clock that stood ahead."""
    found = session.db.row(_ENTRIES)
    check = Check("no entry lies ahead of its posting", int(found[0]) if found else 0)
    for document, day, at_us, takes_back in session.db.rows(_AHEAD):
        if day > max(session.day_of(int(at_us)).isoformat(), takes_back):
            blame(check, f"{document} is dated after the day it was posted")
    return check


def taxed_twice(session: Session) -> tuple[int, list[str]]:
    """How many invoices with several taxes were looked at, and which took two rates of one class and order of the same money.

    Source: taxes (of one class and order one rate is in force on a day, the latest).
    """
    held: dict[tuple[str, int], set[tuple[str, str, str]]] = defaultdict(set)
    for r in codes.load(session).rates:
        if not r.rate.compound:
            held[r.tax_class, r.rate.order].add((r.rate.name, r.rate.category, r.rate.percent))
    rivals = [names for names in held.values() if len(names) > 1]
    count, wrong, currency = 0, [], session.book.currency
    if not rivals:
        return 0, []
    for invoice_id, number, account, net, credited in session.db.rows(_SEVERAL):
        count += 1
        taxes = list(session.db.rows(_TAXES, (invoice_id,)))
        for names in rivals:
            mine = [t for t in taxes if (t[0], t[1], t[2]) in names]
            # Each base is part of the lines; together they are more than all lines only where some were taken twice.
            if len(mine) > 1 and sum(int(t[3]) for t in mine) > int(net) > 0:
                over = min(int(t[4]) for t in mine)
                if int(credited) < over:
                    amount = format_amount(over, currency)
                    wrong.append(
                        f"{number} of {account} took {' and '.join(f'{t[0]} {t[2]} %' for t in mine)} of the same lines, "
                        f"up to {amount} too much: netbill credit {number} --amount {amount} --reason 'two rates'"
                    )
    return count, wrong
