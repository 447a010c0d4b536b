"""A list of records on the Line API, fed by keyset pages: one line for each record, whatever their number.

The grid keeps a window of pages. Moving past its edge asks the loader for the page behind or before; pages far from the
cursor are forgotten. The cursor is a reversed line with a marker, so that it is seen without colour.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from netbill_tui.errors import NetbillError
from netbill_tui.styles.roles import BAR, CURSOR, MARK, PLAIN, QUIET, paint
from netbill_tui.widgets.columns import Col as Col
from netbill_tui.widgets.columns import Layout, Widths, cells_of, heading_of
from netbill_tui.widgets.lines import fit

R = TypeVar("R")
WINDOW = 2000

# Which page: "first", "last", or the one "after" or "before" a record.
Loader = Callable[[str, Any], Awaitable[Sequence[Any]]]


class RecordGrid(Widget, Generic[R], can_focus=True):
    """A list with a cursor.

    Messages: `Moved` when the cursor came to another record, `Opened` when Enter was pressed on it.
    """

    DEFAULT_CSS = "RecordGrid { height: 1fr; width: 1fr; }"
    BINDINGS = [
        Binding("down,j", "move(1)", show=False, id="grid.down"),
        Binding("up,k", "move(-1)", show=False, id="grid.up"),
        Binding("pagedown", "page(1)", show=False, id="grid.page_down"),
        Binding("pageup", "page(-1)", show=False, id="grid.page_up"),
        Binding("home", "edge('first')", show=False, id="grid.first"),
        Binding("end,G", "edge('last')", show=False, id="grid.last"),
        Binding("enter", "open", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another record, or on none."""

        def __init__(self, record: object) -> None:
            super().__init__()
            self.record = record

    class Failed(Message):
        """A page could not be read; the list stays as it was."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    class Opened(Message):
        """Enter was pressed on a record."""

        def __init__(self, record: object) -> None:
            super().__init__()
            self.record = record

    def __init__(
        self,
        columns: Sequence[Col[R]],
        identity: Callable[[R], object],
        *,
        empty: str,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._columns = list(columns)
        self._widths: Widths[R] = Widths()
        self.sorted_by: tuple[str, bool] | None = None
        self._identity = identity
        self._empty = empty
        self._rows: list[R] = []
        self._loader: Loader | None = None
        self._more_before = self._more_after = False
        self._before_count: int | None = 0
        self._cursor = self._top = 0
        self._last_marked: object = None
        self.total: int | None = None
        self.marked: dict[object, R] = {}
        self.with_cursor = False
        self.at_place: Callable[[], None] = lambda: None

    @property
    def record(self) -> R | None:
        """The record under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def records(self) -> list[R]:
        """What is loaded."""
        return self._rows

    @property
    def position(self) -> str:
        """Where the cursor is, as far as that is known."""
        if not self._rows:
            return "no rows"
        whole = not self._more_before and not self._more_after and not self._before_count
        total = len(self._rows) if whole else self.total
        of = f" of {total:,}" if total is not None else ""
        more = ("▲" if self._top or self._more_before else " ") + ("▼" if self._ends_below() else " ")
        row = f"row {self._before_count + self._cursor + 1:,}{of}" if self._before_count is not None else f"a row{of}"
        return f"{row} {more}" if more.strip() else row

    def _ends_below(self) -> bool:
        return self._more_after or self._top + max(self.size.height - 1, 1) < len(self._rows)

    def set_columns(self, columns: Sequence[Col[R]]) -> None:
        """Show other columns."""
        self._columns, self._widths = list(columns), Widths()
        self._widths.learn(self._columns, self._rows)
        self.refresh()

    def show(
        self,
        rows: Sequence[R],
        loader: Loader | None = None,
        *,
        page: int = 0,
        empty: str | None = None,
        top: bool = False,
    ) -> None:
        """Show a list from its first page on; the cursor stays on its record where that is still there.

        Args:
            rows: The first page, or all.
            loader: Gives the other pages; None when these are all.
            page: Rows of a full page; fewer rows end the list.
            empty: What to say when there are none.
            top: Begin at the first record, whatever the cursor was on.
        """
        before = self._identity(self._rows[self._cursor]) if self._rows and not top else None
        self._rows, self._loader = list(rows), loader
        self._widths.learn(self._columns, self._rows)
        self._empty = empty if empty is not None else self._empty
        self._more_before, self._more_after = False, loader is not None and len(self._rows) >= page > 0
        self._before_count = 0
        place = next((i for i, r in enumerate(self._rows) if self._identity(r) == before), None)
        self._cursor = self._landed(0 if top else place if place is not None else min(self._cursor, max(len(self._rows) - 1, 0)))
        self._scroll_to_cursor()
        self.refresh()
        self._place_cursor()
        self.at_place()
        self.post_message(self.Moved(self.record))

    def at_beginning(self, page: int) -> bool:
        """True while the cursor stands on the first page, or on nothing."""
        return self.record is None or (not self._more_before and self._cursor < page)

    async def reload(self, loader: Loader, *, page: int) -> None:
        """Read the list again; the cursor stays on its record, however far down that is.

        Args:
            loader: Gives the pages.
            page: Rows of a full page.
        """
        record = self.record
        if record is None or self.at_beginning(page):
            self.show(await loader("first", None), loader, page=page)
            return
        ahead = list(await loader("before", record))
        behind = list(await loader("after", ahead[-1])) if ahead else list(await loader("first", None))
        known = self._before_count
        count = None if known is None else max(0, known + self._cursor - len(ahead))
        self.show([*ahead, *behind], loader, page=len(ahead) + page)
        self._more_before, self._before_count = len(ahead) >= page, count

    def show_from(self, rows: Sequence[R], loader: Loader, *, page: int) -> None:
        """Show the list from somewhere in its middle on; what lies before is loaded when the cursor goes there."""
        self.show(rows, loader, page=page, top=True)
        self._more_before, self._before_count = bool(rows), None

    # Marks.

    def mark(self) -> None:
        """Mark the record under the cursor, or unmark it."""
        record = self.record
        if record is None:
            return
        key = self._identity(record)
        if self.marked.pop(key, None) is None:
            self.marked[key] = record
        self._last_marked = key
        self.refresh(Region(0, 1 + self._cursor - self._top, self.size.width, 1))

    def mark_to(self) -> bool:
        """Mark every record from the last marked one to the one under the cursor; False where that one is not loaded."""
        keys = [self._identity(r) for r in self._rows]
        if self._last_marked not in keys:
            return False
        first = keys.index(self._last_marked)
        low, high = sorted((first, self._cursor))
        self.mark_rows(self._rows[low : high + 1])
        return True

    def mark_rows(self, rows: Sequence[R]) -> None:
        """Mark these records."""
        self.marked |= {self._identity(r): r for r in rows}
        self.refresh()

    def unmark(self) -> None:
        """Mark nothing."""
        self.marked, self._last_marked = {}, None
        self.refresh()

    def select(self, identity: object) -> bool:
        """Put the cursor on a loaded record; False when it is not there."""
        for at, row in enumerate(self._rows):
            if self._identity(row) == identity:
                self._go(at)
                return True
        return False

    async def action_move(self, by: int) -> None:
        """Move the cursor, loading what comes into view."""
        await self._move(by)

    async def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        await self._move(by * max(self.size.height - 2, 1))

    async def action_edge(self, which: str) -> None:
        """Go to the first or the last record of the whole list."""
        if self._loader is not None and (self._more_before if which == "first" else self._more_after):
            rows = await self._page(which, None)
            if rows is None:
                return
            self._rows = rows
            self._learn(rows)
            self._more_before, self._more_after = which == "last", which == "first"
            known = 0 if which == "first" else None if self.total is None else max(self.total - len(rows), 0)
            self._before_count, self._cursor = known, 0
            self.refresh()
        self._go(0 if which == "first" else len(self._rows) - 1)

    def action_open(self) -> None:
        """Open the record under the cursor."""
        if self._rows:
            self.post_message(self.Opened(self.record))

    async def _page(self, which: str, record: R | None) -> list[R] | None:
        """A page, or None when it could not be read, which the screen then says."""
        assert self._loader is not None
        try:
            return list(await self._loader(which, record))
        except NetbillError as error:
            self.post_message(self.Failed(str(error)))
            return None

    async def _move(self, by: int) -> None:
        target = self._cursor + by
        if self._loader is not None and target >= len(self._rows) and self._more_after:
            page = await self._page("after", self._rows[-1])
            if page is None:
                return
            self._more_after = bool(page)
            self._learn(page)
            self._rows += page
            drop = max(0, len(self._rows) - WINDOW)
            if drop:
                self._rows = self._rows[drop:]
                self._more_before = True
                self._before_count = None if self._before_count is None else self._before_count + drop
                target, self._top, self._cursor = target - drop, max(self._top - drop, 0), max(self._cursor - drop, 0)
        elif self._loader is not None and target < 0 and self._more_before:
            page = await self._page("before", self._rows[0])
            if page is None:
                return
            self._more_before = bool(page)
            self._learn(page)
            self._rows = (page + self._rows)[:WINDOW]
            self._more_after = self._more_after or len(self._rows) == WINDOW
            known = self._before_count
            self._before_count = None if known is None else max(0, known - len(page)) if page else 0
            target, self._top, self._cursor = target + len(page), self._top + len(page), self._cursor + len(page)
        self._go(max(0, min(target, len(self._rows) - 1)))

    def _learn(self, rows: Sequence[R]) -> None:
        """Columns grow where a page has longer words; then the whole list is drawn."""
        if self._widths.learn(self._columns, rows):
            self.refresh()

    def _go(self, to: int) -> None:
        before, top = self._cursor, self._top
        self._cursor = self._landed(max(to, 0))
        self._scroll_to_cursor()
        if self._top != top:
            self.refresh()
        elif before != self._cursor:
            # Only the two lines that differ are written.
            width = self.size.width
            self.refresh(Region(0, 1 + before - top, width, 1), Region(0, 1 + self._cursor - top, width, 1))
        self._place_cursor()
        self.at_place()
        if before != self._cursor or self._top != top:
            self.post_message(self.Moved(self.record))

    def _landed(self, to: int) -> int:
        """Where the cursor comes to stand that goes to a row."""
        return to

    def _place_cursor(self) -> None:
        """Let the terminal's own cursor stand on the row, where a screen reader or a braille line looks for it."""
        if self.with_cursor and self._rows and self.is_attached:
            self.app.cursor_position = Offset(self.region.x, self.region.y + 1 + self._cursor - self._top)

    def _scroll_to_cursor(self) -> None:
        height = max(self.size.height - 1, 1)
        if self._cursor < self._top:
            self._top = self._cursor
        elif self._cursor >= self._top + height:
            self._top = self._cursor - height + 1
        self._top = max(0, min(self._top, max(len(self._rows) - height, 0)))

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._scroll_to_cursor()
        self.refresh()

    def _row_marks(self) -> bool:
        """Whether the last column shows where in the list one is: only where there is more than can be seen."""
        return self._more_before or self._more_after or len(self._rows) > self.size.height - 1

    def _thumb(self) -> tuple[int, int]:
        """First and last line of the mark that shows which part of the list is seen."""
        height = max(self.size.height - 1, 1)
        ahead = self._before_count if self._before_count is not None else 0
        whole = max(self.total or 0, ahead + len(self._rows), 1)
        size = max(height * height // whole, 1)
        at = min((ahead + self._top) * height // whole, height - size)
        if self._cursor == len(self._rows) - 1 and not self._more_after:
            at = height - size
        return at, at + size - 1

    def render_line(self, y: int) -> Strip:
        """The heading, a record, or what to do when there is none."""
        width = self.size.width
        with_mark = self._row_marks() and width > 20
        inner = width - 1 if with_mark else width
        layout = self._widths.layout(self._columns, inner - 1 if with_mark else inner)
        if y == 0:
            return Strip([*heading_of(layout, self.sorted_by, width)], width)
        at = self._top + y - 1
        if at >= len(self._rows):
            text = "  " + self._empty if y == 2 and not self._rows else ""
            return Strip([Segment(fit(text, width), paint(PLAIN))], width)
        line = Strip(self._record_line(self._rows[at], at == self._cursor, layout, inner))
        segments = list(line.adjust_cell_length(inner, paint(PLAIN)))
        if with_mark:
            first, last = self._thumb()
            seen = first <= y - 1 <= last
            segments.append(Segment("█" if seen else "│", paint(BAR if seen else QUIET)))
        return Strip(segments, width)

    def _record_line(self, row: R, chosen: bool, layout: Layout[R], width: int) -> list[Segment]:
        marked = bool(self.marked) and self._identity(row) in self.marked
        parts = cells_of(row, layout, MARK if marked else PLAIN)
        if chosen:
            # One run: chips too, so that the cursor is seen as one thing and costs few bytes.
            line = ">" + ("*" if marked else " ") + "".join(text for text, _ in parts)
            return list(Strip([Segment(line, paint(CURSOR))]).adjust_cell_length(width, paint(CURSOR)))
        segments = [Segment(" *" if marked else "  ", paint(MARK if marked else PLAIN))]
        used = 2
        for text, role in parts:
            segments.append(Segment(text, paint(role)))
            used += cell_len(text)
        segments.append(Segment(" " * max(width - used, 0), paint(PLAIN)))
        return list(Segment.simplify(segments))
