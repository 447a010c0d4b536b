"""An invoice or credit note as PDF, A4. Needs the extra `pdf`; imported where it is used.

The base fonts know Latin letters only; where DejaVu Sans is installed it is used, and what no font has becomes a question mark.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbill_tui.billing.documents import Printed
from netbill_tui.billing.money import format_amount
from netbill_tui.errors import BookProblem
from netbill_tui.text import visible

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_DEJAVU = (Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"), Path("/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf"))
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 539.0, 790.0, 150.0
_STEP = 13.0
NEEDED = "PDF needs an extra: pip install 'netbill-tui[pdf]'; text works without."


class _Page:
    """A canvas that goes on to the next page by itself."""

    def __init__(self, canvas: "Canvas", font: str, made: Printed) -> None:
        self.canvas, self.font, self.made = canvas, font, made
        self.number, self.y = 1, _TOP

    def _fit(self, text: str) -> str:
        plain = visible(text)
        return plain if self.font == "DejaVuSans" else plain.encode("latin-1", "replace").decode("latin-1")

    def text(self, x: float, words: str, *, size: float = 9, bold: bool = False, right: bool = False) -> None:
        name = "Helvetica-Bold" if bold and self.font != "DejaVuSans" else self.font
        self.canvas.setFont(name, size)
        draw = self.canvas.drawRightString if right else self.canvas.drawString
        draw(x, self.y, self._fit(words))

    def down(self, by: float = _STEP) -> None:
        self.y -= by
        if self.y < _BOTTOM:
            self.foot()
            self.canvas.showPage()
            self.number, self.y = self.number + 1, _TOP

    def row(self, words: str, amount: int, *, bold: bool = False, indent: float = 0) -> None:
        self.text(_LEFT + indent, words[:84], bold=bold)
        self.text(_RIGHT, format_amount(amount, self.made.currency), bold=bold, right=True)
        self.down()

    def rule(self) -> None:
        self.canvas.line(_LEFT, self.y + _STEP - 3, _RIGHT, self.y + _STEP - 3)

    def foot(self) -> None:
        self.canvas.setFont(self.font, 8)
        self.canvas.drawRightString(_RIGHT, 30, f"{self.made.number}  page {self.number}")


def invoice_pdf(made: Printed) -> bytes:
    """The document as PDF bytes, the same for the same document.

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
    canvas.setTitle(f"{made.kind} {made.number}")
    canvas.setAuthor(visible(made.seller.name))
    page = _Page(canvas, _font(), made)
    _head(page, made)
    _body(page, made)
    if made.kind == "invoice":
        _coupon(page, made)
    page.foot()
    canvas.save()
    return target.getvalue()


def text_pdf(text: str, title: str) -> bytes:
    """A document of 80 columns as PDF, page by page, as it stands.

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
    lines = text.splitlines()
    for first in range(0, max(len(lines), 1), 62):
        canvas.setFont("Courier", 9.5)
        for at, line in enumerate(lines[first : first + 62]):
            canvas.drawString(56, 790 - 12 * at, visible(line).encode("latin-1", "replace").decode("latin-1"))
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _font() -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for path in _DEJAVU:
        if path.exists():
            pdfmetrics.registerFont(TTFont("DejaVuSans", str(path)))
            return "DejaVuSans"
    return "Helvetica"


def _head(page: _Page, made: Printed) -> None:
    seller = made.seller
    marks = ("  COPY" if made.copy else "") + ("  DEMO, NOT REAL" if made.demo else "")
    facts = [f"{made.kind.upper()}{marks}", f"Number {made.number}", f"Issued {made.issued}", f"Account {made.account}"]
    facts += [f"Due {made.due}"] if made.kind == "invoice" else []
    left = [seller.name, seller.street, seller.town, f"Tax id {seller.tax_id}" if seller.tax_id else ""]
    for at in range(max(len(left), len(facts))):
        page.text(_LEFT, left[at] if at < len(left) else "", bold=at == 0, size=11 if at == 0 else 9)
        page.text(_RIGHT, facts[at] if at < len(facts) else "", bold=at == 0, size=11 if at == 0 else 9, right=True)
        page.down()
    page.down(2 * _STEP)
    for words in (made.name or "(no name)", *made.address):
        page.text(_LEFT, words, size=10)
        page.down()
    page.down()


def _body(page: _Page, made: Printed) -> None:
    if made.kind == "invoice":
        page.row("Previous balance", made.previous)
        for day, words, amount in made.payments:
            page.row(f"{day}  {words}", amount, indent=10)
    elif made.refers:
        page.text(_LEFT, f"Takes back {made.refers}"[:90])
        page.down()
    page.down()
    for section in made.sections:
        page.row(section.title, section.amount, bold=True)
        for line in section.lines:
            if line.kind == "notice":
                page.text(_LEFT + 10, line.text[:96])
                page.down()
                continue
            times = f" x {line.quantity}" if line.quantity not in ("1", "") else ""
            page.row(f"{line.text}{times}   {line.period}".rstrip(), line.amount, indent=10)
    page.down()
    page.rule()
    page.row("Net", made.net)
    for t in made.taxes:
        reason = f" ({t.reason})" if t.reason else ""
        page.row(f"{t.name}, {t.percent} % on {format_amount(t.base, made.currency)}{reason}", t.tax, indent=10)
    words = "Total of this invoice" if made.kind == "invoice" else "Total given back"
    page.row(f"{words} {made.currency}", made.total, bold=True)


def _coupon(page: _Page, made: Printed) -> None:
    page.row(f"Balance due by {made.due}", made.due_now, bold=True)
    canvas = page.canvas
    canvas.setDash(3, 3)
    canvas.line(_LEFT, 132, _RIGHT, 132)
    canvas.setDash()
    canvas.setFont(page.font, 9)
    told = [f"Account {made.account}", f"Invoice {made.number}", f"{format_amount(made.due_now, made.currency)} {made.currency}"]
    told += [f"Pay to {made.seller.name}", made.seller.iban] if made.seller.iban else []
    for at, words in enumerate(told):
        canvas.drawString(_LEFT, 116 - at * 12, page._fit(words))
    _code(canvas, made)


def payment_code(made: Printed) -> str:
    """What the square code says: a credit transfer for banks, where there is an IBAN and euro; else what a scanner types."""
    if made.seller.iban and made.currency == "EUR" and made.due_now > 0:
        amount = f"EUR{format_amount(made.due_now, 'EUR')}"
        name = visible(made.seller.name)[:70]
        return "\n".join(["BCD", "002", "1", "SCT", "", name, made.seller.iban.replace(" ", ""), amount, "", "", made.number])
    return made.scanned


def _code(canvas: "Canvas", made: Printed) -> None:
    from reportlab.graphics import renderPDF
    from reportlab.graphics.barcode import code128, qr
    from reportlab.graphics.shapes import Drawing

    widget: Any = qr.QrCodeWidget(payment_code(made), barLevel="M")
    x0, y0, x1, y1 = widget.getBounds()
    size = 88.0
    drawing = Drawing(size, size, transform=[size / (x1 - x0), 0, 0, size / (y1 - y0), 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, _RIGHT - size, 36)
    bars = code128.Code128(made.scanned, barHeight=24, barWidth=0.8)
    bars.drawOn(canvas, _LEFT + 120, 60)
