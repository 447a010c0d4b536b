"""What a thing means on a screen, and how each theme shows it. No screen and no widget names a colour.

Blue is the program, plain is the data, red and yellow are what hurts. A chip brings its own background, so one theme is right on
dark and on light; what is coloured has a word or a mark too, which stand in every theme. Green means nothing: beside yellow many
cannot tell it. docs/looks.md says what each role is for.
"""

from collections.abc import Mapping
from typing import Final

from rich.style import Style

from netbill_tui.styles import looks
from netbill_tui.styles.looks import Look

PLAIN: Final = "plain"  # data
STRONG: Final = "strong"  # the figure that counts
QUIET: Final = "quiet"  # a second line, a remark
TITLE: Final = "title"  # the title line, the chosen tab, OK
BANNER: Final = "banner"  # DEMO, AS OF, READ ONLY, 2 waiting
HEAD: Final = "head"  # the heading of a list or block
SORTED: Final = "sorted"  # the column that a list is sorted by; the phone number
CURSOR: Final = "cursor"  # the row under the cursor
MARK: Final = "mark"  # a marked row
KEY: Final = "key"  # the cap of a key
FIELD: Final = "field"  # what can be typed into
FOCUS: Final = "focus"  # the label of the field in which one types
LATE: Final = "late"  # an overdue amount, days over 60
BAD: Final = "bad"  # BROKEN, FAILED, BOUNCED, NO
WAIT: Final = "wait"  # DISPUTED, HELD, PARKED, not cleared
CREDIT: Final = "credit"  # in the customer's favour
BAR: Final = "bar"  # a drawn bar, the mark of the scrolled place

ROLES: Final = (
    PLAIN, STRONG, QUIET, TITLE, BANNER, HEAD, SORTED, CURSOR, MARK, KEY, FIELD, FOCUS, LATE, BAD, WAIT, CREDIT, BAR,
)  # fmt: skip
_ANSI = {
    STRONG: "bold", TITLE: "bright_white on blue", BANNER: "black on yellow", HEAD: "black on cyan",
    SORTED: "bright_white on blue", CURSOR: "reverse", MARK: "bold", KEY: "bright_white on blue", FIELD: "underline",
    FOCUS: "bold", LATE: "bold bright_red", BAD: "bright_white on red", WAIT: "black on yellow", CREDIT: "bright_magenta",
    BAR: "bright_blue",
}  # fmt: skip
_MONO = {
    STRONG: "bold", TITLE: "reverse", BANNER: "bold", HEAD: "bold", SORTED: "bold reverse", CURSOR: "reverse", MARK: "bold",
    KEY: "bold", FIELD: "underline", FOCUS: "bold", LATE: "bold", BAD: "bold reverse", WAIT: "reverse",
}  # fmt: skip


def _one_colour(strong: int, text: int, quiet: int) -> dict[str, str]:
    """A theme of one colour in three strengths, as on the terminals on which the fastest clerks worked."""
    return {
        PLAIN: f"{text}", STRONG: f"bold {strong}", QUIET: f"{quiet}", TITLE: f"reverse {text}", BANNER: f"bold {strong}",
        HEAD: f"reverse {quiet}", SORTED: f"bold reverse {strong}", CURSOR: f"reverse {strong}", MARK: f"bold {strong}",
        KEY: f"bold {strong}", FIELD: f"underline {text}", FOCUS: f"bold {strong}", LATE: f"bold {strong}",
        BAD: f"bold reverse {strong}", WAIT: f"reverse {text}", CREDIT: f"{text}", BAR: f"{quiet}",
    }  # fmt: skip


THEMES: Final[Mapping[str, Mapping[str, str]]] = {
    "ansi": _ANSI,
    "ansi-dark": _ANSI | {CREDIT: "bright_green", BAR: "cyan"},
    "ansi-light": _ANSI | {LATE: "bold red", CREDIT: "blue", BAR: "blue"},
    "night": _ANSI | {
        QUIET: "248", TITLE: "231 on 25", BANNER: "16 on 220", HEAD: "153 on 236", SORTED: "231 on 25", CURSOR: "16 on 153",
        MARK: "222", KEY: "bold 222", FIELD: "underline 231 on 236", LATE: "bold 209", BAD: "231 on 124", WAIT: "16 on 220",
        CREDIT: "115", BAR: "74",
    },
    "day": _ANSI | {
        QUIET: "240", TITLE: "231 on 25", BANNER: "16 on 220", HEAD: "16 on 152", SORTED: "231 on 25", CURSOR: "231 on 24",
        MARK: "25", KEY: "bold 25", FIELD: "underline 16 on 254", LATE: "bold 124", BAD: "231 on 124", WAIT: "16 on 220",
        CREDIT: "23", BAR: "25",
    },
    "green": _one_colour(46, 40, 34),
    "amber": _one_colour(220, 214, 172),
    "contrast": _one_colour(231, 231, 217) | {
        TITLE: "16 on 231", BANNER: "16 on 226", HEAD: "16 on 217", SORTED: "16 on 226",
        CURSOR: "16 on 226", KEY: "bold 226", FIELD: "underline 231", FOCUS: "bold 226", LATE: "bold 226",
        BAD: "16 on 231", WAIT: "16 on 226", CREDIT: "217", BAR: "226",
    },
    "mono": _MONO,
}  # fmt: skip
DEFAULT: Final = "ansi"
# The background that a theme is made for; the others are right on both.
MADE_FOR: Final = {
    "ansi-dark": "dark", "ansi-light": "light", "night": "dark", "day": "light", "green": "dark", "amber": "dark",
    "contrast": "dark",
}  # fmt: skip


def table(words: Mapping[str, str]) -> dict[str, Look]:
    """The look of every role."""
    return {role: looks.read(words.get(role, "")) for role in ROLES}


class _Shown:
    """The theme that is shown now: one program, one terminal."""

    def __init__(self) -> None:
        self.name, self.looks = DEFAULT, table(_ANSI)


_SHOWN = _Shown()


def use(name: str, words: Mapping[str, str] | None = None) -> None:
    """Show everything in this theme from the next paint on.

    Args:
        name: Of the theme.
        words: Its roles; those of the built-in theme of this name where they are left out.
    """
    _SHOWN.name, _SHOWN.looks = name, table(THEMES[name] if words is None else words)


def shown() -> str:
    """The name of the theme that is shown."""
    return _SHOWN.name


def paint(role: str) -> Style:
    """How the theme shows what means this."""
    return looks.style(_SHOWN.looks[role])
