"""One key decides."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.screens.shell.forms.form import FormScreen
from netbill_tui.styles.roles import KEY, PLAIN
from netbill_tui.widgets.lines import Line, Lines, chip, panel_head, wrapped

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
        question, *more = wrapped(self._question, self.app.size.width - 2)
        lines: list[Line] = [panel_head(question), *(panel_head(line) for line in more)]
        lines += [[("  ", PLAIN), chip(key, KEY), (f" {words}", PLAIN)] for key, words in self._choices]
        lines.append([("  ", PLAIN), chip("F12", KEY), (f" {self._leave}", PLAIN)])
        with Vertical(id="form"):
            yield Lines(lines)

    def on_key(self, event: events.Key) -> None:
        """A key of the choices answers."""
        if event.character in {key for key, _ in self._choices}:
            event.stop()
            self.answer(event.character)
