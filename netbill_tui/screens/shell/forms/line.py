"""The `:` line: a command with completion and history."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.suggester import SuggestFromList

from netbill_tui.screens.shell.desk import history
from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.widgets.entry import Entry
from netbill_tui.widgets.lines import Lines


class LineForm(FormScreen[str]):
    """One line at the bottom of the screen. It answers with what was typed."""

    BINDINGS = [
        Binding("up", "older", show=False),
        Binding("down", "newer", show=False),
        Binding("f9,ctrl+y", "last", show=False),
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(self, words: Sequence[str], begun: str = "", *, whose: str = "") -> None:
        super().__init__(classes="at-foot")
        self._words = list(words)
        self._begun = begun
        self._history = history(whose)
        self._at = len(self._history)

    def compose(self) -> ComposeResult:
        """The line, and what it takes."""
        known = [*reversed(self._history), *self._words]
        with Vertical(id="line-form"):
            self._input = Entry(
                self._begun,
                max_length=400,
                suggester=SuggestFromList(known, case_sensitive=False),
                select_on_focus=False,
            )
            yield Lines(["Command, such as: c C10234   pay C10234 25 cash   od bal>50   view save big"])
            yield self._input
            self._hint = Lines(["Enter runs it, Tab completes, Up and Down recall, F12 leaves"])
            yield self._hint

    def on_mount(self) -> None:
        """Type at once."""
        self._input.focus()

    def action_complete(self) -> None:
        """Take what is suggested; else the words that fit so far."""
        typed = self._input.value
        if self._input._suggestion:
            self._input.value = self._input._suggestion
        else:
            fits = [w for w in self._words if w.startswith(typed)]
            if len(fits) == 1:
                self._input.value = fits[0] + " "
            else:
                self._hint.show([" ".join(fits)[:76] if fits else "No command begins like that; ^P shows every command."])
                self.app.bell()
        self._input.cursor_position = len(self._input.value)

    def _recall(self, at: int) -> None:
        if self._at == len(self._history):
            self._begun = self._input.value
        self._at = max(0, min(at, len(self._history)))
        self._input.value = self._history[self._at] if self._at < len(self._history) else self._begun
        self._input.cursor_position = len(self._input.value)

    def action_older(self) -> None:
        """The line typed before."""
        self._recall(self._at - 1)

    def action_newer(self) -> None:
        """The line typed after."""
        self._recall(self._at + 1)

    def action_last(self) -> None:
        """The last line."""
        self._recall(len(self._history) - 1)

    def action_post(self) -> None:
        """Run it."""
        self.answer(self._input.value)
