"""The terminal and the environment, set right before Textual is imported: it reads both only once."""

import codecs
import locale
import os
import sys

from netbill_tui.errors import InvalidInput

_COLOR_SYSTEMS = {"16": "standard", "256": "256", "true": "truecolor"}


def require_terminal() -> None:
    """Refuse to open screens where there is no terminal; Textual would hang and write escape codes into a log.

    Raises:
        InvalidInput: With the commands to use instead. Exit code 2.
    """
    # Textual draws on stderr, so that one must be the terminal too.
    has_terminal = sys.__stdin__ is not None and sys.__stdin__.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()
    if not has_terminal or os.environ.get("TERM", "") in ("", "dumb"):
        raise InvalidInput(
            "The screens need a terminal on input and error output. Without one, use the commands: netbill find WORDS, "
            "netbill customer ACCOUNT, netbill pay ACCOUNT AMOUNT --method cash, netbill overdue; see netbill --help."
        )


def prepare(color: str) -> None:
    """Set what Textual reads at import. Nothing of its own variables is taken over from outside but ESCDELAY.

    Args:
        color: auto, 16, 256, true or mono.
    """
    for name in [n for n in os.environ if n.startswith("TEXTUAL")]:
        del os.environ[name]
    over_ssh = "SSH_CONNECTION" in os.environ
    # A slow line tears the bytes of an arrow key apart; over SSH it gets more time to arrive whole.
    os.environ.setdefault("ESCDELAY", "300" if over_ssh else "50")
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["TEXTUAL_SMOOTH_SCROLL"] = "0"
    # Without this a dropped line leaves the operator's terminal typing escape codes.
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    if color == "mono":
        os.environ["NO_COLOR"] = "1"
    if color in _COLOR_SYSTEMS:
        os.environ["TEXTUAL_COLOR_SYSTEM"] = _COLOR_SYSTEMS[color]
    elif os.environ.get("TERM", "").startswith(("linux", "vt")):
        os.environ["TEXTUAL_COLOR_SYSTEM"] = "standard"


def is_ascii(glyphs: str, charset: str = "auto") -> bool:
    """True when nothing but ASCII may be written: asked for, or the terminal's character set is not UTF-8.

    Args:
        glyphs: auto, ascii or unicode.
        charset: As the settings name it.
    """
    if glyphs != "auto":
        return glyphs == "ascii"
    if charset != "auto":
        return charset_of(charset) != "utf-8"
    named = _locale()
    return bool(named) and "utf-8" not in named.lower() and "utf8" not in named.lower()


def _locale() -> str:
    """The locale of the terminal, as its variables name it."""
    everything, ctype, lang = (os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    if ctype == "C.UTF-8" and lang:
        ctype = ""  # Python puts that there itself when the locale is none that it can use.
    return everything or ctype or lang


def charset_of(chosen: str) -> str:
    """The codec in which the terminal's keys come: the setting's, else that of its locale, else UTF-8.

    Args:
        chosen: auto, or the name of a character set such as latin-1.
    """
    named = chosen if chosen != "auto" else locale.normalize(_locale()).partition(".")[2]
    try:
        return codecs.lookup(named).name
    except LookupError:
        return "utf-8"
