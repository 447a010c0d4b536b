"""The profile of an account: what is sealed, shown for a moment; and what the caller says, compared with it."""

from collections.abc import Callable
from typing import Any

from textual.timer import Timer

from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.reversal import check_reason
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.usecases.customers import profiles
from netbill_tui.usecases.customers.profiles import ProfileField
from netbill_tui.widgets.record_grid import Col, RecordGrid

REVEAL_S = 20.0


class AccountProfile:
    """What of an account's sealed fields is open on a screen.

    Attributes:
        contact: Kind and value of the contact data; None until it was opened.
        revealed: The private field that is shown now, with its value.
        verified: By what the caller was verified; empty where nobody is.
    """

    def __init__(self, screen: NetbillScreen) -> None:
        self._screen = screen
        self._hiding: Timer | None = None
        self.contact: list[tuple[str, str]] | None = None
        self.revealed: dict[str, str] = {}
        self.verified = ""

    async def open_contact(self, account: str) -> bool:
        """Open the contact data, once for each opened card; False where it is open already."""
        if self.contact is not None:
            return False
        self.contact = []  # another refresh meanwhile opens it no second time
        try:
            self.contact = await self._screen.write(profiles.show_contact, account)
        except BaseException:
            self.contact = None
            raise
        return True

    def first(self, kind: str) -> str:
        """The first of a kind of contact data; empty where there is none."""
        return next((value for name, value in self.contact or [] if name == kind), "")

    async def show(self, grid: RecordGrid[Any], account: str) -> None:
        """Show the fields, masked but for the one that is revealed, and the contact data."""
        fields = await self._screen.read(profiles.profile, account)
        rows = [f._replace(shown=self.revealed.get(f.field, f.shown) or "-") for f in fields]
        rows += [ProfileField("", kind, value) for kind, value in self.contact or []]
        columns: list[Col[ProfileField]] = [
            Col("Field", 16, lambda f: f.words[:1].upper() + f.words[1:]), Col("Value", 0, lambda f: f.shown),
        ]  # fmt: skip
        grid.set_columns(columns)
        grid.show(rows, empty="Nothing is known.")

    async def reveal(self, account: str, field: ProfileField, hide: Callable[[], None]) -> bool:
        """Open one private field for twenty seconds, after its reason; False where it is not opened."""
        screen = self._screen
        if field.field == "pin" or field.shown == "-":
            never = "The PIN is never shown; i compares it."
            screen.refuse(never if field.field == "pin" else f"No {field.words.lower()} was captured.")
            return False
        asked = (Asked("Reason", check=check_reason, limit=200),)
        answer = await screen.ask(TextForm(f"Reveal {field.words} of {account}", asked))
        if answer is None:
            return False
        self.revealed = {field.field: await screen.write(profiles.reveal, account, field.field, answer[0])}
        if self._hiding:
            self._hiding.stop()
        self._hiding = screen.set_timer(REVEAL_S, hide)
        return True

    def hide(self) -> bool:
        """Forget what is revealed; False where nothing was."""
        was_shown, self.revealed = bool(self.revealed), {}
        return was_shown

    def forget(self) -> None:
        """Forget everything that was opened."""
        self.revealed, self.contact = {}, []

    async def ask_caller(self, account: str) -> str | None:
        """Compare what the caller says with what is stored; what was compared, or None where the operator leaves."""
        choices = (("p", "PIN"), ("b", "birth date"), ("t", "last four of the tax id"))
        key = await self._screen.ask(ChoiceForm(f"What does the caller of {account} say?", choices))
        if key is None:
            return None
        field = {"p": "pin", "b": "birth_date", "t": "tax_id"}[key]
        words = profiles.CALLER_SAYS[field]
        said = Asked(words[:1].upper() + words[1:14], limit=40, password=field == "pin")
        answer = await self._screen.ask(TextForm(f"Caller of {account}: {words}", (said,)))
        if answer is None:
            return None
        fits = await self._screen.write(profiles.caller_matches, account, field, answer[0])
        self.verified = words.split(" of ")[0] if fits else ""
        return words
