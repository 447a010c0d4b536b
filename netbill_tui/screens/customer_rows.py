"""What the account screen reads at once, and what its rows are about."""

from typing import Any

from netbill_tui.billing.customers import Card
from netbill_tui.billing.invoices import Due, Entry
from netbill_tui.billing.notes import NoteRow
from netbill_tui.billing.payments import PaymentRow
from netbill_tui.services import arranging, auditing, customers, notes
from netbill_tui.services.subscriptions import ServiceRow


def card_of(session: Any, account: str) -> tuple[Card, list[str], list[NoteRow]]:
    """The card with its tags and pinned notes."""
    card = customers.card(session, account)
    pinned = [n for n in notes.of_customer(session, account) if n.pinned] if card.notes else []
    return card, arranging.tags_of(session, account), pinned


def receipt_of(record: object) -> str | None:
    """The receipt that a row is about, or None."""
    if isinstance(record, PaymentRow):
        return record.receipt
    if isinstance(record, Entry) and record.kind not in ("invoice", "credit-note"):
        return record.document.removesuffix("-REV")
    return None


def identity(record: object) -> object:
    """What a row is known by when the list is read again."""
    if isinstance(record, (Entry, Due, PaymentRow, NoteRow)):
        return (type(record).__name__, record.id)
    if isinstance(record, auditing.Event):
        return record.seq
    if isinstance(record, ServiceRow):
        return ("Service", record.service.id)
    return record[:2] if isinstance(record, tuple) else record
