"""Catalogue and services of the demo book: what its invoices charged goes on, so that the run has something to bill."""

from collections.abc import Mapping
from datetime import date
from random import Random

from netbill_tui.billing.catalogue.codes import Catalogue, Code
from netbill_tui.billing.catalogue.prices import Price, PriceOverride
from netbill_tui.billing.core.cycles import Cycle
from netbill_tui.billing.services.subscriptions import Event, Service
from netbill_tui.db.catalogue import codes as catalogue_rows
from netbill_tui.db.core import versions
from netbill_tui.db.demo import bulk
from netbill_tui.security import rights
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.demo import people
from netbill_tui.usecases.services import orders
from netbill_tui.usecases.services.orders import New

_CATEGORIES = {"INT": "internet", "BIZ": "internet", "PHN": "phone", "TV": "tv", "EQP": "equipment"}
_ONCE = (
    ("VISIT", "Technician visit", "one-off", 4900),
    ("ACTIVATE", "Activation", "fee", 2900),
    ("CABLE", "Cable, 10 m", "equipment", 1290),
)
BATCH = 500


def make(session: Session, random: Random, turns: Mapping[int, date]) -> int:
    """Give each customer who has had an invoice the services of their plan; how many.

    Args:
        session: The demo book.
        random: Where chance comes from.
        turns: By customer, the day from which their services are to be billed; before it they are billed elsewhere.
    """
    plans = {name: lines for name, lines, _ in (*people.PLANS, *people.FIRM_PLANS)}
    catalogue = _codes(session)
    customers = [c for c in bulk.subscribers(session.db) if c.id in turns]
    number = 0
    for first in range(0, len(customers), BATCH):
        many: list[tuple[int, New]] = []
        for customer in customers[first : first + BATCH]:
            turn = turns[customer.id]
            started = min(date.fromisoformat(customer.since), turn)
            for code, _, price in plans.get(customer.plan, ()):
                service = Service(0, started, Cycle(1), turn.day)
                events = [Event(0, started, "start", code)]
                listed = catalogue.prices_of(code)[0].amount
                if price != listed:
                    own = PriceOverride("fixed", str(price), "plan price")
                    events.append(Event(0, started, "price", override=own, reason="plan price"))
                many.append((customer.id, New(service, tuple(events), turn, "")))
        with writing(session, rights.IMPORT) as tx:
            uids = [random.randbytes(16) for _ in many]
            orders.store_many(tx, session, many, catalogue, uids=uids)
            tx.note("demo.services", f"services {number + 1} to {number + len(many)}", {"services": len(many)}, bulk=True)
        number += len(many)
    return number


def _codes(session: Session) -> Catalogue:
    """The codes of all plans with their prices; of a code with several the first is the list price."""
    with writing(session, rights.IMPORT) as tx:
        seen: set[str] = set()
        used: set[int] = set()
        for _, lines, _ in (*people.PLANS, *people.FIRM_PLANS):
            for code, name, price in lines:
                if code in seen:
                    continue
                seen.add(code)
                category = _CATEGORIES.get(code.split("-")[0], "internet")
                catalogue_rows.store_code(session.db, Code(code, name, category), tx.now_us)
                (row_id,) = tx.take("id")
                used.add(row_id)
                catalogue_rows.add_price(session.db, code, Price(row_id, "2020-01-01", None, "all", price), tx.now_us)
        for code, name, category, price in _ONCE:
            catalogue_rows.store_code(session.db, Code(code, name, category, "one-time"), tx.now_us)
            (row_id,) = tx.take("id")
            catalogue_rows.add_price(session.db, code, Price(row_id, "2020-01-01", None, "all", price), tx.now_us)
        # The invoices of the demo charged them.
        catalogue_rows.use_prices(session.db, used)
        versions.post(tx, versions.CATALOGUE, [1])
        tx.note("demo.codes", "demo", {"codes": len(seen) + len(_ONCE)})
    return codes.load(session)
