"""One invoice with its lines and what is open on it."""

from textual.app import ComposeResult

from netbill_tui.billing.dates import short
from netbill_tui.billing.invoices import Due
from netbill_tui.billing.invoices import Line as InvoiceLine
from netbill_tui.commands import CUSTOMER
from netbill_tui.screens.base import NetbillScreen, story
from netbill_tui.screens.desk import Place
from netbill_tui.services import auditing, dues
from netbill_tui.widgets.lines import UNDERLINE, Line, Lines, fit, fit_right


class InvoiceScreen(NetbillScreen):
    """An invoice is only looked at: it is issued and never changes."""

    DECLARED = (CUSTOMER,)
    AUTO_FOCUS = None

    def __init__(self, number: str) -> None:
        super().__init__()
        self._number = number
        self._due: Due | None = None

    def title_words(self) -> str:
        """Its number."""
        return f"Invoice {self._number}"

    def body(self) -> ComposeResult:
        """The invoice as text."""
        self._page = Lines([])
        self._page.styles.height = "1fr"
        yield self._page

    @story
    async def action_refresh(self) -> None:
        """Read the invoice."""
        due, lines = await self.read(dues.invoice, self._number)
        self._due = due
        self.netbill.desk.jumps.visit(Place("invoice", due.number))
        events = await self.read(auditing.of_record, due.number)
        told = [f"  {auditing.moment(e)} UTC  {e.actor:<12} {e.action:<18} {auditing.words(e)}" for e in events]
        self._page.show([*self._text(due, lines), "", "  Audit", *(told or ["  posted with others; netbill audit ACCOUNT"])])

    def place(self) -> Place:
        """The invoice, for the jump list."""
        return Place("invoice", self._number)

    def _text(self, due: Due, lines: list[InvoiceLine]) -> list[Line]:
        made: list[Line] = [
            "", f"  Account  {due.account}  {due.name or '(no name)'}", f"  Issued   {short(due.issued)}",
            f"  Due      {short(due.due)}" + (f"   {due.days} days past due" if due.days > 0 and due.open else ""), "",
            [(f"  {'Code':<10}{'What':<28}{'Period':<24}{'Amount':>13}", UNDERLINE)],
        ]  # fmt: skip
        for line in lines:
            period = f"{line.period_first} - {line.period_end}" if line.period_first else ""
            amount = fit_right(self.money(line.amount), 13)
            made.append(f"  {fit(line.code, 10)}{fit(line.text, 27)} {fit(period, 24)}{amount}")
        made += ["", f"  {'Total':<62}{self.money(due.total):>13}", f"  {'Open':<62}{self.money(due.open):>13}"]
        return [*made, f"  State    {due.state}"]

    def account(self) -> str | None:
        """Whose invoice it is."""
        return self._due.account if self._due else None

    @story
    async def action_customer(self) -> None:
        """Open the account."""
        from netbill_tui.screens.customer import CustomerScreen

        if self._due:
            await self.app.push_screen(CustomerScreen(self._due.account))
