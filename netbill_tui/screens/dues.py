"""Dues: what is open, all or falling due soon."""

from textual.app import ComposeResult

from netbill_tui.billing.invoices import Due
from netbill_tui.commands import CUSTOMER, OPEN, WIDER
from netbill_tui.screens.base import NetbillScreen, story
from netbill_tui.screens.lists import PAGE, due_columns, loader_of
from netbill_tui.services import dues
from netbill_tui.services.paging import FIRST, Page
from netbill_tui.widgets.lines import Lines
from netbill_tui.widgets.record_grid import RecordGrid

# What `w` walks through: words, and the days ahead; None is all.
_SPANS: tuple[tuple[str, int | None], ...] = (("all open", None), ("in the next 7 days", 7), ("in the next 30 days", 30))


class DuesScreen(NetbillScreen):
    """Open invoices by due date."""

    DECLARED = (OPEN, CUSTOMER, WIDER)

    def __init__(self, within: int | None = None, *, bucket: str = "") -> None:
        """Show a span.

        Args:
            within: Falling due in so many days; None is all.
            bucket: Only what stands in this ageing bucket.
        """
        super().__init__()
        self._chosen = next(at for at, (_, days) in enumerate(_SPANS) if days == within)
        self._bucket = bucket

    def title_words(self) -> str:
        """Which span is shown."""
        if self._bucket:
            return "Dues: not due yet" if self._bucket == "current" else f"Dues: {self._bucket} days past due"
        return f"Dues: {_SPANS[self._chosen][0]}"

    def _span(self) -> dues.Span:
        if self._bucket:
            return dues.of_bucket(self.session, self._bucket)
        days = _SPANS[self._chosen][1]
        return dues.ALL if days is None else dues.within(self.session, days)

    def body(self) -> ComposeResult:
        """The list."""
        self._grid: RecordGrid[Due] = RecordGrid(
            due_columns(self.money), lambda d: d.id, empty="Nothing is open here. w changes the span."
        )
        yield self._grid
        self._sum = Lines([""])
        yield self._sum

    @story
    async def action_refresh(self) -> None:
        """Read the first page and the sum."""
        count, total = await self.read(dues.sums, self._span())
        if self.session.is_past:
            self._grid.show(await self._page(FIRST))
        else:
            await self._grid.reload(loader_of(self._page, lambda d: (d.due, d.id)), page=PAGE)
        self._sum.show([f" {count:,} invoices, {self.money(total)} {self.session.book.currency} open"])

    async def _page(self, which: Page) -> list[Due]:
        return await self.read(dues.page, self._span(), which)

    def action_within(self) -> None:
        """The next span."""
        self._chosen = 0 if self._bucket else (self._chosen + 1) % len(_SPANS)
        self._bucket = ""
        self.draw_frame()
        self.action_refresh()

    def account(self) -> str | None:
        """Whose invoice the cursor is on."""
        return self._grid.record.account if self._grid.record else None

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the invoice."""
        from netbill_tui.screens.invoice import InvoiceScreen

        assert isinstance(event.record, Due)
        await self.app.push_screen(InvoiceScreen(event.record.number))

    @story
    async def action_customer(self) -> None:
        """Open the account."""
        from netbill_tui.screens.customer import CustomerScreen

        if self._grid.record:
            await self.app.push_screen(CustomerScreen(self._grid.record.account))
