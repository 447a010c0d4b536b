"""Discounts and exemptions of a customer. Source: docs/billing.md, *Invoices and credit notes*."""

from collections.abc import Mapping, Set
from datetime import date, timedelta
from typing import Any

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.catalogue.prices import CannotBill
from netbill_tui.billing.catalogue.taxes import Exemption, percent_of
from netbill_tui.billing.core.cycles import parse_cycle, schedule
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount, parse_amount
from netbill_tui.billing.services.charging import bill_date, whole_periods
from netbill_tui.billing.services.discounts import KINDS, Discount
from netbill_tui.billing.services.subscriptions import timeline_of
from netbill_tui.db.core import versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.services import agreements
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once, writing
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.services import giving, subscriptions


def discount(
    session: Session, account: str, fields: Mapping[str, str], *, dry_run: bool = False, request_id: bytes | None = None
) -> Discount:
    """Give a customer a discount on one code or on the whole invoice, for N periods, until a day, or for ever.

    Args:
        session: Who gives it.
        account: To whom.
        fields: percent or amount, code, from, until, periods, text.
        dry_run: Only check.
        request_id: Made when the form opened.

    Raises:
        InvalidInput: A field that cannot be taken; more than 100 %.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    new = _read_discount(session, customer.account, fields)
    if dry_run:
        return new
    claim = claim_of(request_id, "discount", customer.account, fields)
    known = answered(session, claim)
    if known is not None:
        return new._replace(id=known)
    request = new._asdict() | {approvals.CLAIM: claim.uid.hex()}

    def ask() -> None:
        session.needs(rights.OVERRIDE)
        worth = _worth(session, customer.account, new)
        approvals.ask(session, rights.OVERRIDE, "discount", customer.account, worth, new.text, request)

    def work(tx: Transaction) -> int:
        worth = _worth(session, customer.account, new)
        approvals.still_within(session, worth, customer.account)
        limits.gave(tx, session, "discount", customer.account, worth)
        row_id = _add_discount(tx, session, customer.id, new)
        tx.note("discount.add", customer.account, {
            "discount": row_id, "code": new.code, "kind": new.kind, "value": new.value, "from": new.first,
            "until": new.end, "text": new.text,
        })  # fmt: skip
        return row_id

    ask()
    try:
        return new._replace(id=once(session, rights.OVERRIDE, claim, work))
    except approvals.LimitLowered:
        ask()
        raise


def _read_discount(session: Session, account: str, fields: Mapping[str, str]) -> Discount:
    """The discount that the fields make. Changes nothing."""
    # Each is checked where it is read.
    percent = fields.get("percent", "").strip().rstrip("%").strip()
    if percent and not percent_of(percent):
        raise InvalidInput("Type a discount of more than zero.")
    amount = fields.get("amount", "").strip()
    if bool(percent) == bool(amount):
        raise InvalidInput("A discount is a percentage or an amount: give one of them.")
    if amount and not parse_amount(amount, session.book.currency):
        raise InvalidInput("Type a discount of more than zero.")
    value = percent or str(parse_amount(amount, session.book.currency))
    code = fields.get("code", "").strip().upper()
    if code:
        codes.code_named(session, code)
    first = parse_date(fields.get("from") or "t", session.date())
    end = _end(session, account, fields, first)
    text = clean(fields.get("text", ""), "The text", limit=80) or (f"Discount on {code}" if code else "Discount")
    return Discount(0, code, KINDS[0] if percent else KINDS[1], value, first.isoformat(), end.isoformat() if end else None, text)


def _worth(session: Session, account: str, new: Discount) -> int:
    """What a discount takes off the next bill that it holds for, with tax; over any limit where that cannot be told yet."""
    operator, _ = session.sign_in_if_needed()
    try:
        worth = giving.worth_of(session, account, new)
    except CannotBill:
        worth = None
    return (operator.limit or 0) + 1 if worth is None else worth


def _add_discount(tx: Transaction, session: Session, customer_id: int, new: Discount) -> int:
    versions.hold(tx, versions.TERMS, [customer_id])
    (row_id,) = tx.take("id")
    agreements.add_discount(session.db, customer_id, new._replace(id=row_id), tx.now_us)
    versions.post(tx, versions.TERMS, [customer_id])
    return row_id


def post_approved(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:
    """Give the discount that was asked; how it is called."""
    customer = find_customer(session, asked.object)
    asked_for = Discount(**{"id": 0} | {name: value for name, value in request.items() if name in Discount._fields})
    # Charges, services and prices may have come since it was asked.
    worth = _worth(session, customer.account, asked_for)
    if worth > asked.amount:
        shown = format_amount(worth, session.book.currency)
        raise Refused(f"The discount takes off {shown} now, or more than can be computed; refuse it, and have it asked again.")
    return f"discount {_add_discount(tx, session, customer.id, asked_for)}"


def _end(session: Session, account: str, fields: Mapping[str, str], first: date) -> date | None:
    """N periods of a discount are the bill dates of so many periods of the service it is for, so that its end is foreseen."""
    until = fields.get("until", "").strip()
    end = parse_date(until, session.date()) if until else None
    if end is not None and end <= first:
        raise InvalidInput("The end date of a discount must be after its start date; type a later day.")
    periods = fields.get("periods", "").strip()
    if until and periods:
        raise InvalidInput("A discount ends on a day or after so many periods, not both.")
    if end is not None:
        return end
    if not periods:
        return None
    if not periods.isascii() or not periods.isdigit() or not 1 <= int(periods) <= 120:
        raise InvalidInput("Type the periods as a whole number from 1 to 120.")
    code_ = fields.get("code", "").strip().upper()
    parts = {c.code: dict(c.parts) for c in codes.load(session).codes.values() if c.parts}
    mine = [r for r in subscriptions.of_account(session, account) if r.status != "ended"]
    # A discount on a part of a bundle lasts as long as the bundle's periods.
    named = [r for r in mine if r.code == code_ or code_ in _taken(r, parts)] if code_ else mine
    if not named:
        return schedule(first, parse_cycle("1M"), first.day).boundary(int(periods))
    first_bill = codes.rules(session).first_bill
    ends = [_after_periods(session, r, first, int(periods), first_bill) for r in named]
    if code_ and len({r.service.cycle for r in named}) > 1:
        names = ", ".join(f"service {r.service.id} every {r.service.cycle.words}" for r in named)
        raise InvalidInput(f"{code_} is billed in different periods ({names}); give the day with --until.")
    # Of the whole invoice: the periods of what is billed most often, which is how often there is an invoice.
    return min(ends) if not code_ else max(ends)


def _taken(row: ServiceRow, parts: Mapping[str, Mapping[str, int]]) -> Set[str]:
    """The parts of a bundle that a service takes."""
    return set(row.parts.split() or parts.get(row.code, {}))


def _after_periods(session: Session, row: ServiceRow, first: date, periods: int, first_bill: str) -> date:
    """The bill date that follows on so many whole periods of a service, of those that are billed from a day on.

    A stub has its bill date before the first of them and is not counted.
    """
    full = timeline_of(row.service, service_rows.events(session.db, (row.service.id,))[row.service.id])
    left = periods
    # In arrears the period that ends on the day is billed on it.
    for period in whole_periods(full, max(first - timedelta(days=1), row.service.start)):
        on = bill_date(full, period, first_bill)
        if on < first or period.first != period.whole_first:
            continue
        if not left:
            return on
        left -= 1
    return full.end + timedelta(days=1) if full.end is not None else first


def discounts(session: Session, account: str) -> tuple[Discount, ...]:
    """The discounts of an account, also those that ended."""
    return agreements.discounts_of(session.db, find_customer(session, account).id)


def end_discount(session: Session, account: str, discount_id: int, on: date) -> None:
    """Let a discount end on a day; bill dates from then on do without it.

    Raises:
        NotFound: The account has no such discount.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    now = next((d for d in agreements.discounts_of(session.db, customer.id) if d.id == discount_id), None)
    if now is not None and now.end is not None and on.isoformat() > now.end:
        raise Refused(f"The discount ended on {now.end}; give a new one instead: netbill discount {customer.account}.")
    with writing(session, rights.OVERRIDE) as tx:
        versions.hold(tx, versions.TERMS, [customer.id])
        if not agreements.end_discount(session.db, customer.id, discount_id, on.isoformat()):
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
        raise InvalidInput("The end date must be after the start date; type a later day.")
    if any(e.first == first.isoformat() for e in agreements.exemptions_of(session.db, customer.id)):
        raise Refused(f"{customer.account} has an exemption from {first} already.")
    if dry_run:
        return
    with writing(session, rights.OVERRIDE) as tx:
        versions.hold(tx, versions.TERMS, [customer.id])
        (row_id,) = tx.take("id")
        exemption = Exemption(first.isoformat(), end.isoformat() if end else None, number)
        agreements.add_exemption(session.db, row_id, customer.id, exemption, tx.now_us)
        versions.post(tx, versions.TERMS, [customer.id])
        detail = {"certificate": number, "from": str(first), "until": str(end) if end else None}
        tx.note("exemption.add", customer.account, detail)
