"""A field of a form: its words, what is typed, and a remark behind it."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input

from netbill_tui.styles.roles import BAD, FOCUS, PLAIN, QUIET
from netbill_tui.text import cell_width
from netbill_tui.widgets.entry import Entry
from netbill_tui.widgets.lines import Line, Lines, Part, chip

SHORT = 10  # letters of a word that need no long one beside it
LABEL, LONG_LABEL = 14, 20  # cells of the words; the long ones where a form has words that need them
_WIDTH = 26


class Fields(VerticalScroll, inherit_bindings=False):
    """The fields of a form that fills the screen. It scrolls with the cursor, and Up and Down are left to the form."""


class Field(Horizontal):
    """`Words  ______ remark` on one line. Enter is handled by the form, which walks to the next field.

    The words of the field in which one types are strong, with `>` before them; of one that is wrong they have `!` before them,
    and why stands where the remark was. `*` behind the words: something must stand there. `+` before them: it is another than
    what is stored, which the remark tells.
    """

    DEFAULT_CSS = """
    Field { height: 1; }
    Field > .words { height: 1; }
    Field > Input { height: 1; border: none; padding: 0; }
    Field > .remark { width: 1fr; height: 1; }
    Field.wide > Input { width: 1fr; }
    Field.wide > .remark { display: none; }
    Field.search > .words { width: 7; }
    Field.search > Input { width: 1fr; }
    """

    def __init__(
        self, words: str, name: str, *, value: str = "", remark: str = "", wide: bool = False, limit: int = 300,
        password: bool = False, prompt: bool = False, width: int = _WIDTH, long_words: bool = False,
        required: bool = False,
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
            width: Cells of the input.
            long_words: The words of this form are long.
            required: It may not be empty.
        """
        super().__init__(classes="wide" if wide else "")
        self._asked, self._is_prompt = words + ("*" if required else ""), prompt
        self._stored: str | None = None
        self._problem = ""
        self._said: str | list[Part] = remark
        self._words = Lines([""])
        self._words.add_class("words")
        if not prompt:
            self._words.styles.width = LONG_LABEL if long_words else LABEL
        self.input = Entry(value, id=name, max_length=limit, password=password)
        if not wide:
            self.input.styles.width = width
        self._remark = Lines([""])
        self._remark.add_class("remark")
        self._draw()

    def compose(self) -> ComposeResult:
        """Words, input, remark."""
        yield self._words
        yield self.input
        yield self._remark

    def _draw(self) -> None:
        focused = self.input.has_focus
        role = FOCUS if focused else PLAIN
        if self._is_prompt:
            before: Part = ("!", BAD) if self._problem else (" ", PLAIN)
            self._words.show([[before, (f"{self._asked}> ", role)]])
        elif self._problem:
            self._words.show([[chip("!", BAD), (f"{self._asked}", FOCUS)]])
        else:
            self._words.show([[(f" {'>' if focused else ' '}{'+' if self._is_changed() else ' '}{self._asked}", role)]])
        said = self._was() if self._is_changed() else self._said
        line: Line = [("  ", PLAIN), chip(self._problem, BAD)] if self._has_room() else _quiet(said)
        self._remark.show([line])

    def stored(self, value: str) -> None:
        """Tell what is stored, with which what is typed is compared from now on."""
        self._stored = value
        self._draw()

    def _is_changed(self) -> bool:
        return self._stored is not None and self.input.value.strip() != self._stored

    def _was(self) -> str | list[Part]:
        if self.input.password:
            return "changed"
        return f"was {self._stored}" if self._stored else "was empty"

    def _has_room(self) -> bool:
        """Whether the sentence stands behind the field; a longer one stands on the message line alone."""
        return bool(self._problem.strip()) and cell_width(self._problem) + 4 <= self._remark.size.width

    def remark(self, text: str | list[Part]) -> None:
        """Say something behind the input."""
        self._said = text
        self._draw()
        if self.has_class("search"):
            # What is typed has the rest of the line.
            words = text if isinstance(text, str) else "".join(part for part, _ in text)
            self._remark.styles.width = cell_width(words) + 3

    def wrong(self, sentence: str) -> None:
        """Mark what stands in it as refused; an empty sentence takes the mark away."""
        if sentence != self._problem:
            self._problem = sentence
            self._draw()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """One types here."""
        self._draw()

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        """No more."""
        self._draw()

    def on_input_changed(self, _: Entry.Changed) -> None:
        """What was refused is being mended."""
        self.wrong("")
        if self._stored is not None:
            self._draw()


def mark_wrong(entry: Input, sentence: str) -> None:
    """Mark the field of an input as refused, and say why behind it."""
    field = entry.parent
    if isinstance(field, Field):
        field.wrong(sentence)


def _quiet(remark: str | list[Part]) -> Line:
    return [(f"  {remark}", QUIET)] if isinstance(remark, str) else [("  ", PLAIN), *remark]
