"""The rows of a list that are marked, and what is done to all of them."""

from collections.abc import Callable
from typing import Any

from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.widgets.record_grid import RecordGrid


class Marks:
    """What is marked in the grid of a screen.

    Attributes:
        screen: Whose list it is.
    """

    def __init__(self, screen: NetbillScreen, grid: RecordGrid[Any], amount_of: Callable[[Any], int]) -> None:
        self.screen, self._grid, self._amount_of = screen, grid, amount_of

    def __len__(self) -> int:
        """How many rows are marked."""
        return len(self._grid.marked)

    @property
    def amount(self) -> int:
        """What the marked rows come to."""
        return sum(self._amount_of(row) for row in self._grid.marked.values())

    @property
    def accounts(self) -> list[str]:
        """The accounts of the marked rows, each once, or that of the row under the cursor."""
        return list(dict.fromkeys(row.account for row in self.rows))

    @property
    def rows(self) -> list[Any]:
        """The marked rows, or the one under the cursor."""
        return list(self._grid.marked.values()) or ([self._grid.record] if self._grid.record else [])

    def done(self) -> None:
        """The marked rows were worked through."""
        self._grid.unmark()
        self.screen.action_refresh()
