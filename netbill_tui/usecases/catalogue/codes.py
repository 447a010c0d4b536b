"""The catalogue in use: billing codes, dated prices, tax rates, the book's rules of billing.

Source: docs/rules.md, *17 Prices*.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import CODE_KINDS, Catalogue, Code
from netbill_tui.billing.catalogue.prices import (
    AUDIENCES,
    CATEGORIES,
    LIST,
    CannotBill,
    Price,
    Priced,
    Tier,
    parse_quantity,
    price_of,
    price_row,
)
from netbill_tui.billing.core.cycles import schedule
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount, parse_amount
from netbill_tui.billing.services.proration import POLICIES
from netbill_tui.db.catalogue import codes
from netbill_tui.db.core import versions
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean, counted, visible
from netbill_tui.usecases.catalogue.rules import rules as rules
from netbill_tui.usecases.catalogue.rules import yes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

_CODE = re.compile(r"[A-Z0-9][A-Z0-9._/-]{0,19}\Z")


def load(session: Session) -> Catalogue:
    """The catalogue with the book's rules."""
    return codes.load(session.db, rules(session))


def code_named(session: Session, name: str) -> Code:
    """The code of this name.

    Raises:
        NotFound: There is none.
    """
    code = load(session).codes.get(name.strip().upper())
    if code is None:
        raise NotFound(f"There is no billing code {visible(name.strip())[:20]!r}; netbill code lists them.")
    return code


def to_choose(session: Session, *kinds: str) -> list[tuple[str, str]]:
    """Name and words of the codes of these kinds that may be sold, with what they cost now; by name."""
    catalogue = load(session)
    today = session.date().isoformat()
    choices = []
    for code in sorted(catalogue.codes.values(), key=lambda c: c.code):
        if code.active and code.kind in kinds:
            price = price_row(catalogue.prices_of(code.code), today, today)
            amount = format_amount(price.amount, session.book.currency) if price else "no price"
            choices.append((code.code, f"{code.code:<20} {amount:>12}  {visible(code.name)}"))
    return choices


def tax_classes(session: Session) -> list[str]:
    """The tax classes that have rates, by name."""
    return sorted({r.tax_class for r in load(session).rates})


def used(session: Session) -> frozenset[int]:
    """Ids of the prices that an invoice used."""
    return codes.used_prices(session.db)


# Codes.


def _checked_code(session: Session, fields: Mapping[str, str], catalogue: Catalogue) -> Code:
    name = fields.get("code", "").strip().upper()
    clean(name, "The code", limit=20)
    if not _CODE.match(name):
        raise InvalidInput(
            f"{visible(name)[:20]!r} is not a billing code; type up to 20 letters, digits and . _ / - such as INT-100."
        )
    before = catalogue.codes.get(name)
    base = before or Code(name, "")
    kind = fields.get("kind", base.kind).strip() or "recurring"
    if kind not in CODE_KINDS:
        raise InvalidInput(f"Type the kind as one of {', '.join(CODE_KINDS)}.")
    if before is not None and kind != before.kind:
        raise Refused(f"{name} is {before.kind}, and a kind never changes; make another code.")
    words = clean(fields.get("name", base.name), "The name", limit=80)
    if not words:
        raise InvalidInput("A code needs a name; type it as invoices should show it.")
    category = fields.get("category", base.category).strip().lower()
    if category not in CATEGORIES:
        raise InvalidInput(f"Type the category as one of {', '.join(CATEGORIES)}.")
    proration = fields.get("proration", base.proration).strip()
    if proration and proration not in POLICIES:
        raise InvalidInput(f"Type the proration as one of {', '.join(POLICIES)}, or empty for the book's.")
    suspended = fields.get("suspended", base.suspended).strip() or "continue"
    if suspended not in ("continue", "stop"):
        raise InvalidInput("Type continue or stop for charging while access is suspended.")
    tax_class = clean(fields.get("tax_class", base.tax_class), "The tax class", limit=20)
    if tax_class and tax_class not in {r.tax_class for r in catalogue.rates}:
        raise NotFound(f"There is no tax class {tax_class!r}; add it with netbill tax {tax_class} PERCENT.")
    months = fields.get("minimum_months", str(base.minimum_months)).strip() or "0"
    if not months.isascii() or not months.isdigit() or int(months) > 120:
        raise InvalidInput("Type the contract term as a number of months from 0 to 120.")
    currency = session.book.currency
    fee = fields.get("leave_fee", "")
    leave_fee = parse_amount(fee, currency) if fee.strip() else base.leave_fee
    parts = _parts(fields["parts"], catalogue, name) if "parts" in fields else base.parts
    if (kind == "bundle") != bool(parts):
        raise InvalidInput("A bundle needs parts, and other kinds have none; type parts as INT-100=70,PHONE=30.")
    return Code(
        name, words, category, kind, tax_class, proration, suspended, int(months), leave_fee,
        clean(fields.get("unit", base.unit), "The unit", limit=20), parts,
        yes(fields["active"]) if fields.get("active", "").strip() else base.active,
    )  # fmt: skip


