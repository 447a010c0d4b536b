"""Themes that an operator wrote: a file of a name, its roles, on the ground of a built-in theme."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path

from netbill_tui.errors import InvalidInput
from netbill_tui.settings import config_home
from netbill_tui.styles import looks
from netbill_tui.styles.palettes import PALETTES, worst
from netbill_tui.styles.roles import CURSOR, FIELD, ROLES, THEMES
from netbill_tui.text import visible

LEAST = 2.5  # below, nobody reads it on some terminal
_MOST = 20_000  # bytes of a file


def folder() -> Path:
    """Where an operator's themes lie."""
    return config_home() / "themes"


def names() -> list[str]:
    """Every theme that can be chosen: the built-in ones, then those of the operator."""
    own = sorted(p.stem for p in folder().glob("*.toml")) if folder().is_dir() else []
    return [*THEMES, *(n for n in own if n not in THEMES)]


def roles_of(name: str) -> Mapping[str, str]:
    """The roles of a theme by its name.

    Raises:
        InvalidInput: There is none, or its file cannot be read; with the nearest name.
    """
    if name in THEMES:
        return THEMES[name]
    if name not in names():
        raise InvalidInput(f"There is no theme {visible(name)[:40]!r}{_near(name, names())}; there is: {', '.join(names())}.")
    path = folder() / f"{name}.toml"
    try:
        if not path.is_file():
            raise InvalidInput(f"{path} is no plain file; a theme is one.")
        with path.open("rb") as file:
            raw = file.read(_MOST + 1)
        if len(raw) > _MOST:
            raise InvalidInput(f"{path} is longer than {_MOST:,} bytes; a theme has {len(ROLES)} roles.")
        written = tomllib.loads(raw.decode())
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{path} cannot be read ({visible(str(error))[:120]}); mend it, or choose another theme.") from None
    return _checked(written, str(path))


def _checked(written: Mapping[str, object], where: str) -> Mapping[str, str]:
    for key in written:
        if key not in ("base", "roles"):
            raise InvalidInput(
                f"{where}: {visible(key)[:40]!r} is not known{_near(key, ('base', 'roles'))}; write base and [roles]."
            )
    base, roles = written.get("base", "ansi"), written.get("roles", {})
    if not isinstance(base, str) or base not in THEMES:
        raise InvalidInput(
            f"{where}: base is {visible(str(base))[:40]!r}{_near(str(base), THEMES)}; write one of {', '.join(THEMES)}."
        )
    if not isinstance(roles, dict):
        raise InvalidInput(f'{where}: [roles] holds lines such as late = "bold 215".')
    for role, words in roles.items():
        if role not in ROLES:
            raise InvalidInput(
                f"{where}: there is no role {visible(role)[:40]!r}{_near(role, ROLES)}; there is: {', '.join(ROLES)}."
            )
        if not isinstance(words, str):
            raise InvalidInput(f'{where}: {role} must be text in quotes, such as "bold 215 on 24".')
        _check(role, words, where)
    return {**THEMES[base], **roles}


def _check(role: str, words: str, where: str) -> None:
    try:
        look = looks.read(words)
    except ValueError as error:
        word = str(error)
        known = (*looks.NAMES, *looks.WAYS, "on", "default")
        raise InvalidInput(
            f"{where}: {role} has {visible(word)[:40]!r}{_near(word, known)}; write one of the sixteen names, 0 to 255, "
            "#rrggbb, bold, underline, reverse."
        ) from None
    if role == CURSOR and look.ground is None and not look.reverse:
        raise InvalidInput(f"{where}: the cursor needs reverse or a background, else nobody finds the row.")
    if role == FIELD and not look.underline:
        raise InvalidInput(f"{where}: a field is underlined in every theme; begin with underline.")
    if look.bold and look.text == 0:
        raise InvalidInput(f"{where}: {role} is bold black, which many terminals show as grey; write black, or 16.")
    if look.text is not None and look.text == look.ground:
        raise InvalidInput(f"{where}: {role} has its text in the colour of its background.")
    ratio, palette = worst(look, PALETTES)
    # What stands on the terminal's own background is right on dark or on light, as its theme is; a pair must be right everywhere.
    if look.ground is not None and look.text is not None and ratio < LEAST:
        raise InvalidInput(f"{where}: {role} cannot be read on {palette}: contrast {ratio:.1f}, and {LEAST} is the least.")


def _near(word: str, known: object) -> str:
    near = difflib.get_close_matches(word, list(known), 1)  # type: ignore[call-overload]
    return f"; did you mean {near[0]}" if near else ""
