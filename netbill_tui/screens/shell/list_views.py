"""The views of a list: built-in ones and saved ones, each behind a digit."""

from netbill_tui.styles.roles import PLAIN, TITLE
from netbill_tui.usecases.lookup.views import View
from netbill_tui.widgets.lines import Lines, Part


class ListViews:
    """Which views there are, and which is shown.

    Attributes:
        line: The widget that shows them.
        at: Number of the view that is shown, from 0; below zero where the filter alone says what is shown.
    """

    def __init__(self, built_in: tuple[tuple[str, str], ...]) -> None:
        self.line = Lines([""])
        self.at = 0
        self._built_in = built_in
        self._saved: list[View] = []

    def use(self, saved: list[View]) -> None:
        """These are the saved ones."""
        self._saved = saved
        self.draw()

    def draw(self) -> None:
        """Show them, the one that is shown inverse."""
        parts: list[Part] = [(" ", PLAIN)]
        for number, (words, _) in enumerate(self._keys(), 1):
            if words:
                parts += [(f" {number} {words} ", TITLE if number - 1 == self.at else PLAIN), (" ", PLAIN)]
        self.line.show([parts])

    def is_there(self, number: int) -> bool:
        """Whether a digit opens a view."""
        return 1 <= number <= 9 and bool(self._keys()[number - 1][0])

    @property
    def name(self) -> str:
        """What the view is called that is shown; empty where none is."""
        return self._keys()[self.at][0] if self.at >= 0 else ""

    @property
    def terms(self) -> str:
        """The terms of the view that is shown."""
        return self._keys()[self.at][1] if self.at >= 0 else ""

    def _keys(self) -> list[tuple[str, str]]:
        """What each digit opens: the built-in views, then saved ones on their digit or the next free one."""
        keys: list[tuple[str, str]] = [*self._built_in, *[("", "")] * (9 - len(self._built_in))]
        waiting = []
        for view in self._saved:
            at = (view.digit or 0) - 1
            if len(self._built_in) <= at < 9 and not keys[at][0]:
                keys[at] = (view.name, view.words)
            else:
                waiting.append((view.name, view.words))
        free = [at for at in range(len(self._built_in), 9) if not keys[at][0]]
        for at, view_ in zip(free, waiting, strict=False):
            keys[at] = view_
        return keys
