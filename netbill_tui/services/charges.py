"""One-off charges, usage, discounts and exemptions of a customer. Source: domain.md, Invoices."""

from collections.abc import Mapping
from datetime import date

from netbill_tui.billing.cycles import parse_cycle, schedule
from netbill_tui.billing.dates import parse_date
from netbill_tui.billing.discounts import KINDS, Discount
from netbill_tui.billing.invoicing import OneOff, one_off_line
from netbill_tui.billing.money import parse_amount
from netbill_tui.billing.prices import CannotBill, parse_quantity
from netbill_tui.billing.taxes import percent_of
from netbill_tui.db import services as service_rows
from netbill_tui.db import tables, versions
from netbill_tui.db.statements import Statement
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.services import catalogue, subscriptions
from netbill_tui.services.customers import find_customer
from netbill_tui.services.session import Session
from netbill_tui.services.writing import writing
from netbill_tui.text import clean, visible

_ADD_DISCOUNT = Statement(
    "insert into discount (id, customer_id, code, kind, value, from_on, end_on, text, created_at) values (?, ?, ?, ?, ?, ?, "
    "?, ?, ?)"
)
_END_DISCOUNT = Statement("update discount set end_on = ? where id = ? and customer_id = ?")
_ADD_EXEMPTION = Statement(
    "insert into exemption (id, customer_id, certificate, from_on, end_on, created_at) values (?, ?, ?, ?, ?, ?)"
)


def read_charge(session: Session, account: str, fields: Mapping[str, str]) -> tuple[OneOff, int | None]:
    """The charge that the fields make, and the service it is for. Changes nothing.

    Args:
        session: For dates and currency.
        account: Whose.
        fields: code, amount, quantity, on, text, service (its number, for usage).

    Raises:
        InvalidInput: A field that cannot be taken; a code without a price and no amount.
    """
    book = catalogue.load(session)
    code = catalogue.code_named(session, fields.get("code", ""))
    if code.kind not in ("one-time", "usage"):
        raise InvalidInput(f"{code.code} is a service; add it with netbill service.")
    on = parse_date(fields.get("on") or "t", session.date())
    quantity = parse_quantity(fields.get("quantity") or "1")
    typed = fields.get("amount", "").strip()
    if code.kind == "usage" and typed:
        raise InvalidInput("Usage is counted, and priced by its code: give --quantity and no amount.")
    amount = parse_amount(typed, session.book.currency) if typed else None
    service_id = None
    started = on.isoformat()
    if fields.get("service", "").strip():
        number = fields["service"].strip()
        mine = {str(r.service.id): r for r in subscriptions.of_account(session, account)}
        if number not in mine:
            raise NotFound(f"The account has no service {visible(number)[:12]!r}.")
        service_id, started = mine[number].service.id, mine[number].service.start.isoformat()
    kind = {"usage": "usage"}.get(code.kind, "fee" if code.category == "fee" else "one-off")
    made = OneOff(0, on, kind, code.code, quantity, amount, clean(fields.get("text", ""), "The text", limit=120), started)
    try:
        one_off_line(made, book, session.book.currency)
    except CannotBill as error:
        raise InvalidInput(str(error)) from None
    return made, service_id


def charge(session: Session, account: str, fields: Mapping[str, str], *, dry_run: bool = False) -> OneOff:
    """Enter a one-off charge or usage; it stands on the next invoice.

    Raises:
        InvalidInput: A field that cannot be taken.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    made, service_id = read_charge(session, customer.account, fields)
    if dry_run:
        return made
    operator, _ = session.sign_in_if_needed()
    with writing(session, rights.SERVE) as tx:
        (row_id,) = tx.take("id")
        made = made._replace(id=row_id)
        tx.post(tables.Charge, [(
            row_id, customer.id, service_id, made.on.isoformat(), made.kind, made.code, str(made.quantity), made.amount,
            made.text,
            operator.name, tx.now_us,
        )])  # fmt: skip
        service_rows.add_pending(session.db, row_id, customer.id, made.on.isoformat())
        tx.note("charge.add", customer.account, {"code": made.code, "quantity": str(made.quantity), "amount": made.amount})
    return made


def pending(session: Session, account: str) -> tuple[OneOff, ...]:
    """The charges of an account that no invoice holds yet."""
    return service_rows.charges_of(session.db, find_customer(session, account).id)


def withdraw(session: Session, account: str, charge_id: int, reason: str) -> None:
    """Take a charge back that no invoice holds yet; its row stays, it is only not billed.

    Raises:
        NotFound: No such charge waits.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    if charge_id not in {c.id for c in service_rows.charges_of(session.db, customer.id)}:
        raise NotFound(f"No charge {charge_id} waits on {customer.account}; what stands on an invoice is taken back by a credit.")
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("Type why, such as: entered twice.")
    with writing(session, rights.SERVE) as tx:
        if charge_id not in {c.id for c in service_rows.charges_of(session.db, customer.id)}:
            raise Refused(f"The charge {charge_id} was billed meanwhile; take it back by a credit.")
        service_rows.settle_charges(session.db, [charge_id])
        tx.note("charge.withdraw", customer.account, {"charge": charge_id, "reason": words})


