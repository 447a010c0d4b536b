"""The customer account: ledger with running balance, invoices, payments, profile, notes."""

import shlex
from typing import Any

from textual.app import ComposeResult
from textual.timer import Timer

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.billing.receivables.invoices import Due, Entry
from netbill_tui.commands import (
    BILL_MORE,
    CALLER,
    CHANGE,
    EXPORT,
    NEXT_BILL,
    NEXT_TAB,
    NOTE,
    OPEN,
    PAY,
    PIN_NOTE,
    RECEIPT,
    REVEAL,
    REVERSE,
    SERVICE_ADD,
    SERVICE_BACK,
    SERVICE_EVENT,
    TABS,
    TAG,
    WHY,
)  # fmt: skip
from netbill_tui.errors import Refused
from netbill_tui.screens.customers.rows import card_of, identity, ledger_columns, receipt_of
from netbill_tui.screens.services.subscriptions import show_service
from netbill_tui.screens.services.tab import ServicesTab
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.columns import due_columns, payment_columns
from netbill_tui.screens.shell.desk import Place
from netbill_tui.screens.shell.details import show_event, show_note
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.notes import write_note
from netbill_tui.screens.shell.forms.reversal import check_reason, reverse_payment
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.customers import accounts, notes, profiles
from netbill_tui.usecases.customers.profiles import ProfileField
from netbill_tui.usecases.receivables import payments
from netbill_tui.usecases.services.subscriptions import ServiceRow
from netbill_tui.widgets.lines import BOLD, INVERSE, PLAIN, Line, Lines, Part, between
from netbill_tui.widgets.record_grid import Col, RecordGrid

REVEAL_S = 20.0
_COMMANDS = (
    "statement {}", "dues {}", "payments --filter acc:{}", "customer {}", "customer {} --notes", "audit {}", "service {}",
)  # fmt: skip
_TABS = ("Ledger", "Invoices", "Payments", "Profile", "Notes", "Audit", "Services")


