"""The screen that hides everything after a quarter of an hour without a key. The keys are dropped; half-filled forms are kept."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from netbill_tui.commands import HELP, QUIT
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.usecases.access import sign_in
from netbill_tui.widgets.fields import Field
from netbill_tui.widgets.lines import Lines

WHY = {
    "idle": "Locked: nothing was typed for a quarter of an hour.",
    "over": "Locked: a sitting ends after twelve hours; sign in again.",
    "key": "Locked.",
}


class LockScreen(NetbillScreen):
    """Nothing but a password opens what lies below."""

    TITLE_WORDS = "Locked"
    DECLARED = (HELP, QUIT)
    SHUT = True
    AUTO_FOCUS = "#password"

    def __init__(self, why: str) -> None:
        super().__init__()
        self._why = why

    def body(self) -> ComposeResult:
        """Who locked it, and the password."""
        name = self.session.sitting.locked or ""
        with Vertical(id="body"):
            yield Lines(
                ["", f"  {WHY.get(self._why, self._why)}", "", f"  {name}, what you had open and half typed is kept.", ""]
            )
            if self.netbill.unlocks_itself:
                yield Field("Enter", "password", remark="a demo book needs no password", limit=256)
            else:
                yield Field("Password", "password", limit=256, password=True)
            yield Lines(["", "  Enter opens, ^Q leaves the program."])

    def on_mount(self) -> None:
        """Ask for the password."""
        self.draw_frame()
        self.query_one("#password", Input).focus()

    def on_screen_resume(self) -> None:
        """Nothing is read here."""

    @story
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Sign in again."""
        event.stop()
        typed, event.input.value = event.input.value, ""
        self.tell("Opening your keys ...")
        name = self.session.sitting.locked or ""
        if self.netbill.unlocks_itself:
            await self.netbill.calls.write(self.netbill.unlock_again, self.session)
        else:
            await self.netbill.calls.write(sign_in.unlocks, self.session, name, typed)
        self.session.sitting.used()
        self.app.pop_screen()

    def action_back(self) -> None:
        """There is no way below without a password."""
        self.refuse("Type the password; ^Q leaves the program.")

    def refuse_locked(self) -> None:
        """Nothing else is done while it is locked."""
        self.refuse("Type the password first.")

    def action_jump(self, by: int) -> None:  # noqa: ARG002 - as the base has it
        """Nothing is opened while it is locked."""
        self.refuse_locked()

    action_find = action_overdue = action_dashboard = action_pay = action_go = action_line = refuse_locked
    action_palette = action_waiting = action_repeat = action_yank = refuse_locked
