"""A4 pages as PDF that go on by themselves. Needs the extra `pdf`; imported where it is used.

The base fonts know Latin letters only; where DejaVu Sans is installed it is used, and what no font has is named beside the file.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.documents import Seller
from netbill_tui.errors import BookProblem
from netbill_tui.text import visible

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_DEJAVU = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/dejavu-sans-fonts"))
# Scripts whose letters are joined or reordered when they are written; drawn one by one they cannot be read.
_JOINED = (("\u0600", "\u08ff"), ("\u0900", "\u0dff"), ("\u0e00", "\u0eff"), ("\u0f00", "\u109f"), ("\u1780", "\u17ff"))
LEFT, RIGHT, TOP, BOTTOM = 56.0, 539.0, 790.0, 150.0
STEP = 13.0
NEEDED = "PDF needs the extra pdf: pip install 'netbill_tui-…-py3-none-any.whl[pdf]'; text works without."


class Page:
    """A canvas that goes on to the next page by itself.

    Attributes:
        label: What stands at the foot of each page before its number.
        on_new: Draws what stands at the head of each page but the first.
    """

    def __init__(self, canvas: "Canvas", currency: str, label: str) -> None:
        self.canvas, self.currency, self.label = canvas, currency, label
        self.font, self.bold = _fonts()
        self.number, self.y = 1, TOP
        self.missing: dict[str, None] = {}
        self.on_new: Callable[[], None] = lambda: None

    def fit(self, text: str) -> str:
        """The text with control characters made visible, as far as the font has its letters; what it has not is noted."""
        plain = visible(text)
        if not plain.isascii():
            self.missing |= dict.fromkeys(c for c in plain if c > "\x7f" and not self._can_draw(c))
        return plain if self.font == "DejaVuSans" else plain.encode("latin-1", "replace").decode("latin-1")

    def _can_draw(self, char: str) -> bool:
        """Whether the font has the letter, and its script needs no joining of letters, which is not done here."""
        if any(first <= char <= last for first, last in _JOINED):
            return False
        if self.font != "DejaVuSans":
            return char <= "\xff"
        from reportlab.pdfbase import pdfmetrics

        return ord(char) in pdfmetrics.getFont(self.font).face.charToGlyph

    def lines_of(self, words: str, room: float, *, size: float = 9, bold: bool = False) -> list[str]:
        """The words in lines that fit a room: nothing is cut on paper."""
        name, lines, line = self.bold if bold else self.font, [], ""
        for word in self.fit(words).split(" "):
            left = word
            while left or word == "":
                joined = f"{line} {left}" if line else left
                if self.canvas.stringWidth(joined, name, size) <= room:
                    line = joined
                    break
                if line:
                    lines.append(line)
                    line = ""
                    continue
                at = next((n for n in range(len(left), 1, -1) if self.canvas.stringWidth(left[:n], name, size) <= room), 1)
                lines.append(left[:at])
                left = left[at:]
        return [*lines, line] if line or not lines else lines

    def text(self, x: float, words: str, *, size: float = 9, bold: bool = False, right: bool = False) -> None:
        """Words at a place of the line."""
        self.canvas.setFont(self.bold if bold else self.font, size)
        draw = self.canvas.drawRightString if right else self.canvas.drawString
        draw(x, self.y, self.fit(words))

    def paragraph(self, words: str, *, indent: float = 0, size: float = 9) -> None:
        """Words over the whole width, in as many lines as they need."""
        for line in self.lines_of(words, RIGHT - LEFT - indent, size=size):
            self.text(LEFT + indent, line, size=size)
            self.down()

    def down(self, by: float = STEP) -> None:
        """Go on to the next line, or page."""
        self.y -= by
        if self.y < BOTTOM:
            self.foot()
            self.canvas.showPage()
            self.number, self.y = self.number + 1, TOP
            self.on_new()

    def row(self, words: str, amount: int, *, bold: bool = False, indent: float = 0) -> None:
        """Words, in as many lines as they need, and an amount at the right edge of the last."""
        *before, last = self.lines_of(words, RIGHT - LEFT - indent - 90, bold=bold)
        for line in before:
            self.text(LEFT + indent, line, bold=bold)
            self.down()
        self.text(LEFT + indent, last, bold=bold)
        self.text(RIGHT, format_amount(amount, self.currency), bold=bold, right=True)
        self.down()

    def rule(self) -> None:
        """A line above the next row."""
        self.canvas.line(LEFT, self.y + STEP - 3, RIGHT, self.y + STEP - 3)

    def foot(self) -> None:
        """What stands at the foot."""
        self.canvas.setFont(self.font, 8)
        self.canvas.drawRightString(RIGHT, 30, f"{self.label}  page {self.number}")

    def head(self, seller: Seller, facts: list[str], addressed: tuple[str, ...]) -> None:
        """Who bills at the left, what the document is at the right, to whom below."""
        lines = [seller.name, seller.street, seller.town, f"Tax id {seller.tax_id}" if seller.tax_id else ""]
        left = [
            part for at, words in enumerate(lines) for part in self.lines_of(words, 300, size=11 if at == 0 else 9, bold=at == 0)
        ]
        for at in range(max(len(left), len(facts))):
            self.text(LEFT, left[at] if at < len(left) else "", bold=at == 0, size=11 if at == 0 else 9)
            self.text(RIGHT, facts[at] if at < len(facts) else "", bold=at == 0, size=11 if at == 0 else 9, right=True)
            self.down()
        self.down(2 * STEP)
        for words in addressed:
            self.paragraph(words, size=10)
        self.down()

    def coupon(self, lines: list[str], square: str, bars: str) -> None:
        """What is torn off and paid with: words, a code for scanners, one for telephones."""
        from reportlab.graphics import renderPDF
        from reportlab.graphics.barcode import code128, qr
        from reportlab.graphics.shapes import Drawing

        canvas, size = self.canvas, 88.0
        canvas.setDash(3, 3)
        canvas.line(LEFT, 132, RIGHT, 132)
        canvas.setDash()
        canvas.setFont(self.font, 9)
        room = RIGHT - LEFT - size - 16
        for at, words in enumerate([part for line in lines for part in self.lines_of(line, room)][:6]):
            canvas.drawString(LEFT, 118 - at * 11, words)
        widget: Any = qr.QrCodeWidget(square, barLevel="M")
        x0, y0, x1, y1 = widget.getBounds()
        drawing = Drawing(size, size, transform=[size / (x1 - x0), 0, 0, size / (y1 - y0), 0, 0])
        drawing.add(widget)
        renderPDF.draw(drawing, canvas, RIGHT - size, 36)
        # Bars hold ASCII only: letters they would leave out would name another account.
        if bars.isascii():
            wide = next((w for w in (0.8, 0.7, 0.6, 0.5) if code128.Code128(bars, barWidth=w).width <= room), None)
            if wide is not None:
                code128.Code128(bars, barHeight=16, barWidth=wide, quiet=False).drawOn(canvas, LEFT, 36)


class Pdf(NamedTuple):
    """A document as PDF, and the characters that its font cannot draw."""

    content: bytes
    missing: str


def pdf_of(title: str, author: str, currency: str, label: str, draw: Callable[[Page], None]) -> Pdf:
    """A document as PDF, the same bytes for the same document.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.pdfgen.canvas import Canvas
    except ImportError:
        raise BookProblem(NEEDED) from None
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    canvas.setTitle(visible(title))
    canvas.setAuthor(visible(author))
    page = Page(canvas, currency, label)
    draw(page)
    page.foot()
    canvas.save()
    return Pdf(target.getvalue(), "".join(page.missing))


def _fonts() -> tuple[str, str]:
    """The plain and the bold font."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for folder in _DEJAVU:
        if (folder / "DejaVuSans.ttf").exists():
            names = [n for n in ("DejaVuSans", "DejaVuSans-Bold") if (folder / f"{n}.ttf").exists()]
            for name in names:
                pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
            return names[0], names[-1]
    return "Helvetica", "Helvetica-Bold"


def square_code(seller: Seller, currency: str, amount: int, reference: str, scanned: str) -> str:
    """What the square code says: a credit transfer for banks, where there is an IBAN and euro; else what a scanner types."""
    if seller.iban and currency == "EUR" and amount > 0:
        amount_ = f"EUR{format_amount(amount, 'EUR')}"
        name = visible(seller.name)[:70]
        return "\n".join(["BCD", "002", "1", "SCT", "", name, seller.iban.replace(" ", ""), amount_, "", "", reference])
    return scanned
