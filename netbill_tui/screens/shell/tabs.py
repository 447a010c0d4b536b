"""A screen with tabs above one list."""

from typing import Any, ClassVar

from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.styles.roles import PLAIN, TITLE
from netbill_tui.widgets.lines import Lines, Part
from netbill_tui.widgets.record_grid import RecordGrid


class TabbedScreen(NetbillScreen):
    """Digits and Tab change what the list shows.

    Attributes:
        TAB_NAMES: What the tabs are called.
    """

    TAB_NAMES: ClassVar[tuple[str, ...]] = ()
    _grid: RecordGrid[Any]

    def __init__(self, tab: int = 0) -> None:
        super().__init__()
        self._tab = tab
        self._tab_line = Lines([""])

    def draw_tabs(self) -> None:
        """Show which tab is chosen, and its keys."""
        parts: list[Part] = []
        for n, words in enumerate(self.TAB_NAMES, 1):
            parts += [(f" {n} {words} ", TITLE if n - 1 == self._tab else PLAIN), (" ", PLAIN)]
        self._tab_line.show([parts])
        self.draw_frame()

    def action_tab(self, number: int) -> None:
        """Another tab."""
        if number <= len(self.TAB_NAMES):
            self._tab = number - 1
            self._grid.show([], top=True)
            self.action_refresh()

    def action_next_tab(self) -> None:
        """The next tab."""
        self.action_tab((self._tab + 1) % len(self.TAB_NAMES) + 1)
