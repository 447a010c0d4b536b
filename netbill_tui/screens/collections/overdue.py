"""The overdue queue: who owes what for how long, what was said, and one key for what came of a call."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from textual.app import ComposeResult

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.billing.receivables.overdue import OUTCOMES, Overdue
from netbill_tui.commands import CALL
from netbill_tui.screens.collections.phone import Phone
from netbill_tui.screens.customers.collecting import standing_words
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.columns import LONG
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.notes import record_outcome
from netbill_tui.screens.shell.forms.text import TextForm
from netbill_tui.screens.shell.listing import LIST_COMMANDS, ListScreen
from netbill_tui.styles.roles import BAD, LATE, PLAIN, QUIET, SORTED, STRONG, WAIT
from netbill_tui.text import counted
from netbill_tui.usecases.collections import calls, standing, work_list
from netbill_tui.usecases.collections.standing import Standing
from netbill_tui.usecases.core.paging import Page
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts as customers
from netbill_tui.usecases.customers import notes
from netbill_tui.usecases.lookup import lists
from netbill_tui.widgets.lines import Line, Lines, Part, bar_of, chip
from netbill_tui.widgets.record_grid import Col, RecordGrid

# In a column: what the outcome says in one word.
_SHORT = {"left message": "message", "promises to pay": "promise", "disputes it": "disputes", "skipped today": "skipped"}
# Outcomes that can be said of many at once, such as letters that went out: no promise and no dispute, which are one caller's.
_FOR_MANY = ("n", "l", "w", "e", "s")


class OverdueScreen(ListScreen):
    """A queue that is worked from top to bottom."""

    LIST = "overdue"
    DECLARED = (CALL, *LIST_COMMANDS)
    BUILT_IN = (
        ("Work", ""),
        ("All", ""),
        ("1-30", "days>=1 days<=30"),
        ("31-60", "days>=31 days<=60"),
        ("61-90", "days>=61 days<=90"),
        ("Over 90", "days>90"),
    )
    HELP_LINES = (
        *ListScreen.HELP_LINES,
        "Work is what is to be done today in the order of work: broken promises, over 60 days, over 30, then the largest sums.",
        "Outcomes of a call: n no answer, l left message, w wrong number, m promise, d dispute, e escalate, s skip, p paid now.",
    )

    def __init__(self, *, work: bool = True, terms: str = "") -> None:
        super().__init__(terms)
        self._views.at = 0 if work else 1
        self._calls = 0
        self._phone = Phone(self, self._show_about)
        self._about: tuple[Overdue, Card, Sequence[NoteRow]] | None = None
        self._stands: dict[str, Standing] = {}  # of the accounts that were read, where a ladder is set
        self._detail = Lines([""] * 4)
        self._detail.add_class("beside")

    @property
    def is_work(self) -> bool:
        """The work list is shown, in its own order."""
        return self._views.at == 0

    def title_words(self) -> str:
        """The view."""
        view = self._views.name or "filtered"
        sort, _ = lists.order_of("overdue", self._chosen)
        return f"Overdue queue: {view}" + ("" if self.is_work else f", by {sort}")

    def columns(self) -> list[Col[Any]]:
        """Account, how long, how much, what was said."""
        return [
            Col("Account", 10, lambda r: r.account),
            Col("Customer", 0, lambda r: r.name or "(no name)"),
            Col("Days", 5, lambda r: str(r.days), right=True, role=lambda r: LATE if r.days > LONG else PLAIN, sort="days"),
            Col("Overdue", 12, lambda r: self.money(r.overdue), right=True, role=lambda _: STRONG, sort="amount"),
            Col("Inv", 4, lambda r: str(r.invoices), right=True, priority=4),
            Col("State", 16, self._state_words, mark=self._state_chip, priority=1),
            Col("Last contact", 22, _contact, priority=3),
            Col("Next step", 20, self._next_words, priority=2),
        ]

    def empty(self) -> str:
        """What to do where nobody is."""
        return "No account here. 2 shows all overdue accounts, / changes the filter, F3 goes back to the dashboard."

    def action_yank(self) -> None:
        """Copy the phone number that is shown, else the number of the account."""
        record = self._grid.record
        phone = self._phone.known(record.account) if record is not None else ""
        if record is not None and phone:
            self.app.copy_to_clipboard(phone)
            self.done(f"The phone number of {record.account} was sent to the terminal's clipboard, which may refuse it.")
        else:
            super().action_yank()

    def hide_secrets(self) -> None:
        """Nobody looks: the phone number goes."""
        self._phone.forget()
        self._show_about()

    def identity(self, record: Any) -> object:
        """The account."""
        return record.account

    def amount_of(self, record: Any) -> int:
        """What is overdue."""
        return int(record.overdue)

    def below(self) -> ComposeResult:
        """The account under the cursor, with what was said."""
        yield self._detail

    def on_screen_suspend(self) -> None:
        """Who leaves rests on no row."""
        self._phone.stop()

    def _show_about(self) -> None:
        """The row that was read last, with its phone number where that is open."""
        if self._about is not None:
            self._detail.show(self._about_lines(*self._about))

    def _state_chip(self, row: Overdue) -> Part | None:
        if row.promise_on is not None and row.promise_on < self.session.date().isoformat():
            return chip("BROKEN", BAD)
        return chip("DISPUTED", WAIT) if row.stage else None

    def _state_words(self, row: Overdue) -> str:
        if row.promise_on is None:
            return "in part" if row.disputed and not row.stage else ""
        day = short(row.promise_on)[:6]
        return day if row.promise_on < self.session.date().isoformat() else f"promise {day}"

    def _next_words(self, row: Overdue) -> str:
        """The step that went last, the next one and its day; or why nothing comes."""
        stands = self._stands.get(row.account)
        if stands is None:
            return ""
        if not stands.next or stands.next_on is None:
            return stands.reason.split(":")[0]
        return f"{f'{stands.stage} > ' if stands.stage else ''}{stands.next} {short(stands.next_on.isoformat())[:6]}"

    def command_words(self) -> list[str]:
        """The command that prints this queue."""
        if not self.is_work:
            return super().command_words()
        terms = " ".join(t for t in self.terms().split(" ") if not t.startswith("sort:"))
        return ["netbill", self.LIST, "--work", *(["--filter", terms] if terms else [])]

    # The work list has an order of its own and is read whole.

    def everything(self, session: Any, limit: int) -> list[Any]:
        """The rows, on the reader's thread."""
        return work_list.work(session, self._chosen, limit) if self.is_work else super().everything(session, limit)

    async def page(self, which: Page) -> list[Any]:
        """One page of the view."""
        rows = await self.read(work_list.work_page, self._chosen, which) if self.is_work else await super().page(which)
        self._stands |= await self.read(_standing, [(row.customer_id, row.account) for row in rows])
        return rows

    def key(self, record: Any) -> tuple[object, object]:
        """The key of a row in the view's order."""
        return work_list.work_key(record) if self.is_work else super().key(record)

    def sums(self, session: Any, most: int | None = None) -> Tally:
        """Number and overdue sum, counted up to `most`."""
        return work_list.work_sums(session, self._chosen, most) if self.is_work else super().sums(session, most)

    def sorted_by(self) -> tuple[str, bool] | None:
        """The work list has an order that no column shows."""
        return None if self.is_work else super().sorted_by()

    def action_sort(self) -> None:
        """By days or by amount; the work list has its own order."""
        if self.is_work:
            self.refuse("The work list has its own order; 2 shows all accounts, which can be sorted.")
        else:
            super().action_sort()

    def action_turn(self) -> None:
        """The other way round."""
        if self.is_work:
            self.refuse("The work list has its own order; 2 shows all accounts, which can be sorted.")
        else:
            super().action_turn()

    def action_position(self) -> None:
        """Go to a place in the order."""
        if self.is_work:
            self.refuse("The work list has its own order; 2 shows all accounts, which can be sorted.")
        else:
            super().action_position()

    @story
    async def on_record_grid_moved(self, event: RecordGrid.Moved) -> None:
        """Show what was said to the account under the cursor."""
        row = event.record
        if not isinstance(row, Overdue):
            self._about = None
            self._detail.show([""] * 4)
            return
        card, said, stands = await self.search(_about, row.account, row.customer_id)
        now = self._grid.record
        if now is None or now.account != row.account:
            return
        if stands is not None:
            self._stands[row.account] = stands
        self._about = row, card, said
        self._show_about()
        self._phone.rest_on(row.account)

    def _about_lines(self, row: Overdue, card: Card, said: Sequence[NoteRow]) -> list[Line]:
        """The account under the cursor: its phone, what it owes, when it paid last, what was said."""
        phone = self._phone.known(row.account)
        number: list[Part] = [chip(phone, SORTED)] if phone else []
        head = bar_of(f" {row.account}  {row.name or '(no name)'}", self.size.width, *number)
        owes: list[Part] = [(" ", PLAIN)]
        if card.disputed:
            owes += [chip("DISPUTED", WAIT), (f" {self.money(card.disputed)}   ", PLAIN)]
        owes += [("owes ", PLAIN), (self.money(row.overdue), LATE)]
        owes.append((f" for {counted(row.days, 'day')}, {counted(row.invoices, 'invoice')}", PLAIN))
        owes.append((f"   balance {self.money(card.totals.balance)}", PLAIN))
        if card.totals.next_action_on:
            owes.append((f"   again on {short(card.totals.next_action_on)}", QUIET))
        paid, plan = card.last_payment, card.customer.plan or "no plan"
        last = f"last paid {short(paid.received_on)} {self.money(paid.amount)} {paid.method}{paid.mark}" if paid else "never paid"
        stands = standing_words(self._stands[row.account]) if row.account in self._stands else ""
        if self._side.lines.display:
            return [head, owes, *([f" {stands}"] if stands else [])]  # the rest stands beside the list
        lines: list[Line] = [head, owes, f" {last}   {stands or f'{plan}   {card.customer.status}'}"]
        return [*lines, _said(said[0]) if said else " no call yet: c records the outcome of a call"]

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the account."""
        assert isinstance(event.record, Overdue)
        await self.open_screen("customer", event.record.account)

    @story
    async def action_call(self) -> None:
        """Record what came of a call, and go to the next account; of all that are marked, one outcome for each."""
        self.session.may_post()
        if self._grid.marked:
            await self._call_marked()
            return
        row: Overdue | None = self._grid.record
        if row is None:
            self.refuse("There is no account here.")
            return
        assert isinstance(row, Overdue)
        choices = [("p", "paid now"), *((key, o.word) for key, o in OUTCOMES.items())]
        key = await self.ask(ChoiceForm(f"{f'{row.account} {row.name}'.strip()}: what came of the call?", choices))
        if key == "p":
            self.action_pay()
            return
        outcome = await record_outcome(self, row.account, key) if key is not None else None
        if key is None or outcome is None:
            return
        if key in _FOR_MANY:
            self._repeat(key)
        else:
            self.netbill.desk.repeat = None  # a promise and a dispute are one caller's own
        self._calls += 1
        await self._grid.action_move(1)
        sitting = "1 call" if self._calls == 1 else f"{self._calls} calls"
        by = f" by {short((outcome - timedelta(days=1)).isoformat())}" if key == "m" else ""
        self.done(f"{row.account}: {OUTCOMES[key].word}{by}, again on {short(outcome.isoformat())}. {sitting} so far.")
        self.action_refresh()

    def _repeat(self, key: str) -> None:
        async def repeat(account: str) -> str:
            day = await self.write(calls.outcome, account, key)
            return f"{account}: {OUTCOMES[key].word}, again on {short(day.isoformat())}."

        self.netbill.desk.repeat = repeat

    async def _call_marked(self) -> None:
        from netbill_tui.screens.shell.bulk import confirmation, each, preview

        accounts = self._marks.accounts
        choices = [(key, OUTCOMES[key].word) for key in _FOR_MANY]
        key = await self.ask(ChoiceForm(f"The same outcome for {counted(len(accounts), 'account')}", choices))
        if key is None:
            return
        word = OUTCOMES[key].word
        self._repeat(key)
        form = TextForm(
            f"{word.capitalize()}: all marked", (confirmation(len(accounts), "record"),), preview(self._marks, accounts, word)
        )
        if await self.ask(form) is None:
            self.tell("Nothing was recorded.")
            return
        self._calls += await each(
            self._marks, accounts, word.capitalize(), lambda account, uid: self.write(calls.outcome, account, key, request_id=uid)
        )


def _about(session: Any, account: str, customer_id: int) -> tuple[Any, list[NoteRow], Standing | None]:
    card = customers.card(session, account)
    return card, notes.of_id(session, card.customer.id), standing.of_customers(session, [customer_id]).get(customer_id)


def _standing(session: Session, whose: Sequence[tuple[int, str]]) -> dict[str, Standing]:
    """How the accounts of a page stand on the ladder, by account."""
    known = standing.of_customers(session, [customer_id for customer_id, _ in whose])
    return {account: known[customer_id] for customer_id, account in whose if customer_id in known}


def _contact(row: Overdue) -> str:
    words = _SHORT.get(row.last_contact, row.last_contact)
    return f"{short(row.last_contact_on)[:6]} {words}" if row.last_contact_on else ""


def _said(note: NoteRow) -> str:
    return f" {short(note.date)} {note.operator}: {note.outcome}{' - ' if note.outcome and note.text else ''}{note.text}"
