"""Roles, themes and the files of operators: what is read, on which terminal, and what is refused."""

import ast
import os
from pathlib import Path

import pytest

from netbill_tui.errors import InvalidInput
from netbill_tui.settings import THEMES as NAMES
from netbill_tui.styles import looks, palettes, roles, theme_files
from netbill_tui.styles.looks import Look

PACKAGE = Path(roles.__file__).parents[1]
# The lowest contrast that a role of the theme for every terminal has on any of the ten.
LEAST = {
    "plain": 4.1, "strong": 4.1, "quiet": 4.1, "title": 3.3, "banner": 3.9, "head": 3.5, "sorted": 3.3, "cursor": 4.1, "mark": 4.1,
    "key": 3.3, "field": 4.1, "focus": 4.1, "late": 2.9, "bad": 4.2, "wait": 3.9, "credit": 2.7, "bar": 2.3,
}  # fmt: skip


def _among(theme: str) -> tuple[palettes.Palette, ...]:
    made_for = roles.MADE_FOR.get(theme, "")
    return tuple(p for p in palettes.PALETTES if not made_for or p.is_dark == (made_for == "dark"))


def test_the_settings_know_the_themes_that_there_are():
    assert tuple(roles.THEMES) == NAMES


@pytest.mark.parametrize("role", roles.ROLES)
def test_each_role_is_read_on_ten_terminals(role: str):
    assert palettes.worst(roles.table(roles.THEMES["ansi"])[role])[0] >= LEAST[role]
    assert palettes.worst(roles.table(roles.THEMES["mono"])[role])[0] >= 4.1


@pytest.mark.parametrize("theme", ["night", "day", "green", "amber", "contrast"])
def test_themes_of_256_colours_are_read_better(theme: str):
    own = [palettes.worst(look, _among(theme))[0] for look in roles.table(roles.THEMES[theme]).values() if look.text is not None]
    assert min(own) >= 4.2, theme
    if theme == "contrast":
        assert min(own) >= 7


@pytest.mark.parametrize("theme", NAMES)
def test_the_cursor_a_field_and_what_is_wrong_stand_out_without_colour(theme: str):
    shown = roles.table(roles.THEMES[theme])
    assert shown[roles.CURSOR].reverse or shown[roles.CURSOR].ground is not None
    assert shown[roles.FIELD].underline
    assert not any(look.bold and look.text == 0 for look in shown.values()), "bold black is grey on many terminals"
    # Alone by bold, underline, reverse and background a chip differs from what stands around it.
    for role in (roles.BAD, roles.WAIT, roles.TITLE, roles.CURSOR, roles.SORTED, roles.FIELD):
        assert _bare(shown[role]) != _bare(shown[roles.PLAIN]), (theme, role)


def _bare(look: Look) -> tuple[bool, bool, bool, bool]:
    return look.bold, look.underline, look.reverse, look.ground is not None


def test_red_yellow_and_blue_are_told_apart_without_telling_red_from_green():
    # Machado, Oliveira, Fernandes 2009, full strength: red-blind, green-blind, blue-blind.
    kinds = (
        ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
        ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
        ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    )
    shown = roles.table(roles.THEMES["ansi"])
    for palette in palettes.PALETTES:
        grounds = [palette.pair(shown[role])[1] for role in (roles.BAD, roles.WAIT, roles.TITLE)]
        for kind in kinds:
            seen = [tuple(sum(k * c for k, c in zip(row, colour, strict=True)) for row in kind) for colour in grounds]
            apart = [sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) ** 0.5 for i, x in enumerate(seen) for y in seen[:i]]
            assert min(apart) >= 30, (palette.name, apart)


def test_no_screen_and_no_widget_names_a_colour():
    for folder in ("screens", "widgets"):
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    module = getattr(node, "module", "") or ""
                    assert not module.startswith(("rich.style", "rich.color")), path
                assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Style"), path
    # Nor does the style sheet: colours of Textual's own are the terminal's.
    sheets = "".join(p.read_text() for p in (PACKAGE / "styles").glob("*.tcss"))
    assert not any(word in sheets for word in ("#00", "red", "blue;", "yellow", "text-style"))


