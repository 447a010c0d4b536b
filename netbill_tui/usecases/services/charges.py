"""One-off charges, usage, discounts and exemptions of a customer. Source: docs/billing.md, *Invoices and credit notes*."""

from collections.abc import Mapping
from typing import Any

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.billing_run.composing import compose
from netbill_tui.billing.billing_run.invoicing import OneOff, one_off_line
from netbill_tui.billing.catalogue.prices import CannotBill, parse_quantity, price_row
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import parse_amount
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.services import agreements
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import claim_of, once, writing
from netbill_tui.usecases.customers.accounts import find_customer, hold
from netbill_tui.usecases.services import estimates, subscriptions


def read_charge(session: Session, account: str, fields: Mapping[str, str]) -> tuple[OneOff, int | None]:
    """The charge that the fields make, and the service it is for. Changes nothing.

    Args:
        session: For dates and currency.
        account: Whose.
        fields: code, amount, quantity, on, text, service (its number, for usage).

    Raises:
        InvalidInput: A field that cannot be taken; a code without a price and no amount.
    """
    catalogue = codes.load(session)
    code = codes.code_named(session, fields.get("code", ""))
    if code.kind not in ("one-time", "usage"):
        raise InvalidInput(f"{code.code} is a service; add it with netbill service.")
    on = parse_date(fields.get("on") or "t", session.date())
    text = clean(fields.get("text", ""), "The text", limit=120)
    service_id = None
    started = on.isoformat()
    number = fields.get("service", "").strip()
    if number:
        mine = {str(r.service.id): r for r in subscriptions.of_account(session, account)}
        if number not in mine:
            raise NotFound(f"The account has no service {visible(number)[:12]!r}.")
        service_id, started = mine[number].service.id, mine[number].service.start.isoformat()
    quantity = parse_quantity(fields.get("quantity") or "1")
    # Read last: a code without a price wants an amount.
    typed = fields.get("amount", "").strip()
    if code.kind == "usage" and typed:
        raise InvalidInput("Usage has a quantity, and the code gives its price: give --quantity and no amount.")
    amount = parse_amount(typed, session.book.currency) if typed else None
    kind = {"usage": "usage"}.get(code.kind, "fee" if code.category == "fee" else "one-off")
    charge_ = OneOff(0, on, kind, code.code, quantity, amount, text, started)
    try:
        one_off_line(charge_, catalogue, session.book.currency)
    except CannotBill as error:
        raise InvalidInput(str(error)) from None
    return charge_, service_id


def charge(
    session: Session, account: str, fields: Mapping[str, str], *, dry_run: bool = False, request_id: bytes | None = None
) -> OneOff:
    """Enter a one-off charge or usage; it stands on the next invoice.

    Raises:
        InvalidInput: A field that cannot be taken.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    open_account(customer)
    new, service_id = read_charge(session, customer.account, fields)
    if new.amount is not None and new.amount < _listed(session, new):
        session.needs(rights.OVERRIDE)
    if dry_run:
        return new
    operator, _ = session.sign_in_if_needed()

    def work(tx: Transaction) -> int:
        hold(session, customer)
        (row_id,) = tx.take("id")
        tx.post([posted.Charge(
            row_id, customer.id, service_id, new.on.isoformat(), new.kind, new.code, str(new.quantity), new.amount,
            new.text, operator.name, tx.now_us,
        )])  # fmt: skip
        agreements.add_pending(session.db, row_id, customer.id, new.on.isoformat())
        tx.note("charge.add", customer.account, {
            "charge": row_id, "code": new.code, "quantity": str(new.quantity), "amount": new.amount, "on": str(new.on),
            "text": new.text, "service": service_id,
        })  # fmt: skip
        return row_id

    return new._replace(id=once(session, rights.SERVE, claim_of(request_id, "charge", customer.account, fields), work))


def _listed(session: Session, charge_: OneOff) -> int:
    """What one piece costs by the list on its day, or by its first price before that; 0 where the code never had a price."""
    rows = codes.load(session).prices_of(charge_.code)
    row = price_row(rows, charge_.on.isoformat(), charge_.started) or min(rows, key=lambda p: p.first, default=None)
    return row.amount if row is not None else 0


def open_account(customer: Customer) -> None:
    """Refuse what is sold or charged to a closed account.

    Raises:
        Refused: It is closed.
    """
    if customer.status == "closed":
        raise Refused(f"The account {customer.account} is closed; open it first.")


def pending(session: Session, account: str) -> tuple[OneOff, ...]:
    """The charges of an account that no invoice holds yet."""
    return agreements.charges_of(session.db, find_customer(session, account).id)


def withdraw(session: Session, account: str, charge_id: int, reason: str) -> None:
    """Take a charge back that no invoice holds yet; its row stays, it is only not billed.

    Raises:
        NotFound: No such charge waits.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    if charge_id not in {c.id for c in agreements.charges_of(session.db, customer.id)}:
        raise NotFound(f"No charge {charge_id} waits on {customer.account}; take back a charge on an invoice by a credit note.")
    if agreements.is_late_fee(session.db, charge_id):
        raise Refused(f"Charge {charge_id} is a late fee; waive it: netbill fees {customer.account} --waive FEE.")
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("Type why, such as: entered twice.")
    worth = 0
    if not _entered_today(session, charge_id):
        # One's own of today is a slip of the hand; any other is money that somebody meant to have.
        worth = _of_charge(session, customer, charge_id)
        session.needs(rights.WAIVE)
        approvals.ask(session, rights.WAIVE, "withdraw", customer.account, worth, words, {"charge": charge_id})
    with writing(session, rights.SERVE) as tx:
        approvals.still_within(session, worth, customer.account)
        limits.gave(tx, session, "withdraw", customer.account, worth)
        _settle_charge(session, customer, charge_id)
        tx.note("charge.withdraw", customer.account, {"charge": charge_id, "reason": words})


def _entered_today(session: Session, charge_id: int) -> bool:
    operator, _ = session.sign_in_if_needed()
    entry = agreements.entered(session.db, charge_id)
    return entry is not None and entry.operator == operator.name and session.calendar.day_of(entry.recorded_us) == session.today()


def _of_charge(session: Session, customer: Customer, charge_id: int) -> int:
    """What a charge that waits comes to, with tax."""
    charge_ = next(c for c in agreements.charges_of(session.db, customer.id) if c.id == charge_id)
    catalogue = codes.load(session)
    who = estimates.account_of(session, customer.account)
    try:
        line = one_off_line(charge_, catalogue, session.book.currency)
        return max(compose(charge_.on, [line], catalogue, exemptions=who.exemptions, currency=session.book.currency).total, 0)
    except CannotBill:
        return charge_.amount or 0


def _settle_charge(session: Session, customer: Customer, charge_id: int) -> None:
    if charge_id not in {c.id for c in agreements.charges_of(session.db, customer.id)}:
        raise Refused(f"The charge {charge_id} was billed meanwhile; take it back by a credit note.")
    agreements.settle_charges(session.db, [charge_id])


def post_withdrawal(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Take the charge back that was asked; how it is called."""
    _settle_charge(session, find_customer(session, asked.object), int(request["charge"]))
    return f"charge {request['charge']}"
