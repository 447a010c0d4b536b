"""What the account screen reads at once, and what its rows are about."""

from collections.abc import Callable
from typing import Any, NamedTuple

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.billing.receivables.invoices import Due, Entry
from netbill_tui.billing.receivables.payments import PaymentRow
from netbill_tui.screens.customers.profile import AccountProfile
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.customers import accounts, notes, tags
from netbill_tui.usecases.customers.profiles import ProfileField
from netbill_tui.usecases.services.subscriptions import ServiceRow
from netbill_tui.widgets.lines import BOLD, INVERSE, PLAIN, Line, Part, between
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
    return (record.field, record.words) if isinstance(record, ProfileField) else record


class Head(NamedTuple):
    """What the head of the account screen says."""

    card: Card
    tags: list[str]
    pinned: list[NoteRow]
    profile: AccountProfile


def head_lines(head: Head, money: Callable[[int], str], width: int) -> list[Line]:
    """Who it is, where, what they take and owe, and when they paid last: five lines."""
    card, profile = head.card, head.profile
    customer, totals, last = card.customer, card.totals, card.last_payment
    since = f"since {short(customer.since)}" if customer.since else ""
    place = ", ".join(p for p in (profile.first("street"), customer.town) if p)
    sums: list[Part] = [
        (" Balance ", PLAIN), (money(totals.balance), BOLD), ("   overdue ", PLAIN), (money(totals.overdue), BOLD),
        (f" ({card.oldest_days} d)   credit {money(totals.credit)}   disputed {money(card.disputed)}", PLAIN),
    ]  # fmt: skip
    paid = f"{short(last.received_on)} {money(last.amount)} {last.method} {last.reference}{last.mark}" if last else "never"
    verified = f"CALLER VERIFIED by {profile.verified}  " if profile.verified else ""
    tags_ = f"   #{' #'.join(head.tags)}" if head.tags else ""
    pinned = f"   ! {head.pinned[0].text or head.pinned[0].outcome}" if head.pinned else ""
    who = f"{verified}{customer.status.upper()}  {customer.kind} "
    return [
        [(between(f" {customer.name or '(no name)'}{tags_}", who, width), BOLD)],
        between(f" {customer.plan or 'no plan'}", f"{since} ", width),
        between(f" {place}", f"{profile.first('phone')}   {profile.first('email')} ", width),
        sums if not card.fault else [(f" {card.fault}", INVERSE)],
        f" Last paid {paid}{pinned}",
    ]


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