def _parts(text: str, catalogue: Catalogue, bundle: str) -> tuple[tuple[str, int], ...]:
    parts_ = []
    for word in text.replace(",", " ").split():
        part, _, weight = word.upper().partition("=")
        if part not in catalogue.codes or part == bundle or catalogue.codes[part].kind not in ("recurring",):
            raise InvalidInput(f"{visible(part)[:20]!r} is not a recurring code; type recurring codes as parts.")
        if weight and (not weight.isascii() or not weight.isdigit() or len(weight) > 9):
            raise InvalidInput(f"Type the weight of {part} as a whole number, such as {part}=70.")
        parts_.append((part, int(weight or "1")))
    if len({p for p, _ in parts_}) != len(parts_):
        raise InvalidInput("A part is twice in the bundle; type each part once.")
    return tuple(parts_)


def store_code(session: Session, fields: Mapping[str, str], *, dry_run: bool = False) -> Code:
    """Add a billing code, or change what may change of one: everything but its kind.

    Args:
        session: Who stores.
        fields: code, name, category, kind, tax_class, proration, suspended, minimum_months, leave_fee, unit, active, and
            parts as `CODE=WEIGHT, ...`.
        dry_run: Only check.

    Raises:
        InvalidInput: A field that cannot be taken.
        Refused: It is what running services were sold with.

    Side effect: one audit event.
    """
    catalogue = load(session)
    code = _checked_code(session, fields, catalogue)
    _refuse_other_terms(session, catalogue, code)
    if not dry_run:
        with writing(session, rights.CATALOGUE) as tx:
            versions.hold(tx, versions.CATALOGUE, [1])
            _refuse_other_terms(session, catalogue, code)
            codes.store_code(session.db, code, tx.now_us)
            versions.post(tx, versions.CATALOGUE, [1])
            tx.note("code.change" if code.code in catalogue.codes else "code.add", code.code, {"fields": sorted(fields)})
    return code


# Days that cost nothing by these rules would cost something by another.
_FREE = ("whole", "free")


def _refuse_other_terms(session: Session, catalogue: Catalogue, code: Code) -> None:
    """What was agreed when services were sold stays: how long they bind, what leaving costs, days that were free."""
    old = catalogue.codes.get(code.code)
    if old is None:
        return
    what = "minimum or leave fee" if (old.minimum_months, old.leave_fee) != (code.minimum_months, code.leave_fee) else ""
    if old.proration in _FREE and code.proration != old.proration:
        what = what or f"proration {old.proration!r}"
    many = codes.running(session.db, code.code, session.today().isoformat()) if what else 0
    if many:
        raise Refused(
            f"{counted(many, 'running service')} of {code.code} {'was' if many == 1 else 'were'} sold with its {what}; add "
            "another code for new customers, and leave this one as it is."
        )


# Prices.


class Listed(NamedTuple):
    """A code with its list price of a day, and the next one.

    Attributes:
        price: Minor units; None where the code has none on that day.
        then: The price from `from_on` on; None where it has none from then on.
        from_on: The day on which the price changes next, ISO; empty where none is known.
        lacks_price: It may be sold for itself and cannot be billed then.
    """

    code: Code
    price: int | None
    then: int | None
    from_on: str
    lacks_price: bool


