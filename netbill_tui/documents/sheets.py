"""Sheets of paper, A4 and US Letter: where what stands, so that the address shows in the window of an envelope."""

from typing import NamedTuple

MM = 72 / 25.4


class Sheet(NamedTuple):
    """Where what stands on the first page, in points; from the top where it is called so.

    Attributes:
        window: Left, top, right and bottom of what the window of an envelope always shows, from the top left corner.
        sender: Where a line with the sender stands above the address, from the top; 0 for none.
        facts: Left and top of number, day, account.
        body: Where the rows begin, from the top.
        coupon: How high the part to tear off is.
        marks: Where the sheet is folded, from the top.
    """

    width: float
    height: float
    left: float
    right: float
    window: tuple[float, float, float, float]
    sender: float
    facts: tuple[float, float]
    body: float
    coupon: float
    marks: tuple[float, ...]


SHEETS = {
    "A4": Sheet(
        210 * MM, 297 * MM, 25 * MM, 190 * MM, (25 * MM, 62.7 * MM, 105 * MM, 90 * MM), 60 * MM, (120 * MM, 50 * MM), 103 * MM,
        82 * MM, (105 * MM, 210 * MM),
    ),
    # A third of 11 inches in an envelope of 4 1/8 by 9 1/2, with a window of 4 1/2 by 1 1/8, 7/8 from the left and 1/2 above
    # its lower edge: what shows however the sheet slides.
    "Letter": Sheet(
        612, 792, 0.95 * 72, 562, (0.95 * 72, 2.5 * 72, 4.3 * 72, 3.16 * 72), 0, (4.6 * 72, 1.5 * 72), 3.75 * 72, 3 * 72,
        (264, 528),
    ),
}  # fmt: skip
