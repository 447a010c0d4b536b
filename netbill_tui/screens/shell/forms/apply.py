"""Which invoices a payment settles: the proposed amounts, to be changed."""

from collections.abc import Callable, Sequence
from typing import cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.receivables.allocation import OpenInvoice
from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.screens.shell.program import Program
from netbill_tui.styles.roles import QUIET, STRONG
from netbill_tui.widgets.fields import Field
from netbill_tui.widgets.lines import Line, Lines, panel_head, problem_lines

Applied = tuple[tuple[str, int], ...]
MOST = 40


class ApplyForm(FormScreen[Applied]):
    """A field for each open invoice. It answers with what was typed; nothing typed anywhere goes to the oldest first."""

    def __init__(
        self,
        amount: int,
        invoices: Sequence[OpenInvoice],
        now: dict[str, int],
        money: Callable[[int], str],
        parse: Callable[[str], int],
    ) -> None:
        """Make the form.

        Args:
            amount: Of the payment.
            invoices: What is open, oldest first.
            now: What the payment would settle as things stand, by invoice number.
            money: How an amount is shown.
            parse: How one is read; an empty field is nothing.
        """
        super().__init__()
        self._amount, self._invoices, self._now = amount, list(invoices)[:MOST], now
        self._money, self._parse = money, parse
        self._left = Lines([""])
        self._error = Lines([""])

    def compose(self) -> ComposeResult:
        """The amount, the invoices, what is left."""
        with VerticalScroll(id="form", classes="tall"):
            head: list[Line] = [panel_head(f"Apply {self._money(self._amount)} to")]
            yield Lines(head)
            for at, invoice in enumerate(self._invoices):
                value = self._money(self._now[invoice.number]).replace(" ", "") if self._now.get(invoice.number) else ""
                disputed = " DISPUTED" if invoice.disputed else ""
                yield Field(
                    invoice.number,
                    f"apply{at}",
                    value=value,
                    width=14,
                    remark=f"open {self._money(invoice.open)} due {short(invoice.due)}{disputed}",
                )
            yield self._left
            yield self._error
            yield Lines(["    Enter moves on, F10 accepts, F12 leaves"], role=QUIET)

    def on_mount(self) -> None:
        """Begin with the oldest."""
        self._draw_left()
        self.query_one("#apply0", Input).focus()

    def _values(self) -> list[int]:
        texts = [self.query_one(f"#apply{at}", Input).value.strip() for at in range(len(self._invoices))]
        return [self._parse(t) if t and t.strip("0.,") else 0 for t in texts]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what is left while amounts are typed."""
        event.stop()
        self._draw_left()

    def _draw_left(self) -> None:
        try:
            left = self._amount - sum(self._values())
        except NetbillError:
            return
        # What is chosen comes first; the rest settles the oldest, as every payment does (docs/rules.md, *3 Payment*).
        words = f"  the rest, {self._money(left)}, goes to the oldest first" if left >= 0 else f"  {self._money(-left)} too much"
        self._left.show([[(words, STRONG)]])

    def action_post(self) -> None:
        """Answer, where the amounts fit."""
        try:
            values = self._values()
            problem = self._problem(values)
        except NetbillError as error:
            problem = str(error)
        if problem:
            self.app.bell()
            cast(Program, self.app).drop_keys()
            self._error.show(problem_lines(problem))
            return
        self.answer(tuple((invoice.number, value) for invoice, value in zip(self._invoices, values, strict=True) if value))

    def _problem(self, values: list[int]) -> str:
        for invoice, value in zip(self._invoices, values, strict=True):
            if value > invoice.open:
                return f"{invoice.number} has only {self._money(invoice.open)} open; type that or less."
        if sum(values) > self._amount:
            return f"That is {self._money(sum(values) - self._amount)} more than was paid; type smaller amounts."
        return ""