def listed(session: Session) -> list[Listed]:
    """Every code with what everybody pays for it on the business date, and what comes next."""
    catalogue, today = load(session), session.date().isoformat()
    part_of = {name for code in catalogue.codes.values() for name, _ in code.parts}
    rows = []
    for code in catalogue.codes.values():
        prices = [p for p in catalogue.prices_of(code.code) if p.audience == "all"]

        def on(day: str, prices: Sequence[Price] = prices) -> int | None:
            row = price_row(prices, day, day)
            return None if row is None else row.amount

        now = on(today)
        turns = sorted({day for p in prices for day in (p.first, p.end) if day is not None and day > today})
        turn = next((day for day in turns if on(day) != now), "")
        # What is entered has an amount of its own, and a part has its share of the bundle's.
        is_sold = code.active and code.kind in ("recurring", "bundle") and code.code not in part_of
        rows.append(Listed(code, now, on(turn) if turn else now, turn, is_sold and now is None))
    return rows


class Affected(NamedTuple):
    """A service whose price changes, in minor units for one period."""

    account: str
    name: str
    service: int
    old: int | None
    new: int
    from_on: str
    own: bool


def read_price(session: Session, code: Code, fields: Mapping[str, str], row_id: int = 0) -> Price:
    """The price that the fields make.

    Args:
        session: For currency and day.
        code: Whose price.
        fields: amount, from, until, audience, promo_amount, promo_periods, included, tiers (`100=0.05, *=0.03`), notice.
        row_id: Its id when it is stored.

    Raises:
        InvalidInput: A field that cannot be taken.
    """
    currency = session.book.currency
    first = parse_date(fields.get("from") or "t", session.today())
    until = parse_date(fields["until"], session.today()) if fields.get("until", "").strip() else None
    if until is not None and until <= first:
        raise InvalidInput("The end date must be after the start date; type a later day.")
    audience = fields.get("audience", "").strip() or "all"
    if audience not in AUDIENCES:
        raise InvalidInput("A price is for all, or for new customers only: type all or new.")
    promo = fields.get("promo_amount", "").strip()
    promo_amount = parse_amount(promo, currency) if promo else None
    periods = fields.get("promo_periods", "").strip() or "0"
    if not periods.isascii() or not periods.isdigit() or int(periods) > 120 or bool(promo) != bool(int(periods)):
        raise InvalidInput("A promotion needs a price and a number of periods, such as --promo 9.90 --promo-periods 6.")
    included = fields.get("included", "").strip()
    units = parse_quantity(included, "What is included") if included else Decimal(0)
    tiers = _tiers(fields.get("tiers", ""), code, currency)
    notice = bool(fields.get("notice"))
    amount = parse_amount(fields.get("amount", ""), currency)
    return Price(
        row_id, first.isoformat(), until.isoformat() if until else None, audience, amount, promo_amount, int(periods), units,
        tiers, notice,
    )  # fmt: skip


def _tiers(text: str, code: Code, currency: str) -> tuple[Tier, ...]:
    """`100=0.05, *=0.03`: five cents each up to a hundred, three above; fractions of a cent are allowed here."""
    words = text.replace(",", " ").split()
    if words and code.kind != "usage":
        raise InvalidInput(f"{code.code} is not a usage code, so it has no tiers; leave them out.")
    tiers: list[Tier] = []
    places = len(format_amount(0, currency).partition(".")[2])
    for at, word in enumerate(words):
        upto, sign, each = word.partition("=")
        try:
            amount = Decimal(each).scaleb(places)
        except InvalidOperation:
            raise InvalidInput(f"{visible(word)[:30]!r} is not a tier; type it as 100=0.05, and *=0.03 for all above.") from None
        last = upto == "*"
        if not sign or not amount.is_finite() or not 0 <= amount <= 10**12 or len(each) > 20 or last != (at == len(words) - 1):
            raise InvalidInput("Type rising tiers, and a last one for all above, such as 100=0.05, *=0.03.")
        limit = None if last else parse_quantity(upto, "The limit")
        if limit is not None and tiers and tiers[-1].up_to is not None and limit <= tiers[-1].up_to:
            raise InvalidInput("Each tier must have a higher limit than the one before; type them in order.")
        tiers.append(Tier(limit, amount))
    return tuple(tiers)


