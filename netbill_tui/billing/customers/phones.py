"""Normal forms of contact data, so that what a caller says finds what was written down.

Normalisation v1 is fixed for ever: blind indexes were computed from it (docs/security.md, *Sealed fields*). What is
written now is indexed by
normalisation v2, the numbering plans of every country as a library knows them; a search tries both.
"""

import re
import unicodedata

from netbill_tui.cards import valid_phone
from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern

# Country: calling code, trunk prefix that is dropped before the calling code is put.
_COUNTRIES: dict[str, tuple[str, str]] = {
    "AT": ("43", "0"), "AU": ("61", "0"), "BE": ("32", "0"), "BG": ("359", "0"), "BR": ("55", "0"), "CA": ("1", "1"),
    "CH": ("41", "0"), "CN": ("86", "0"), "CY": ("357", ""), "CZ": ("420", ""), "DE": ("49", "0"), "DK": ("45", ""),
    "EE": ("372", ""), "EG": ("20", "0"), "ES": ("34", ""), "FI": ("358", "0"), "FR": ("33", "0"), "GB": ("44", "0"),
    "GR": ("30", ""), "HR": ("385", "0"), "HU": ("36", "06"), "IE": ("353", "0"), "IL": ("972", "0"), "IN": ("91", "0"),
    "IS": ("354", ""), "IT": ("39", ""), "JP": ("81", "0"), "KE": ("254", "0"), "KR": ("82", "0"), "LT": ("370", "0"),
    "LU": ("352", ""), "LV": ("371", ""), "MA": ("212", "0"), "MT": ("356", ""), "MX": ("52", ""), "NG": ("234", "0"),
    "NL": ("31", "0"), "NO": ("47", ""), "NZ": ("64", "0"), "PL": ("48", ""), "PT": ("351", ""), "RO": ("40", "0"),
    "RS": ("381", "0"), "RU": ("7", "8"), "SE": ("46", "0"), "SI": ("386", "0"), "SK": ("421", "0"), "TR": ("90", "0"),
    "UA": ("380", "0"), "US": ("1", "1"), "ZA": ("27", "0"),
}  # fmt: skip


def is_country(code: str) -> bool:
    """True for a two-letter country that has a numbering plan."""
    import phonenumbers

    return code in _COUNTRIES or code in phonenumbers.SUPPORTED_REGIONS


def normal_phone(typed: str, country: str) -> str:
    """The number as digits with its country code; as typed where the book's country is unknown.

    `+` or `00` is international; else the trunk prefix goes and the country code comes.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    digits = re.sub(r"[^0-9]", "", text)
    if text.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if country not in _COUNTRIES:
        return digits
    code, trunk = _COUNTRIES[country]
    if trunk and digits.startswith(trunk):
        digits = digits[len(trunk) :]
    return code + digits


def international_phone(typed: str, country: str) -> str:
    """The number in normalisation v2: digits with the country code by the country's numbering plan, else as v1 has it."""
    text = unicodedata.normalize("NFKC", typed).strip()
    if text.startswith("+") and "(0)" not in text:
        return re.sub(r"[^0-9]", "", text)
    # 30 ms of import that most commands need not spend.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return normal_phone(typed, country)
    if not phonenumbers.is_possible_number(number):
        return normal_phone(typed, country)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def is_valid_phone(typed: str) -> bool:
    """True for a number with its country code, `+` or `00` before it, that the country's numbering plan knows.

    Such a one is no card number, whatever its digits add up to: no card is written so, and their lengths differ.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text.startswith(("+", "00")) or not re.fullmatch(r"[0-9+()./ -]{8,30}", text):
        return False
    return valid_phone("+" + text.lstrip("+0") if text.startswith("00") else text)


def check_phone(typed: str) -> str:
    """The number as typed, if it can be one.

    Raises:
        InvalidInput: With what to type instead.
    """
    digits = re.sub(r"[^0-9]", "", typed)
    if not re.fullmatch(r"[0-9+()./ x-]+", typed) or not 4 <= len(digits) <= 20:
        raise InvalidInput(f"{typed[:40]!r} is not a phone number; type 4 to 20 digits such as +44 20 7946 0199.")
    return typed


def short_phone(typed: str) -> str:
    """The form that lists may show: `+44 20..0199`, never the whole number."""
    digits = re.sub(r"[^0-9]", "", typed)
    return f"{typed.strip()[:6].strip()}..{digits[-4:]}" if len(digits) > 8 else f"..{digits[-2:]}"


def normal_email(typed: str) -> str:
    """The address in its comparable form: NFKC, case folded, domain in IDNA; a plus-tag stays."""
    text = unicodedata.normalize("NFKC", typed).strip().casefold()
    local, at, domain = text.rpartition("@")
    if not at:
        return text
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = domain.lower()
    return f"{local}@{domain}"


_EMAIL = Pattern(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,253}\Z")


def check_email(typed: str) -> str:
    """The address as typed, if it can be one.

    Raises:
        InvalidInput: With what to type instead.
    """
    if not _EMAIL.match(typed) or "." not in typed.rpartition("@")[2]:
        raise InvalidInput(f"{typed[:60]!r} is not an e-mail address; type one such as name@example.org.")
    return typed


def normal_tax_id(typed: str, country: str = "") -> str:
    """The id without blanks and punctuation, upper case, behind its country prefix."""
    text = re.sub(r"[ ./-]", "", unicodedata.normalize("NFKC", typed).upper())
    return text if not country or text.startswith(country) else country + text
