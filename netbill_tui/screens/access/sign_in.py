"""Sign in: operator and password. The key derivation takes its time on purpose."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from netbill_tui.commands import BACK, HELP, QUIT
from netbill_tui.screens.shell import routes
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.usecases.access import sign_in
from netbill_tui.widgets.fields import Field
from netbill_tui.widgets.lines import Lines


class SignInScreen(NetbillScreen):
    """The first screen of a book that is no demo."""

    TITLE_WORDS = "Sign in"
    DECLARED = (HELP, BACK, QUIT)
    SHUT = True
    AUTO_FOCUS = None

    def body(self) -> ComposeResult:
        """Two fields."""
        operator = self.netbill.settings.operator
        with Vertical(id="body"):
            yield Lines(["", "", f"  {self.session.book.company}", "", ""])
            yield Field("Operator", "operator", value=operator, limit=40)
            yield Field("Password", "password", limit=256, password=True)
            yield Lines(["", "  Enter goes on, F12 leaves."])

    def on_mount(self) -> None:
        """Begin where something is missing."""
        self.draw_frame()
        self.query_one("#password" if self.netbill.settings.operator else "#operator", Input).focus()

    def on_screen_resume(self) -> None:
        """Nothing is read again here."""

    @story
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter walks; on the password it signs in."""
        event.stop()
        if event.input.id == "operator":
            self.query_one("#password", Input).focus()
            return
        secret = self.query_one("#password", Input)
        name, typed = self.query_one("#operator", Input).value, secret.value
        secret.value = ""
        self.tell("Opening your keys ...")
        await self.write(sign_in.sign_in, name, typed)
        # Not awaited here: the story belongs to the screen that goes away.
        self.app.call_later(self.app.switch_screen, routes.screen("dashboard"))

    def action_back(self) -> None:
        """Leave the program: nothing is half done here."""
        self.netbill.leave()

    def action_find(self) -> None:
        """Not before signing in."""
        self.refuse("Sign in first.")

    action_overdue = action_dashboard = action_find

    def action_pay(self) -> None:
        """Not before signing in."""
        self.refuse("Sign in first.")

    def action_go(self) -> None:
        """Not before signing in."""
        self.refuse("Sign in first.")
