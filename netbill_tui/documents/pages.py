"""Pages of paper, A4 or US Letter, that go on by themselves. Needs the extra `pdf`; imported where it is used.

The address stands where the windows of envelopes are: DIN 5008 form B on A4, a #10 window envelope on Letter, wherever the folded
sheet slides in it. What belongs together stays on one page: a section's name and its first line, the totals and what is summed.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from netbill_tui.billing.receivables.documents import Seller
from netbill_tui.documents.sheets import MM, SHEETS
from netbill_tui.documents.typesetting import PLAIN, Typesetter, register, saying
from netbill_tui.errors import BookProblem
from netbill_tui.text import visible

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

NEEDED = "PDF needs the extra pdf: pip install 'netbill_tui-…-py3-none-any.whl[pdf]'; text works without."
_GREY, _BLACK, LINE = 0.35, 0.0, 0.6
_FOOT = 22 * MM  # what the foot takes of each page


class Row(NamedTuple):
    """Words with an amount at the right edge.

    Attributes:
        words: As many lines as they need.
        amount: At the edge of the last line.
        beside: In a column of its own before the amount, of the first line.
        gap: Room above.
        rule: A line above.
        tied: It stands on the page of the row before it.
    """

    words: str
    amount: str = ""
    beside: str = ""
    bold: bool = False
    indent: float = 0
    gap: float = 0
    rule: bool = False
    tied: bool = False
    grey: bool = False


class Cell(NamedTuple):
    """Words of a table at a place, in so much room; `x` is their right end where they stand at the right."""

    x: float
    room: float
    words: str
    right: bool = False


class Letterhead(NamedTuple):
    """Who bills, with the words for the tax id, and a logo as PNG, which stands at the right."""

    seller: Seller
    tax_id: str
    logo: bytes = b""


LOGO_ROOM = (60 * MM, 18 * MM)


@lru_cache(maxsize=8)
def _picture(logo: bytes) -> Any:
    """A picture that was read whole; None for what is none. The documents of a run have the same."""
    from reportlab.lib.utils import ImageReader

    try:
        picture = ImageReader(io.BytesIO(logo))
        picture.getRGBData()
    except Exception:  # whatever a hostile picture makes its reader do
        return None
    return picture


def can_draw(logo: bytes) -> bool:
    """Whether a picture can be read whole."""
    return _picture(logo) is not None


def draw_logo(page: "Page", logo: bytes) -> float:
    """Draw a logo in its room at the upper right; how wide it is. The document is worth more than a picture that is none."""
    picture = _picture(logo)
    if picture is None:
        return 0.0
    wide, high = picture.getSize()
    scale = min(LOGO_ROOM[0] / wide, LOGO_ROOM[1] / high)
    width, height = wide * scale, high * scale
    sheet = page.sheet
    page.canvas.drawImage(picture, sheet.right - width, sheet.height - 11 * MM - height, width, height, mask="auto")
    return float(width)


class Page:
    """A document on its way to paper.

    Attributes:
        sheet: Its paper.
        scale: How much larger than usual everything is that is read.
        setter: Sets its lines.
    """

    def __init__(self, canvas: "Canvas", paper: str, label: str, *, scale: float = 1.0) -> None:
        """Begin.

        Args:
            canvas: Where it is drawn.
            paper: A4 or Letter.
            label: What the foot of each page says before its number.
            scale: See Page.
        """
        self.canvas, self.sheet = canvas, SHEETS[paper]
        self.setter = Typesetter()
        self.on_new: Callable[[], None] = lambda: None
        self.foot_words = ""
        self.begin(label, scale=scale)

    def begin(self, label: str, *, scale: float = 1.0) -> None:
        """Begin another document, on a page of its own."""
        self.label, self.scale = label, scale
        self.size, self.step = 9 * scale, 12.5 * scale
        self.y = self.sheet.height - self.sheet.body
        self._done: list[dict[str, Any]] = []

    # Words.

    def text(
        self, x: float, y: float, words: str, size: float = 0, *, bold: bool = False, right: bool = False, grey: bool = False
    ) -> None:
        """A line of words; `x` is its left end, or its right one."""
        size = size or self.size
        if grey:
            self.canvas.setFillGray(_GREY)
        left = x - self.setter.width(words, size, bold=bold) if right else x
        self.setter.draw(self.canvas, left, y, words, size, bold=bold)
        if grey:
            self.canvas.setFillGray(_BLACK)

    def block(
        self, x: float, top: float, lines: Sequence[str], room: float, size: float, step: float, *, grey: bool = False
    ) -> float:
        """Lines below each other, broken where they are long; where they end, from the top."""
        for words in lines:
            for line in self.setter.lines_of(words, room, size) if words else ():
                self.text(x, self.sheet.height - top, line, size, grey=grey)
                top += step
        return top

    # The first page.

    def head(self, letterhead: "Letterhead", title: str, facts: Sequence[tuple[str, str]], addressed: Sequence[str]) -> None:
        """Who bills above, what the document is at the right, to whom in the window."""
        sheet, seller = self.sheet, letterhead.seller
        top, room = 16 * MM, sheet.right - sheet.left
        if letterhead.logo:
            room -= draw_logo(self, letterhead.logo) + 12
        size = next((s for s in (14, 12, 10) if self.setter.width(seller.name, s, bold=True) <= room), 9)
        for line in self.setter.lines_of(seller.name, room, size, bold=True):
            self.text(sheet.left, sheet.height - top, line, size, bold=True)
            top += size * 1.2
        own = " · ".join(p for p in (seller.street, seller.town, seller.country) if p)
        self.block(sheet.left, top, [own, letterhead.tax_id], room, 8.5, 11, grey=True)
        self._address(seller, addressed)
        self._facts(title, facts)
        self.canvas.setStrokeGray(LINE)
        for mark in sheet.marks:
            self.canvas.line(5 * MM, sheet.height - mark, 9 * MM, sheet.height - mark)

    def _address(self, seller: Seller, addressed: Sequence[str]) -> None:
        left, top, right, bottom = self.sheet.window
        if self.sheet.sender:
            sender = ", ".join(p for p in (seller.name, seller.street, seller.town) if p)
            size = next((s for s in (7.0, 6.5, 6.0, 5.5) if self.setter.width(sender, s) <= right - left), 5.0)
            for at, line in enumerate(reversed(self.setter.lines_of(sender, right - left, size))):
                self.text(left, self.sheet.height - self.sheet.sender + at * size * 1.15, line, size, grey=True)
        for size in (10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0):
            lines = [part for words in addressed for part in self.setter.lines_of(words, right - left, size)]
            step = min(12.0, size * 1.2)
            if len(lines) * step <= bottom - top:
                break
        y = self.sheet.height - top - size
        for line in lines:
            self.text(left, y, line, size)
            y -= step

    def _facts(self, title: str, facts: Sequence[tuple[str, str]]) -> None:
        left, top = self.sheet.facts
        size, step = 9 * min(self.scale, 1.2), 12.5 * min(self.scale, 1.2)
        for line in self.setter.lines_of(title, self.sheet.right - left, 13, bold=True):
            self.text(left, self.sheet.height - top, line, 13, bold=True)
            top += 17
        room = max((self.setter.width(name, size) for name, _ in facts), default=0) + 10
        for name, value in facts:
            self.text(left, self.sheet.height - top, name, size, grey=True)
            top = self.block(left + room, top, [value], self.sheet.right - left - room, size, step)

    # Rows.

    def rows(self, rows: Sequence[Row], *, last: float = 0) -> None:
        """Rows below each other, over as many pages as they need.

        Args:
            rows: What is tied stays together, where a page can hold it.
            last: So much room stays free below the last of them.
        """
        units: list[list[Row]] = []
        for row in rows:
            if row.tied and units:
                units[-1].append(row)
            else:
                units.append([row])
        for at, unit in enumerate(units):
            below = last if at == len(units) - 1 else 0
            high = sum(self._height(row) for row in unit)
            # What no page can hold begins where it is.
            if self.y - high < self.bottom + below and high + below <= self.sheet.height - 22 * MM - 2 * self.step - self.bottom:
                self.next_page()
            for row in unit:
                self._row(row)
        if self.y < self.bottom + last:
            self.next_page()

    @property
    def bottom(self) -> float:
        """Where the rows of a page end."""
        return _FOOT

    def _columns(self, row: Row) -> tuple[float, float]:
        """Where the column before the amount ends, and the room of the words."""
        amount = max(72 * self.scale, self.setter.width(row.amount, self.size, bold=row.bold) + 8)
        beside = self.setter.width(row.beside, self.size) + 12 if row.beside else 0
        right = self.sheet.right - amount
        return right, right - beside - self.sheet.left - row.indent

    def _lines(self, row: Row) -> list[str]:
        return self.setter.lines_of(row.words, self._columns(row)[1], self.size, bold=row.bold)

    def _height(self, row: Row) -> float:
        return row.gap + len(self._lines(row)) * self.step

    def _row(self, row: Row) -> None:
        lines, (beside, _) = self._lines(row), self._columns(row)
        x = self.sheet.left + row.indent
        self.y -= row.gap
        if row.rule:
            self.canvas.setStrokeGray(LINE)
            above = self.y + self.size + 1.5
            self.canvas.line(self.sheet.left, above, self.sheet.right, above)
        whole = self.y - len(lines) * self.step >= self.bottom
        with self._as_words(row.words, lines if whole else ()):
            self._draw_lines(row, lines, x)
        self.y += self.step
        if row.beside:
            self.text(beside, self.y, row.beside, grey=True, right=True)
        if row.amount:
            self.text(self.sheet.right, self.y, row.amount, bold=row.bold, right=True)
        self.y -= self.step

    @contextmanager
    def _as_words(self, words: str, lines: Sequence[str]) -> Iterator[None]:
        """A long reference is drawn in parts and found as one word."""
        if lines and " ".join(lines) != words:
            with saying(self.canvas, visible(words)):
                yield
        else:
            yield

    def _draw_lines(self, row: Row, lines: Sequence[str], x: float) -> None:
        for line in lines:
            if self.y < self.bottom:
                self.next_page()
            self.text(x, self.y, line, bold=row.bold, grey=row.grey)
            self.y -= self.step

    def cells(self, cells: Sequence["Cell"], *, bold: bool = False) -> None:
        """A row of a table, as high as its highest cell; on one page."""
        parts = [self.setter.lines_of(c.words, c.room, self.size, bold=bold) for c in cells]
        if self.y - max(len(part) for part in parts) * self.step < self.bottom:
            self.next_page()
        for cell, part in zip(cells, parts, strict=True):
            with self._as_words(cell.words, part):
                for at, line in enumerate(part):
                    if line:
                        self.text(cell.x, self.y - at * self.step, line, bold=bold, right=cell.right)
        self.y -= max(len(part) for part in parts) * self.step

    # Pages.

    def next_page(self) -> None:
        """Go on with the next page."""
        self._end_page()
        self.y = self.sheet.height - 22 * MM
        self.text(self.sheet.left, self.y, self.label, 8, grey=True)
        self.y -= 2 * self.step
        self.on_new()

    def _end_page(self) -> None:
        # A page is finished when it is known how many there are.
        self._done.append(dict(self.canvas.__dict__))
        self.canvas._startPage()

    def finish(self, page_words: Callable[[int, int], str]) -> None:
        """Draw the foot of every page."""
        self._end_page()
        sheet, canvas = self.sheet, self.canvas
        for number, state in enumerate(self._done, 1):
            canvas.__dict__.update(state)
            canvas.setStrokeGray(LINE)
            canvas.line(sheet.left, 15 * MM, sheet.right, 15 * MM)
            pages = page_words(number, len(self._done))
            room = sheet.right - sheet.left - self.setter.width(pages, 7.5) - 12
            size = next((s for s in (7.0, 6.0, 5.0) if len(self.setter.lines_of(self.foot_words, room, s)) <= 2), 4.0)
            for at, line in enumerate(self.setter.lines_of(self.foot_words, room, size)):
                self.text(sheet.left, 11 * MM - at * size * 1.2, line, size, grey=True)
            self.text(sheet.right, 11 * MM, pages, 7.5, right=True, grey=True)
            canvas.showPage()


class Pdf(NamedTuple):
    """A document as PDF, and the characters that no font can draw."""

    content: bytes
    missing: str


class Leaf(NamedTuple):
    """A document of a file.

    Attributes:
        label: What the foot of its pages says before their number.
        letterhead: Who bills.
        paper: A4 or Letter.
        draw: Draws it.
        page_words: How a page is numbered, of how many.
        large: In large print.
    """

    label: str
    letterhead: Letterhead
    paper: str
    draw: Callable[[Page], None]
    page_words: Callable[[int, int], str]
    large: bool = False


def pdf_of(title: str, leaves: Iterable[Leaf]) -> Pdf:
    """Documents as one PDF, each beginning a page; the same bytes for the same documents.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
    """
    try:
        from reportlab.pdfgen.canvas import Canvas
    except ImportError:
        raise BookProblem(NEEDED) from None
    register()
    target = io.BytesIO()
    coming = iter(leaves)
    first = next(coming)
    sheet = SHEETS[first.paper]
    canvas = Canvas(target, pagesize=(sheet.width, sheet.height), invariant=1, initialFontName=PLAIN, pageCompression=1)
    canvas.setTitle(visible(title))
    canvas.setAuthor(visible(first.letterhead.seller.name))
    page = Page(canvas, first.paper, "")
    for leaf in chain((first,), coming):
        seller = leaf.letterhead.seller
        page.begin(leaf.label, scale=1.6 if leaf.large else 1.0)
        parts = (seller.name, seller.street, seller.town, leaf.letterhead.tax_id, seller.iban)
        page.foot_words = " · ".join(p for p in parts if p)
        leaf.draw(page)
        page.finish(leaf.page_words)
    canvas.save()
    return Pdf(target.getvalue(), "".join(page.setter.missing))