def discount(session: Session, account: str, fields: Mapping[str, str], *, dry_run: bool = False) -> Discount:
    """Give a customer a discount on one code or on the whole invoice, for N periods, until a day, or for ever.

    Args:
        session: Who gives it.
        account: To whom.
        fields: percent or amount, code, from, until, periods, text.
        dry_run: Only check.

    Raises:
        InvalidInput: A field that cannot be taken; more than 100 %.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    percent, amount = fields.get("percent", "").strip().rstrip("%").strip(), fields.get("amount", "").strip()
    if bool(percent) == bool(amount):
        raise InvalidInput("A discount is a percentage or an amount: give one of them.")
    if percent and not percent_of(percent):
        raise InvalidInput("A discount of nothing is none.")
    if amount and not parse_amount(amount, session.book.currency):
        raise InvalidInput("A discount of nothing is none.")
    value = percent or str(parse_amount(amount, session.book.currency))
    code = fields.get("code", "").strip().upper()
    if code:
        catalogue.code_named(session, code)
    first = parse_date(fields.get("from") or "t", session.date())
    end = _end(session, customer.account, fields, first)
    text = clean(fields.get("text", ""), "The text", limit=80) or (f"Discount on {code}" if code else "Discount")
    made = Discount(0, code, KINDS[0] if percent else KINDS[1], value, first.isoformat(), end.isoformat() if end else None, text)
    if dry_run:
        return made
    with writing(session, rights.OVERRIDE) as tx:
        (row_id,) = tx.take("id")
        made = made._replace(id=row_id)
        session.db.run(_ADD_DISCOUNT, (row_id, customer.id, *made[1:6], text, tx.now_us))
        versions.post(tx, versions.TERMS, [customer.id])
        tx.note("discount.add", customer.account, {"code": code, "kind": made.kind, "value": value, "until": made.end})
    return made


def _end(session: Session, account: str, fields: Mapping[str, str], first: date) -> date | None:
    """N periods of a discount are the bill dates of so many periods of the service it is for, so that its end is foreseen."""
    until, periods = fields.get("until", "").strip(), fields.get("periods", "").strip()
    if until and periods:
        raise InvalidInput("A discount ends on a day or after so many periods, not both.")
    if until:
        end = parse_date(until, session.date())
        if end <= first:
            raise InvalidInput("A discount ends after it begins.")
        return end
    if not periods:
        return None
    if not periods.isascii() or not periods.isdigit() or not 1 <= int(periods) <= 120:
        raise InvalidInput("Periods are a whole number from 1 to 120.")
    mine = [r for r in subscriptions.of_account(session, account) if r.status != "ended"]
    wanted = fields.get("code", "").strip().upper()
    row = next((r for r in mine if r.code == wanted), mine[0] if mine else None)
    if row is None:
        return schedule(first, parse_cycle("1M"), first.day).boundary(int(periods))
    plan = schedule(row.service.start, row.service.cycle, row.service.anchor, row.service.phase)
    return plan.boundary(plan.number(plan.next_boundary(max(first, row.service.start))) + int(periods))


def discounts(session: Session, account: str) -> tuple[Discount, ...]:
    """The discounts of an account, also those that ended."""
    return service_rows.discounts_of(session.db, find_customer(session, account).id)


def end_discount(session: Session, account: str, discount_id: int, on: date) -> None:
    """Let a discount end on a day; bill dates from then on do without it.

    Raises:
        NotFound: The account has no such discount.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    with writing(session, rights.OVERRIDE) as tx:
        if not session.db.run(_END_DISCOUNT, (on.isoformat(), discount_id, customer.id)):
            raise NotFound(f"{customer.account} has no discount {discount_id}; netbill discount {customer.account} lists them.")
        versions.post(tx, versions.TERMS, [customer.id])
        tx.note("discount.end", customer.account, {"discount": discount_id, "on": str(on)})


def exempt(session: Session, account: str, certificate: str, first: date, end: date | None, *, dry_run: bool = False) -> None:
    """Take no tax from a customer while a certificate holds.

    Raises:
        InvalidInput: No certificate number, or it ends before it begins.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    number = clean(certificate, "The certificate", limit=60)
    if not number:
        raise InvalidInput("An exemption needs the number of its certificate.")
    if end is not None and end <= first:
        raise InvalidInput("An exemption ends after it begins.")
    if any(f == first.isoformat() for f, _, _ in service_rows.exemptions_of(session.db, customer.id)):
        raise Refused(f"{customer.account} has an exemption from {first} already.")
    if dry_run:
        return
    with writing(session, rights.OVERRIDE) as tx:
        (row_id,) = tx.take("id")
        row = (row_id, customer.id, number, first.isoformat(), end.isoformat() if end else None, tx.now_us)
        session.db.run(_ADD_EXEMPTION, row)
        versions.post(tx, versions.TERMS, [customer.id])
        tx.note(
            "exemption.add", customer.account, {"certificate": number, "from": str(first), "until": str(end) if end else None}
        )
