"""One invoice or credit note: every line with its arithmetic, taxes, what is open, how it is printed."""

from typing import NamedTuple

from textual.app import ComposeResult

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.core.money import format_amount, parse_amount
from netbill_tui.billing.receivables.documents import Printed
from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.commands import CREDIT, CUSTOMER, DISPUTE, LINE_WHY, PAPER, PRINT
from netbill_tui.documents.invoice import invoice_text
from netbill_tui.errors import Refused
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.desk import Place
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.reversal import check_reason
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.screens.shell.forms.why import WhyForm
from netbill_tui.screens.shell.paper import hand_out
from netbill_tui.screens.shell.text_page import TextPage
from netbill_tui.styles.roles import BAD, PLAIN, STRONG, WAIT
from netbill_tui.text import counted, visible
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.collections import bills
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import credit_notes, credit_parts, disputes, documents, dues, paper
from netbill_tui.usecases.receivables.credit_notes import Credited
from netbill_tui.usecases.receivables.credit_parts import Whole
from netbill_tui.usecases.receivables.payments import new_request_id
from netbill_tui.widgets.lines import Line, Lines, Part, bar_of, chip
from netbill_tui.widgets.record_grid import Col, RecordGrid

_ENDINGS = (("a", "answered: the invoice is right"), ("w", "withdrawn by the customer"))


class Row(NamedTuple):
    """A line of the document, a tax, or its total; `position` is 0 where it is no line."""

    position: int
    code: str
    text: str
    period: str
    amount: int
    key: str


def rows_of(whole: Whole, currency: str) -> list[Row]:
    """The lines, the net sum, the taxes, the total."""
    rows = []
    for n in whole.lines:
        period = f"{short(n.period_first)} - {short(n.period_end)}" if n.period_first and n.period_end else ""
        times = f" x {n.quantity}" if n.quantity not in ("1", "") else ""
        rows.append(Row(n.position, n.code, n.text + times, period, n.amount, f"line{n.position}"))
    if whole.taxes:
        rows.append(Row(0, "", "Net", "", whole.head.net, "net"))
    rows += [
        Row(0, "", f"{t.name}, {t.percent} % on {format_amount(t.base, currency)}", "", t.tax, f"tax{at}")
        for at, t in enumerate(whole.taxes)
    ]
    return [*rows, Row(0, "", "Total", "", whole.head.total, "total")]


class _DocumentScreen(NetbillScreen):
    """What an invoice and a credit note have in common."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self._number = number
        self._whole: Whole | None = None

    def body(self) -> ComposeResult:
        """Head, lines, what became of it."""
        self._head = Lines([""] * 3)
        yield self._head
        columns: list[Col[Row]] = [
            Col("Code", 10, lambda r: r.code, priority=1),
            Col("What", 0, lambda r: r.text),
            Col("Period", 21, lambda r: r.period, priority=2),
            Col("Amount", 13, lambda r: self.money(r.amount), right=True, role=lambda r: PLAIN if r.code else STRONG),
        ]
        self._grid: RecordGrid[Row] = RecordGrid(columns, lambda r: r.key, empty="The document has no line.")
        yield self._grid
        self._below = Lines([])
        self._below.add_class("beside")
        yield self._below

    def account(self) -> str | None:
        """Whose it is."""
        return self._whole.head.account if self._whole else None

    def _known(self) -> Whole:
        if self._whole is None:
            raise Refused("The document is not read yet; try again in a moment.")
        return self._whole

    @story
    async def action_customer(self) -> None:
        """Open the account."""
        await self.open_screen("customer", self._known().head.account)

    @story
    async def action_why(self) -> None:
        """The arithmetic of the line; on another row that of the total."""
        await self._why()

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Enter asks why, too."""
        assert isinstance(event.record, Row)
        await self._why()

    async def _why(self) -> None:
        whole, row = self._known(), self._grid.record
        if row is not None and row.position:
            explained = await self.read(documents.why_line, whole, row.position)
            lines = [(line, "") for line in explained]
            title = f"Why {self.money(row.amount)} for {row.text[:40]}?"
        else:
            lines = await self.read(documents.why_total, whole)
            title = f"Why {self.money(whole.head.total)}?"
        await self.ask(WhyForm(title, lines))

    @story
    async def action_print(self) -> None:
        """Show it as it is printed."""
        whole = self._known()
        # Where somebody is signed in the street is on it, which leaves an audit event.
        call = self.read if self.session.settings.readonly else self.write
        text = invoice_text(await call(_as_printed, whole))
        verb = "credit" if whole.head.reason else "invoice"
        files = f"P prints it. As e-invoice: :{verb} {whole.head.number} --xml FILE.xml"
        await self.app.push_screen(TextPage(f"{whole.head.number} as printed", [*text.splitlines(), "", files]))

    @story
    async def action_paper(self) -> None:
        """To the printer, into a file, or by mail."""
        head = self._known().head
        await hand_out(self, paper.CREDIT_NOTE if head.reason else paper.INVOICE, head.number)
        self.action_refresh()


