"""The account beside a list, on a wide terminal."""

from collections.abc import Sequence
from functools import partial

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.styles.roles import BAD, STRONG
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts, notes, tags
from netbill_tui.widgets.lines import Line, Lines, wrapped

WIDTH, FROM = 40, 120


class SidePane:
    """The account of the row under the cursor, where the terminal is wide enough.

    Attributes:
        lines: The widget that shows it.
    """

    def __init__(self, screen: NetbillScreen) -> None:
        self._screen = screen
        self.lines = Lines([])
        self.lines.styles.width = WIDTH
        self.lines.display = False

    def fit(self, account: str | None) -> None:
        """The size of the terminal, or whether the pane is wanted, may have changed."""
        wide = self._screen.app.size.width >= FROM and self._screen.netbill.desk.pane
        if wide != self.lines.display:
            self.lines.display = wide
            self.show(account)

    def show(self, account: str | None) -> None:
        """Show an account, or nothing."""
        if account is None or not self.lines.display:
            self.lines.show([])
        else:
            self._screen.beside(partial(self._read, account), "side", newest=True)

    async def _read(self, account: str) -> None:
        try:
            card, noted, words = await self._screen.read(_of, account)
        except NetbillError as error:
            self.lines.show([f" {error}"])
            return
        self.lines.show(_lines(self._screen, card, noted, words, WIDTH))


def _of(session: Session, account: str) -> tuple[Card, list[NoteRow], list[str]]:
    card = accounts.card(session, account)
    return card, notes.of_id(session, card.customer.id)[:3], tags.tags_of(session, account)


def _lines(screen: NetbillScreen, card: Card, noted: Sequence[NoteRow], words_: Sequence[str], width: int) -> list[Line]:
    """What an operator asks about an account first, in lines of a narrow pane."""
    customer, totals, money = card.customer, card.totals, screen.money
    last = card.last_payment
    paid = f"{short(last.received_on)} {money(last.amount)} {last.method}{last.mark}" if last else "never"
    lines: list[Line] = [
        [(f" {customer.account}  {customer.status.upper()}", STRONG)], [(f" {customer.name or '(no name)'}", STRONG)],
        f" {customer.plan or 'no plan'}", f" {customer.postcode} {customer.town}".rstrip(), "",
        f" {'Balance':<12}{money(totals.balance):>14}", f" {'Overdue':<12}{money(totals.overdue):>14}  {card.oldest_days} d",
        f" {'Credit':<12}{money(totals.credit):>14}", f" {'Disputed':<12}{money(card.disputed):>14}", "",
        f" Last paid {paid}", f" Tags {' '.join(words_) or '-'}",
    ]  # fmt: skip
    if card.fault:
        lines.append([(f" {card.fault}", BAD)])
    for note in noted:
        lines += ["", f" {short(note.date)} {note.operator}{' (pinned)' if note.pinned else ''}"]
        words = f"{note.outcome} {note.text}".strip()
        lines += [f"  {line}" for line in wrapped(words, width - 3)]
    return lines
