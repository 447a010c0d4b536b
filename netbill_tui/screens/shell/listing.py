"""What every list can do: filter, saved views, order, marks, columns, position, export, the account beside it."""

from abc import abstractmethod
from datetime import date
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from netbill_tui import commands
from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.lookup.filters import Filter
from netbill_tui.commands import Command
from netbill_tui.errors import NetbillError, Refused
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.bulk import note_all, tag_all
from netbill_tui.screens.shell.columns import PAGE, loader_of
from netbill_tui.screens.shell.list_choices import ListChoices
from netbill_tui.screens.shell.list_export import ask_export, export
from netbill_tui.screens.shell.list_foot import ListFoot
from netbill_tui.screens.shell.list_views import ListViews
from netbill_tui.screens.shell.marks import Marks
from netbill_tui.screens.shell.side import SidePane
from netbill_tui.usecases.core.paging import FIRST, Page
from netbill_tui.usecases.lookup import list_sums, lists, views
from netbill_tui.widgets.fields import Field, mark_wrong
from netbill_tui.widgets.record_grid import Col, RecordGrid

# So many rows at most are marked by one key: a preview of more could not be looked through.
MOST_MARKED = 5000
LIST_COMMANDS: tuple[Command, ...] = (
    commands.OPEN, commands.FILTER, commands.MARK, commands.SORT, commands.NOTE, commands.TAG, commands.EXPORT, commands.CUSTOMER,
    commands.TURN, commands.MARK_TO, commands.MARK_ALL, commands.UNMARK, commands.POSITION, commands.COLUMNS, *commands.VIEWS,
)  # fmt: skip


