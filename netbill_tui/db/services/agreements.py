"""What is agreed with customers beside services: one-off charges that wait, discounts, exemptions."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from netbill_tui.billing.billing_run.invoicing import OneOff
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement

_PENDING = Statement("insert into pending_charge (charge_id, customer_id, on_date) values (?, ?, ?)")


_TERMS = Statement("select terms_day, anchor from billing_terms where customer_id = ?")
_SET_TERMS = Statement(
    "insert into billing_terms (customer_id, terms_day, anchor) values (?, ?, ?) on conflict (customer_id) do update set "
    "terms_day = excluded.terms_day, anchor = excluded.anchor"
)
_SETTLE_CHARGE = Statement("delete from pending_charge where charge_id = ?")


def terms_of(db: Database, customer_id: int) -> tuple[int, int]:
    """The days of the month on which a customer's invoices fall due and its periods begin; 0 for none of its own."""
    row = db.row(_TERMS, (customer_id,))
    return (int(row[0]), int(row[1])) if row else (0, 0)


def set_terms(db: Database, customer_id: int, terms_day: int, anchor: int) -> None:
    """Set both; see `terms_of`."""
    db.run(_SET_TERMS, (customer_id, terms_day, anchor))


def charges_by(db: Database, marks: str, ids: Sequence[int], day: str) -> dict[int, tuple[OneOff, ...]]:
    """The one-off charges of some customers that wait up to a day."""
    statement = Statement(
        "select h.id, h.customer_id, h.on_date, h.kind, h.code, h.quantity, h.amount, h.text, coalesce(s.start_on, h.on_date), "
        "(select count(*) from billed b where b.service_id = 0 and b.charge_id = h.id and b.kind = 'undo') "
        "from pending_charge p join charge h on h.id = p.charge_id left join service s on s.id = h.service_id "
        f"where p.customer_id in {marks} and p.on_date <= ? order by h.on_date, h.id"
    )
    made: dict[int, list[OneOff]] = {}
    for id_, customer_id, on, kind, code, quantity, amount, text, started, again in db.rows(statement, (*ids, day)):
        one = OneOff(id_, date.fromisoformat(on), kind, code, Decimal(quantity), amount, text, started, int(again))
        made.setdefault(customer_id, []).append(one)
    return {i: tuple(found) for i, found in made.items()}


def discounts_by(db: Database, marks: str, ids: Sequence[int]) -> dict[int, tuple[Discount, ...]]:
    """The discounts of some customers."""
    statement = Statement(
        f"select customer_id, id, code, kind, value, from_on, end_on, text from discount where customer_id in {marks} order by id"
    )
    made: dict[int, list[Discount]] = {}
    for customer_id, *rest in db.rows(statement, ids):
        made.setdefault(customer_id, []).append(Discount(*rest))
    return {i: tuple(found) for i, found in made.items()}


def exemptions_by(db: Database, marks: str, ids: Sequence[int]) -> dict[int, tuple[tuple[str, str | None, str], ...]]:
    """First day, end and certificate of the exemptions of some customers."""
    statement = Statement(
        f"select customer_id, from_on, end_on, certificate from exemption where customer_id in {marks} order by id"
    )
    made: dict[int, list[tuple[str, str | None, str]]] = {}
    for customer_id, first, end, certificate in db.rows(statement, ids):
        made.setdefault(customer_id, []).append((first, end, certificate))
    return {i: tuple(found) for i, found in made.items()}


def discounts_of(db: Database, customer_id: int) -> tuple[Discount, ...]:
    """The discounts of an account."""
    return discounts_by(db, "(?)", (customer_id,)).get(customer_id, ())


def exemptions_of(db: Database, customer_id: int) -> tuple[tuple[str, str | None, str], ...]:
    """The exemptions of an account."""
    return exemptions_by(db, "(?)", (customer_id,)).get(customer_id, ())


def charges_of(db: Database, customer_id: int) -> tuple[OneOff, ...]:
    """The charges of an account that no invoice holds yet."""
    return charges_by(db, "(?)", (customer_id,), "9999-12-31").get(customer_id, ())


def add_pending(db: Database, charge_id: int, customer_id: int, on: str) -> None:
    """A charge waits for its invoice."""
    db.run(_PENDING, (charge_id, customer_id, on))


def settle_charges(db: Database, charge_ids: Iterable[int]) -> None:
    """Charges stand on an invoice."""
    db.run_many(_SETTLE_CHARGE, [(i,) for i in charge_ids])