def _as_printed(session: Session, whole: Whole) -> Printed:
    if whole.head.reason:
        return documents.of_credit_note(session, whole, look=True)
    return documents.of_invoice(session, whole, look=True)


class InvoiceScreen(_DocumentScreen):
    """An invoice is issued and never changes; it is taken back by a credit note."""

    DECLARED = (LINE_WHY, CREDIT, DISPUTE, PAPER, PRINT, CUSTOMER)

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self._due: Due | None = None

    def title_words(self) -> str:
        """Its number."""
        return f"Invoice {self._number}"

    def place(self) -> Place:
        """The invoice, for the jump list."""
        return Place("invoice", self._number)

    @story
    async def action_refresh(self) -> None:
        """Read the invoice."""
        (due, _), whole = await self.read(dues.invoice, self._number), await self.read(credit_parts.invoice, self._number)
        self._due, self._whole, self._number = due, whole, due.number
        self.netbill.desk.jumps.visit(Place("invoice", due.number))
        self._head.show(self._head_lines(due, short(whole.head.bill_date)))
        self._grid.show(rows_of(whole, self.session.book.currency))
        self._below.show(await self.read(_became, whole))

    def _head_lines(self, due: Due, bill_date: str) -> list[Line]:
        """Whose it is, its dates, what is open of it and why."""
        state: list[Part] = [(" ", PLAIN)]
        if due.open and due.state == "disputed":
            state += [chip("DISPUTED", WAIT), (" ", PLAIN)]
        if due.open and due.days > 0:
            state += [chip(f"LATE {counted(due.days, 'day').upper()}", BAD), (" ", PLAIN)]
        owed = f"open {self.money(due.open)} of {self.money(due.total)}" if due.open else f"total {self.money(due.total)}"
        state += [(owed, STRONG), ("" if due.open and due.state in ("open", "disputed") else f"   {due.state}", PLAIN)]
        return [
            bar_of(f" {due.account}  {due.name or '(no name)'}", self.app.size.width),
            f" issued {short(due.issued)}   bill date {bill_date}   due {short(due.due)}",
            state,
        ]

    @story
    async def action_credit(self) -> None:
        """Take all or part of it back."""
        self.session.may_post()
        whole = self._known()
        left = await self.read(credit_parts.left_of, whole)
        if left <= 0:
            raise Refused(f"Nothing is left to give back of {whole.head.number}.")
        currency = self.session.book.currency

        def check(text: str) -> int:
            return parse_amount(text, currency)

        asked = (
            Asked("Amount with tax", self.money(left).replace(",", ""), check),
            Asked("Reason", check=check_reason, limit=200),
        )
        lines = (
            f"{whole.head.number}  {whole.head.account}  {whole.head.name}",
            f"{self.money(left)} of {self.money(whole.head.total)} is left to give back. It settles this invoice first;",
            "the rest stays as credit. :credit NUMBER --line 2=10.00 --reason TEXT takes single lines back.",
        )

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            return TextForm(f"Credit note for {whole.head.number}", asked, lines, typed=typed, problem=problem)

        request_id = new_request_id()

        async def post(answer: tuple[str, ...]) -> Credited:
            amount = check(self.named(("amount", "reason"), answer)["amount"])
            part = None if amount == left else amount
            return await self.write(credit_notes.credit, whole.head.number, answer[1], amount=part, request_id=request_id)

        credited = await self.ask_until(form, post)
        if credited is not None:
            self.done(f"{credited.number}: {self.money(credited.total)} given back, balance {self.money(credited.balance)}.")
            self.action_refresh()

    @story
    async def action_dispute(self) -> None:
        """Raise a dispute of it, or end the one that stands."""
        self.session.may_post()
        due = self._due
        if due is None:
            raise Refused("The invoice is not read yet; try again in a moment.")
        how = "raised"
        if due.disputed:
            key = await self.ask(ChoiceForm(f"{due.number} is disputed. How does it end?", _ENDINGS))
            if key is None:
                return
            how = {"a": "answered", "w": "withdrawn"}[key]
        asked = (Asked("Their words" if how == "raised" else "Reason", check=check_reason, limit=200),)
        lines = (
            ("It is left out of the queue and of payments until you answer it.",)
            if how == "raised"
            else ("The invoice counts like any other again, and open credit settles it.",)
        )
        request_id = new_request_id()

        def form(typed: tuple[str, ...], problem: str) -> TextForm:
            return TextForm(f"Dispute of {due.number}", asked, lines, typed=typed, problem=problem)

        async def post(answer: tuple[str, ...]) -> str:
            if how == "raised":
                return await self.write(disputes.start, due.number, answer[0], request_id=request_id)
            return await self.write(disputes.end, due.number, how, answer[0], request_id=request_id)

        if await self.ask_until(form, post) is not None:
            self.done(f"{due.number} is disputed; d ends it." if how == "raised" else f"The dispute of {due.number} is {how}.")
            self.action_refresh()


