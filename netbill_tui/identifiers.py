"""Bank accounts in a text: what is an IBAN, and where one stands (ISO 13616)."""

import re

from netbill_tui.patterns import Pattern

# Country and length of its IBAN (ISO 13616 registry).
_IBAN_LENGTHS = dict(
    (word[:2], int(word[2:]))
    for word in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 "
        "GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 "
        "MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 "
        "TN24 TR26 UA29 VA22 VG24 XK20"
    ).split()
)
# How many letters the part behind the check digits begins with, where a country has any.
_IBAN_LETTERS = dict.fromkeys("NL GB IE AZ BH BG GI IQ KW LC LV MT MU PK PS QA RO SC SV VG".split(), 4) | {
    "GE": 2,
    "IT": 1,
    "SM": 1,
}
_IBAN_START = Pattern(r"(?<![A-Za-z0-9])([A-Z]{2})(?=\d\d)")


def iban_is_valid(typed: str) -> bool:
    """True when shape and check digits of an IBAN fit (ISO 13616, mod 97), whatever blanks, dots and dashes stand in it."""
    text = re.sub(r"[ .-]", "", typed).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def ibans_in(text: str) -> list[tuple[int, int]]:
    """The spans [start, end) of valid IBANs: their country's length and letters, in one piece or in groups of four."""
    spans: list[tuple[int, int]] = []
    for start in _IBAN_START.finditer(text):
        length, letters = _IBAN_LENGTHS.get(start[1], 0), _IBAN_LETTERS.get(start[1], 0)
        if not length:
            continue
        end, mark = start.start() + length, text[start.start() + 4 : start.start() + 5]
        if mark in (" ", "-"):
            end += (length - 1) // 4  # on paper, in groups of four
        candidate = text[start.start() : end]
        groups = candidate.split(mark) if mark in (" ", "-") else [candidate]
        plain, ends = "".join(groups), not text[end : end + 1].isalnum()
        is_paper = len(groups) == 1 or all(len(group) == 4 for group in groups[:-1])
        if (
            len(plain) == length
            and is_paper
            and ends
            and (not letters or plain[4 : 4 + letters].isalpha())
            and iban_is_valid(plain)
        ):
            spans.append((start.start(), end))
    return spans
