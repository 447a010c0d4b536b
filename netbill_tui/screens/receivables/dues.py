"""Dues: what is open, all or falling due soon."""

from typing import Any

from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.commands import PAPER, WIDER
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.columns import due_columns
from netbill_tui.screens.shell.listing import LIST_COMMANDS, ListScreen
from netbill_tui.screens.shell.paper import hand_out_marked
from netbill_tui.usecases.receivables import dues, paper
from netbill_tui.widgets.record_grid import Col, RecordGrid

# What `w` walks through: words, and the days ahead; None is all.
_SPANS: tuple[tuple[str, int | None], ...] = (("all open", None), ("in the next 7 days", 7), ("in the next 30 days", 30))


class DuesScreen(ListScreen):
    """Open invoices by due date."""

    LIST = "dues"
    DECLARED = (WIDER, *LIST_COMMANDS, PAPER)

    def __init__(self, within: int | None = None, *, bucket: str = "", terms: str = "") -> None:
        """Show a span.

        Args:
            within: Falling due in so many days; None is all.
            bucket: Only what stands in this ageing bucket.
            terms: Only what these leave.
        """
        super().__init__(terms)
        self._span_at = next(at for at, (_, days) in enumerate(_SPANS) if days == within)
        self._bucket = bucket

    def title_words(self) -> str:
        """Which span is shown."""
        if self._bucket:
            return "Dues: not due yet" if self._bucket == "current" else f"Dues: {self._bucket} days past due"
        view = self._views.name if self._views.at > 0 else ""
        return f"Dues: {view or _SPANS[self._span_at][0]}"

    def own_terms(self) -> str:
        """The span."""
        days = _SPANS[self._span_at][1]
        if self._bucket:
            first, last = dues.of_bucket(self.session, self._bucket)
        elif days is None:
            return ""
        else:
            first, last = dues.within(self.session, days)
        terms = ((f"due>={first}", dues.ALL[0] != first), (f"due<={last}", dues.ALL[1] != last))
        return " ".join(term for term, bounded in terms if bounded)

    def widen(self) -> None:
        """All due dates."""
        self._span_at, self._bucket = 0, ""

    def columns(self) -> list[Col[Any]]:
        """Invoice, whose, when, how much."""
        return list(due_columns(self.money))

    def empty(self) -> str:
        """What to do where nothing is open."""
        return "Nothing is open here. w changes the span, / the filter."

    def amount_of(self, record: Any) -> int:
        """What is open."""
        return int(record.open)

    def row_number(self) -> str:
        """The invoice."""
        return self._grid.record.number if self._grid.record else ""

    @story
    async def action_paper(self) -> None:
        """The marked invoices, or the one under the cursor: to the printer, or into files."""
        await hand_out_marked(self._marks, paper.INVOICE, [row.number for row in self._marks.rows])

    def action_within(self) -> None:
        """The next span."""
        self._span_at = 0 if self._bucket else (self._span_at + 1) % len(_SPANS)
        self._bucket = ""
        self.draw_frame()
        self.action_refresh()

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the invoice."""
        assert isinstance(event.record, Due)
        await self.open_screen("invoice", event.record.number)