def _became(session: Session, whole: Whole) -> list[Line]:
    """What became of an invoice: credit notes, and who did what."""
    lines: list[Line] = []
    from netbill_tui.billing.core.money import format_amount

    for note in documents.credits_of(session, whole):
        amount = format_amount(note.total, session.book.currency)
        lines.append(f"  {short(note.issued)}  {note.number}  {amount} given back: {note.reason}")
    for message in bills.of_document(session, whole.head.id)[:2]:
        why = f": {visible(message.detail)}" if message.detail and message.state != "sent" else ""
        lines.append(f"  {short(message.on)}  by {message.channel}, {message.state}{why}")
    events_told = [f"  {line}" for line in documents.made_by(session, whole)]
    events = trail.of_record(session, whole.head.number)
    events_told += [f"  {trail.event_line(session, e)}" for e in events]
    return [*lines[-3:], *events_told[:4]]


class CreditNoteScreen(_DocumentScreen):
    """A credit note."""

    DECLARED = (LINE_WHY, PAPER, PRINT, CUSTOMER)

    def title_words(self) -> str:
        """Its number."""
        return f"Credit note {self._number}"

    @story
    async def action_refresh(self) -> None:
        """Read the credit note."""
        whole = await self.read(credit_parts.credit_note, self._number)
        self._whole = whole
        head = whole.head
        about = f"takes back {head.invoice}" if head.invoice else f"bill date {short(head.bill_date)}"
        self._head.show(
            [
                bar_of(f" {head.account}  {head.name or '(no name)'}", self.app.size.width),
                f" issued {short(head.issued)}   {about}",
                f" {head.reason}"[: self.app.size.width],
            ]
        )
        self._grid.show(rows_of(whole, self.session.book.currency))
