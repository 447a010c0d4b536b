"""Choosing one of many lines: type some of its words, move, Enter."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.styles.roles import QUIET
from netbill_tui.text import fold
from netbill_tui.widgets.entry import Entry
from netbill_tui.widgets.lines import Lines, panel_head
from netbill_tui.widgets.record_grid import Col, RecordGrid


class Choice(NamedTuple):
    """A line that can be chosen, and the value behind it."""

    value: str
    words: str


def _rank(typed: str, row: Choice) -> int:
    """What begins as it is typed stands before what holds it somewhere: the code, a part of it, a word, the rest."""
    code, words = fold(row.value), fold(row.words)
    if code.startswith(typed) or words.startswith(typed):
        return 0 if typed in (code, words) else 1
    for rank, parts in ((2, code), (3, words)):
        if any(part.startswith(typed) for part in re.split(r"[^\w]+", parts)):
            return rank
    return 4


class PickForm(FormScreen[str]):
    """Lines with a value behind each; it answers with the value of the chosen one."""

    BINDINGS = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
    ]

    def __init__(self, title: str, rows: Sequence[tuple[str, str]], *, chosen: str = "") -> None:
        """Make the list.

        Args:
            title: What is chosen.
            rows: Value and words of each line.
            chosen: The value the cursor begins on.
        """
        super().__init__()
        self._heading = title
        self._choices = [Choice(value, dates_as_shown(words)) for value, words in rows]
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Title, box, lines."""
        with Vertical(id="form", classes="tall"):
            yield Lines([panel_head(self._heading)])
            self._input = Entry("", max_length=60)
            yield self._input
            self._grid: RecordGrid[Choice] = RecordGrid(
                [Col("", 0, lambda r: r.words)], lambda r: r.value, empty="Nothing matches these words."
            )
            self._grid.can_focus = False
            self._grid.styles.height = min(len(self._choices), 14) + 1
            yield self._grid
            yield Lines(["  Type to narrow down, Up and Down move, Enter takes it, F12 leaves"], role=QUIET)

    def on_mount(self) -> None:
        """Show all."""
        self._grid.show(self._choices, top=True)
        if self._chosen:
            self._grid.select(self._chosen)
        self._input.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the lines that have every word."""
        event.stop()
        typed = fold(event.value).strip()
        matching = [r for r in self._choices if all(w in fold(r.words) for w in typed.split())]
        self._grid.show(sorted(matching, key=lambda r: _rank(typed, r)), top=True)

    async def action_move(self, by: int) -> None:
        """Move in the lines while the box keeps the focus."""
        await self._grid.action_move(by)

    def on_record_grid_moved(self, event: RecordGrid.Moved) -> None:
        """Nothing follows from moving here."""
        event.stop()

    def action_post(self) -> None:
        """Take the line."""
        if self._grid.record is not None:
            self.answer(self._grid.record.value)
        else:
            self.app.bell()
