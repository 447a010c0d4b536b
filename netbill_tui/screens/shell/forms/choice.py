"""One key decides."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.widgets.lines import BOLD, PLAIN, Line, Lines

Choice = tuple[str, str]


class ChoiceForm(FormScreen[str]):
    """Shows keys with their words; the first one pressed is the answer."""

    def __init__(self, question: str, choices: Sequence[Choice], *, leave: str = "leave") -> None:
        """Make the question.

        Args:
            question: What is asked.
            choices: Key and words of each answer.
            leave: What F12 does.
        """
        super().__init__()
        self._question, self._leave = dates_as_shown(question), leave
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        """The question and its keys."""
        lines: list[Line] = [[(self._question, BOLD)]]
        lines += [[(f"  {key}  ", BOLD), (words, PLAIN)] for key, words in self._choices]
        lines.append(f"  F12  {self._leave}")
        with Vertical(id="form"):
            yield Lines(lines)

    def on_key(self, event: events.Key) -> None:
        """A key of the choices answers."""
        if event.character in {key for key, _ in self._choices}:
            event.stop()
            self.answer(event.character)
