"""Payments received, newest first."""

from datetime import timedelta
from typing import Any

from netbill_tui.billing.receivables.payments import METHODS, PaymentRow
from netbill_tui.commands import METHOD, RECEIPT, REVERSE, WIDER
from netbill_tui.errors import Refused
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.bulk import confirmation, each
from netbill_tui.screens.shell.columns import payment_columns
from netbill_tui.screens.shell.forms.reversal import check_reason, reverse_payment
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.listing import LIST_COMMANDS, ListScreen
from netbill_tui.text import counted
from netbill_tui.usecases.receivables import payments
from netbill_tui.widgets.record_grid import Col, RecordGrid

_SPANS = (0, 6, 29, 364, None)
_WORDS = ("today", "7 days", "30 days", "a year", "all")


class PaymentsScreen(ListScreen):
    """A span of payments, of one method or of all."""

    LIST = "payments"
    DECLARED = (RECEIPT, REVERSE, METHOD, WIDER, *LIST_COMMANDS)

    def __init__(self, *, today: bool = False, terms: str = "") -> None:
        super().__init__(terms)
        # What was asked for by a filter is not narrowed down by a span as well.
        self._span = 0 if today else 4 if terms else 2
        self._method = ""

    def title_words(self) -> str:
        """Span and method."""
        view = self._views.name if self._views.at > 0 else ""
        return f"Payments: {view or _WORDS[self._span] + ', ' + (self._method or 'all methods')}"

    def own_terms(self) -> str:
        """Span and method."""
        days, today = _SPANS[self._span], self.session.date()
        span = "" if days is None else f"date>={today - timedelta(days=days)} date<={today}"
        return f"{span} {'method:' + self._method if self._method else ''}".strip()

    def widen(self) -> None:
        """All days, all methods."""
        self._span, self._method = len(_SPANS) - 1, ""

    def columns(self) -> list[Col[Any]]:
        """When, whose, how, how much."""
        return list(payment_columns(self.money))

    def empty(self) -> str:
        """What to do where nothing was received."""
        return "No payment here. w widens the span, m changes the method, / the filter."

    def amount_of(self, record: Any) -> int:
        """What was paid, and not taken back."""
        return 0 if record.state in ("returned", "reversed") else int(record.amount)

    def row_number(self) -> str:
        """The receipt."""
        return self._grid.record.receipt if self._grid.record else ""

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

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Show the receipt."""
        await self._show(event.record)

    @story
    async def action_receipt(self) -> None:
        """Show the receipt."""
        await self._show(self._grid.record)

    async def _show(self, record: object) -> None:
        if isinstance(record, PaymentRow):
            await self.open_screen("receipt", record.receipt)

    @story
    async def action_reverse(self) -> None:
        """Take the payment back, or all that are marked for one reason."""
        self.session.may_post()
        if self._grid.marked:
            await self._reverse_marked()
        elif self._grid.record:
            await reverse_payment(self, self._grid.record.receipt)
            self.action_refresh()

    async def _reverse_marked(self) -> None:
        marked = list(self._grid.marked.values())
        # What was taken back already cannot be once more: it is not counted, and told.
        chosen = [r for r in marked if r.state not in ("returned", "reversed")]
        if not chosen:
            raise Refused("All marked payments were taken back already; u unmarks them.")
        receipts, accounts = [r.receipt for r in chosen], list(dict.fromkeys(r.account for r in chosen))
        sum_ = f"{self.money(sum(r.amount for r in chosen))} {self.session.book.currency}"
        taken_back = len(marked) - len(chosen)
        lines = (
            f"Reverse {counted(len(receipts), 'payment')} of {counted(len(accounts), 'account')}, sum {sum_}.",
            f"What they settled becomes open again.{f' Left out, taken back already: {taken_back}.' if taken_back else ''}",
        )
        asked = (Asked("Reason", check=check_reason, limit=200), confirmation(len(receipts), "reverse"))
        answer = await self.ask(TextForm("Reverse all marked payments", asked, lines))
        if answer is None:
            self.tell("Nothing was reversed.")
            return
        reason = check_reason(answer[0])
        await each(
            self._marks, receipts, "Reversed", lambda receipt, uid: self.write(payments.reverse, receipt, reason, request_id=uid)
        )
