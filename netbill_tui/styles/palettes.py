"""What terminals make of the sixteen colours, and how well one is read on another (WCAG 2.1, *contrast ratio*)."""

from typing import NamedTuple

from netbill_tui.styles.looks import Look, Rgb, cube


class Palette(NamedTuple):
    """A terminal as it comes: its sixteen colours, its text and its background."""

    name: str
    colours: tuple[Rgb, ...]
    text: Rgb
    ground: Rgb

    @property
    def is_dark(self) -> bool:
        """Whether its background is darker than its text."""
        return _luminance(self.ground) < _luminance(self.text)

    def rgb(self, number: int | None, otherwise: Rgb) -> Rgb:
        """A colour of the 256 on this terminal; None is `otherwise`."""
        if number is None:
            return otherwise
        return self.colours[number] if number < 16 else cube(number)

    def pair(self, look: Look) -> tuple[Rgb, Rgb]:
        """Text and background of a look."""
        text, ground = self.rgb(look.text, self.text), self.rgb(look.ground, self.ground)
        return (ground, text) if look.reverse else (text, ground)


def _rgb(words: str) -> tuple[Rgb, ...]:
    return tuple((int(w[:2], 16), int(w[2:4], 16), int(w[4:], 16)) for w in words.split())


def _palette(name: str, colours: str, text: str, ground: str) -> Palette:
    return Palette(name, _rgb(colours), _rgb(text)[0], _rgb(ground)[0])


_XTERM = "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
_TANGO = "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec"
_SOLARIZED = "073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3"
PALETTES = (
    _palette(
        "Linux console",
        "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
        "aaaaaa", "000000",
    ),
    _palette("xterm, dark", _XTERM, "e5e5e5", "000000"),
    _palette("xterm, light", _XTERM, "000000", "ffffff"),
    _palette(
        "PuTTY",
        "000000 bb0000 00bb00 bbbb00 0000bb bb00bb 00bbbb bbbbbb 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
        "bbbbbb", "000000",
    ),
    _palette(
        "Windows Terminal",
        "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2",
        "cccccc", "0c0c0c",
    ),
    _palette("Tango, dark", _TANGO, "d3d7cf", "2e3436"),
    _palette("Tango, light", _TANGO, "2e3436", "eeeeec"),
    _palette(
        "Terminal.app",
        "000000 c23621 25bc24 adad27 492ee1 d338d3 33bbc8 cbcccd 818383 fc391f 31e722 eaec23 5833ff f935f8 14f0f0 e9ebeb",
        "000000", "ffffff",
    ),
    _palette("Solarized, dark", _SOLARIZED, "839496", "002b36"),
    _palette("Solarized, light", _SOLARIZED, "657b83", "fdf6e3"),
)  # fmt: skip


def _luminance(colour: Rgb) -> float:
    parts = [c / 255 for c in colour]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: Rgb, paper: Rgb) -> float:
    """From 1, the same, to 21, black on white."""
    light, dark = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def worst(look: Look, among: tuple[Palette, ...] = PALETTES) -> tuple[float, str]:
    """The lowest contrast of a look on some terminals, and on which."""
    return min((contrast(*palette.pair(look)), palette.name) for palette in among)
