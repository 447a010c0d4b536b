"""The part of a bill that is torn off and sent with a payment, with codes for scanners and telephones. Needs the extra `pdf`."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from netbill_tui.documents.pages import LINE, Page
from netbill_tui.documents.sheets import MM

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas


class Coupon(NamedTuple):
    """What is torn off and sent with a payment.

    Attributes:
        words: What it asks for.
        facts: Account, document, amount, day.
        amount: In large letters.
        below: How else it can be paid.
        square: What the square code says, empty for none.
        bars: What the bars say.
    """

    words: str
    facts: tuple[tuple[str, str], ...]
    amount: str
    below: tuple[str, ...]
    square: str
    bars: str


def draw_coupon(page: Page, coupon: Coupon) -> None:
    """The part to tear off, at the foot of the page."""
    canvas, sheet = page.canvas, page.sheet
    top = sheet.coupon + FOOT
    canvas.setStrokeGray(LINE)
    canvas.setDash(3, 3)
    canvas.line(9 * MM, top, sheet.width - 9 * MM, top)
    canvas.setDash()
    page.text(sheet.left, top - 12, coupon.words, 7.5, grey=True)
    page.text(sheet.left, top - 34, coupon.amount, 14, bold=True)
    y = _facts(page, coupon.facts, top - 52)
    room = sheet.right - sheet.left - _SQUARE - 20
    for size in (8.5, 7.5, 6.5, 5.5):
        lines = [line for words in coupon.below for line in page.setter.lines_of(words, room, size)]
        if y - len(lines) * size * 1.35 >= FOOT + 42 or size == 5.5:
            break
    for line in lines:
        page.text(sheet.left, y, line, size)
        y -= size * 1.35
    if coupon.square:
        _square(canvas, coupon.square, sheet.right - _SQUARE, top - 24 - _SQUARE)
    _bars(canvas, coupon.bars, sheet.left, FOOT + 6, sheet.right - sheet.left)
    # What they say, to be typed where a scanner cannot read them, or they would be too fine.
    page.text(sheet.left, FOOT + 9 + _BARS, coupon.bars, 6, grey=True)


FOOT, _SQUARE, _BARS = 15 * MM, 92.0, 24.0  # where it ends; how large the codes are


def _facts(page: Page, facts: Sequence[tuple[str, str]], y: float) -> float:
    """Names and values below each other; where they end."""
    size = min(page.size, 11)
    wide = max(page.setter.width(name, size) for name, _ in facts) + 10
    for name, value in facts:
        page.text(page.sheet.left, y, name, size, grey=True)
        for line in page.setter.lines_of(value, page.sheet.right - page.sheet.left - _SQUARE - 20 - wide, size):
            page.text(page.sheet.left + wide, y, line, size)
            y -= size + 3.5
    return y


def _filled(canvas: "Canvas", x: float, y: float, cell: tuple[float, float], runs: Iterable[tuple[int, int, int]]) -> None:
    """Black cells of a grid, in one piece of the page; a run begins at a column and row and is so many cells wide."""
    places = " ".join(f"{column} {row} {count} 1 re" for column, row, count in runs)
    canvas.addLiteral(f"q {cell[0]:.4f} 0 0 {cell[1]:.4f} {x:.3f} {y:.3f} cm {places} f Q")


def _square(canvas: "Canvas", says: str, x: float, y: float) -> None:
    """A QR code.

    Its mask is always the same: which one is best for a scanner takes ten times as long to find as all the rest, and every
    scanner reads each.
    """
    import segno

    rows = segno.make(says, error="m", boost_error=False, micro=False, mask=3, encoding="utf-8").matrix
    cell, runs = _SQUARE / len(rows), []
    for number, row in enumerate(reversed(rows)):
        column = 0
        for dark, run in groupby(row):
            count = len(list(run))
            if dark:
                runs.append((column, number, count))
            column += count
    _filled(canvas, x, y, (cell, cell), runs)


def _bars(canvas: "Canvas", says: str, x: float, y: float, room: float) -> None:
    """The same as bars, Code 128, where they hold it: letters that they would leave out would name another account."""
    from reportlab.graphics.barcode.code128 import Code128

    if not says.isascii():
        return
    code = Code128(says, barWidth=1, quiet=False)
    code.validate()
    code.encode()
    # Bars in large letters, room in small ones: A or a is as wide as one.
    widths = [(letter.isupper(), ord(letter.upper()) - 64) for letter in code.decompose()]
    many = sum(width for _, width in widths)
    cell = next((c for c in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5) if many * c <= room), 0.0)
    runs, at = [], 0
    for dark, width in widths if cell else ():
        if dark:
            runs.append((at, 0, width))
        at += width
    _filled(canvas, x, y, (cell, _BARS), runs)
