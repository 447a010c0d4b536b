"""Draws the cells of a screen as a picture: each character in its cell, in the colours of one terminal."""

from collections.abc import Sequence
from html import escape

from rich.cells import cell_len
from rich.segment import Segment

from netbill_tui.styles.palettes import PALETTES, Palette

DARK = next(p for p in PALETTES if p.name == "Windows Terminal")
_WIDE, _HIGH, _SIZE, _BASE = 8.4, 18, 14, 13.5


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def picture(rows: Sequence[Sequence[Segment]], palette: Palette = DARK) -> str:
    """The rows of a screen as SVG."""
    columns = max(sum(cell_len(s.text) for s in row) for row in rows)
    width, height = columns * _WIDE + 16, len(rows) * _HIGH + 16
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">',
        f'<rect width="100%" height="100%" fill="{_hex(palette.ground)}"/>',
        f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{_SIZE}" xml:space="preserve">',
    ]
    for y, row in enumerate(rows):
        at = 0
        for segment in row:
            out += _run(segment, at, y, palette)
            at += cell_len(segment.text)
    return "\n".join([*out, "</g>", "</svg>", ""])


def _run(segment: Segment, at: int, y: int, palette: Palette) -> list[str]:
    style, size = segment.style, cell_len(segment.text)
    text = ground = None
    if style is not None:
        text = style.color.number if style.color is not None else None
        ground = style.bgcolor.number if style.bgcolor is not None else None
    ink, paper = palette.rgb(text, palette.text), palette.rgb(ground, palette.ground)
    if style is not None and style.reverse:
        ink, paper = paper, ink
    x, top = 8 + at * _WIDE, 8 + y * _HIGH
    out = []
    if paper != palette.ground:
        out.append(f'<rect x="{x:.1f}" y="{top}" width="{size * _WIDE:.1f}" height="{_HIGH}" fill="{_hex(paper)}"/>')
    places, column = [], at
    for char in segment.text:
        places.append(f"{8 + column * _WIDE:.1f}")
        column += cell_len(char)
    if segment.text.strip():
        bold = ' font-weight="bold"' if style is not None and style.bold else ""
        words = escape(segment.text)
        out.append(f'<text x="{" ".join(places)}" y="{top + _BASE}" fill="{_hex(ink)}"{bold}>{words}</text>')
    if style is not None and style.underline:
        line = top + _HIGH - 2
        out.append(f'<rect x="{x:.1f}" y="{line}" width="{size * _WIDE:.1f}" height="1" fill="{_hex(ink)}"/>')
    return out
