"""Payments received, newest first."""

from datetime import timedelta

from textual.app import ComposeResult

from netbill_tui.billing.payments import METHODS, PaymentRow
from netbill_tui.commands import CUSTOMER, METHOD, OPEN, RECEIPT, REVERSE, WIDER
from netbill_tui.screens.base import NetbillScreen, story
from netbill_tui.screens.forms.reversal import reverse_payment
from netbill_tui.screens.lists import PAGE, loader_of, payment_columns
from netbill_tui.services import payments
from netbill_tui.services.paging import Page
from netbill_tui.widgets.lines import Lines
from netbill_tui.widgets.record_grid import RecordGrid

_SPANS = (0, 6, 29, 364, 36500)
_WORDS = ("today", "7 days", "30 days", "a year", "all")


class PaymentsScreen(NetbillScreen):
    """A span of payments, of one method or of all."""

    DECLARED = (OPEN, RECEIPT, REVERSE, CUSTOMER, METHOD, WIDER)

    def __init__(self, *, today: bool = False) -> None:
        super().__init__()
        self._span = 0 if today else 2
        self._method = ""

    def title_words(self) -> str:
        """Span and method."""
        return f"Payments: {_WORDS[self._span]}, {self._method or 'all methods'}"

    def body(self) -> ComposeResult:
        """The list."""
        self._grid: RecordGrid[PaymentRow] = RecordGrid(
            payment_columns(self.money),
            lambda p: p.id,
            empty="No payment here. w widens the span, m changes the method.",
        )
        yield self._grid
        self._sum = Lines([""])
        yield self._sum

    def _dates(self) -> tuple[str, str]:
        today = self.session.date()
        return (today - timedelta(days=_SPANS[self._span])).isoformat(), today.isoformat()

    @story
    async def action_refresh(self) -> None:
        """Read the first page and the sum."""
        count, total = await self.read(payments.span_sum, *self._dates(), self._method)
        await self._grid.reload(loader_of(self._page, lambda p: (p.date, p.id)), page=PAGE)
        self._sum.show([f" {count:,} payments, {self.money(total)} {self.session.book.currency}   (R reversed, RET returned)"])

    async def _page(self, which: Page) -> list[PaymentRow]:
        return await self.read(payments.in_span, *self._dates(), self._method, which)

    def action_within(self) -> None:
        """The next span."""
        self._span = (self._span + 1) % len(_SPANS)
        self.draw_frame()
        self.action_refresh()

    def action_method(self) -> None:
        """The next method."""
        methods = ["", *METHODS]
        self._method = methods[(methods.index(self._method) + 1) % len(methods)]
        self.draw_frame()
        self.action_refresh()

    def account(self) -> str | None:
        """Whose payment the cursor is on."""
        return self._grid.record.account if self._grid.record else None

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Show the receipt."""
        await self._show(event.record)

    @story
    async def action_receipt(self) -> None:
        """Show the receipt."""
        await self._show(self._grid.record)

    async def _show(self, record: object) -> None:
        from netbill_tui.screens.receipt import ReceiptScreen

        if isinstance(record, PaymentRow):
            await self.app.push_screen(ReceiptScreen(record.receipt))

    @story
    async def action_reverse(self) -> None:
        """Take the payment back."""
        if self._grid.record:
            await reverse_payment(self, self._grid.record.receipt)
            self.action_refresh()

    @story
    async def action_customer(self) -> None:
        """Open the account."""
        from netbill_tui.screens.customer import CustomerScreen

        if self._grid.record:
            await self.app.push_screen(CustomerScreen(self._grid.record.account))
