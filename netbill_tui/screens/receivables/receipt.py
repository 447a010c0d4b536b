"""A receipt as it is printed: 80 columns of text."""

from textual.app import ComposeResult

from netbill_tui.billing.receivables.payments import Payment
from netbill_tui.commands import CUSTOMER, PAPER, REVERSE
from netbill_tui.documents.receipt import receipt_text
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.desk import Place
from netbill_tui.screens.shell.forms.reversal import reverse_payment
from netbill_tui.screens.shell.paper import hand_out
from netbill_tui.screens.shell.text_page import SCROLL_KEYS
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.receivables import paper, payments
from netbill_tui.widgets.lines import Lines


class ReceiptScreen(NetbillScreen):
    """One receipt; the terminal's own selection copies it."""

    DECLARED = (REVERSE, PAPER, CUSTOMER)
    KEYS = SCROLL_KEYS
    AUTO_FOCUS = None

    def __init__(self, receipt: str, *, copy: bool = True) -> None:
        super().__init__()
        self._receipt = receipt
        self._copy = copy
        self._payment: Payment | None = None

    def title_words(self) -> str:
        """Its number."""
        return f"Receipt {self._receipt}"

    def body(self) -> ComposeResult:
        """The text."""
        self._page = Lines([], scrolls=True)
        self._page.styles.height = "1fr"
        yield self._page

    @story
    async def action_refresh(self) -> None:
        """Read the payment."""
        self._payment = await self.read(payments.find_payment, self._receipt)
        book = self.session.book
        printed, seller, language = await self.read(payments.as_printed, self._payment)
        text = receipt_text(printed, seller.name, book.currency, copy=self._copy, demo=book.demo, language=language)
        number = self._payment.row.receipt
        self.netbill.desk.jumps.visit(Place("receipt", number))
        note = [f"  Note: {self._payment.note}", ""] if self._payment.note else []
        events = await self.read(trail.of_record, number)
        history = [f"  {trail.event_line(self.session, e)}" for e in events]
        self._page.show([*text.splitlines(), "", *note, "  Audit", *history])

    def action_scroll_by(self, by: int) -> None:
        """Scroll the receipt."""
        self._page.scroll(by)

    def place(self) -> Place:
        """The receipt, for the jump list."""
        return Place("receipt", self._receipt)

    def account(self) -> str | None:
        """Who paid."""
        return self._payment.row.account if self._payment else None

    @story
    async def action_reverse(self) -> None:
        """Take the payment back."""
        await reverse_payment(self, self._receipt)
        self.action_refresh()

    @story
    async def action_paper(self) -> None:
        """To the printer, or into a file."""
        await hand_out(self, paper.RECEIPT, self._receipt)

    @story
    async def action_customer(self) -> None:
        """Open the account."""
        if self._payment:
            await self.open_screen("customer", self._payment.row.account)
