"""How the book bills: its rules, shown and changed.

Source: docs/billing.md, *How the book bills*; docs/rules.md, *13 Billing run* to *16 Changes* and *Documents*.
"""

from collections.abc import Callable, Mapping
from typing import Any

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.customers.accounts import LANGUAGES
from netbill_tui.billing.services.charging import CHANGES, FIRST_BILLS
from netbill_tui.billing.services.proration import POLICIES
from netbill_tui.db.billing_run import due_services
from netbill_tui.db.catalogue import codes
from netbill_tui.db.core import book, posted, versions
from netbill_tui.db.customers import former
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.identifiers import iban_is_valid
from netbill_tui.patterns import Pattern
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases.catalogue import logos
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

_NUMBER = Pattern(r"[A-Za-z0-9/._-]*(\{year\}[A-Za-z0-9/._-]*)?\{seq(:0\d{1,2})?\}[A-Za-z0-9/._-]*\Z")
_IBAN_LIKE = Pattern(r"[A-Za-z]{2}\d{2}[ A-Za-z0-9-]{8,}\Z")
SELLER = ("name", "street", "postcode_town", "country", "tax_id", "iban")


def rules(session: Session) -> Rules:
    """How the book bills."""
    return rules_of(book.settings(session.db))


def rules_of(stored: Mapping[str, str]) -> Rules:
    """How a book bills that has these settings."""
    values: dict[str, Any] = {name: _READ[name](stored[name]) for name in stored if name in _READ}
    return Rules(**values)


def _choice(name: str, allowed: tuple[str, ...]) -> Callable[[str], Any]:
    def read(text: str) -> str:
        if text.strip() not in allowed:
            raise InvalidInput(f"Type {name} as one of {', '.join(word or 'nothing' for word in allowed)}.")
        return text.strip()

    return read


def yes(text: str) -> bool:
    """A yes or no that was typed."""
    if text.strip().lower() not in ("yes", "no", "y", "n", "1", "0"):
        raise InvalidInput("Type yes or no.")
    return text.strip().lower() in ("yes", "y", "1")


MOST_LEAD = 60


def _whole(name: str, least: int, most: int) -> Callable[[str], Any]:
    def read(text: str) -> int:
        typed = text.strip()
        if not typed.isascii() or not typed.isdigit() or not least <= int(typed) <= most:
            raise InvalidInput(f"Type {name} as a whole number from {least} to {most}.")
        return int(typed)

    return read


def _pattern(text: str) -> str:
    clean(text, "The pattern", limit=30)
    if not _NUMBER.match(text.strip()) or len(text) > 30:
        raise InvalidInput("A number pattern must end with {seq} or {seq:06} and may have {year}, such as INV-{seq:06}.")
    return text.strip()


PAPERS = ("", "A4", "Letter")


def _instructions(text: str) -> str:
    return clean(text, "The text", limit=300)


def _seller(text: str) -> tuple[str, ...]:
    # An IBAN may hold a run of digits that passes for a card number; its own check digits vouch for it.
    parts = [p.strip() if iban_is_valid(p) else clean(p, "The seller", limit=120) for p in text.split("|")]
    account = parts[SELLER.index("iban")] if len(parts) > SELLER.index("iban") else ""
    if _IBAN_LIKE.match(account) and not iban_is_valid(account):
        raise InvalidInput(f"{account[:34]!r} is not an IBAN: its check digits do not fit; type it again, digit by digit.")
    return tuple((*parts, *[""] * len(SELLER))[: len(SELLER)])


