"""Settings: flag before NETBILL_* variable before the user's file before the system's file before the default."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from netbill_tui.errors import BookProblem

THEMES = ("ansi", "ansi-dark", "ansi-light", "night", "day", "green", "amber", "contrast", "mono")
GLYPHS = ("auto", "ascii", "unicode")
SWITCH = ("off", "on")
WRITERS = ("differences", "whole")
COLORS = ("auto", "16", "256", "true", "mono")
SYSTEM_FILE = Path("/etc/netbill/config.toml")


class Settings(NamedTuple):
    """What an installation may set.

    Attributes:
        book: Path or URL of the book.
        operator: Who signs in; default the Unix user's name.
        password_file: File with the password, readable by its owner only; empty asks.
        credential: File with the key of a service principal; empty signs in an operator.
        pepper_file: File with the pepper, outside the book's folder; while it changes two, the new one first, with `:` between.
        checkpoint_file: File, best of another Unix user, that checkpoints of the audit are appended to.
        writer: differences sends only what changes on the terminal; whole sends what Textual writes.
        theme: One of THEMES, or the name of a file of the operator's own.
        color: One of COLORS.
        glyphs: One of GLYPHS; auto writes ASCII where the terminal's character set is not UTF-8.
        charset: In which the terminal's keys come: auto takes it from LANG, else a name such as latin-1.
        reader: `on` for screen readers and braille: visible cursor on the row, no boxes, message first.
        slow: `on` for a slow line: no pane, no details, short pages.
        readonly: `on` opens the book for looking only.
        accept_shared_file: `on` takes a book that the Unix group can write; what others do to it is seen, not prevented.
        exports: `own` keeps an operator's files in a folder of their own, `anywhere` does not; auto asks whether this Unix user
            is a service account.
        printer: Command that prints what it is given on its standard input, such as `lp -d office`; off for none.
        mail_server: How mail goes out, such as `starttls://user@mail.example.org`; empty for not at all.
        mail_from: The address that it comes from.
        mail_password_file: File with the password of its user, readable by its owner only.
        clock_days: So many days after the book's last entry the clock is doubted.
        keys: Command id: keys with commas between, from the table [keys].
        origins: Field: where its value came from.
    """

    book: str
    operator: str
    password_file: str = ""
    credential: str = ""
    pepper_file: str = ""
    checkpoint_file: str = ""
    theme: str = "ansi"
    writer: str = "differences"
    color: str = "auto"
    glyphs: str = "auto"
    charset: str = "auto"
    reader: str = "off"
    slow: str = "off"
    readonly: str = "off"
    accept_shared_file: str = "off"
    exports: str = "auto"
    printer: str = "lp"
    mail_server: str = ""
    mail_from: str = ""
    mail_password_file: str = ""
    clock_days: str = "90"
    keys: Mapping[str, str] = MappingProxyType({})
    origins: Mapping[str, str] = MappingProxyType({})


def config_home() -> Path:
    """The user's folder for configuration."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "netbill"


def data_home() -> Path:
    """The user's folder for books."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "netbill"


def state_home() -> Path:
    """The user's folder for logs."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "netbill"


def _read(path: Path) -> dict[str, Any]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BookProblem(f"The configuration {path} cannot be read: {error.strerror}.") from None
    import tomllib  # 6 ms that most commands need not spend

    try:
        with file:
            return tomllib.load(file)
    except OSError as error:
        raise BookProblem(f"The configuration {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BookProblem(f"The configuration {path} is not TOML: {error}.") from None


def load(flags: dict[str, str | None] | None = None) -> Settings:
    """The settings in force.

    Args:
        flags: What the command line gave, by field.

    Raises:
        BookProblem: An unknown key or a value that cannot be taken, with file, key and what to write.
    """
    defaults = {
        "book": str(data_home() / "netbill.db"), "operator": os.environ.get("USER") or os.environ.get("LOGNAME") or "",
        "password_file": "", "credential": "", "pepper_file": "", "checkpoint_file": "",
        "theme": "ansi", "color": "auto", "glyphs": "auto", "charset": "auto", "reader": "off", "slow": "off",
        "writer": "differences",
        "readonly": "off", "accept_shared_file": "off", "exports": "auto", "printer": "lp", "clock_days": "90",
        "mail_server": "", "mail_from": "", "mail_password_file": "",
    }  # fmt: skip
    values, origins = dict(defaults), dict.fromkeys(defaults, "default")
    keys: dict[str, str] = {}
    for path in (SYSTEM_FILE, config_home() / "config.toml"):
        for key, value in _read(path).items():
            if key == "keys":
                keys |= _keys(value, str(path))
                continue
            _check(key, value, str(path), defaults)
            values[key], origins[key] = value, str(path)
    for key in defaults:
        value = os.environ.get(f"NETBILL_{key.upper()}")
        if value:
            _check(key, value, f"NETBILL_{key.upper()}", defaults)
            values[key], origins[key] = value, f"NETBILL_{key.upper()}"
    for key, flag in (flags or {}).items():
        if flag:
            _check(key, flag, f"--{key.replace('_', '-')}", defaults)
            values[key], origins[key] = flag, f"--{key.replace('_', '-')}"
    return Settings(**values, keys=keys, origins=origins)


def _keys(value: object, where: str) -> dict[str, str]:
    """The user's key map: command id to keys."""
    if not isinstance(value, dict) or not all(isinstance(v, str) and v.isprintable() for v in value.values()):
        raise BookProblem(f'{where}: [keys] holds lines such as "app.find" = "f2,ctrl+f"; see netbill keymap.')
    return dict(value)


def _check(key: str, value: object, where: str, known: dict[str, str]) -> None:
    if key not in known:
        raise BookProblem(f"{where}: {key!r} is not a setting; known are {', '.join(known)}.")
    if not isinstance(value, str) or not value.isprintable():
        raise BookProblem(f"{where}: {key} must be plain text in quotes.")
    switches = dict.fromkeys(("reader", "slow", "readonly", "accept_shared_file"), SWITCH)
    choices = {"exports": ("auto", "own", "anywhere"), "color": COLORS, "glyphs": GLYPHS, "writer": WRITERS, **switches}.get(key)
    if choices and value not in choices:
        raise BookProblem(f"{where}: {key} is {value!r}; write one of {', '.join(choices)}.")
    own = config_home() / "themes"
    if key == "theme" and value not in THEMES and not (own / f"{value.replace('/', '')}.toml").is_file():
        raise BookProblem(f"{where}: theme is {value!r}; write one of {', '.join(THEMES)}, or the name of a file in {own}.")
    if key == "clock_days" and not (value.isascii() and value.isdigit() and 1 <= int(value) <= 3660):
        raise BookProblem(f"{where}: clock_days is {value!r}; write a number of days from 1 to 3660 in quotes.")
    if key == "charset" and value != "auto":
        try:
            known_letters = "a".encode(value) == b"a"
        except (LookupError, UnicodeError):
            known_letters = False
        if not known_letters:
            raise BookProblem(f"{where}: {value[:20]!r} is not a character set of a terminal; write utf-8, latin-1 or cp1252.")
