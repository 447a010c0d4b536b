"""From what is missing to the lines of an invoice, each with its arithmetic.

The arithmetic of a line is kept with it as one text, so that `=` on a number can show it for ever, whatever prices do later.

Source: docs/rules.md, *13 Billing run* to *18 Credit notes*.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import Catalogue, Code
from netbill_tui.billing.catalogue.prices import CannotBill, Price, Priced, price_of, price_row, usage_amount
from netbill_tui.billing.catalogue.taxes import Group
from netbill_tui.billing.core.cycles import day_in_month
from netbill_tui.billing.core.money import format_amount, round_half_away, split
from netbill_tui.billing.services.charging import Piece
from netbill_tui.billing.services.proration import charge, fraction
from netbill_tui.billing.services.subscriptions import Timeline
from netbill_tui.text import counted


class BillLine(NamedTuple):
    """A line of an invoice before its taxes, amounts in minor units, with tax where prices include it.

    Attributes:
        kind: recurring, credit, one-off, usage, fee, discount or notice.
        charged: What it really costs after every discount.
        recharge: See Piece.
        span_first: First day of the charged span that a credit gives back.
        why: Its arithmetic.
        sold_as: The bundle that it is a part of, or empty.
        taxed_on: The day whose exemptions and discounts it has; empty for the bill date.
        rated_on: The day whose tax rates it has; empty for `taxed_on`.
        untaxed: Of what is given back, whether no tax was taken with it (`yes`), or some (`no`); empty where that is not known.
        anew: Of days that a change charges once more, how many they are and how many the whole period has; else None.
        by_hand: Of such days, what a credit note by hand gave back of them: they are charged without it.
    """

    kind: str
    code: str
    text: str
    first: str | None
    end: str | None
    quantity: str
    unit_price: int
    amount: int
    tax_class: str
    service_id: int = 0
    terms_id: int = 0
    recharge: int = 0
    charge_id: int = 0
    price_id: int = 0
    span_first: str = ""
    why: str = ""
    charged: int = 0
    sold_as: str = ""
    taxed_on: str = ""
    rated_on: str = ""
    untaxed: str = ""
    anew: tuple[int, int] | None = None
    by_hand: int = 0


class OneOff(NamedTuple):
    """A charge that was entered: once, or usage of a service.

    Attributes:
        kind: one-off, fee or usage.
        amount: Minor units for one piece, or None for what the price of the code says.
    """

    id: int
    on: date
    kind: str
    code: str
    quantity: Decimal
    amount: int | None
    text: str
    started: str
    recharge: int = 0


class Bill(NamedTuple):
    """An invoice that could be issued, or a credit note where the total is below zero.

    Attributes:
        nets: Each line's amount without tax.
        taxes: Each line's share of the taxes.
    """

    bill_date: date
    lines: tuple[BillLine, ...]
    nets: tuple[int, ...]
    taxes: tuple[int, ...]
    groups: tuple[Group, ...]
    net: int
    tax: int

    @property
    def total(self) -> int:
        """With tax."""
        return self.net + self.tax


def part_lines(timeline: Timeline, piece: Piece, catalogue: Catalogue, currency: str) -> list[BillLine]:
    """The lines of a span to be charged: one, or one for each part of a bundle.

    Raises:
        CannotBill: No price on that day, no such code, or a price that fits nothing.
    """
    terms, started = piece.terms, timeline.service.start
    # What was computed once holds for every service on the same terms with the same span.
    key = (terms.id, terms.override.reason, *piece[:4], piece.period, terms.since, started)
    known = catalogue.once(key, lambda: _computed(timeline, piece, catalogue, currency))
    who = (timeline.service.id, terms.id, piece.recharge)
    return [line._replace(service_id=who[0], terms_id=who[1], recharge=who[2], charged=line.amount) for line in known]


def _computed(timeline: Timeline, piece: Piece, catalogue: Catalogue, currency: str) -> tuple[BillLine, ...]:
    terms = piece.terms
    code = catalogue.code(terms.code)
    began = max(timeline.service.start, terms.since)
    priced = price_of(terms.code, catalogue.prices_of(terms.code), terms.override, piece.first, began, piece.period)
    policy = code.proration or catalogue.rules.proration
    used, whole = fraction(piece.first, piece.end, piece.whole_first, piece.whole_end, policy, timeline.service.start)
    exact = Fraction(priced.amount) * Fraction(terms.quantity)
    amount = charge(exact, used, whole)
    if not used:
        return ()
    first_line, *rest = _why_recurring(priced, piece, used, whole, exact, amount, currency).split("\n")
    why = "\n".join([first_line, f"{COUNTED_BY}{policy}", *rest])
    first, end = piece.first.isoformat(), piece.end.isoformat()
    if not code.parts:
        unit = round_half_away(priced.amount)
        return (BillLine(
            "recurring", code.code, code.name, first, end, terms.quantity, unit, amount, code.tax_class, price_id=priced.price_id,
            why=why,
        ),)  # fmt: skip
    return _bundle_lines(code, terms.parts.split(), priced, amount, (first, end), terms.quantity, why, catalogue, currency)


def _bundle_lines(
    code: Code, taken: list[str], priced: Priced, amount: int, span: tuple[str, str], quantity: str, why: str,
    catalogue: Catalogue,
    currency: str,
) -> tuple[BillLine, ...]:  # fmt: skip
    parts = [(name, weight) for name, weight in code.parts if not taken or name in taken]
    unknown = [name for name in taken if name not in dict(code.parts)]
    if unknown or not parts:
        raise CannotBill(f"The bundle {code.code} has no part {' '.join(unknown)[:40] or 'at all'}; change it with netbill code.")
    weights = [weight for _, weight in parts]
    if not any(weights):
        weights = [1] * len(parts)
    amounts = split(amount, weights)
    units = split(round_half_away(priced.amount), weights)
    lines = []
    for (name, weight), part, unit in zip(parts, amounts, units, strict=True):
        part_code = catalogue.code(name)
        share = f"part of {code.code} by weight {weight} of {sum(weights)}: {format_amount(part, currency)}"
        lines.append(BillLine(
            "recurring", name, part_code.name, *span, quantity, unit, part, part_code.tax_class, price_id=priced.price_id,
            why=f"{why}\n{share}", sold_as=code.code,
        ))  # fmt: skip
    return tuple(lines)


def _why_recurring(priced: Priced, piece: Piece, used: int, whole: int, exact: Fraction, amount: int, currency: str) -> str:
    def money(value: Fraction | int) -> str:
        return format_amount(round_half_away(value), currency)

    lines = [
        f"period {piece.first} to {piece.end}, in whole {piece.whole_first} to {piece.whole_end}",
        f"{priced.source}: {money(priced.amount)}",
    ]
    if piece.terms.quantity != "1":
        lines.append(f"x {piece.terms.quantity} = {money(exact)}")
    if used != whole:
        lines.append(f"{used} of {counted(whole, 'day')}: {money(exact)} x {used} / {whole} = {money(amount)}, rounded once")
    else:
        lines.append(f"whole period: {money(amount)}")
    return "\n".join(lines)


COUNTED_BY = "days counted by rule "


def policy_in(why: str) -> str:
    """How the days of a charge were counted, as its arithmetic kept it; empty where it did not."""
    return next((line.removeprefix(COUNTED_BY) for line in why.split("\n") if line.startswith(COUNTED_BY)), "")


def one_off_line(charge: OneOff, catalogue: Catalogue, currency: str) -> BillLine:
    """The line of a charge that was entered, or of usage.

    Raises:
        CannotBill: Its code has no price on that day.
    """
    code = catalogue.code(charge.code)
    price_id = 0
    if charge.amount is not None:
        unit, total = charge.amount, round_half_away(Fraction(charge.amount) * Fraction(charge.quantity))
        why = f"entered on {charge.on}: {charge.quantity} x {format_amount(unit, currency)}"
    else:
        row = price_row(catalogue.prices_of(charge.code), charge.on.isoformat(), charge.started)
        if row is None:
            raise CannotBill(f"{charge.code} has no price on {charge.on}; add one with netbill price.")
        price_id, unit = row.id, row.amount
        if code.kind == "usage":
            total = usage_amount(row, charge.quantity)
            why = _why_usage(row, charge.quantity, code.unit, total, currency)
        else:
            total = round_half_away(Fraction(row.amount) * Fraction(charge.quantity))
            why = f"price of {row.first}: {charge.quantity} x {format_amount(unit, currency)}"
    return BillLine(
        charge.kind, charge.code, charge.text or code.name, charge.on.isoformat(), None, str(charge.quantity), unit, total,
        code.tax_class,
        recharge=charge.recharge, charge_id=charge.id, price_id=price_id, why=why, charged=total, rated_on=charge.on.isoformat(),
    )  # fmt: skip


def _why_usage(row: Price, quantity: Decimal, unit: str, total: int, currency: str) -> str:
    steps = [f"{quantity} {unit or 'units'} used, {row.included} included, price of {row.first}"]
    steps += [f"{'all above' if t.up_to is None else f'up to {t.up_to}'}: {t.amount} cents each" for t in row.tiers]
    return "\n".join([*steps, f"= {format_amount(total, currency)}, rounded once"])


def leave_fee_line(timeline: Timeline, on: date, catalogue: Catalogue, currency: str) -> BillLine | None:
    """The fee for leaving before the end of the contract term, or None. A change to another code begins a new term."""
    if timeline.left is None or timeline.left > on or not timeline.terms:
        return None
    # Another code of the very day was never used.
    terms = [t for t in timeline.terms if t.first < timeline.left] or [timeline.terms[0]]
    code = catalogue.code(terms[-1].code)
    if not code.minimum_months or not code.leave_fee:
        return None
    began = max(terms[-1].since, timeline.service.start)
    until = day_in_month(began.year * 12 + began.month - 1 + code.minimum_months, began.day)
    if timeline.left >= until:
        return None
    why = f"term of {counted(code.minimum_months, 'month')} from {began} to {until}, left on {timeline.left}"
    return BillLine(
        "fee", code.code, f"Early leave: {code.name}", timeline.left.isoformat(), None, "1", code.leave_fee, code.leave_fee,
        code.tax_class, timeline.service.id, terms[-1].id, 0, 0, 0, "", f"{why}\nfee {format_amount(code.leave_fee, currency)}",
        code.leave_fee, rated_on=timeline.left.isoformat(),
    )  # fmt: skip


def notice_lines(timeline: Timeline, charged: Iterable[Piece], catalogue: Catalogue, currency: str) -> list[BillLine]:
    """What changes with the next period, on the invoice before it: a raise that is announced, a promotion or own price that ends.

    A fixed own price that goes on follows neither list nor promotion.
    """
    lines: list[BillLine] = []
    for piece in charged:
        if piece.end != piece.whole_end or (timeline.end is not None and timeline.end <= piece.end):
            continue
        words = _change_after(timeline, piece, catalogue, currency)
        if words:
            lines.append(BillLine(
                "notice", piece.terms.code, words, piece.end.isoformat(), None, "1", 0, 0, "", timeline.service.id, piece.terms.id
            ))  # fmt: skip
    return lines


def _change_after(timeline: Timeline, piece: Piece, catalogue: Catalogue, currency: str) -> str:
    """The sentence that announces another price behind a period; empty where there is none to announce."""
    terms = piece.terms
    rows = catalogue.prices_of(terms.code)
    after = next((t for t in reversed(timeline.terms) if t.first <= piece.end), terms)
    own_ends = bool(terms.override.kind) and after.override != terms.override
    if after.code != terms.code or after.quantity != terms.quantity or after.parts != terms.parts:
        return ""  # ordered, and no news
    if not own_ends and (terms.override.kind == "fixed" or not any(r.notice or r.promo_periods for r in rows)):
        return ""
    since = max(timeline.service.start, terms.since)
    try:
        now = price_of(terms.code, rows, terms.override, piece.first, since, piece.period)
        then = price_of(terms.code, rows, after.override, piece.end, since, piece.period + 1)
    except CannotBill:
        return ""
    raised = any(r.id == then.price_id and r.notice for r in rows)
    promotion_ends = now.promoted and not then.promoted
    if now.amount == then.amount or not (own_ends or promotion_ends or raised):
        return ""
    old, new = (format_amount(round_half_away(p.amount), currency) for p in (now, then))
    why = ": the price of your own ends" if own_ends else ": the promotion ends" if promotion_ends else ""
    return f"Notice: from {piece.end} {catalogue.code(terms.code).name} costs {new} instead of {old}{why}"