class CustomerScreen(ServicesTab):
    """Everything about one account."""

    DECLARED = (
        OPEN, PAY, NOTE, REVERSE, RECEIPT, CALLER, CHANGE, SERVICE_ADD, SERVICE_EVENT, NEXT_BILL, TAG, REVEAL, WHY, PIN_NOTE,
        EXPORT, BILL_MORE, SERVICE_BACK, NEXT_TAB, *TABS,
    )  # fmt: skip

    def __init__(self, account: str, *, receipt: str | None = None, on: tuple[int, object] = (0, None)) -> None:
        super().__init__()
        self._account, self._receipt, (self._tab, self._on) = account, receipt, on
        self._card: Card | None = None
        self._contact: list[tuple[str, str]] | None = None
        self._revealed: dict[str, str] = {}
        self._hiding: Timer | None = None
        self._verified = ""
        self._tags: list[str] = []
        self._pinned: list[NoteRow] = []

    def title_words(self) -> str:
        """Whose account it is, and whether the caller is known."""
        return f"Customer {self._account}{' VERIFIED' if self._verified and self.app.size.height < 14 else ''}"

    def body(self) -> ComposeResult:
        """Head, tabs, list."""
        self._head = Lines([""] * 5)
        self._head.add_class("beside")
        yield self._head
        self._tabs = Lines([""])
        yield self._tabs
        self._grid: RecordGrid[Any] = RecordGrid(ledger_columns(self.money, self.app.size.width), identity, empty="")
        yield self._grid

    def account(self) -> str:
        """Whose account it is."""
        return self._account

    def posted(self, receipt: str) -> None:
        """Go to the new payment in the ledger."""
        self._tab, self._receipt = 0, receipt

    @story
    async def action_refresh(self) -> None:
        """Read the card and the list of the tab. The contact data is opened once for each opened card."""
        card, self._tags, self._pinned = await self.read(card_of, self._account)
        self._card, self._account = card, card.customer.account
        self.netbill.desk.jumps.visit(Place("customer", self._account))
        self._draw_head()
        await self._show_tab()
        if self._contact is None:
            self._contact = []  # another refresh meanwhile opens it no second time
            try:
                self._contact = await self.write(profiles.show_contact, self._account)
            except BaseException:
                self._contact = None
                raise
            self._draw_head()

    def _draw_head(self) -> None:
        card = self._card
        if card is None:
            return
        customer, totals, width = card.customer, card.totals, self.app.size.width
        contact = dict(reversed(self._contact or []))
        since = f"since {short(customer.since)}" if customer.since else ""
        place = ", ".join(p for p in (contact.get("street", ""), customer.town) if p)
        money: list[Part] = [
            (" Balance ", PLAIN), (self.money(totals.balance), BOLD), ("   overdue ", PLAIN), (self.money(totals.overdue), BOLD),
            (f" ({card.oldest_days} d)   credit {self.money(totals.credit)}   disputed {self.money(card.disputed)}", PLAIN),
        ]  # fmt: skip
        last = card.last_payment
        paid = (
            f"{short(last.received_on)} {self.money(last.amount)} {last.method} {last.reference}{last.mark}" if last else "never"
        )
        verified = f"CALLER VERIFIED by {self._verified}  " if self._verified else ""
        who = f"{verified}{customer.status.upper()}  {customer.kind} "
        tags = f"   #{' #'.join(self._tags)}" if self._tags else ""
        pinned = f"   ! {self._pinned[0].text or self._pinned[0].outcome}" if self._pinned else ""
        lines: list[Line] = [
            [(between(f" {customer.name or '(no name)'}{tags}", who, width), BOLD)],
            between(f" {customer.plan or 'no plan'}", f"{since} ", width),
            between(f" {place}", f"{contact.get('phone', '')}   {contact.get('email', '')} ", width),
            money if not card.fault else [(f" {card.fault}", INVERSE)],
            f" Last paid {paid}{pinned}",
        ]
        self._head.show(lines)
        self._tabs.show([[part for n, words in enumerate(_TABS, 1) for part in self._tab_part(n, words, card)]])

    def _tab_part(self, number: int, words: str, card: Card) -> list[Part]:
        count = f"({card.notes})" if words == "Notes" and card.notes else ""
        return [(f" {number} {words}{count} ", INVERSE if number - 1 == self._tab else PLAIN)]

    async def _show_tab(self) -> None:
        readers = (
            self._show_ledger, self._show_invoices, self._show_payments, self._show_profile, self._show_notes, self._show_audit,
            self._show_services,
        )  # fmt: skip
        self.draw_frame()
        await readers[self._tab]()
        if self._on is not None and self._grid.select(self._on):
            self._on = None

    async def _show_ledger(self) -> None:
        statement = await self.read(accounts.statement, self._account)
        # Who stands on the newest entry goes on to what was posted since; who reads further up stays there.
        rows = self._grid.records
        at_end = not rows or self._grid.record is rows[-1]
        self._grid.set_columns(ledger_columns(self.money, self.app.size.width))
        self._grid.show(statement.entries, empty="No entry yet. p takes a payment.")
        if self._receipt:
            receipt, self._receipt = self._receipt, None
            entry_ids = [e.id for e in statement.entries if e.document == receipt]
            if entry_ids:
                self._grid.select(("Entry", entry_ids[0]))
        elif at_end and statement.entries:
            self._grid.select(("Entry", statement.entries[-1].id))

    async def _show_invoices(self) -> None:
        invoices = await self.read(accounts.invoices_of, self._account)
        self._grid.set_columns(due_columns(self.money, with_name=False))
        self._grid.show(invoices, empty="No invoice yet.")

    async def _show_payments(self) -> None:
        payments_ = await self.read(payments.of_customer, self._account)
        self._grid.set_columns(payment_columns(self.money, with_name=False))
        self._grid.show(payments_, empty="No payment yet. p takes one.")

    async def _show_profile(self) -> None:
        fields = await self.read(profiles.profile, self._account)
        rows = [f._replace(shown=self._revealed.get(f.field, f.shown) or "-") for f in fields]
        rows += [ProfileField("", kind, value) for kind, value in self._contact or []]
        columns: list[Col[ProfileField]] = [
            Col("Field", 16, lambda f: f.words[:1].upper() + f.words[1:]), Col("Value", 0, lambda f: f.shown),
        ]  # fmt: skip
        self._grid.set_columns(columns)
        self._grid.show(rows, empty="Nothing is known.")

    async def _show_notes(self) -> None:
        rows = await self.read(notes.of_customer, self._account)
        columns: list[Col[NoteRow]] = [
            Col("Date", 9, lambda n: short(n.date)), Col("Kind", 16, lambda n: n.outcome or n.kind),
            Col("Text", 0, lambda n: n.text.replace("\n", " / ")),
            Col("Again on", 9, lambda n: short(n.next_action_on) if n.next_action_on else "", priority=1),
            Col("By", 8, lambda n: n.operator, priority=2),
        ]  # fmt: skip
        self._grid.set_columns(columns)
        self._grid.show(rows, empty="No note yet. n writes one.")

    # What can be done.

    async def _show_audit(self) -> None:
        events = await self.read(trail.of_account, self._account)
        columns: list[Col[trail.Event]] = [
            Col("At", 15, lambda e: self.session.moment(e.at_us)[:15]), Col("Who", 10, lambda e: e.actor),
            Col("Did", 16, lambda e: e.action), Col("To", 10, lambda e: e.object),
            Col("Detail", 0, lambda e: trail.sentence(self.session, e, self._account)),
            Col("Session", 8, lambda e: e.session, priority=1),
        ]  # fmt: skip
        self._grid.set_columns(columns)
        self._grid.show(events, empty="Nothing was done here yet.")

    def action_tab(self, number: int) -> None:
        """Show another tab."""
        if number <= len(_TABS):
            self._tab = number - 1
            self._revealed = {}
            self.tell("")
            self._grid.show([], top=True)
            self.action_refresh()

    def action_next_tab(self) -> None:
        """Show the next tab."""
        self.action_tab((self._tab + 1) % len(_TABS) + 1)

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open what the row is about."""
        await self._open(event.record)

    async def _open(self, record: object) -> None:
        receipt = receipt_of(record)
        if isinstance(record, Due):
            await self.open_screen("invoice", record.number)
        elif isinstance(record, Entry) and record.kind == "invoice":
            await self.open_screen("invoice", record.document)
        elif isinstance(record, Entry) and record.kind == "credit-note":
            await self.open_screen("credit-note", record.document)
        elif isinstance(record, ServiceRow):
            await show_service(self, self._account, record)
        elif receipt:
            await self.open_screen("receipt", receipt)
        elif isinstance(record, NoteRow):
            await show_note(self, record)
        elif isinstance(record, trail.Event):
            await show_event(self, record, self._account)
        elif self._tab == 3:
            self.action_reveal()

    @story
    async def action_receipt(self) -> None:
        """Show the receipt of the payment under the cursor."""
        receipt = receipt_of(self._grid.record)
        if receipt:
            await self._open(self._grid.record)
        else:
            self.refuse("Put the cursor on a payment first.")

    @story
    async def action_reverse(self) -> None:
        """Take the payment under the cursor back."""
        receipt = receipt_of(self._grid.record)
        if not receipt:
            self.refuse("Put the cursor on a payment first.")
        elif await reverse_payment(self, receipt):
            self.action_refresh()

    @story
    async def action_note(self) -> None:
        """Write a note."""
        self.session.may_post()
        if await write_note(self, self._account):
            self.action_refresh()

    @story
    async def action_why(self) -> None:
        """Show the entries and open invoices that the balance sums."""
        from netbill_tui.screens.shell.forms.why import WhyForm

        lines = await self.read(accounts.why_balance, self._account)
        await self.ask(WhyForm(f"Why is the balance of {self._account} what it is?", lines))

    @story
    async def action_reveal(self) -> None:
        """Show one private field for twenty seconds, after its reason."""
        record = self._grid.record
        if self._tab != 3 or not isinstance(record, ProfileField) or not record.field:
            self.refuse("Go to the profile with 4 and put the cursor on a private field.")
            return
        field, words, value = record
        if field == "pin" or value == "-":
            self.refuse("The PIN is never shown; i compares it." if field == "pin" else f"No {words.lower()} was captured.")
            return
        answer = await self.ask(TextForm(f"Reveal {words} of {self._account}", (Asked("Reason", check=check_reason, limit=200),)))
        if answer is None:
            return
        self._revealed = {field: await self.write(profiles.reveal, self._account, field, answer[0])}
        if self._hiding:
            self._hiding.stop()
        self._hiding = self.set_timer(REVEAL_S, self._hide)
        await self._show_profile()
        self.tell(f"{words} is hidden again in {REVEAL_S:.0f} seconds.")

    def _hide(self) -> None:
        if self._revealed:
            self._revealed = {}
            # Off the screen at once, whatever becomes of reading the profile again.
            self._grid.show([])
            if not self._said or "is hidden again in" in self._said:
                self.tell("Hidden again.")
            self.action_refresh()

    def hide_secrets(self) -> None:
        """The operator looks elsewhere, or the screens are locked."""
        self._hide()

    def on_screen_suspend(self) -> None:
        """Leaving hides what was revealed."""
        if self._revealed and not self.app.screen.is_modal:
            self._revealed = {}

    def on_unmount(self) -> None:
        """Leaving forgets what was opened."""
        self._revealed, self._contact = {}, []

    @story
    async def action_caller(self) -> None:
        """Compare what the caller says; the screen says match or no match, and shows nothing of what is stored."""
        choices = (("p", "PIN"), ("b", "birth date"), ("t", "last four of the tax id"))
        key = await self.ask(ChoiceForm(f"What does the caller of {self._account} say?", choices))
        if key is None:
            return
        field = {"p": "pin", "b": "birth_date", "t": "tax_id"}[key]
        words = profiles.CALLER_SAYS[field]
        said = Asked(words[:1].upper() + words[1:14], limit=40, password=field == "pin")
        answer = await self.ask(TextForm(f"Caller of {self._account}: {words}", (said,)))
        if answer is None:
            return
        if await self.write(profiles.caller_matches, self._account, field, answer[0]):
            self._verified = words.split(" of ")[0]
            self.draw_frame()
            self._draw_head()
            self.tell(f"MATCH: the {words} fits; the caller is verified until this card is left.")
        else:
            self._verified = ""
            self._draw_head()
            self.refuse(f"NO MATCH: the {words} does not fit.")

    @story
    async def action_change(self) -> None:
        """Change what is known of the customer."""
        self.session.may_post()
        self._contact = None
        await self.open_screen("customer-form", self._account)

    @story
    async def action_tag(self) -> None:
        """Put a tag on the account, or take one off."""
        from netbill_tui.screens.shell.bulk import tag_one

        self.session.may_post()
        await tag_one(self, self._account)

    @story
    async def action_pin_note(self) -> None:
        """Pin the note under the cursor, or take the pin off."""
        note = self._grid.record
        if self._tab != 4 or not isinstance(note, NoteRow):
            raise Refused("Go to the notes with 5 and put the cursor on one.")
        await self.write(notes.pin, self._account, note.id, on=not note.pinned)
        self.tell("The pin is off." if note.pinned else "Pinned: it stands first, and on the card.")
        self.action_refresh()

    @story
    async def action_export(self) -> None:
        """Show the command that prints this tab; it writes CSV and JSON too."""
        account = shlex.quote(self._account)
        words = _COMMANDS[self._tab]
        self.tell(f"netbill {words.format(account)} --csv   (:{words.format(account)} shows it here)")

    def place(self) -> Place:
        """The account, for the jump list."""
        return Place("customer", self._account)

    def row_number(self) -> str:
        """The document of the row, else the account."""
        record = self._grid.record
        if isinstance(record, Due):
            return record.number
        return record.document if isinstance(record, Entry) else receipt_of(record) or self._account
