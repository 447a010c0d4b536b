"""What the account screen reads at once, and what its rows are about."""

from collections.abc import Callable
from typing import Any, NamedTuple

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.billing.receivables.invoices import Due, Entry
from netbill_tui.billing.receivables.payments import PaymentRow
from netbill_tui.screens.customers.profile import AccountProfile
from netbill_tui.styles.roles import BAD, CREDIT, LATE, PLAIN, QUIET, SORTED, STRONG, TITLE, WAIT
from netbill_tui.text import cell_width, counted
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts, notes, tags
from netbill_tui.usecases.customers.profiles import ProfileField
from netbill_tui.usecases.services.subscriptions import ServiceRow
from netbill_tui.widgets.lines import Line, Part, bar_of, between, chip
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


def head_lines(head: Head, money: Callable[[int], str], width: int, today: str) -> list[Line]:
    """Who it is, where, what they take and owe, why their state is what it is, and when they paid last: five lines."""
    card, profile = head.card, head.profile
    customer, totals, last = card.customer, card.totals, card.last_payment
    tags_ = f"   #{' #'.join(head.tags)}" if head.tags else ""
    phone: list[Part] = [chip(profile.first("phone"), SORTED)] if profile.first("phone") else []
    verified: list[Part] = [chip(f"CALLER VERIFIED by {profile.verified}", TITLE)] if profile.verified else []
    bar = bar_of(f" {customer.account}  {customer.name or '(no name)'}{tags_}", width, *verified, *phone)
    state: list[Part] = [(" ", PLAIN)]
    state.append((customer.status, PLAIN) if customer.status == "active" else chip(customer.status.upper(), WAIT))
    since = f"   since {short(customer.since)}" if customer.since else ""
    place = ", ".join(p for p in (profile.first("street"), customer.town) if p)
    left = f"   {customer.plan or 'no plan'}{since}"
    room = width - sum(cell_width(text) for text, _ in state)
    state.append((between(left, f"{customer.kind} ", room), PLAIN))
    sums: list[Part] = [(" balance ", PLAIN), (money(totals.balance), CREDIT if totals.balance < 0 else STRONG)]
    sums.append((", in their favour" if totals.balance < 0 else "", PLAIN))
    late = totals.overdue > 0
    sums += [("   overdue ", PLAIN), (f"{money(totals.overdue)}, {counted(card.oldest_days, 'day')}", LATE)] if late else []
    sums.append((("" if late else "   nothing overdue") + f"   credit {money(totals.credit)}", PLAIN))
    why: list[Part] = [(" ", PLAIN)]
    if totals.promise_on:
        day = short(totals.promise_on)
        broken = totals.promise_on < today
        why += [chip("BROKEN", BAD), (f" promise of {day}   ", PLAIN)] if broken else [(f"promise for {day}   ", PLAIN)]
    if card.disputed:
        why += [chip("DISPUTED", WAIT), (f" {money(card.disputed)}   ", PLAIN)]
    paid = (
        f"{short(last.received_on)} {money(last.amount)} {last.method} {last.reference}{last.mark}".rstrip() if last else "never"
    )
    why.append((f"last paid {paid}", PLAIN))
    if head.pinned:
        why.append((f"   ! {head.pinned[0].text or head.pinned[0].outcome}", STRONG))
    return [
        bar,
        state,
        sums if not card.fault else [chip("NO", BAD), (f" {card.fault}", STRONG)],
        why,
        [(between(f" {profile.first('email')}", f"{place} ", width), QUIET)],
    ]


def _balance(minor: int, money: Callable[[int], str]) -> str:
    return f"{money(-minor)}cr" if minor < 0 else money(minor)


def _balance_role(entry: Entry) -> str:
    return CREDIT if entry.balance < 0 else PLAIN


NARROW = 78  # fewer columns do not hold both sides


def ledger_columns(money: Callable[[int], str], width: int) -> list[Col[Entry]]:
    """The columns of the ledger: debit and credit apart, or both in one where one alone would be left out."""
    day: Col[Entry] = Col("Date", 9, lambda e: short(e.date))
    what: Col[Entry] = Col("What", 0, lambda e: e.text)
    # In the customer's favour: said by `cr`, whatever the colours.
    balance: Col[Entry] = Col("Balance", 14, lambda e: _balance(e.balance, money), right=True, role=_balance_role)
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


def note_columns() -> list[Col[NoteRow]]:
    """The columns of the notes."""
    return [
        Col("Date", 9, lambda n: short(n.date)), Col("Kind", 16, lambda n: n.outcome or n.kind),
        Col("Text", 0, lambda n: n.text.replace("\n", " / ")),
        Col("Again on", 9, lambda n: short(n.next_action_on) if n.next_action_on else "", priority=1),
        Col("By", 8, lambda n: n.operator, priority=2),
    ]  # fmt: skip


def audit_columns(session: Session, account: str) -> list[Col[trail.Event]]:
    """The columns of the audit of an account."""
    return [
        Col("At", 15, lambda e: session.calendar.moment(e.at_us)[:15]), Col("Who", 10, lambda e: e.actor),
        Col("What", 0, lambda e: trail.in_words(session, e, account), least=46),
        Col("Event", 17, lambda e: e.action, priority=2), Col("Session", 8, lambda e: e.session, priority=1),
    ]  # fmt: skip
