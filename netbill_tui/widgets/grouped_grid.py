"""A list in groups, each with a heading that the cursor passes over; what was typed is strong where it stands."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rich.segment import Segment

from netbill_tui.styles.roles import PLAIN, STRONG, paint
from netbill_tui.text import fold
from netbill_tui.widgets.columns import Col, Layout
from netbill_tui.widgets.lines import fit
from netbill_tui.widgets.record_grid import RecordGrid

R = TypeVar("R")


class GroupedGrid(RecordGrid[R]):
    """A list some rows of which are headings."""

    def __init__(
        self,
        columns: Sequence[Col[R]],
        identity: Callable[[R], object],
        *,
        empty: str,
        heading: Callable[[R], str],
        is_exact: Callable[[R], bool],
    ) -> None:
        """A list.

        Args:
            columns: Of the records.
            identity: What tells them apart.
            empty: What to say where there are none.
            heading: The words of a row that is a heading, else nothing.
            is_exact: Whether a record gets the mark of what was asked for exactly.
        """
        super().__init__(columns, identity, empty=empty)
        self._heading, self._is_exact = heading, is_exact
        self.words: tuple[str, ...] = ()

    @property
    def records(self) -> list[R]:
        """What is loaded, without the headings."""
        return [row for row in self._rows if not self._heading(row)]

    def _landed(self, to: int) -> int:
        """Behind a heading, or before it on the way up."""
        step = -1 if 0 < to < self._cursor else 1
        while 0 <= to < len(self._rows) and self._heading(self._rows[to]):
            to += step
        return max(min(to, len(self._rows) - 1), 0)

    def _scroll_to_cursor(self) -> None:
        super()._scroll_to_cursor()
        # The first record of a group is seen with its heading.
        if 0 < self._top == self._cursor and self._heading(self._rows[self._top - 1]):
            self._top -= 1

    def _record_line(self, row: R, chosen: bool, layout: Layout[R], width: int) -> list[Segment]:
        words = self._heading(row)
        if words:
            return [Segment(fit(f" {words}", width), paint(STRONG))]
        line = super()._record_line(row, chosen, layout, width)
        if self._is_exact(row):
            line[0] = Segment(f"{line[0].text[0]}={line[0].text[2:]}", line[0].style)
        return line if chosen else [part for segment in line for part in self._strong(segment)]

    def _strong(self, segment: Segment) -> Iterator[Segment]:
        """The parts of a plain cell, the letters that were typed strong."""
        if segment.style != paint(PLAIN) or not self.words:
            yield segment
            return
        text = segment.text
        letters = [fold(c)[:1] or c for c in text]
        folded, at = "".join(letters), 0
        while at < len(text):
            starts = at == 0 or not folded[at - 1].isalnum()
            word = next((w for w in self.words if starts and folded.startswith(w, at)), "")
            end = at + len(word) if word else at + 1
            while not word and end < len(text) and folded[end - 1].isalnum():
                end += 1
            yield Segment(text[at:end], paint(STRONG if word else PLAIN))
            at = end