def affected(session: Session, code: Code, new: Price) -> list[Affected]:
    """The services that would pay the new price, old and new amount, from the first period on that it is charged for.

    Own fixed prices are left out and marked; whom a promotion spares pays it when that has ended, and is told from that day.
    """
    catalogue = load(session)
    before, mine = catalogue.prices_of(code.code), new._replace(id=_NEW)
    after = tuple(p for p in before if (p.first, p.audience) != (new.first, new.audience)) + (mine,)
    longest = max(p.promo_periods for p in after)
    services = []
    for account, name, row in service_rows.affected(session.db, code.code):
        started = max(row.service.start, date.fromisoformat(row.terms_on))
        plan = schedule(row.service.start, row.service.cycle, row.service.anchor, row.service.phase)
        # The price of a period is that of its first day.
        ahead = plan.next_boundary(date.fromisoformat(max(new.first, row.settled_until)))
        begun = plan.number(plan.next_boundary(started))
        for k in range(plan.number(ahead), plan.number(ahead) + longest + 1):
            on = plan.boundary(k)
            then = _priced(code, after, on, started, k - begun)
            if then is not None and then.price_id == _NEW:
                old = _priced(code, before, on, started, k - begun)
                amounts = (None if old is None else int(old.amount), int(then.amount))
                services.append(Affected(account, name, row.service.id, *amounts, on.isoformat(), row.override.kind == "fixed"))
                break
    return services


_NEW = -1  # a price that is not stored yet


def _priced(code: Code, prices: Sequence[Price], on: date, started: date, period: int) -> Priced | None:
    try:
        return price_of(code.code, prices, LIST, on, started, period)
    except CannotBill:
        return None


def add_price(session: Session, name: str, fields: Mapping[str, str], *, dry_run: bool = False) -> tuple[Price, list[Affected]]:
    """Add a dated price to a code; who is affected by it.

    Raises:
        InvalidInput: A field that cannot be taken.
        Refused: There is a row of that date and audience.

    Side effect: one audit event.
    """
    code = code_named(session, name)
    price = read_price(session, code, fields)
    if any((p.first, p.audience) == (price.first, price.audience) for p in load(session).prices_of(code.code)):
        raise Refused(f"{code.code} has a price of {price.first} for {price.audience} already; drop it or type another day.")
    affected_ = affected(session, code, price)
    if not dry_run:
        with writing(session, rights.CATALOGUE) as tx:
            versions.hold(tx, versions.CATALOGUE, [1])
            (row_id,) = tx.take("id")
            price = price._replace(id=row_id)
            codes.add_price(session.db, code.code, price, tx.now_us)
            versions.post(tx, versions.CATALOGUE, [1])
            detail = {"from": price.first, "amount": price.amount, "audience": price.audience, "services": len(affected_)}
            tx.note("price.add", code.code, detail)
    return price, affected_


def drop_price(session: Session, name: str, first: str, audience: str = "all") -> Price:
    """Take out a price that no invoice used.

    Raises:
        NotFound: There is none of that date and audience.
        Refused: An invoice used it.

    Side effect: one audit event.
    """
    code = code_named(session, name)
    price = next((p for p in load(session).prices_of(code.code) if (p.first, p.audience) == (first, audience)), None)
    if price is None:
        raise NotFound(f"{code.code} has no price of {visible(first)[:12]} for {visible(audience)[:8]}.")
    if price.id in codes.used_prices(session.db):
        raise Refused(f"An invoice used the price of {first}; it stays. Add a row with a later date.")
    with writing(session, rights.CATALOGUE) as tx:
        versions.hold(tx, versions.CATALOGUE, [1])
        codes.drop_price(session.db, price.id)
        versions.post(tx, versions.CATALOGUE, [1])
        tx.note("price.drop", code.code, {"from": first, "audience": audience, "amount": price.amount})
    return price


# Taxes.


# Reports.
