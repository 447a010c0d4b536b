"""The tui command: the only one that imports Textual, and only when there is a terminal."""

from netbill_tui.cli.main import Call
from netbill_tui.settings import Settings


def tui(call: Call) -> int:
    """Open the screens."""
    return open_screens(call, call.settings)


def open_screens(call: Call, chosen: Settings) -> int:
    """Open the screens on a book; what prevents them is said before the screen is taken."""
    from netbill_tui.terminal.environment import prepare, require_terminal

    require_terminal()
    from netbill_tui.bootstrap import open_session

    session = open_session(chosen, as_of=call.as_of)
    session.preview = call.as_of is not None
    if session.book.demo:
        session.sign_in_if_needed()
    prepare(chosen.color)
    from netbill_tui.app import run

    return run(session, chosen, mouse=bool(getattr(call.args, "mouse", False)))
