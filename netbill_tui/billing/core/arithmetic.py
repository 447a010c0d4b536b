"""Arithmetic in the amount field: `3*59.99-10`. Exact, with the four operations and parentheses, and nothing else."""

import re
from fractions import Fraction

from netbill_tui.billing.core.money import MAX_DIGITS, exponent, format_amount
from netbill_tui.errors import InvalidInput

_TOKEN = re.compile(r"\s*(?:(\d{1,15}(?:[.,]\d{1,6})?)|([-+*/()x]))", re.ASCII)
_FORMULA = re.compile(r"[\d)]\s*[-+*/x]+\s*[\d(]|\(", re.ASCII)
LIMIT = 60


def is_formula(text: str) -> bool:
    """Whether the text is more than one number."""
    return _FORMULA.search(text.strip()) is not None


def calculate(text: str, currency: str) -> int:
    """What a formula makes, in minor units.

    Raises:
        InvalidInput: It cannot be read, makes nothing positive, or does not come out to a whole minor unit: rounding is not
            guessed, the operator types what is meant.
    """
    typed = text.strip()
    if len(typed) > LIMIT:
        raise InvalidInput(f"The formula has more than {LIMIT} characters; type the amount.")
    value = _Reader(typed).value()
    minor = value * 10 ** exponent(currency)
    if minor.denominator != 1:
        low = int(minor)
        raise InvalidInput(
            f"{typed} is not a whole amount: type {format_amount(low, currency)} or {format_amount(low + 1, currency)}."
        )
    if minor <= 0:
        raise InvalidInput(f"{typed} makes {format_amount(int(minor), currency)}; the amount must be more than zero.")
    if len(str(int(minor))) > MAX_DIGITS:
        raise InvalidInput(f"{typed} has more than {MAX_DIGITS} digits; type a smaller amount.")
    return int(minor)


class _Reader:
    """Reads a formula from left to right: sums of products of numbers and parentheses."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            token = _TOKEN.match(text, at)
            if token is None:
                raise self._wrong(text[at:].strip()[:1])
            if token[1] and re.search(r"[.,]\d{3}\Z", token[1]):
                raise InvalidInput(f"{token[1]} can be read in two ways; type {re.sub('[.,]', '', token[1])} or more decimals.")
            self._tokens.append(token[1].replace(",", ".") if token[1] else token[2].replace("x", "*"))
            at = token.end()
        self._at = 0

    def _wrong(self, what: str) -> InvalidInput:
        return InvalidInput(f"{self._text!r} cannot be calculated{f' at {what!r}' if what else ''}; type it as 3*59.99-10.")

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token

    def value(self) -> Fraction:
        """The whole formula."""
        result = self._sum(0)
        if self._next():
            raise self._wrong(self._next())
        return result

    def _sum(self, depth: int) -> Fraction:
        total = self._product(depth)
        while self._next() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            total += sign * self._product(depth)
        return total

    def _product(self, depth: int) -> Fraction:
        product = self._atom(depth)
        while self._next() in ("*", "/"):
            if self._take() == "*":
                product *= self._atom(depth)
            else:
                divisor = self._atom(depth)
                if not divisor:
                    raise InvalidInput(f"{self._text} divides by zero; type the amount.")
                product /= divisor
        return product

    def _atom(self, depth: int) -> Fraction:
        part = self._take()
        if part == "(" and depth < 10:
            value = self._sum(depth + 1)
            if self._take() != ")":
                raise self._wrong("(")
            return value
        if not part or part in "+-*/()":
            raise self._wrong(part)
        return Fraction(part)
