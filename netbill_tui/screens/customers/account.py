"""The customer account: ledger with running balance, invoices, payments, profile, notes."""

import shlex
from collections.abc import Sequence
from functools import partial
from typing import Any

from textual.app import ComposeResult

from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.billing.receivables.invoices import Due, Entry
from netbill_tui.billing.receivables.payments import PaymentRow
from netbill_tui.commands import (
    BILL_MORE,
    CALLER,
    CHANGE,
    COLLECT,
    COLLECT_STORY,
    EXPORT,
    NEXT_BILL,
    NEXT_TAB,
    NOTE,
    OPEN,
    PAPER,
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
    Command,
)  # fmt: skip
from netbill_tui.errors import Refused
from netbill_tui.screens.customers import profile
from netbill_tui.screens.customers.collecting import collect_more, show_story
from netbill_tui.screens.customers.profile import AccountProfile
from netbill_tui.screens.customers.rows import (
    Head,
    audit_columns,
    card_of,
    head_lines,
    identity,
    ledger_columns,
    note_columns,
    receipt_of,
)  # fmt: skip
from netbill_tui.screens.services.subscriptions import add_service, service_event, show_next, show_service, take_event_back
from netbill_tui.screens.services.tab import FIRST as SERVICES_FIRST
from netbill_tui.screens.services.tab import AccountServices
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.columns import due_columns, payment_columns
from netbill_tui.screens.shell.desk import Place
from netbill_tui.screens.shell.details import show_event, show_note
from netbill_tui.screens.shell.forms.notes import write_note
from netbill_tui.screens.shell.forms.reversal import reverse_payment
from netbill_tui.screens.shell.paper import hand_out
from netbill_tui.styles.roles import PLAIN, TITLE
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.customers import accounts, notes
from netbill_tui.usecases.customers.profiles import ProfileField
from netbill_tui.usecases.receivables import paper, payments
from netbill_tui.usecases.services.subscriptions import ServiceRow
from netbill_tui.widgets.lines import Lines, Part
from netbill_tui.widgets.record_grid import RecordGrid

_COMMANDS = (
    "statement {}", "dues {}", "payments --filter acc:{}", "customer {}", "customer {} --notes", "audit {}", "service {}",
)  # fmt: skip
_TABS = ("Ledger", "Invoices", "Payments", "Profile", "Notes", "Audit", "Services")


