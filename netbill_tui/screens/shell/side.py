"""The account beside a list, on a wide terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.widgets.lines import BOLD, INVERSE, Line, wrapped

if TYPE_CHECKING:
    from netbill_tui.screens.shell.base import NetbillScreen


def side_lines(screen: "NetbillScreen", card: Card, noted: Sequence[NoteRow], tags: Sequence[str], width: int) -> list[Line]:
    """What an operator asks about an account first, in lines of a narrow pane."""
    customer, totals, money = card.customer, card.totals, screen.money
    last = card.last_payment
    paid = f"{short(last.received_on)} {money(last.amount)} {last.method}{last.mark}" if last else "never"
    lines: list[Line] = [
        [(f" {customer.account}  {customer.status.upper()}", BOLD)], [(f" {customer.name or '(no name)'}", BOLD)],
        f" {customer.plan or 'no plan'}", f" {customer.postcode} {customer.town}".rstrip(), "",
        f" {'Balance':<12}{money(totals.balance):>14}", f" {'Overdue':<12}{money(totals.overdue):>14}  {card.oldest_days} d",
        f" {'Credit':<12}{money(totals.credit):>14}", f" {'Disputed':<12}{money(card.disputed):>14}", "",
        f" Last paid {paid}", f" Tags {' '.join(tags) or '-'}",
    ]  # fmt: skip
    if card.fault:
        lines.append([(f" {card.fault}", INVERSE)])
    for note in noted:
        lines += ["", f" {short(note.date)} {note.operator}{' (pinned)' if note.pinned else ''}"]
        words = f"{note.outcome} {note.text}".strip()
        lines += [f"  {line}" for line in wrapped(words, width - 3)]
    return lines
