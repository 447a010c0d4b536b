"""A field of a form: its words, a compact input, and a remark behind it."""

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input

from netbill_tui.text import cell_width
from netbill_tui.widgets.lines import Lines


class Fields(VerticalScroll, inherit_bindings=False):
    """The fields of a form that fills the screen. It scrolls with the cursor, and Up and Down are left to the form."""


class Field(Horizontal):
    """`Words ....... [input] remark` on one line. Enter is handled by the form, which walks to the next field."""

    DEFAULT_CSS = """
    Field { height: 1; }
    Field > .words { width: 20; height: 1; }
    Field > Input { width: 26; height: 1; border: none; padding: 0; }
    Field > .remark { width: 1fr; height: 1; }
    Field.wide > Input { width: 1fr; }
    Field.wide > .remark { display: none; }
    Field.search > .words { width: 7; }
    Field.search > Input { width: 1fr; }
    """

    def __init__(
        self, words: str, name: str, *, value: str = "", remark: str = "", wide: bool = False, limit: int = 300,
        password: bool = False, prompt: bool = False,
    ) -> None:  # fmt: skip
        """Make the field.

        Args:
            words: What is asked for.
            name: The input's id.
            value: What stands in it; typing replaces it.
            remark: What can be typed, shown behind it.
            wide: The input takes the line.
            limit: Most characters.
            password: Show stars.
            prompt: The words are a prompt, as of a search.
        """
        super().__init__(classes="wide" if wide else "")
        self._words = Lines([f" {words}> " if prompt else f"  {(words + ' ').ljust(16, '.')} "])
        self._words.add_class("words")
        self.input = Input(value, id=name, compact=True, max_length=limit, password=password)
        self.input.cursor_blink = False
        self._remark = Lines([f" {remark}"])
        self._remark.add_class("remark")

    def compose(self) -> ComposeResult:
        """Words, input, remark."""
        yield self._words
        yield self.input
        yield self._remark

    def remark(self, text: str) -> None:
        """Say something behind the input."""
        self._remark.show([f" {text}"])
        if self.has_class("search"):
            # What is typed has the rest of the line.
            self._remark.styles.width = cell_width(text) + 2
