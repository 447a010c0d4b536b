"""Customers whose states cannot be together, entries ahead of their posting, and invoices with several taxes."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select


class Ahead(NamedTuple):
    """An entry that is dated after the business date; `takes_back` is the day of the payment that it takes back, or empty."""

    document: str
    on: str
    recorded_us: int
    takes_back: str


class Closed(NamedTuple):
    """A closed account with running services."""

    account: str
    services: int
    first_service: int
    balance: int


class Running(NamedTuple):
    """A service that runs although its account is suspended."""

    account: str
    service_id: int
    code: str


class Several(NamedTuple):
    """An invoice with more than one tax: its taxed net, and what was given back of it."""

    id: int
    number: str
    account: str
    net: int
    credited: int


_AHEAD = Select(
    "select e.document, e.on_date, e.recorded_at, coalesce(p.received_on, '') from entry e left join payment p "
    "on p.id = e.payment_id and e.kind in ('reversed', 'returned') where e.on_date > (select max(rolled_to) from kept_state) "
    "order by e.id",
    Ahead,
)
_ENTRIES = Select("select count(*) from entry", int)
# One that ends by its first day never runs.
_RUNNING = "(t.ends_on is null or (t.ends_on > ? and t.ends_on > s.start_on))"
_CLOSED = Select(
    "select c.account, count(*), min(t.service_id), "
    "coalesce((select k.balance from customer_total k where k.customer_id = c.id), 0) "
    f"from customer c join service_state t on t.customer_id = c.id join service s on s.id = t.service_id "
    f"where c.status = 'closed' and {_RUNNING} "
    "group by c.id, c.account order by c.account limit 50",
    Closed,
)
_LAST_ACCESS = (
    "(select e.kind from service_event e where e.service_id = t.service_id and e.on_date <= ? "
    "and e.kind in ('suspend', 'restore') "
    "and e.id not in (select v.number from service_event v where v.service_id = t.service_id and v.kind = 'void') "
    "order by e.on_date desc, e.id desc limit 1)"
)
_SUSPENDED = Select(
    "select c.account, t.service_id, t.code from customer c join service_state t on t.customer_id = c.id "
    f"join service s on s.id = t.service_id where c.status = 'suspended' and {_RUNNING} and s.start_on <= ? "
    f"and coalesce({_LAST_ACCESS}, 'restore') = 'restore' order by c.account, t.service_id limit 50",
    Running,
)
_COUNT = Select("select count(*) from customer where status in ('closed', 'suspended')", int)
_SEVERAL = Select(
    "select i.id, i.number, c.account, "
    # Each line less its discounts; what is given back without tax is part of no base.
    "cast((select coalesce(sum(b.charged), 0) from billed b where b.invoice_id = i.id and b.tax_class <> '' "
    "and b.kind <> 'discount' and not (b.charged < 0 and b.tax = 0)) as bigint), "
    "cast((select coalesce(sum(r.total), 0) from credit_note r where r.invoice_id = i.id) as bigint) "
    "from invoice i join customer c on c.id = i.customer_id where i.id in "
    "(select x.invoice_id from invoice_tax x group by x.invoice_id having count(*) > 1) order by i.id",
    Several,
)


def count_entries(db: Database) -> int:
    """How many entries there are."""
    return _ENTRIES.one(db)


def entries_ahead(db: Database) -> list[Ahead]:
    """The entries that are dated after the business date at which the book stands."""
    return _AHEAD.all(db)


def count_not_open(db: Database) -> int:
    """How many accounts are closed or suspended."""
    return _COUNT.one(db)


def closed_with_services(db: Database, today: str) -> list[Closed]:
    """The first fifty closed accounts with services that run, or will."""
    return _CLOSED.all(db, (today,))


def running_of_suspended(db: Database, today: str) -> list[Running]:
    """The first fifty services that run on a suspended account."""
    return _SUSPENDED.all(db, (today, today, today))


def with_several_taxes(db: Database) -> list[Several]:
    """The invoices with more than one tax."""
    return _SEVERAL.all(db)
