"""What every list can do: filter, saved views, order, marks, columns, position, export, the account beside it."""

from datetime import date
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from netbill_tui.billing.lookup.filters import Filter
from netbill_tui.commands import (
    COLUMNS,
    CUSTOMER,
    EXPORT,
    FILTER,
    MARK,
    MARK_ALL,
    MARK_TO,
    NOTE,
    OPEN,
    POSITION,
    SORT,
    TAG,
    TURN,
    UNMARK,
    VIEWS,
    Command,
)
from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.columns import PAGE, loader_of
from netbill_tui.screens.shell.lanes import Replaced
from netbill_tui.usecases.core.paging import FIRST, Page
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.customers import tags as account_tags
from netbill_tui.usecases.lookup import lists, views
from netbill_tui.usecases.lookup.views import View
from netbill_tui.widgets.fields import Field
from netbill_tui.widgets.lines import INVERSE, PLAIN, Line, Lines, Part, fit_right
from netbill_tui.widgets.record_grid import Col, RecordGrid

SIDE_WIDTH, SIDE_FROM = 40, 120
PLACE_WIDTH = 28
LIST_COMMANDS: tuple[Command, ...] = (
    OPEN, FILTER, MARK, SORT, NOTE, TAG, EXPORT, CUSTOMER, TURN, MARK_TO, MARK_ALL, UNMARK, POSITION, COLUMNS, *VIEWS,
)  # fmt: skip