class CustomerScreen(NetbillScreen):
    """Everything about one account; its profile and its services are parts of it."""

    DECLARED = (
        OPEN, PAY, NOTE, REVERSE, RECEIPT, CALLER, COLLECT, COLLECT_STORY, CHANGE, SERVICE_ADD, SERVICE_EVENT, NEXT_BILL,
        TAG, REVEAL, WHY, PIN_NOTE,
        PAPER, EXPORT, BILL_MORE, SERVICE_BACK, NEXT_TAB, *TABS,
    )  # fmt: skip

    def __init__(self, account: str, *, receipt: str | None = None, on: tuple[int, object] = (0, None)) -> None:
        super().__init__()
        self._account, self._receipt, (self._tab, self._on) = account, receipt, on
        self._card: Card | None = None
        self._profile, self._services = AccountProfile(self), AccountServices(self)
        self._tags: list[str] = []
        self._pinned: list[NoteRow] = []

    def title_words(self) -> str:
        """Whose account it is, and whether the caller is known."""
        return f"Customer {self._account}{' VERIFIED' if self._profile.verified and self.app.size.height < 14 else ''}"

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
        if await self._profile.open_contact(self._account):
            self._draw_head()

    def _draw_head(self) -> None:
        if self._card is None:
            return
        head, card = Head(self._card, self._tags, self._pinned, self._profile), self._card
        self._head.show(head_lines(head, self.money, self.app.size.width, self.session.date().isoformat()))
        self._tabs.show([[part for n, words in enumerate(_TABS, 1) for part in self._tab_part(n, words, card)]])

    def _tab_part(self, number: int, words: str, card: Card) -> list[Part]:
        count = f"({card.notes})" if words == "Notes" and card.notes else ""
        return [(f" {number} {words}{count} ", TITLE if number - 1 == self._tab else PLAIN)]

    async def _show_tab(self) -> None:
        readers = (
            self._show_ledger, self._show_invoices, self._show_payments, partial(self._profile.show, self._grid, self._account),
            self._show_notes, self._show_audit, partial(self._services.show, self._grid, self._account),
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

    async def _show_notes(self) -> None:
        rows = await self.read(notes.of_customer, self._account)
        self._grid.set_columns(note_columns())
        self._grid.show(rows, empty="No note yet. n writes one.")

    async def _show_audit(self) -> None:
        events = await self.read(trail.of_account, self._account)
        self._grid.set_columns(audit_columns(self.session, self._account))
        self._grid.show(events, empty="Nothing was done here yet.")

    def action_tab(self, number: int) -> None:
        """Show another tab."""
        if number <= len(_TABS):
            self._tab = number - 1
            self._profile.hide()
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
        if not isinstance(record, ProfileField) or not record.field:
            self.refuse("Go to the profile with 4 and put the cursor on a private field.")
        elif await self._profile.reveal(self._account, record, self._hide):
            await self._profile.show(self._grid, self._account)
            self.tell(f"{record.words} is hidden again in {profile.REVEAL_S:.0f} seconds.")

    def _hide(self) -> None:
        if self._profile.hide():
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
        if not self.app.screen.is_modal:
            self._profile.hide()

    def on_unmount(self) -> None:
        """Leaving forgets what was opened."""
        self._profile.forget()

    @story
    async def action_caller(self) -> None:
        """Compare what the caller says; the screen says match or no match, and shows nothing of what is stored."""
        words = await self._profile.ask_caller(self._account)
        if words is None:
            return
        self.draw_frame()
        self._draw_head()
        if self._profile.verified:
            self.done(f"MATCH: the {words} fits; the caller is verified until this card is left.")
        else:
            self.refuse(f"NO MATCH: the {words} does not fit.")

    # Services.

    def footer_first(self) -> Sequence[Command]:
        """On the services what is done with services."""
        return SERVICES_FIRST if _TABS[self._tab] == "Services" else ()

    @story
    async def action_add_service(self) -> None:
        """Add a service."""
        if await add_service(self, self._account) is not None:
            self._tab = _TABS.index("Services")
            self.action_refresh()

    @story
    async def action_service_event(self) -> None:
        """Change, pause, suspend or end the service of the row."""
        if await service_event(self, self._services.of(self._grid.record)):
            self.action_refresh()

    @story
    async def action_service_back(self) -> None:
        """Take an event of the service of the row back."""
        if await take_event_back(self, self._services.of(self._grid.record)):
            self.action_refresh()

    @story
    async def action_bill_more(self) -> None:
        """A one-off charge, a discount, an exemption, terms."""
        from netbill_tui.screens.services.charges import bill_more

        if await bill_more(self, self._account):
            self.action_refresh()

    @story
    async def action_collect_more(self) -> None:
        """A promise, an arrangement, a waiver, a hold, a write-off, a hand-over."""
        if await collect_more(self, self._account):
            self.action_refresh()

    @story
    async def action_story(self) -> None:
        """What collections did with the account, and what comes next."""
        await show_story(self, self._account)

    @story
    async def action_next_bill(self) -> None:
        """What the next invoice will be."""
        await show_next(self, self._account)

    @story
    async def action_change(self) -> None:
        """Change what is known of the customer."""
        self.session.may_post()
        self._profile.contact = None
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
        self.done("The pin is off." if note.pinned else "Pinned: it stands first, and on the card.")
        self.action_refresh()

    @story
    async def action_paper(self) -> None:
        """The invoice or payment under the cursor, on other tabs the statement: to the printer, or into a file."""
        record = self._grid.record
        if isinstance(record, Due):
            await hand_out(self, paper.INVOICE, record.number)
        elif isinstance(record, PaymentRow):
            await hand_out(self, paper.RECEIPT, record.receipt)
        else:
            await hand_out(self, paper.STATEMENT, self._account)

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
