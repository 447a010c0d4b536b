"""The tui command: the only one that imports Textual, and only when there is a terminal."""

from typing import TextIO

from netbill_tui.cli.core.call import Call
from netbill_tui.settings import Settings
from netbill_tui.usecases.core.session import Session


def tui(call: Call) -> int:
    """Open the screens."""
    return open_screens(call, call.settings)


def open_screens(call: Call, chosen: Settings) -> int:
    """Open the screens on a book; what prevents them is said before the screen is taken."""
    from netbill_tui.terminal.environment import prepare, require_terminal

    require_terminal()
    from netbill_tui.bootstrap import open_session

    session = open_session(chosen, as_of=call.as_of)
    session.settings = session.settings._replace(preview=call.as_of is not None)
    session.sitting.kind = "screens"
    if session.book.demo:
        session.sign_in_if_needed()
    prepare("mono" if chosen.theme == "mono" else chosen.color)
    from netbill_tui.app import run
    from netbill_tui.cli.core.declared import NAMES
    from netbill_tui.cli.core.inside import run_in

    def run_words(session: Session, words: list[str], out: TextIO, form: str) -> int:
        return run_in(session, chosen, words, out, form=form)

    return run(session, chosen, run_words, tuple(sorted(NAMES)), mouse=bool(getattr(call.args, "mouse", False)))
