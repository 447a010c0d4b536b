"""What a customer's next invoices will be, and the first ones of services that are not sold yet.

Source: docs/rules.md, *13 Billing run*.
"""

from collections.abc import Sequence
from datetime import date

from netbill_tui.billing.billing_run.accounts import Account, Held
from netbill_tui.billing.billing_run.planning import Plan, happenings, plan_customer
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.services.charging import upcoming
from netbill_tui.billing.services.subscriptions import standing, timeline_of
from netbill_tui.db.billing_run import accounts as run_rows
from netbill_tui.db.services import agreements
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.services.orders import New
from netbill_tui.usecases.services.states import FAR


def account_of(session: Session, name: str) -> Account:
    """A customer as the run sees them."""
    customer = find_customer(session, name)
    terms_day = agreements.terms_of(session.db, customer.id).terms_day
    return Account(
        customer.id,
        customer.account,
        customer.name,
        customer.terms_days,
        terms_day,
        agreements.discounts_of(session.db, customer.id),
        agreements.exemptions_of(session.db, customer.id),
    )


def estimate_of(session: Session, many: Sequence[New], account: Account, catalogue: Catalogue, count: int = 2) -> Plan:
    """The first bills of services that are not stored: the first, and the following one."""
    held = []
    for at, new in enumerate(many, 1):
        events = standing(e._replace(id=at * 100 + n) for n, e in enumerate(new.events))
        settled_until = max(new.billed_through or new.service.start, new.service.start)
        service = new.service._replace(id=-at)
        timeline = timeline_of(service, events)
        later = [d for d in happenings(timeline, events) if d >= settled_until]
        held.append(Held(service, tuple(events), (), settled_until, None, 0, min(later, default=None)))
    return _first_bills(held, account, catalogue, session, count)


def _first_bills(held: Sequence[Held], account: Account, catalogue: Catalogue, session: Session, count: int) -> Plan:
    dates = sorted({
        d for h in held for d in upcoming(timeline_of(h.service, h.events), h.settled_until, date(h.settled_until.year + 3, 1, 1),
                                          catalogue.rules.first_bill)[: count + 1]
    })[:count]  # fmt: skip
    until = dates[-1] if dates else session.date()
    return plan_customer(account, held, (), until, catalogue, session.book.currency, "all")


def next_bill(session: Session, account: str, count: int = 1) -> Plan:
    """What the next invoice of an account will be, as things stand, or the next ones; no bill where nothing is to come.

    Raises:
        CannotBill: With what is missing.
    """
    who = account_of(session, account)
    catalogue = codes.load(session)
    loaded = run_rows.load(session.db, (who.id,), FAR)
    mine = loaded[0]
    ahead = sorted({d for h in mine.services for d in _next_dates(h, catalogue, count)})
    # What happened to a service may make a document of its own: what an end gives back, a fee for leaving.
    days = [*ahead, *(c.on for c in mine.charges), *(h.check_on for h in mine.services if h.check_on is not None)]
    if not days:
        return Plan(who, (), ())
    until = max(min(days), session.date())
    if ahead and min(ahead) > until:
        until = min(ahead)
    until = max([until, *ahead[:count]])
    charges = tuple(c for c in mine.charges if c.on <= until)
    return plan_customer(who, mine.services, charges, until, catalogue, session.book.currency, "all")


def _next_dates(held: Held, catalogue: Catalogue, count: int) -> list[date]:
    timeline = held.plain.timeline if held.plain else timeline_of(held.service, held.events)
    return upcoming(timeline, held.settled_until, date(held.settled_until.year + 3, 1, 1), catalogue.rules.first_bill, count)
