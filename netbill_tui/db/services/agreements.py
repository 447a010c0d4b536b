"""What is agreed with customers beside services: one-off charges that wait, discounts, exemptions."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from netbill_tui.billing.billing_run.invoicing import OneOff
from netbill_tui.billing.catalogue.taxes import Exemption
from netbill_tui.billing.services.discounts import Discount
from netbill_tui.db.core import chain
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list

_PENDING = Statement("insert into pending_charge (charge_id, customer_id, on_date) values (?, ?, ?)")


class BillingTerms(NamedTuple):
    """The days of the month on which a customer's invoices fall due and its periods begin; 0 for none of its own."""

    terms_day: int = 0
    anchor: int = 0


class Entry(NamedTuple):
    """Who entered a charge, and when."""

    operator: str
    recorded_us: int


_TERMS = Select("select terms_day, anchor from billing_terms where customer_id = ?", BillingTerms)
_ENTERED = Select("select operator, recorded_at from charge where id = ?", Entry)
_IS_LATE_FEE = Select("select id from late_fee where charge_id = ?", int)
_ADD_DISCOUNT = Statement(
    "insert into discount (id, customer_id, code, kind, value, from_on, end_on, text, created_at) values (?, ?, ?, ?, ?, ?, "
    "?, ?, ?)"
)
_END_DISCOUNT = Statement("update discount set end_on = ? where id = ? and customer_id = ?")
_ADD_EXEMPTION = Statement(
    "insert into exemption (id, customer_id, certificate, from_on, end_on, created_at) values (?, ?, ?, ?, ?, ?)"
)
_SET_TERMS = Statement(
    "insert into billing_terms (customer_id, terms_day, anchor) values (?, ?, ?) on conflict (customer_id) do update set "
    "terms_day = excluded.terms_day, anchor = excluded.anchor"
)
_SETTLE_CHARGE = Statement("delete from pending_charge where charge_id = ?")


def terms_of(db: Database, customer_id: int) -> BillingTerms:
    """The billing terms of a customer."""
    return _TERMS.first(db, (customer_id,)) or BillingTerms()


def discounts_given(db: Database, account: str, operator: str, since_us: int) -> set[int]:
    """The discounts of an account that an operator gave behind a moment, as the audit tells of them."""
    return {
        int(event.said["discount"])
        for event in chain.about(db, "discount.add", account, since_us)
        if event.actor == operator and "discount" in event.said
    }


def terms_of_many(db: Database, customer_ids: Sequence[int]) -> dict[int, BillingTerms]:
    """The billing terms of those of some customers who have any."""
    if not customer_ids:
        return {}
    select = f"select customer_id, terms_day, anchor from billing_terms where customer_id in {in_list(len(customer_ids))}"
    return dict(Select(select, _of_whom).all(db, customer_ids))


def _of_whom(customer_id: int, terms_day: int, anchor: int) -> tuple[int, BillingTerms]:
    return customer_id, BillingTerms(terms_day, anchor)


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
    charges: dict[int, list[OneOff]] = {}
    for id_, customer_id, on, kind, code, quantity, amount, text, started, recharge in db.rows(statement, (*ids, day)):
        charge = OneOff(id_, date.fromisoformat(on), kind, code, Decimal(quantity), amount, text, started, int(recharge))
        charges.setdefault(customer_id, []).append(charge)
    return {i: tuple(mine) for i, mine in charges.items()}


def discounts_by(db: Database, marks: str, ids: Sequence[int]) -> dict[int, tuple[Discount, ...]]:
    """The discounts of some customers."""
    statement = Statement(
        f"select customer_id, id, code, kind, value, from_on, end_on, text from discount where customer_id in {marks} order by id"
    )
    discounts: dict[int, list[Discount]] = {}
    for customer_id, *rest in db.rows(statement, ids):
        discounts.setdefault(customer_id, []).append(Discount(*rest))
    return {i: tuple(mine) for i, mine in discounts.items()}


def exemptions_by(db: Database, marks: str, ids: Sequence[int]) -> dict[int, tuple[Exemption, ...]]:
    """The exemptions of some customers."""
    statement = Statement(
        f"select customer_id, from_on, end_on, certificate from exemption where customer_id in {marks} order by id"
    )
    exemptions: dict[int, list[Exemption]] = {}
    for customer_id, first, end, certificate in db.rows(statement, ids):
        exemptions.setdefault(customer_id, []).append(Exemption(first, end, certificate))
    return {i: tuple(mine) for i, mine in exemptions.items()}


def discounts_of(db: Database, customer_id: int) -> tuple[Discount, ...]:
    """The discounts of an account."""
    return discounts_by(db, "(?)", (customer_id,)).get(customer_id, ())


def exemptions_of(db: Database, customer_id: int) -> tuple[Exemption, ...]:
    """The exemptions of an account."""
    return exemptions_by(db, "(?)", (customer_id,)).get(customer_id, ())


def charges_of(db: Database, customer_id: int) -> tuple[OneOff, ...]:
    """The charges of an account that no invoice holds yet."""
    return charges_by(db, "(?)", (customer_id,), "9999-12-31").get(customer_id, ())


def add_discount(db: Database, customer_id: int, discount: Discount, now_us: int) -> None:
    """Store a discount."""
    db.run(
        _ADD_DISCOUNT,
        (
            discount.id,
            customer_id,
            discount.code,
            discount.kind,
            discount.value,
            discount.first,
            discount.end,
            discount.text,
            now_us,
        ),
    )


def end_discount(db: Database, customer_id: int, discount_id: int, on: str) -> bool:
    """Let a discount end on a day; False where the customer has none of this number."""
    return db.changed(_END_DISCOUNT, (on, discount_id, customer_id)) == 1


def add_exemption(db: Database, row_id: int, customer_id: int, exemption: Exemption, now_us: int) -> None:
    """Store an exemption."""
    db.run(_ADD_EXEMPTION, (row_id, customer_id, exemption.certificate, exemption.first, exemption.end, now_us))


def entered(db: Database, charge_id: int) -> Entry | None:
    """Who entered a charge."""
    return _ENTERED.first(db, (charge_id,))


def add_pending(db: Database, charge_id: int, customer_id: int, on: str) -> None:
    """A charge waits for its invoice."""
    db.run(_PENDING, (charge_id, customer_id, on))


def settle_charges(db: Database, charge_ids: Iterable[int]) -> None:
    """Charges stand on an invoice."""
    db.run_many(_SETTLE_CHARGE, [(i,) for i in charge_ids])


def is_late_fee(db: Database, charge_id: int) -> bool:
    """Whether a charge is a late fee, which is waived and not withdrawn."""
    return _IS_LATE_FEE.first(db, (charge_id,)) is not None


def waived(db: Database, charge_ids: Sequence[int]) -> set[int]:
    """Those of some charges that are late fees which were waived."""
    if not charge_ids:
        return set()
    read = (
        "select f.charge_id from late_fee f join late_fee_waiver w on w.fee_id = f.id where f.charge_id in "  # noqa: S608
        f"{in_list(len(charge_ids))}"
    )
    return {int(row[0]) for row in db.rows(Statement(read), charge_ids)}
