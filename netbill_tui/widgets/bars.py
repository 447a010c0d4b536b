"""Bars of ASCII, so that every terminal shows them."""


def bar(value: int, largest: int, width: int) -> str:
    """A bar for a value among values of which this is the largest; something is never nothing."""
    if value <= 0 or largest <= 0:
        return ""
    return "#" * max(1, value * width // largest)
