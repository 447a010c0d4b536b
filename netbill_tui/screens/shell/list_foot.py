"""The foot of a list: how many rows, what they come to, what is marked, and where the cursor stands."""

from collections.abc import Callable
from typing import Any, Protocol

from netbill_tui.billing.core.money import Tally
from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.screens.shell.lanes import Replaced
from netbill_tui.widgets.lines import Lines, fit_right
from netbill_tui.widgets.record_grid import RecordGrid

COUNTED_AT_ONCE = 10_000
PLACE_WIDTH = 24


class Counter(Protocol):
    """What counts a list: its rows and their sum, up to a number of rows."""

    def __call__(self, session: Any, most: int | None = None) -> Tally:
        """Number and sum."""
        ...


class ListFoot:
    """The two parts of a list's last line.

    Attributes:
        sum: The widget of the sum.
        place: The widget of the cursor's place.
    """

    def __init__(self, screen: NetbillScreen, grid: RecordGrid[Any], marked: Callable[[], Tally]) -> None:
        self.sum, self.place = Lines([""]), Lines([""])
        self.place.styles.width = PLACE_WIDTH
        self._screen, self._grid, self._marked = screen, grid, marked
        self._counted: Tally | None = None
        self._at_least = False
        self._back = Tally()

    def forget(self) -> None:
        """Another list is shown: what was counted is not of it."""
        self._counted, self._at_least, self._back = None, False, Tally()

    async def count(self, sums: Counter, taken_back: Callable[[Any], Tally] | None = None) -> None:
        """Count beside everything else: up to 10,000 rows first, so that something true stands there at once."""
        counts, session = self._screen.netbill.calls.count, self._screen.session
        try:
            tally = await counts(sums, session, COUNTED_AT_ONCE + 1)
            if tally.number > COUNTED_AT_ONCE:
                # So many at least, and no sum of a part; the whole comes when it is counted.
                self._counted, self._at_least = None, True
                self.draw()
                tally = await counts(sums, session)
            back = await counts(taken_back, session) if taken_back else Tally()
        except Replaced:
            return
        except NetbillError as error:
            self._screen.refuse(str(error))
            return
        self._grid.total = tally.number
        self._counted, self._at_least, self._back = tally, False, back
        self.draw()

    def draw(self) -> None:
        """Show both parts."""
        text = f" {COUNTED_AT_ONCE:,}+ rows, counting ..." if self._at_least else " counting ..."
        money = self._screen.money
        if self._counted is not None:
            count, total = self._counted
            text = f" {count:,} {'row' if count == 1 else 'rows'}, {money(total)} {self._screen.session.book.currency}"
        marked, back = self._marked(), self._back
        if marked.number:
            text += f"   marked {marked.number:,}, sum {money(marked.amount)}"
        elif back.number and self._counted is not None:
            text += f"; {back.number:,} taken back {money(back.amount)}"
        self.sum.show([text])
        self.draw_place()

    def draw_place(self) -> None:
        """Show where the cursor stands."""
        self.place.show([fit_right(self._grid.position, PLACE_WIDTH - 1)])
