"""Card numbers, which are never stored: what looks like one, and what does not. Source: docs/rules.md, *Card numbers*."""

import re
import unicodedata

from netbill_tui.identifiers import ibans_in
from netbill_tui.patterns import Pattern

# Letters, marks and signs that are drawn as nothing, beside the forbidden ones.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_SEPARATORS = " .-\u00a0\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2009\u202f"
_RUN = Pattern(rf"\d(?:[{re.escape(_SEPARATORS)}]{{0,3}}\d)+")
_GROUP = Pattern(r"\d+")
# The groups that cards show, with the same between each, whatever that is but what stands between the members of a list.
_BETWEEN = r"(?P<between>(?:[^\w,;\n\r]|[_xX\u00d7]){1,3})"
_GROUPED = Pattern(
    rf"(?<!\d)(?:\d{{4}}{_BETWEEN}\d{{4}}(?P=between)\d{{4}}(?P=between)\d{{4}}(?:(?P=between)\d{{1,3}})?"
    rf"|\d{{4}}{_BETWEEN.replace('between', 'also')}\d{{6}}(?P=also)\d{{4,5}})(?!\d)"
)

# Issuer ranges: first and last prefix of equal length, and the lengths of numbers in use.
_ISSUERS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("1", "1", frozenset({15})),  # UATP, and the old JCB 1800
    ("2131", "2131", frozenset({15})),  # old JCB
    ("2200", "2204", frozenset(range(16, 20))),  # Mir
    ("2221", "2720", frozenset({16})),  # Mastercard
    ("300", "305", frozenset(range(14, 20))),  # Diners Club
    ("3095", "3095", frozenset(range(14, 20))),
    ("34", "34", frozenset({15})),  # American Express
    ("3528", "3589", frozenset(range(16, 20))),  # JCB
    ("36", "36", frozenset(range(14, 20))),  # Diners Club
    ("37", "37", frozenset({15})),  # American Express
    ("38", "39", frozenset(range(14, 20))),  # Diners Club
    ("4", "4", frozenset({13, 16, 18, 19})),  # Visa
    ("50", "50", frozenset(range(13, 20))),  # Maestro
    ("51", "55", frozenset({16})),  # Mastercard
    ("56", "69", frozenset(range(13, 20))),  # Maestro, Discover, UnionPay, RuPay
)


def _has_issuer(digits: str) -> bool:
    return any(first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUERS)


def luhn(digits: str) -> bool:
    """True when the last digit is the Luhn check digit of the others."""
    total = 0
    for at, char in enumerate(reversed(digits)):
        value = int(char)
        if at % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def card_numbers_in(text: str) -> list[tuple[int, int]]:
    """The spans [start, end) of what looks like payment card numbers.

    A card number is 13 to 19 digits, single blanks, dots or dashes between its groups, that pass Luhn and lie in
    an issuer range of that length; in the groups that cards show, whatever stands between them. Digits of other scripts
    count as digits. Without Luhn nothing is a card number, whatever its grouping: order and customer numbers would be
    refused. A telephone number with `+` or `00` before it that the numbering plan of its country knows is none either.
    Source: docs/rules.md, *Card numbers*.
    """
    spans: list[tuple[int, int]] = []
    accounts = ibans_in(text)
    if accounts:
        # The digits of a bank account are none of a card, in whatever groups they stand.
        parts, behind = [], 0
        for begin, end in accounts:
            parts += [text[behind:begin], "x" * (end - begin)]
            behind = end
        text = "".join([*parts, text[behind:]])
    for run in _RUN.finditer(text):
        if run.end() - run.start() < 13:
            continue
        groups = [(run.start() + g.start(), run.start() + g.end()) for g in _GROUP.finditer(run.group())]
        first = 0
        while first < len(groups):
            last = _card_from(text, groups, first)
            if last is None or _is_phone(text, groups, last):
                first += 1
                continue
            spans.append((groups[first][0], groups[last][1]))
            first = last + 1
    return sorted(spans + [s for s in _grouped_cards(text) if not any(s[0] < end and first < s[1] for first, end in spans)])


def _grouped_cards(text: str) -> list[tuple[int, int]]:
    """The spans of card numbers in the groups that cards show, with signs between them that numbers in texts do not have.

    Numbers that count up, such as ports or years, are a list.
    """
    spans = []
    for shown in _GROUPED.finditer(text):
        groups = _GROUP.findall(shown.group())
        digits = "".join(str(unicodedata.digit(c)) for c in "".join(groups))
        counts_up = all(a < b for a, b in zip(groups, groups[1:], strict=False))
        if not counts_up and _has_issuer(digits) and luhn(digits):
            spans.append(shown.span())
    return spans


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """Index of the last group of a card number that starts with group `first`, the longest one, or None."""
    digits, end_ = "", None
    for at in range(first, len(groups)):
        digits += "".join(str(unicodedata.digit(c)) for c in text[groups[at][0] : groups[at][1]])
        if len(digits) > 19:
            break
        if len(digits) >= 13 and _has_issuer(digits) and luhn(digits):
            end_ = at
    return end_


def _is_phone(text: str, groups: list[tuple[int, int]], last: int) -> bool:
    """Whether the groups of a run, at least to group `last`, are a telephone number with its country code."""
    begin = groups[0][0]
    before = text[max(begin - 3, 0) : begin].rstrip(" (")
    sign, digits = before.endswith("+"), "".join(text[a:b] for a, b in groups[: last + 1])
    if not sign and not digits.startswith("00"):
        return False
    for a, b in (*groups[last + 1 :], (0, 0)):
        if valid_phone("+" + (digits if sign else digits[2:])):
            return True
        digits += text[a:b]
    return False


def valid_phone(number: str) -> bool:
    """True for `+`, a country code and a number that the numbering plan of that country knows."""
    if sum(c.isdigit() for c in number) > _E164:
        return False
    import phonenumbers  # 30 ms that most need not spend

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False


_E164 = 15  # digits of a telephone number at most


def card_number_in(text: str) -> bool:
    """True when the text holds what looks like a payment card number, in whatever form its digits and blanks are written."""
    if len(text) < 13:
        return False
    if card_numbers_in(text):
        return True
    if text.isascii():
        return False
    # In whatever form they are written, and whatever that is not seen stands between them.
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(c for c in plain if c not in UNSEEN and unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return bool(card_numbers_in(plain)) or bool(card_numbers_in(seen))