_READ: Mapping[str, Callable[[str], Any]] = {
    "inclusive": yes, "proration": _choice("proration", POLICIES), "first_bill": _choice("first_bill", FIRST_BILLS),
    "changes": _choice("changes", CHANGES), "lead_days": _whole("lead_days", 0, MOST_LEAD),
    "calendar_day": _whole("calendar_day", 0, 31), "calendar_month": _whole("calendar_month", 0, 12), "business_day": yes,
    "drafts_days": _whole("drafts_days", 0, 60),
    "invoice_number": _pattern, "credit_number": _pattern, "seller": _seller,
    "language": _choice("language", LANGUAGES), "instructions": _instructions,
    "paper": _choice("paper", PAPERS), "logo": _whole("logo", 0, 1 << 62),
    "send_bills": yes,
}  # fmt: skip
SETTINGS: Mapping[str, str] = {
    "inclusive": "prices include tax: yes or no",
    "proration": "a part of a period: days, 30, whole or free",
    "first_bill": "a first period between anchors: stub, stub+full or defer",
    "changes": "a change in mid-period is billed with the next invoice (next) or at-once",
    "lead_days": "days before its bill date that a period is billed",
    "calendar_day": "day of the month for all services; 0 for each customer's own",
    "calendar_month": "month that quarters and years of new services count from; 0 for each one's start",
    "business_day": "the due date moves to the next working day: yes or no",
    "drafts_days": "days that an invoice waits as a draft; 0 issues at once",
    "invoice_number": "pattern such as INV-{seq:06} or {year}-{seq:05}",
    "credit_number": "pattern for credit notes, such as CN-{seq:06}",
    "seller": "name|street|postcode and town|country|tax id|IBAN, for documents",
    "language": f"of documents, where a customer has none: {', '.join(LANGUAGES)}",
    "instructions": "how a bill can be paid, on documents; at most 300 letters",
    "paper": "A4, Letter, or empty for what the country of the book uses",
    "send_bills": "documents of a run go by mail to who wants them so: yes or no",
    "logo": "a PNG of at most 256 KiB in the letterhead: type its path, or none",
}


def choices(name: str) -> tuple[str, ...]:
    """What a rule may be, where that is a list."""
    switch = ("yes", "no")
    return {
        "inclusive": switch,
        "business_day": switch,
        "send_bills": switch,
        "proration": POLICIES,
        "first_bill": FIRST_BILLS,
        "changes": CHANGES,
        "language": LANGUAGES,
        "paper": PAPERS,
    }.get(name, ())


def settings(session: Session) -> list[tuple[str, str, str]]:
    """Name, value and meaning of every rule."""
    now = rules(session)
    settings_ = []
    for name, words in SETTINGS.items():
        value = getattr(now, name)
        shown = (
            "|".join(value)
            if isinstance(value, tuple)
            else {True: "yes", False: "no"}.get(value, str(value))
            if isinstance(value, bool)
            else str(value)
        )
        settings_.append((name, shown, words))
    return settings_


def set_rule(session: Session, name: str, value: str, *, dry_run: bool = False) -> str:
    """Change a rule of the book; what is issued already stays as it is.

    Raises:
        InvalidInput: No such rule, or a value it does not take.

    Side effect: one audit event.
    """
    read = _READ.get(name)
    if read is None:
        raise InvalidInput(f"{visible(name)[:30]!r} is not a rule of the book; known are {', '.join(SETTINGS)}.")
    picture = logos.read(session, value) if name == "logo" and value.strip().lower() not in logos.NONE else None
    parsed = read("0" if name == "logo" else value)
    if name == "inclusive" and parsed != rules(session).inclusive and due_services.count_due(session.db, "9999-12-31"):
        raise Refused("Services use prices that were entered the other way; end those services, or make a new book.")
    text = (
        "|".join(parsed)
        if isinstance(parsed, tuple)
        else {True: "yes", False: "no"}[parsed]
        if isinstance(parsed, bool)
        else str(parsed)
    )
    if not dry_run:
        before = dict((n, v) for n, v, _ in settings(session))[name]
        with writing(session, rights.CATALOGUE) as tx:
            versions.hold(tx, versions.CATALOGUE, [1])
            if name == "seller":
                # Documents that were posted under the old one keep it.
                former.keep_setting(tx, name, book.settings(session.db).get(name, ""))
            if picture is not None:
                (number,) = tx.take("id")
                tx.post([posted.Picture(number, picture)])
                text = str(number)
            codes.set_setting(session.db, name, text)
            versions.post(tx, versions.CATALOGUE, [1])
            tx.note("book.rule", name, {"before": before, "after": text})
    return text