class ListScreen(NetbillScreen):
    """A list by its name, filtered and in views; what stands beside the rows and what is marked are parts of it."""

    LIST: ClassVar[str] = ""
    BUILT_IN: ClassVar[tuple[tuple[str, str], ...]] = (("All", ""),)
    HELP_LINES: ClassVar[tuple[str, ...]] = (
        'Filter: field:value, field>50, !field:value, words of a name, "whole words", sort:-field. * stands for anything.',
        "Dates: 2026-11-22, 5nov, t, -30d, +7d. Spans: last:14d. Several values: method:cash,cheque.",
        "Save what you see: :view save NAME 7 keeps it on key 7; :view share NAME 8 for everybody; :view drop NAME.",
    )

    def __init__(self, terms: str = "") -> None:
        super().__init__()
        self._views = ListViews(self.BUILT_IN)
        self._typed = terms
        self._order: tuple[str, bool] | None = None
        self._chosen = Filter()
        self._side = SidePane(self)
        self._choices = ListChoices(self, self.LIST)
        self._day = date.min

    # What a list says about itself.

    @abstractmethod
    def columns(self) -> list[Col[Any]]:
        """Its columns."""

    def empty(self) -> str:
        """What to do where it has no row."""
        return "Nothing here. / changes the filter, 1 shows all."

    @abstractmethod
    def amount_of(self, record: Any) -> int:
        """What is summed over marked rows."""

    def identity(self, record: Any) -> object:
        """What names a row."""
        return record.id

    def own_terms(self) -> str:
        """Terms that belong to the screen's own state, such as its span."""
        return ""

    # Frame.

    def body(self) -> ComposeResult:
        """Views, filter, the rows, the sum."""
        yield self._views.line
        self._field = Field("Filter", "filter", value=self._typed, limit=300, remark="", prompt=True)
        self._field.add_class("filter")
        yield self._field
        with Horizontal(id="list-body"):
            self._grid: RecordGrid[Any] = RecordGrid([], self.identity, empty=self.empty())
            self._grid.with_cursor = self.netbill.settings.reader == "on"
            yield self._grid
            self._marks = Marks(self, self._grid, self.amount_of)
            yield self._side.lines
        yield from self.below()
        with Horizontal(id="list-foot"):
            self._foot = ListFoot(self, self._grid, lambda: Tally(len(self._marks), self._marks.amount))
            yield self._foot.sum
            yield self._foot.place
        # Said at once and not by a message, so that one paint writes the row and its number.
        self._grid.at_place = self._foot.draw_place

    def below(self) -> ComposeResult:
        """The screen's own lines under the rows."""
        yield from ()

    def on_mount(self) -> None:
        """Draw, with the columns and the order that the operator chose."""
        if "sort:" not in self._typed:
            self._order = self._choices.order()
        self.apply_columns()
        self.beside(self.read_views, "views")

    def on_resize(self) -> None:
        """From 120 columns on the account stands beside the list."""
        if self.is_mounted:
            self._side.fit(self.account())

    def apply_columns(self) -> None:
        """Show the columns that the operator chose, in the widths that he chose."""
        self._grid.set_columns(self._choices.columns(self.columns()))

    async def read_views(self) -> None:
        """Read the saved views of this list."""
        self._views.use(await self.read(views.views, self.LIST))

    # What is shown.

    def terms(self) -> str:
        """Everything that narrows the list down, as it can be typed on the command line."""
        parts = [self._views.terms, self.own_terms(), self._typed]
        text = " ".join(p for p in parts if p)
        if self._order is not None:
            # What was chosen by key counts more than what a view or the filter says.
            text = " ".join(t for t in text.split(" ") if not t.startswith("sort:"))
            text += f" sort:{'-' if self._order[1] else ''}{self._order[0]}"
        return text.strip()

    def widen(self) -> None:
        """Take back the screen's own span: a view stands for the whole list."""

    def use_terms(self, terms: str) -> None:
        """Show what these terms leave of the whole list."""
        self.widen()
        self._show_view(-1, terms)

    def command_words(self) -> list[str]:
        """The command that prints this list."""
        terms = self.terms()
        return ["netbill", self.LIST, *(["--filter", terms] if terms else [])]

    @story
    async def action_refresh(self) -> None:
        """Read the first page, or the one around the cursor, and the sum."""
        self._chosen = lists.read_filter(self.session, self.LIST, self.terms())
        self._day = self.session.date()
        self._grid.sorted_by = self.sorted_by()
        self.draw_frame()
        await self.fill()
        self._foot.draw()
        # The rows are there; nobody waits for their number.
        self.beside(self._count, "count", newest=True)

    def sorted_by(self) -> tuple[str, bool] | None:
        """The order whose column is marked, and whether it falls."""
        return lists.order_of(self.LIST, self._chosen)

    async def _count(self) -> None:
        back = partial(list_sums.taken_back, chosen=self._chosen) if self.LIST == "payments" else None
        await self._foot.count(self.sums, back)

    async def fill(self) -> None:
        """Put the rows into the grid."""
        first, loader = await self.page(FIRST), loader_of(self.page, self.key)
        if len(first) != PAGE:
            # A short list, or one of a past date, is here whole.
            self._grid.show(first)
        elif self._grid.at_beginning(PAGE):
            self._grid.show(first, loader, page=PAGE)
        else:
            await self._grid.reload(loader, page=PAGE)

    def sums(self, session: Any, most: int | None = None) -> Tally:
        """Number of rows and the sum of their amounts, on the counter's thread; counted up to `most`."""
        return list_sums.sums(session, self.LIST, self._chosen, most)

    def key(self, record: Any) -> tuple[object, object]:
        """The key of a row in the list's order."""
        return lists.key_of(self.LIST, self._chosen, record)

    async def page(self, which: Page) -> list[Any]:
        """One page of the list; across midnight it begins anew, because its order is another one."""
        if which != FIRST and self.session.date() != self._day:
            self.tell("A new day began; the list was read again from its beginning.")
            self.call_later(self.action_refresh)
        return await self.read(lists.page, self.LIST, self._chosen, which)

    # Filter and views.

    def action_filter(self) -> None:
        """Type the filter."""
        field = self.query_one("#filter", Input)
        field.focus()
        field.select_all()

    @story
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Narrow the list down by what was typed; a mistake keeps the words."""
        event.stop()
        typed = " ".join(event.value.split())
        try:
            lists.read_filter(self.session, self.LIST, typed)
        except NetbillError as error:
            mark_wrong(event.input, " ")
            raise Refused(f"{error} The list shows what it showed before.") from None
        if "sort:" in typed:
            self._order = None
        self._typed = typed
        self._foot.forget()
        self._grid.focus()
        self.tell("")
        self.action_refresh()

    def action_back(self) -> None:
        """Leave the filter field, then the screen."""
        if isinstance(self.focused, Input):
            self.query_one("#filter", Input).value = self._typed
            self._grid.focus()
            self.tell("")
        else:
            super().action_back()

    def action_view(self, number: int) -> None:
        """Show a view."""
        if not self._views.is_there(number):
            self.refuse(f"Key {number} has no view yet; :view save NAME {number} keeps what you see.")
            return
        if number > len(self.BUILT_IN):
            self.widen()
        self._grid.unmark()
        self._show_view(number - 1, "")

    def _show_view(self, at: int, typed: str) -> None:
        self._views.at, self._typed, self._order = at, typed, None
        self._foot.forget()
        self.query_one("#filter", Input).value = typed
        self._views.draw()
        self.draw_frame()
        self.action_refresh()

    # The row under the cursor.

    def account(self) -> str | None:
        """The account of the row."""
        record = self._grid.record
        return record.account if record else None

    def on_record_grid_moved(self) -> None:
        """Show the account beside the list."""
        self._side.show(self.account())

    @story
    async def action_customer(self) -> None:
        """Open the account."""
        if self.account():
            await self.open_screen("customer", str(self.account()))

    # Order and place.

    def action_sort(self) -> None:
        """The next order."""
        sorts = lists.LISTINGS[self.LIST].sorts
        name, _ = lists.order_of(self.LIST, self._chosen)
        following = sorts[(sorts.index(name) + 1) % len(sorts)]
        falls = following != "account" and following != "due"
        self._set_order((following, falls))

    def action_turn(self) -> None:
        """The same order the other way round."""
        name, falls = lists.order_of(self.LIST, self._chosen)
        self._set_order((name, not falls))

    def _set_order(self, order: tuple[str, bool]) -> None:
        if "sort:" in self._typed:
            self._typed = " ".join(t for t in self._typed.split() if not t.startswith("sort:"))
            self.query_one("#filter", Input).value = self._typed
        self._order = order
        self.draw_frame()
        self._choices.remember_order(order)
        self.action_refresh()
        self.tell(f"In the order of {order[0]}, {'largest or latest' if order[1] else 'smallest or earliest'} first.")

    @story
    async def action_position(self) -> None:
        """Go to a place in the order."""
        from netbill_tui.screens.shell.forms.text import Asked, TextForm

        sort, _ = lists.order_of(self.LIST, self._chosen)
        answer = await self.ask(TextForm(f"Go to which {sort}?", (Asked(sort.capitalize(), limit=40),)))
        if answer is None:
            return
        which = await self.read(lists.position, self.LIST, self._chosen, answer[0])
        rows = await self.page(which)
        if not rows:
            raise Refused(f"Nothing in this list comes after {answer[0]}; End goes to the last row.")
        self._grid.show_from(rows, loader_of(self.page, self.key), page=PAGE)
        self._foot.draw()

    # Marks.

    async def action_mark(self) -> None:
        """Mark the row and go to the next."""
        self._grid.mark()
        await self._grid.action_move(1)
        self._foot.draw()

    def action_mark_to(self) -> None:
        """Mark all from the last marked row to this one."""
        if not self._grid.mark_to():
            self.refuse(
                "The last marked row is too far away, or there is none; Space marks one, / narrows the list, * marks all."
            )
        self._foot.draw()

    @story
    async def action_mark_all(self) -> None:
        """Mark every row of the filtered list."""
        rows = await self.read(self.everything, MOST_MARKED + 1)
        if len(rows) > MOST_MARKED:
            raise Refused(f"The list has more than {MOST_MARKED:,} rows; narrow it down before you mark all.")
        self._grid.mark_rows(rows)
        self._foot.draw()

    def everything(self, session: Any, limit: int) -> list[Any]:
        """The rows of the whole list, on the reader's thread."""
        return lists.every(session, self.LIST, self._chosen, limit)

    def action_unmark(self) -> None:
        """Unmark all."""
        self._grid.unmark()
        self._foot.draw()

    # Actions on the row, or on all that are marked.

    @story
    async def action_note(self) -> None:
        """Write a note on the account under the cursor, or the same on all that are marked."""
        self.session.may_post()
        await note_all(self._marks)

    @story
    async def action_tag(self) -> None:
        """Put a tag on the account under the cursor, or on all that are marked."""
        self.session.may_post()
        await tag_all(self._marks)

    # Columns.

    @story
    async def action_columns(self) -> None:
        """Show, hide, widen and narrow columns."""
        if await self._choices.ask_columns(self.columns()):
            self.apply_columns()
            self.done("Kept for the next time.")

    # Export.

    @story
    async def action_export(self) -> None:
        """Ask for a format, write the file, and show the command that does it."""
        await ask_export(self, self.LIST, self.command_words())

    async def export(self, form: str, path: str) -> None:
        """Write the list; see `list_export.export`."""
        await export(self, self.LIST, self.command_words(), form, path)
