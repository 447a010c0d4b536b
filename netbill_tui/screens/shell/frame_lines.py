"""The first and the last line of every screen: what the book is and pretends, and the keys as far as there is room."""

from collections.abc import Callable, Sequence

from netbill_tui import commands
from netbill_tui.billing.core.dates import short
from netbill_tui.commands import Command
from netbill_tui.styles.roles import BANNER, KEY, PLAIN, QUIET, TITLE
from netbill_tui.usecases.core.session import Session
from netbill_tui.widgets.lines import Part, bar_of, chip


def title_bar(session: Session, words: str, width: int, *, waiting: int, shared_file: bool) -> list[Part]:
    """The program, the screen, what the book pretends as chips, company, operator and day.

    Args:
        session: Whose book, which day.
        words: Of the screen.
        width: Of the terminal.
        waiting: So many forms were put aside.
        shared_file: Others of the Unix group can write the book.
    """
    marks = [
        m
        for m, on in (
            (f"{waiting} waiting", waiting), ("DEMO", session.book.demo),
            (f"AS OF {short(session.date())}", session.calendar.as_of is not None),
            ("READ ONLY", session.settings.readonly), ("SHARED FILE", shared_file),
        )
        if on
    ]  # fmt: skip
    left = len(words) + 12
    # What the book pretends is always said; company, operator and day give way to the screen's name.
    rest = [session.book.company[:20], session.operator.name if session.operator else "", short(session.today())]
    while rest and left + sum(len(w) + 3 for w in marks) + sum(len(w) + 2 for w in rest) + 2 > width:
        rest.pop(0)
    chips = [part for m in marks for part in (chip(m, BANNER), (" ", TITLE))]
    tail = f" {'  '.join(rest)} " if rest else ""
    return bar_of(f" netbill  {words}", width, *chips, (tail, TITLE), role=TITLE)


def footer_parts(declared: Sequence[Command], may_do: Callable[[Command], bool], width: int) -> list[Part]:
    """The keys with their words: the way out always, the others as far as there is room, in their order."""
    shown = [*(c for c in declared if c is not commands.BACK), *(c for c in declared if c is commands.BACK)]
    sizes = {c: len(c.shown) + len(c.label) + 3 for c in shown}
    room = width - sizes.get(commands.BACK, 0)
    parts: list[Part] = []
    for command in shown:
        if command is not commands.BACK:
            if sizes[command] > room:
                continue
            room -= sizes[command]
        if may_do(command):
            parts += [chip(command.shown, KEY), (f"{command.label} ", PLAIN)]
        else:
            # Not permitted: in brackets, and no cap.
            parts += [(f"({command.shown} {command.label}) ", QUIET)]
    return parts
