"""Services of a customer: add, change, pause, end, all dated; what the next invoice will be.

Source: docs/rules.md, *12 States* to *17 Prices*.
"""

from collections.abc import Mapping
from datetime import date

from netbill_tui.billing.catalogue.prices import PriceOverride as PriceOverride
from netbill_tui.billing.services.charging import Span
from netbill_tui.billing.services.subscriptions import WITH_ACCOUNT, Event
from netbill_tui.db.core import versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.services import agreements, charged, subscriptions
from netbill_tui.db.services.subscriptions import EventRow as EventRow
from netbill_tui.db.services.subscriptions import ServiceRow as ServiceRow
from netbill_tui.errors import InvalidInput, NotFound, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import claim_of, once, writing
from netbill_tui.usecases.customers.accounts import find_customer, hold
from netbill_tui.usecases.services import giving
from netbill_tui.usecases.services.estimates import account_of, estimate_of
from netbill_tui.usecases.services.orders import plain_amount, read_new, store


def of_account(session: Session, account: str) -> list[ServiceRow]:
    """The services of an account, the oldest first."""
    return [_as_of(r, session.date()) for r in subscriptions.of_customer(session.db, find_customer(session, account).id)]


def _as_of(row: ServiceRow, day: date) -> ServiceRow:
    """The row with its status on a day: a start or an end that came by itself changes no kept row."""
    if row.ends_on is not None and row.ends_on <= day.isoformat():
        return row._replace(status="ended")
    return row._replace(status="active") if row.status == "pending" and row.service.start <= day else row


def find_service(session: Session, service_id: int) -> tuple[str, ServiceRow]:
    """Account and row of a service.

    Raises:
        NotFound: There is none of this number.
    """
    owner = subscriptions.owner(session.db, service_id)
    if owner is None:
        raise NotFound(f"There is no service {service_id}; netbill service ACCOUNT lists those of an account.")
    customer = find_customer(session, owner)
    service = next(r for r in subscriptions.of_customer(session.db, customer.id) if r.service.id == service_id)
    return customer.account, _as_of(service, session.date())


def history(session: Session, service_id: int) -> list[EventRow]:
    """Every event of a service, also what was taken back."""
    return subscriptions.events_of(session.db, service_id)


# A new service.


def add(
    session: Session, account: str, fields: Mapping[str, str], *, dry_run: bool = False, request_id: bytes | None = None
) -> ServiceRow | None:
    """Add a service to a customer; it is billed by the next run. None on a dry run.

    On an account that is suspended the service begins suspended.

    Raises:
        InvalidInput: A field that cannot be taken.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    if customer.status == "closed":
        raise Refused(f"The account {customer.account} is closed; open it first.")
    catalogue = codes.load(session)
    new = read_new(session, customer.account, fields, catalogue)
    if new.billed_through is not None and new.billed_through > max(session.today(), new.service.start):
        # Days that nobody bills are given away.
        session.needs(rights.OVERRIDE)
    if dry_run:
        estimate_of(session, [new], account_of(session, customer.account), catalogue)
        return None
    worth = giving.of_new(session, customer.account, new)
    refuse_over_limit(session, worth, customer.account)
    if customer.status == "suspended":
        policy = catalogue.code(new.events[0].code).suspended
        off = Event(0, max(session.today(), new.service.start), "suspend", policy=policy, reason=WITH_ACCOUNT)
        new = new._replace(events=(*new.events, off))

    def work(tx: Transaction) -> int:
        hold(session, customer)
        refuse_over_limit(session, worth, customer.account)
        limits.gave(tx, session, "own price", customer.account, worth)
        service_id = store(tx, session, customer.id, [new], catalogue)[0]
        began = new.events[0]
        own = next((e.override for e in new.events if e.kind == "price"), PriceOverride())
        tx.note("service.add", customer.account, {
            "service": service_id, "code": began.code, "from": str(new.service.start), "quantity": began.quantity,
            "parts": began.parts, "own_price": f"{own.kind} {own.value}".strip(), "mode": new.service.mode,
            "cycle": new.service.cycle.code, "anchor": new.service.anchor,
        })  # fmt: skip
        return service_id

    return find_service(session, once(session, rights.SERVE, claim_of(request_id, "service", customer.account, fields), work))[1]


def refuse_over_limit(session: Session, worth: int, account: str) -> None:
    """Refuse an own price that takes off more than who sells may give: what is sold first can be asked then."""
    if not limits.within_limit(session, worth, account) and len(approvals.approvers(session)) > 1:
        raise NotPermitted(
            f"Its own price takes {plain_amount(session, worth)} off the first bill, over your limit; add the "
            "service at its list price, then give it an own price, which a second operator is asked for."
        )


def spans_of(session: Session, service_id: int) -> tuple[Span, ...]:
    """What stands charged of a service."""
    return charged.spans(session.db, (service_id,))[service_id].spans


def address_of(session: Session, service_id: int) -> str:
    """The address of a service, opened by right; empty where there is none.

    Side effect: one audit event.
    """
    address = subscriptions.address(session.db, service_id)
    if address is None:
        return ""
    account, _ = find_service(session, service_id)
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note("contact.show", account, {"service": service_id, "field": "address"})
    _, vault = session.sign_in_if_needed()
    return vault.open("service", "address", address.uid, address.value).unwrap()


def set_terms(session: Session, account: str, *, terms_day: int | None = None, anchor: int | None = None) -> None:
    """Give an account terms by a day of the next month, or an anchor for new services; 0 takes them away.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    for what, value in (("terms", terms_day), ("anchor", anchor)):
        if value is not None and not 0 <= value <= 31:
            raise InvalidInput(f"The day of the {what} must be from 1 to 31, or 0 for none.")
    before = agreements.terms_of(session.db, customer.id)
    day = before.terms_day if terms_day is None else terms_day
    own = before.anchor if anchor is None else anchor
    with writing(session, rights.SERVE) as tx:
        versions.hold(tx, versions.TERMS, [customer.id])
        agreements.set_terms(session.db, customer.id, day, own)
        versions.post(tx, versions.TERMS, [customer.id])
        tx.note("customer.terms", customer.account, {"terms_day": day, "anchor": own})
