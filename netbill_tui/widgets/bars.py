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
    """A trend, one cell a value, from the lowest to the highest; values that are all alike lie low."""
    if not values:
        return ""
    low, high = min(values), max(values)
    top = len(SPARK) - 1
    return "".join(SPARK[(v - low) * top // (high - low)] if high > low else SPARK[0] for v in values)
