"""Who did what to a record, when, from which session."""

import json
from datetime import UTC, datetime

from netbill_tui.db import audit as rows
from netbill_tui.db.audit import Event
from netbill_tui.services.customers import find_customer
from netbill_tui.services.session import Session

__all__ = ["Event", "of_account", "of_record", "words"]


def of_account(session: Session, account: str) -> list[Event]:
    """The newest 200 events of an account and its payments, newest first."""
    customer = find_customer(session, account)
    return rows.of_account(session.db, customer.account, customer.id)


def of_record(session: Session, number: str) -> list[Event]:
    """The newest 200 events of a receipt, invoice or other record, newest first."""
    return rows.of_object(session.db, number)


def moment(event: Event) -> str:
    """When it was, in UTC, to the second."""
    return datetime.fromtimestamp(event.at_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def words(event: Event) -> str:
    """The detail as `key value` pairs."""
    detail = json.loads(event.detail)
    return ", ".join(f"{key} {value}" for key, value in detail.items()) if isinstance(detail, dict) else str(detail)
