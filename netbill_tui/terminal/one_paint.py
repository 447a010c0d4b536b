"""A screen that opens is painted once: when what it read is there, or soon after where that takes long.

Textual 8.2 paints a screen when it is laid out, again when its rows come, and once more for the focus: three times the bytes, of
which an operator on a slow line sees two flash by. What changes on a screen that stands there is painted at once, as
ever, and so is one that comes back: it has its rows from before, and who leaves a screen waits for nothing.
"""

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    _Base = App[int]
else:
    _Base = object

# Longer than a read of a book takes, shorter than it takes to wonder whether the key was heard.
PATIENCE_S = 0.08


class OnePaint(_Base):
    """A mixin in front of `App`: between `paints_once` and `paints` a screen that was never painted is not shown."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._waits_for_reads = self._has_to_be_shown = False
        self._were_shown: WeakSet[Screen[Any]] = WeakSet()

    def paints_once(self) -> None:
        """A key comes; what it opens waits for `paints`."""
        self._waits_for_reads = True

    def paints(self) -> None:
        """Everything that the key set off is there, or takes too long: show it."""
        self._waits_for_reads = False
        if self._has_to_be_shown:
            self._has_to_be_shown = False
            self.screen.refresh()

    def _display(self, screen: "Screen[Any]", renderable: Any) -> None:
        if renderable is not None and screen not in self._were_shown:
            if self._waits_for_reads:
                self._has_to_be_shown = True
                return
            self._were_shown.add(screen)
        super()._display(screen, renderable)