class ListBase(NetbillScreen):
    """A list by its name, filtered and in views; what is done to its rows is in list_actions.py."""

    LIST: ClassVar[str] = ""
    BUILT_IN: ClassVar[tuple[tuple[str, str], ...]] = (("All", ""),)
    HELP_LINES: ClassVar[tuple[str, ...]] = (
        'Filter: field:value, field>50, !field:value, words of a name, "whole words", sort:-field. * stands for anything.',
        "Dates: 2026-11-22, 5nov, t, -30d, +7d. Spans: last:14d. Several values: method:cash,cheque.",
        "Save what you see: :view save NAME 7 keeps it on key 7; :view share NAME 8 for everybody; :view drop NAME.",
    )

    def __init__(self, terms: str = "") -> None:
        super().__init__()
        self._at_view = 0
        self._typed = terms
        self._order: tuple[str, bool] | None = None
        self._saved: list[View] = []
        self._chosen = Filter()
        self._counted: tuple[int, int] | None = None
        self._back = (0, 0)
        self._day = date.min

    # What a list says about itself.

    def columns(self) -> list[Col[Any]]:
        """Its columns."""
        raise NotImplementedError

    def empty(self) -> str:
        """What to do where it has no row."""
        return "Nothing here. / changes the filter, 1 shows all."

    def amount_of(self, record: Any) -> int:
        """What is summed over marked rows."""
        raise NotImplementedError

    def identity(self, record: Any) -> object:
        """What names a row."""
        return record.id

    def own_terms(self) -> str:
        """Terms that belong to the screen's own state, such as its span."""
        return ""

    # Frame.

    def body(self) -> ComposeResult:
        """Views, filter, the rows, the sum."""
        self._views = Lines([""])
        yield self._views
        self._field = Field("Filter", "filter", value=self._typed, limit=300, remark="", prompt=True)
        self._field.add_class("filter")
        yield self._field
        with Horizontal(id="list-body"):
            self._grid: RecordGrid[Any] = RecordGrid([], self.identity, empty=self.empty())
            self._grid.with_cursor = self.netbill.settings.reader == "on"
            yield self._grid
            self._side = Lines([])
            self._side.styles.width = SIDE_WIDTH
            self._side.display = False
            yield self._side
        yield from self.below()
        with Horizontal(id="list-foot"):
            self._sum = Lines([""])
            yield self._sum
            self._place = Lines([""])
            self._place.styles.width = PLACE_WIDTH
            yield self._place
        # Said at once and not by a message, so that one paint writes the row and its number.
        self._grid.at_place = self._draw_place

    def below(self) -> ComposeResult:
        """The screen's own lines under the rows."""
        yield from ()

    def on_mount(self) -> None:
        """Draw, with the columns and the order that the operator chose."""
        preference = self.netbill.desk.preference(f"order.{self.LIST}")
        sort = preference.get("sort")
        if isinstance(sort, str) and sort in lists.LISTINGS[self.LIST].sorts and "sort:" not in self._typed:
            self._order = (sort, bool(preference.get("falls")))
        self.apply_columns()
        super().on_mount()
        self.beside(self.read_views, "views")

    def on_resize(self) -> None:
        """From 120 columns on the account stands beside the list."""
        super().on_resize()
        if self.is_mounted:
            wide = self.app.size.width >= SIDE_FROM and self.netbill.desk.pane
            if wide != self._side.display:
                self._side.display = wide
                self._beside(self._grid.record)

    def apply_columns(self) -> None:
        """Show the columns that the operator chose, in the widths that he chose."""
        preference = self.netbill.desk.preference(f"columns.{self.LIST}")
        hidden, widths = preference.get("hidden", []), preference.get("widths", {})
        shown = []
        for column in self.columns():
            width = widths.get(column.heading) if isinstance(widths, dict) else None
            if not (isinstance(hidden, list) and column.heading in hidden):
                shown.append(column.sized(width) if isinstance(width, int) and 2 <= width <= 80 else column)
        self._grid.set_columns(shown or self.columns())

    async def read_views(self) -> None:
        """Read the saved views of this list."""
        self._saved = await self.read(views.views, self.LIST)
        self._draw_views()

    def _draw_views(self) -> None:
        parts: list[Part] = [(" ", PLAIN)]
        for number, (words, _) in enumerate(self._keys(), 1):
            if words:
                parts += [(f" {number} {words} ", INVERSE if number - 1 == self._at_view else PLAIN), (" ", PLAIN)]
        self._views.show([parts])

    def _keys(self) -> list[tuple[str, str]]:
        """What each digit opens: the built-in views, then saved ones on their digit or the next free one."""
        keys: list[tuple[str, str]] = [*self.BUILT_IN, *[("", "")] * (9 - len(self.BUILT_IN))]
        waiting = []
        for view in self._saved:
            at = (view.digit or 0) - 1
            if len(self.BUILT_IN) <= at < 9 and not keys[at][0]:
                keys[at] = (view.name, view.words)
            else:
                waiting.append((view.name, view.words))
        free = [at for at in range(len(self.BUILT_IN), 9) if not keys[at][0]]
        for at, view_ in zip(free, waiting, strict=False):
            keys[at] = view_
        return keys

    # What is shown.

    def terms(self) -> str:
        """Everything that narrows the list down, as it can be typed on the command line."""
        view = self._keys()[self._at_view][1] if self._at_view >= 0 else ""
        parts = [view, self.own_terms(), self._typed]
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
        self._at_view, self._typed, self._order, self._counted = -1, terms, None, None
        self.query_one("#filter", Input).value = terms
        self._draw_views()
        self.draw_frame()
        self.action_refresh()

    def command_words(self) -> list[str]:
        """The command that prints this list."""
        terms = self.terms()
        return ["netbill", self.LIST, *(["--filter", terms] if terms else [])]

    @story
    async def action_refresh(self) -> None:
        """Read the first page, or the one around the cursor, and the sum."""
        self._chosen = lists.read_filter(self.session, self.LIST, self.terms())
        self._day = self.session.date()
        self.draw_frame()
        await self.fill()
        self._draw_sum()
        # The rows are there; nobody waits for their number.
        self.beside(self._count, "count", newest=True)

    async def _count(self) -> None:
        try:
            count, total = await self.netbill.calls.count(self.sums, self.session)
            if self.LIST == "payments":
                self._back = await self.netbill.calls.count(lists.taken_back, self.session, self._chosen)
        except Replaced:
            return
        except NetbillError as error:
            self.refuse(str(error))
            return
        self._grid.total = count
        self._counted = (count, total)
        self._draw_sum()

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

    def sums(self, session: Any) -> tuple[int, int]:
        """Number of rows and the sum of their amounts, on the reader's thread."""
        return lists.sums(session, self.LIST, self._chosen)

    def key(self, record: Any) -> tuple[object, object]:
        """The key of a row in the list's order."""
        return lists.key_of(self.LIST, self._chosen, record)

    async def page(self, which: Page) -> list[Any]:
        """One page of the list; across midnight it begins anew, because its order is another one."""
        if which != FIRST and self.session.date() != self._day:
            self.tell("A new day began; the list was read again from its beginning.")
            self.call_later(self.action_refresh)
        return await self.read(lists.page, self.LIST, self._chosen, which)

    def _draw_sum(self) -> None:
        text = " counting ..."
        if self._counted is not None:
            count, total = self._counted
            text = f" {count:,} {'row' if count == 1 else 'rows'}, {self.money(total)} {self.session.book.currency}"
            number, back = self._back
            text += f" kept; {number:,} taken back, {self.money(back)}" if number else ""
        marked = self._grid.marked
        if marked:
            text += f"   marked {len(marked):,}, sum {self.money(sum(self.amount_of(r) for r in marked.values()))}"
        self._sum.show([text])
        self._draw_place()

    def _draw_place(self) -> None:
        self._place.show([fit_right(self._grid.position, PLACE_WIDTH - 1)])

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
        lists.read_filter(self.session, self.LIST, typed)
        if "sort:" in typed:
            self._order = None
        self._typed, self._counted = typed, None
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
        keys = self._keys()
        if number > len(keys) or not keys[number - 1][0]:
            self.refuse(f"Key {number} has no view yet; :view save NAME {number} keeps what you see.")
            return
        if number > len(self.BUILT_IN):
            self.widen()
        self._at_view, self._typed, self._order, self._counted = number - 1, "", None, None
        self.query_one("#filter", Input).value = ""
        self._grid.unmark()
        self._draw_views()
        self.draw_frame()
        self.action_refresh()

    # The row under the cursor.

    def account(self) -> str | None:
        """The account of the row."""
        record = self._grid.record
        return record.account if record else None

    def on_record_grid_moved(self, event: RecordGrid.Moved) -> None:
        """Show the account beside the list."""
        if self._side.display:
            self._beside(event.record)

    def _beside(self, record: Any) -> None:
        if record is None or not self._side.display:
            self._side.show([])
            return
        self.beside(partial(self._show_side, record.account), "side", newest=True)

    async def _show_side(self, account: str) -> None:
        from netbill_tui.screens.shell.side import side_lines

        try:
            card, noted, tags = await self.read(_side_of, account)
        except NetbillError as error:
            self._side.show([f" {error}"])
            return
        lines: list[Line] = side_lines(self, card, noted, tags, SIDE_WIDTH)
        self._side.show(lines)

    def marked_sum(self) -> int:
        """The sum over the marked rows."""
        return sum(self.amount_of(r) for r in self._grid.marked.values())

    def done_with_marks(self) -> None:
        """The marked rows were worked through."""
        self._grid.unmark()
        self.action_refresh()

    @story
    async def action_customer(self) -> None:
        """Open the account."""
        if self.account():
            await self.open_screen("customer", str(self.account()))


def _side_of(session: Any, account: str) -> tuple[Any, Any, list[str]]:
    from netbill_tui.usecases.customers import notes

    return accounts.card(session, account), notes.of_customer(session, account)[:3], account_tags.tags_of(session, account)