@pytest.fixture
def themes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "netbill" / "themes"
    folder.mkdir(parents=True)
    return folder


def test_a_theme_of_ones_own_stands_on_another(themes: Path):
    (themes / "harbour.toml").write_text('base = "night"\n[roles]\nlate = "bold 215"\ntitle = "231 on #005f87"\n')
    shown = roles.table(theme_files.roles_of("harbour"))
    assert shown["late"] == Look(text=215, bold=True)
    assert shown["title"] == Look(text=231, ground=24)
    assert shown["bad"] == roles.table(roles.THEMES["night"])["bad"]
    assert theme_files.names()[-1] == "harbour"


REFUSED = {
    "an unknown role": ('[roles]\nlaet = "bold"', "did you mean late"),
    "an unknown colour": ('[roles]\nlate = "bold rde"', "did you mean red"),
    "two colours of the text": ('[roles]\nlate = "red blue"', "'blue'"),
    "a colour that there is not": ('[roles]\nlate = "256"', "0 to 255"),
    "a cursor that nobody finds": ('[roles]\ncursor = "bold"', "needs reverse or a background"),
    "a field that nobody sees": ('[roles]\nfield = "bold"', "underlined"),
    "bold black": ('[roles]\nhead = "bold black on cyan"', "bold black"),
    "text like its background": ('[roles]\nbad = "red on red"', "colour of its background"),
    "a pair that cannot be read": ('[roles]\nbad = "yellow on white"', "cannot be read on"),
    "an unknown base": ('base = "nihgt"', "did you mean night"),
    "an unknown key": ('bsae = "night"', "did you mean base"),
    "no text": ("[roles]\nlate = 3", "in quotes"),
    "no TOML": ("[roles", "cannot be read"),
    "nested without end": ("x = " + "[" * 9000, "cannot be read"),
    "a number without end": ("x = " + "1" * 5000, "cannot be read"),
    "blinking": ('[roles]\nlate = "blink"', "'blink'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_theme_that_nobody_could_read_is_refused_in_a_sentence(themes: Path, what: str):
    text, words = REFUSED[what]
    (themes / "own.toml").write_text(text)
    with pytest.raises(InvalidInput) as refused:
        theme_files.roles_of("own")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value).strip()


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "a" * 300, "ні\x1b[31m"])
def test_a_theme_that_is_not_there_is_refused_by_its_name(themes: Path, name: str):
    with pytest.raises(InvalidInput) as refused:
        theme_files.roles_of(name)
    assert "There is no theme" in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(("words", "look"), [
    ("", Look()), ("bold", Look(bold=True)), ("bright_white on blue", Look(text=15, ground=4)), ("default on 24", Look(ground=24)),
    ("reverse 40", Look(text=40, reverse=True)), ("#ffffff on #000000", Look(text=231, ground=16)),
])  # fmt: skip
def test_a_look_is_read_from_its_words(words: str, look: Look):
    assert looks.read(words) == look


def test_a_theme_that_is_no_file_is_refused_and_never_waited_for(themes: Path):
    os.mkfifo(themes / "pipe.toml")
    with pytest.raises(InvalidInput, match="no plain file"):
        theme_files.roles_of("pipe")


@pytest.mark.parametrize("background", ["15;0", "0;15", "0;²", "0;" + "9" * 5000, "", ";", "default"])
def test_what_a_terminal_says_of_its_background_chooses_among_three(background: str, monkeypatch: pytest.MonkeyPatch):
    from netbill_tui.app import _chosen
    from netbill_tui.settings import Settings

    monkeypatch.setenv("COLORFGBG", background)
    theme = _chosen(Settings("", "", origins={"theme": "default"}))
    assert theme == {"15;0": "ansi-dark", "0;15": "ansi-light"}.get(background, "ansi")
    assert _chosen(Settings("", "", theme="night", origins={"theme": "--theme"})) == "night"
