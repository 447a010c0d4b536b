"""What a payment settles: the block of the payment form that shows it, and the choice of the operator."""

import json

from netbill_tui.billing.core.money import format_amount, parse_positive
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.receivables.allocation import Share
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.styles.roles import HEAD, PLAIN, STRONG
from netbill_tui.text import counted
from netbill_tui.usecases.receivables import payments
from netbill_tui.widgets.lines import Line, Lines, fit, fit_right

ROWS = 7


def chosen_from(text: str) -> tuple[tuple[str, int], ...]:
    """An allocation as a draft keeps it; none where it cannot be read."""
    try:
        return tuple((str(number), int(amount)) for number, amount in json.loads(text))
    except (ValueError, TypeError):
        return ()


class PaymentShares:
    """The invoices that an amount would settle, oldest first or as they were chosen.

    Attributes:
        lines: The widget that shows them.
        chosen: Invoice and amount of each that the operator chose; empty for the oldest first.
        chosen_for: The account that they were chosen for.
    """

    def __init__(self, screen: NetbillScreen) -> None:
        self._screen = screen
        self.lines = Lines([""] * ROWS)
        self.lines.add_class("figures")
        self.chosen: tuple[tuple[str, int], ...] = ()
        self.chosen_for = ""

    def forget(self) -> None:
        """The oldest comes first again."""
        self.chosen = ()

    def fitting(self, amount: int) -> tuple[tuple[str, int], ...]:
        """What was chosen, while it fits the amount; another amount begins with the oldest again."""
        if sum(part for _, part in self.chosen) > amount:
            self.chosen = ()
        return self.chosen

    async def draw(self, card: Card | None, amount: int) -> None:
        """Show what the amount would settle on an account."""
        money = self._screen.money
        how = "Applies to (chosen, F8)" if self.chosen else "Applies to (oldest first, F8)"
        lines: list[Line] = [[(f"  {how:<30}{'Open':>14}{'Apply':>14}{'Left':>14}", HEAD)]]
        hint = None
        if amount > 0 and card is not None:
            shares, left, hint = await self._preview(card, amount)
            lines += [self._row(share) for share in shares[:3]]
            if len(shares) > 3:
                more = f"and {counted(len(shares) - 3, 'more invoice')}"
                lines.append(f"    {more:<42}{money(sum(s.amount for s in shares[3:])):>14}")
            lines.append(f"    {'on account (credit)':<28}{'':>14}{money(left):>14}")
            after = money(card.totals.balance - amount)
            lines.append([(f"    {'balance after':<28}{'':>14}", PLAIN), (f"{after:>14}", STRONG)])
        self.lines.show([*lines, *[""] * (ROWS - len(lines))][:ROWS])
        if hint:
            self._screen.tell(f"The amount is exactly what is open on {hint}; it still settles the oldest first.")

    async def _preview(self, card: Card, amount: int) -> tuple[list[Share], int, str | None]:
        """How the payment would be spread; a choice that no longer fits what is open is given up, and that is said."""
        account = card.customer.account
        try:
            return await self._screen.read(payments.preview, account, amount, self.fitting(amount))
        except (InvalidInput, Refused) as error:
            if not self.chosen:
                raise
            self.chosen = ()
            self._screen.refuse(f"{error} The oldest is settled first again; F8 lets you choose.")
            return await self._screen.read(payments.preview, account, amount)

    def _row(self, share: Share) -> str:
        invoice = share.invoice
        cells = (invoice.open, share.amount, invoice.open - share.amount)
        return f"    {fit(invoice.number, 28)}" + "".join(fit_right(self._screen.money(c), 14) for c in cells)

    async def choose(self, card: Card, amount: int) -> None:
        """Let the operator say which invoices the amount settles.

        Raises:
            Refused: Nothing is open on the account.
        """
        from netbill_tui.screens.shell.forms.apply import ApplyForm

        screen, currency = self._screen, self._screen.session.book.currency
        invoices = await screen.read(payments.open_invoices, card.customer.account)
        if not invoices:
            raise Refused("Nothing is open on this account; the payment goes on account.")
        shares, _, _ = await self._preview(card, amount)
        now = {s.invoice.number: s.amount for s in shares}
        form = ApplyForm(amount, invoices, now, lambda a: format_amount(a, currency), lambda t: parse_positive(t, currency))
        chosen = await screen.ask(form)
        if chosen is not None:
            self.chosen, self.chosen_for = chosen, card.customer.account
            await self.draw(card, amount)
