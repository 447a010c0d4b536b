"""Drawn figures: bars whose rows do not touch, and the small line of a trend; PlainGlyphs gives them signs of ASCII."""

from collections.abc import Sequence

FULL = "▄"
SPARK = "▁▂▃▅▆▇"


def bar(value: int, largest: int, width: int) -> str:
    """A bar for a value among values of which this is the largest; something is never nothing."""
    if value <= 0 or largest <= 0:
        return ""
    return FULL * max(1, value * width // largest)


def spark(values: Sequence[int]) -> str:
    """A trend, one cell a value, from nothing to the highest: what is half as much is half as high."""
    high, top = max(values, default=0), len(SPARK) - 1
    return "".join(SPARK[max(v, 0) * top // high] if high > 0 else SPARK[0] for v in values)
