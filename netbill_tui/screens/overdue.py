"""The overdue queue: who owes what for how long, what was said, and one key for what came of a call."""

from textual.app import ComposeResult

from netbill_tui.billing.dates import short
from netbill_tui.billing.notes import NoteRow
from netbill_tui.billing.overdue import OUTCOMES, Overdue
from netbill_tui.commands import CALL, NOTE, OPEN, SORT, TABS
from netbill_tui.screens.base import NetbillScreen, story
from netbill_tui.screens.forms.choice import ChoiceForm
from netbill_tui.screens.forms.notes import record_outcome, write_note
from netbill_tui.screens.lists import PAGE, loader_of
from netbill_tui.services import customers, notes, overdue
from netbill_tui.services.paging import Page
from netbill_tui.widgets.lines import INVERSE, PLAIN, UNDERLINE, Lines, Part, between
from netbill_tui.widgets.record_grid import Col, RecordGrid

# View: words, bucket of the oldest invoice, only the work list.
_VIEWS = (
    ("Work", None, True),
    ("All", None, False),
    ("1-30", "1-30", False),
    ("31-60", "31-60", False),
    ("61-90", "61-90", False),
    ("Over 90", "over-90", False),
)


class OverdueScreen(NetbillScreen):
    """A queue that is worked from top to bottom."""

    DECLARED = (OPEN, CALL, NOTE, SORT, *TABS)

    def __init__(self, *, work: bool = True) -> None:
        super().__init__()
        self._view = 0 if work else 1
        self._sort = 0
        self._calls = 0

    def title_words(self) -> str:
        """The view and its order."""
        words, _, work = _VIEWS[self._view]
        return f"Overdue queue: {words}" + ("" if work else f", by {overdue.SORTS[self._sort]}")

    def body(self) -> ComposeResult:
        """Views, the queue, the account under the cursor."""
        self._tabs = Lines([""])
        yield self._tabs
        self._grid: RecordGrid[Overdue] = RecordGrid(
            [
                Col("Account", 10, lambda r: r.account), Col("Customer", 0, lambda r: r.name or "(no name)"),
                Col("Days", 4, lambda r: str(r.days), right=True),
                Col("Overdue", 10, lambda r: self.money(r.overdue), right=True),
                Col("Inv", 3, lambda r: str(r.invoices), right=True),
                Col("Stage", 8, lambda r: r.stage or "", priority=1),
                Col("Last contact", 13, _contact, priority=3),
                Col("Promise", 8, self._promise, priority=2),
            ],
            lambda r: r.account,
            empty="Nobody here. 2 shows all overdue accounts, F3 goes back to the dashboard.",
        )  # fmt: skip
        yield self._grid
        self._detail = Lines([""] * 4)
        self._detail.add_class("beside")
        yield self._detail

    def _promise(self, row: Overdue) -> str:
        if row.promise_on is None:
            return "-"
        return short(row.promise_on)[:6] + (" !" if row.promise_on < self.session.date().isoformat() else "")

    @story
    async def action_refresh(self) -> None:
        """Read the view; the cursor stays on its account."""
        _, bucket, work = _VIEWS[self._view]
        sort = overdue.SORTS[self._sort]
        if bucket is None and not work and self.session.is_today:
            await self._grid.reload(loader_of(self._page, lambda r: overdue.key_of(r, sort)), page=PAGE)
            count, total = await self.read(overdue.sums)
        else:
            found = await self.read(overdue.queue, sort=sort, bucket=bucket, work=work)
            self._grid.show(found)
            count, total = len(found), sum(r.overdue for r in found)
        self._draw_views(count, total)

    async def _page(self, which: Page) -> list[Overdue]:
        return await self.read(overdue.page, sort=overdue.SORTS[self._sort], which=which)

    def _draw_views(self, count: int, total: int) -> None:
        parts: list[Part] = []
        for number, (words, _, _) in enumerate(_VIEWS, 1):
            parts.append((f" {number} {words} ", INVERSE if number - 1 == self._view else PLAIN))
        used = sum(len(text) for text, _ in parts)
        sums = f"{count:,}  {self.money(total)} {self.session.book.currency} "
        self._tabs.show([[*parts, (between("", sums, max(self.app.size.width - used, 0)), PLAIN)]])

    @story
    async def on_record_grid_moved(self, event: RecordGrid.Moved) -> None:
        """Show what was said last."""
        row = event.record
        if not isinstance(row, Overdue):
            self._detail.show([""] * 4)
            return
        said = (await self.search(notes.of_customer, row.account))[:2]
        card = await self.search(customers.card, row.account)
        last = card.last_payment
        paid = f"last paid {short(last.received_on)} {self.money(last.amount)} {last.method}" if last else "never paid"
        head = between(f" {row.account}  {row.name or '(no name)'}", f"{card.customer.plan} ", self.app.size.width)
        again = f"   again on {short(row.next_action_on)}" if row.next_action_on else ""
        disputed = f"   disputed {self.money(row.disputed)}" if row.disputed else ""
        lines = [f" balance {self.money(card.totals.balance)}   {paid}{disputed}{again}"]
        lines += [_said(n) for n in said] or [" nobody called yet: c says what came of a call"]
        self._detail.show([[(head, UNDERLINE)], *lines, *[""] * (3 - len(lines))])

    def action_tab(self, number: int) -> None:
        """Show another view."""
        if number <= len(_VIEWS):
            self._view = number - 1
            self.draw_frame()
            self.action_refresh()

    def action_sort(self) -> None:
        """By days or by amount; the work list has its own order."""
        if _VIEWS[self._view][2]:
            self.refuse("The work list has its own order; 2 shows all accounts, which can be sorted.")
            return
        self._sort = (self._sort + 1) % len(overdue.SORTS)
        self.draw_frame()
        self.action_refresh()

    def account(self) -> str | None:
        """The account under the cursor."""
        return self._grid.record.account if self._grid.record else None

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the account."""
        from netbill_tui.screens.customer import CustomerScreen

        assert isinstance(event.record, Overdue)
        await self.app.push_screen(CustomerScreen(event.record.account))

    @story
    async def action_note(self) -> None:
        """Write a note on the account under the cursor."""
        self.session.may_post()
        account = self.account()
        if account is None:
            self.refuse("There is no account here.")
            return
        if await write_note(self, account):
            self.action_refresh()

    @story
    async def action_call(self) -> None:
        """Record what came of a call, and go to the next account."""
        self.session.may_post()
        row = self._grid.record
        if row is None:
            self.refuse("There is no account here.")
            return
        choices = [("p", "paid now"), *((key, o.word) for key, o in OUTCOMES.items())]
        key = await self.ask(ChoiceForm(f"{row.account} {row.name}: what came of the call?", choices))
        if key == "p":
            self.action_pay()
            return
        again = await record_outcome(self, row.account, key) if key is not None else None
        if key is None or again is None:
            return
        self._calls += 1
        await self._grid.action_move(1)
        sitting = "1 call" if self._calls == 1 else f"{self._calls} calls"
        self.tell(f"{row.account}: {OUTCOMES[key].word}, again on {short(again.isoformat())}. {sitting} in this sitting.")
        self.action_refresh()


def _contact(row: Overdue) -> str:
    return f"{short(row.last_contact_on)[:6]} {row.last_contact}" if row.last_contact_on else "-"


def _said(note: NoteRow) -> str:
    return f" {short(note.date)} {note.operator}: {note.outcome}{' - ' if note.outcome and note.text else ''}{note.text}"
