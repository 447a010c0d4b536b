"""Tax rates: dated, added and dropped, never changed. Source: docs/rules.md, *Taxes and discounts*."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from netbill_tui.billing.catalogue.taxes import CATEGORIES as TAX_CATEGORIES
from netbill_tui.billing.catalogue.taxes import DatedRate, Rate, held_until, percent_of, spans_held
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.db.catalogue import codes as code_rows
from netbill_tui.db.core import versions
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.catalogue.rules import rules as rules
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing


def add_rate(session: Session, tax_class: str, fields: Mapping[str, str], *, dry_run: bool = False) -> DatedRate:
    """Add a rate to a tax class from a day on, up to the next one of its order; rates can be entered in any order.

    Args:
        session: Who adds.
        tax_class: Such as standard.
        fields: percent, name, category, from, until, order, compound, reason.
        dry_run: Only check.

    Raises:
        InvalidInput: A field that cannot be taken; a rate over 100 %.
        Refused: Lines of the class were taxed with the rates of those days.

    Side effect: one audit event.
    """
    dated = _read_rate(session, tax_class, fields)
    _check_rate(session, dated)
    if not dry_run:
        with writing(session, rights.CATALOGUE) as tx:
            versions.hold(tx, versions.CATALOGUE, [1])
            # A run or another administrator may have come between.
            _check_rate(session, dated)
            (row_id,) = tx.take("id")
            code_rows.add_rate(session.db, row_id, dated, tx.now_us)
            versions.post(tx, versions.CATALOGUE, [1])
            rate = dated.rate
            detail = {"percent": rate.percent, "from": dated.first, "order": rate.order, "category": rate.category}
            tx.note("tax.add", dated.tax_class, {**detail, "until": dated.end, "compound": rate.compound, "name": rate.name})
    return dated


def _read_rate(session: Session, tax_class: str, fields: Mapping[str, str]) -> DatedRate:
    name = clean(tax_class, "The tax class", limit=20)
    if not name or " " in name:
        raise InvalidInput("Type the tax class as one word, such as standard.")
    percent = fields.get("percent", "").strip().rstrip("%").strip()
    percent_of(percent)
    category = fields.get("category", "").strip().upper() or ("S" if Decimal(percent) else "Z")
    if category not in TAX_CATEGORIES:
        raise InvalidInput(f"Type the category as one of {', '.join(f'{c} ({w})' for c, w in TAX_CATEGORIES.items())}.")
    if category != "S" and Decimal(percent):
        raise InvalidInput(f"Category {category} takes no tax; type a rate of 0.")
    order = fields.get("order", "").strip() or "1"
    if not order.isascii() or not order.isdigit() or not 1 <= int(order) <= 9:
        raise InvalidInput("Type the order of a rate as a number from 1 to 9.")
    first = parse_date(fields.get("from") or "1900-01-01", session.today()).isoformat()
    until = parse_date(fields["until"], session.today()).isoformat() if fields.get("until", "").strip() else None
    if until is not None and until <= first:
        raise InvalidInput("The end date of a rate must be after its start date; type a later day.")
    words = clean(fields.get("name", ""), "The name", limit=40) or f"Tax {percent} %"
    reason = clean(fields.get("reason", ""), "The reason", limit=120)
    if category in ("E", "AE", "O") and not reason:
        raise InvalidInput("An invoice must say why no tax is taken; give --reason.")
    return DatedRate(name, first, until, Rate(words, category, percent, int(order), bool(fields.get("compound")), reason))


def _check_rate(session: Session, dated: DatedRate) -> None:
    """Refuse a rate that is there, that reads like another one, or that would change what was taxed."""
    known = codes.load(session).rates
    order, name = dated.rate.order, dated.tax_class
    if any((r.tax_class, r.first, r.rate.order) == (name, dated.first, order) for r in known):
        raise Refused(f"{name} has a rate of {dated.first} and order {order} already; type another day.")
    end = held_until((*known, dated), dated)
    if code_rows.rate_was_used(session.db, name, dated.first, end):
        until = f" to {end}" if end else " on"
        raise Refused(
            f"Lines of {name} were taxed with the rate of days from {dated.first}{until}; let the new rate begin later."
        )
    for other in known:
        beside = other.tax_class == name and other.rate.order != order and other.first < (end or "9999")
        same = (other.rate.name, other.rate.percent, other.rate.category) == (
            dated.rate.name,
            dated.rate.percent,
            dated.rate.category,
        )
        if beside and same and dated.first < (held_until(known, other) or "9999"):
            raise Refused(
                f"Order {other.rate.order} of {name} is called {dated.rate.name} too; type a name that tells them apart."
            )


def drop_rate(session: Session, tax_class: str, first: str, order: int = 1, *, dry_run: bool = False) -> DatedRate:
    """Take a rate back that was announced and taxed nothing; the one before it holds on.

    Raises:
        NotFound: The class has none of that day and order.
        Refused: Lines were taxed with it.

    Side effect: one audit event.
    """

    def latest() -> DatedRate:
        known = codes.load(session).rates
        dated = next((r for r in known if (r.tax_class, r.first, r.rate.order) == (tax_class, first, order)), None)
        if dated is None:
            raise NotFound(f"{visible(tax_class)[:20]} has no rate of {visible(first)[:12]} and order {order}.")
        if code_rows.rate_was_used(session.db, tax_class, first, held_until(known, dated)):
            raise Refused(f"Lines were taxed with the rate of {first}; it stays. Add one from a later day.")
        return dated

    replaced = latest()
    if not dry_run:
        with writing(session, rights.CATALOGUE) as tx:
            versions.hold(tx, versions.CATALOGUE, [1])
            replaced = latest()
            code_rows.drop_rate(session.db, replaced)
            versions.post(tx, versions.CATALOGUE, [1])
            tx.note("tax.drop", tax_class, {"percent": replaced.rate.percent, "from": first, "order": order})
    return replaced


class Held(NamedTuple):
    """A time in which a rate is in force, from its first day up to before `until`."""

    dated: DatedRate
    first: str
    until: str | None

    @property
    def is_resumed(self) -> bool:
        """Whether a shorter rate held before it."""
        return self.first > self.dated.first


def rates(session: Session) -> list[Held]:
    """When each rate is in force, by class, order and day: one that a shorter one pauses stands there twice."""
    known = codes.load(session).rates
    held = [Held(r, *span) for r in known for span in spans_held(known, r)]
    return sorted(held, key=lambda h: (h.dated.tax_class, h.dated.rate.order, h.first))
