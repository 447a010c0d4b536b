"""What the account screen reads at once, and what its rows are about."""

from collections.abc import Callable
from typing import Any

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.billing.receivables.invoices import Due, Entry
from netbill_tui.billing.receivables.payments import PaymentRow
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.customers import accounts, notes, tags
from netbill_tui.usecases.services.subscriptions import ServiceRow
from netbill_tui.widgets.record_grid import Col


def card_of(session: Any, account: str) -> tuple[Card, list[str], list[NoteRow]]:
    """The card with its tags and pinned notes."""
    card = accounts.card(session, account)
    pinned = [n for n in notes.of_customer(session, account) if n.pinned] if card.notes else []
    return card, tags.tags_of(session, account), pinned


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
    if isinstance(record, trail.Event):
        return record.seq
    if isinstance(record, ServiceRow):
        return ("Service", record.service.id)
    return record[:2] if isinstance(record, tuple) else record


NARROW = 78  # fewer columns do not hold both sides


def ledger_columns(money: Callable[[int], str], width: int) -> list[Col[Entry]]:
    """The columns of the ledger: debit and credit apart, or both in one where one alone would be left out."""
    day: Col[Entry] = Col("Date", 9, lambda e: short(e.date))
    what: Col[Entry] = Col("What", 0, lambda e: e.text)
    balance: Col[Entry] = Col("Balance", 11, lambda e: money(e.balance), right=True)
    if width < NARROW:
        return [day, what, Col("Amount", 11, lambda e: money(e.amount), right=True), balance]
    return [
        day,
        Col("Document", 13, lambda e: e.document, priority=1),
        what,
        Col("Debit", 11, lambda e: money(e.amount) if e.amount > 0 else "", right=True),
        Col("Credit", 11, lambda e: money(-e.amount) if e.amount <= 0 else "", right=True),
        balance,
    ]
