"""Which columns of a list are shown, and how wide."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.styles.roles import QUIET
from netbill_tui.widgets.lines import Lines, panel_head
from netbill_tui.widgets.record_grid import Col, RecordGrid


class ColumnWidth(NamedTuple):
    """A column of a list: its heading, which names it, and its own width; 0 takes what is left."""

    heading: str
    width: int


class ColumnsForm(FormScreen[dict[str, object]]):
    """Space shows or hides, + and - change the width, Enter keeps, F12 leaves as it was."""

    BINDINGS = [
        Binding("space", "show_or_hide", show=False),
        Binding("plus,right", "wider(1)", show=False),
        Binding("minus,left", "wider(-1)", show=False),
        Binding("d", "defaults", show=False),
    ]

    def __init__(self, columns: Sequence[ColumnWidth], preference: Mapping[str, object]) -> None:
        """Make the form.

        Args:
            columns: All that the list has.
            preference: What was chosen before.
        """
        super().__init__()
        self._columns = list(columns)
        hidden, widths = preference.get("hidden", []), preference.get("widths", {})
        self._hidden: set[str] = set(hidden) if isinstance(hidden, list) else set()
        self._widths: dict[str, int] = dict(widths) if isinstance(widths, dict) else {}

    def compose(self) -> ComposeResult:
        """The columns."""
        with Vertical(id="form"):
            yield Lines([panel_head("Columns of this list")])
            self._grid: RecordGrid[ColumnWidth] = RecordGrid(
                [
                    Col("Shown", 6, lambda r: "no" if r.heading in self._hidden else "yes"),
                    Col("Column", 0, lambda r: r.heading),
                    Col("Width", 12, self._width, right=True),
                ],
                lambda r: r.heading,
                empty="",
            )
            self._grid.styles.height = len(self._columns) + 1
            yield self._grid
            yield Lines(
                ["  Space shows or hides, + and - change the width, d as it was made, Enter keeps it, F12 leaves"],
                role=QUIET,
            )

    def _width(self, row: ColumnWidth) -> str:
        width = self._widths.get(row.heading, row.width)
        return str(width) if width else "what is left"

    def on_mount(self) -> None:
        """Show them."""
        self._grid.show(self._columns)
        self._grid.focus()

    def action_show_or_hide(self) -> None:
        """Show or hide the column; one always stays."""
        row = self._grid.record
        if row is not None and (row.heading in self._hidden or len(self._hidden) + 1 < len(self._columns)):
            self._hidden ^= {row.heading}
            self._grid.refresh()
        else:
            self.app.bell()

    def action_wider(self, by: int) -> None:
        """Change the width."""
        row = self._grid.record
        if row is not None and row.width:
            self._widths[row.heading] = max(2, min(self._widths.get(row.heading, row.width) + by, 80))
            self._grid.refresh()
        else:
            self.app.bell()

    def action_defaults(self) -> None:
        """As the list was made."""
        self._hidden, self._widths = set(), {}
        self._grid.refresh()

    def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Enter keeps it."""
        event.stop()
        self.action_post()

    def on_record_grid_moved(self, event: RecordGrid.Moved) -> None:
        """Nothing follows from moving here."""
        event.stop()

    def action_post(self) -> None:
        """Keep it."""
        self.answer({"hidden": sorted(self._hidden), "widths": self._widths})
