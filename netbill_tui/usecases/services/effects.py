"""What an event of a service would do to the next invoices, before it is ordered. Source: docs/rules.md, *16 Changes*."""

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from netbill_tui.billing.billing_run.planning import Plan
from netbill_tui.billing.services.subscriptions import Event
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.security import rights
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.services.estimates import next_bill
from netbill_tui.usecases.services.events import post_scheduled, read_event
from netbill_tui.usecases.services.subscriptions import find_service


class Effect(NamedTuple):
    """What an event of a service does to what is billed: the next invoices as things stand, and with it."""

    event: Event
    before: Plan
    after: Plan


class _TakenBack(Exception):
    """All of it was done to be looked at."""


def effect(session: Session, service_id: int, kind: str, fields: Mapping[str, str], count: int = 2) -> Effect:
    """What an event would do to the next invoices: it is done, the invoices are planned, and all of it is taken back.

    Args:
        session: The session of the operator who would order it.
        service_id: Of which service.
        kind: As of `schedule_event`, with its fields.
        fields: Likewise.
        count: So many invoices.

    Raises:
        InvalidInput: A field that cannot be taken.
        Refused: It cannot happen to the service on that day.
        CannotBill: With what is missing.

    Side effect: none; nothing of it is kept, and the audit has no event.
    """
    catalogue = codes.load(session)
    account, row = find_service(session, service_id)
    event = read_event(session, row, kind, fields, catalogue)
    customer = find_customer(session, account)
    before = after = next_bill(session, account, count)
    with suppress(_TakenBack), writing(session, rights.SERVE) as tx:
        status = customer_rows.lock(session.db, customer.id)
        post_scheduled(tx, session, customer._replace(status=status), row, event, catalogue)
        after = next_bill(session, account, count)
        raise _TakenBack
    return Effect(event, before, after)
