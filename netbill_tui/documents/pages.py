"""A4 pages as PDF that go on by themselves. Needs the extra `pdf`; imported where it is used.

The base fonts know Latin letters only; where DejaVu Sans is installed it is used, and what no font has becomes a question mark.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbill_tui.billing.documents import Seller
from netbill_tui.billing.money import format_amount
from netbill_tui.errors import BookProblem
from netbill_tui.text import visible

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_DEJAVU = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/dejavu-sans-fonts"))
LEFT, RIGHT, TOP, BOTTOM = 56.0, 539.0, 790.0, 150.0
STEP = 13.0
NEEDED = "PDF needs an extra: pip install 'netbill-tui[pdf]'; text works without."


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
        self.on_new: Callable[[], None] = lambda: None

    def fit(self, text: str) -> str:
        """The text with control characters made visible, as far as the font has its letters."""
        plain = visible(text)
        return plain if self.font == "DejaVuSans" else plain.encode("latin-1", "replace").decode("latin-1")

    def text(self, x: float, words: str, *, size: float = 9, bold: bool = False, right: bool = False, room: float = 0) -> None:
        """Words at a place of the line, cut to the room where one is given."""
        name = self.bold if bold else self.font
        self.canvas.setFont(name, size)
        draw = self.canvas.drawRightString if right else self.canvas.drawString
        told = self.fit(words)
        while room and told and self.canvas.stringWidth(told, name, size) > room:
            told = told[:-1]
        draw(x, self.y, told)

    def down(self, by: float = STEP) -> None:
        """Go on to the next line, or page."""
        self.y -= by
        if self.y < BOTTOM:
            self.foot()
            self.canvas.showPage()
            self.number, self.y = self.number + 1, TOP
            self.on_new()

    def row(self, words: str, amount: int, *, bold: bool = False, indent: float = 0) -> None:
        """Words and an amount at the right edge."""
        self.text(LEFT + indent, words[:84], bold=bold)
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
        left = [seller.name, seller.street, seller.town, f"Tax id {seller.tax_id}" if seller.tax_id else ""]
        for at in range(max(len(left), len(facts))):
            self.text(LEFT, left[at] if at < len(left) else "", bold=at == 0, size=11 if at == 0 else 9)
            self.text(RIGHT, facts[at] if at < len(facts) else "", bold=at == 0, size=11 if at == 0 else 9, right=True)
            self.down()
        self.down(2 * STEP)
        for words in addressed:
            self.text(LEFT, words, size=10)
            self.down()
        self.down()

    def coupon(self, told: list[str], square: str, bars: str) -> None:
        """What is torn off and paid with: words, a code for scanners, one for telephones."""
        from reportlab.graphics import renderPDF
        from reportlab.graphics.barcode import code128, qr
        from reportlab.graphics.shapes import Drawing

        canvas = self.canvas
        canvas.setDash(3, 3)
        canvas.line(LEFT, 132, RIGHT, 132)
        canvas.setDash()
        canvas.setFont(self.font, 9)
        for at, words in enumerate(told):
            canvas.drawString(LEFT, 116 - at * 12, self.fit(words))
        widget: Any = qr.QrCodeWidget(square, barLevel="M")
        x0, y0, x1, y1 = widget.getBounds()
        size = 88.0
        drawing = Drawing(size, size, transform=[size / (x1 - x0), 0, 0, size / (y1 - y0), 0, 0])
        drawing.add(widget)
        renderPDF.draw(drawing, canvas, RIGHT - size, 36)
        code128.Code128(bars, barHeight=24, barWidth=0.8).drawOn(canvas, LEFT + 120, 60)


def pdf_of(title: str, author: str, currency: str, label: str, draw: Callable[[Page], None]) -> bytes:
    """A document as PDF bytes, the same for the same document.

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
    return target.getvalue()


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
        told = f"EUR{format_amount(amount, 'EUR')}"
        name = visible(seller.name)[:70]
        return "\n".join(["BCD", "002", "1", "SCT", "", name, seller.iban.replace(" ", ""), told, "", "", reference])
    return scanned
