"""A name never moves a number: what terminals count differently is written so that what follows stands where it belongs.

Terminals, and Rich, disagree how many cells a spacing vowel sign, a joiner, a flag or a skin tone takes (Rich 15 counts no cell
for a sign of category Mc, tmux 3.3 and glibc count one), and nobody can know which terminal is at the other end of a line. So the
cells that the program counted are blanked, the words are written, and the cursor goes back and then on by exactly the cells that
were counted: only save, restore and forward, which every terminal since the VT100 has, wherever on the line the words stand.
"""

import re

from rich.cells import cell_len

from netbill_tui.text import UNEVEN

# Escape sequences are passed as they are; between them stands text.
_SEQUENCE = re.compile(r"(\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]])")
_SAVE, _RESTORE = "\x1b7", "\x1b8"


def steady_lines(data: str) -> str:
    """What is written to the terminal, with every run of words that terminals count differently held in its cells."""
    if data.isascii() or not UNEVEN.search(data):
        return data
    return "".join(part if part.startswith("\x1b") else UNEVEN.sub(_held, part) for part in _SEQUENCE.split(data))


def _held(run: re.Match[str]) -> str:
    cells = cell_len(run[0])
    if not cells:
        return run[0]
    return f"{_SAVE}{' ' * cells}{_RESTORE}{_SAVE}{run[1]}{_RESTORE}\x1b[{cells}C"
