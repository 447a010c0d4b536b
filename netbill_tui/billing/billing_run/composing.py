"""From lines to an invoice: discounts, taxes, total. Source: docs/rules.md, *Taxes and discounts*."""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from netbill_tui.billing.billing_run.invoicing import Bill, BillLine
from netbill_tui.billing.catalogue.codes import Catalogue
from netbill_tui.billing.catalogue.prices import CannotBill
from netbill_tui.billing.catalogue.taxes import Exemption, Rate, Taxed, exempt, percent_of, tax_lines
from netbill_tui.billing.core.money import format_amount, round_half_away
from netbill_tui.billing.services.discounts import Discount, invoice_discounts, line_discounts
from netbill_tui.errors import InvalidInput

_RatesOf = Callable[[BillLine], tuple[Rate, ...]]


def discounted(
    lines: Sequence[BillLine], discounts: Sequence[Discount], bill_date: str, currency: str, rates_of: _RatesOf
) -> list[BillLine]:
    """The lines after their discounts, with the negative lines of discounts on the whole invoice behind them.

    A fixed discount on a code is taken once from an invoice, however many lines the code has there. What is given back has
    had its discounts already; of days charged once more the discount is their part of it, as the credit took it back, and
    beside what else the invoice takes off.
    """
    left: dict[tuple[object, ...], int] = {}
    reduced: list[BillLine] = []
    for line in lines:
        day = line.taxed_on or bill_date
        named = [d for d in discounts if d.code and d.code in (line.code, line.sold_as) and d.holds(day)]
        limited_by = named if line.kind in _DISCOUNTED else []
        keys = {d.id: (d.id, *((line.service_id, line.first) if line.anew else ())) for d in limited_by if d.kind == "fixed"}
        for d in limited_by:
            if d.kind == "fixed":
                whole_of_it = Fraction(int(d.value)) * (Fraction(*line.anew) if line.anew else 1)
                left.setdefault(keys[d.id], round_half_away(whole_of_it))
        limited = [d if d.kind == "percent" else d._replace(value=str(left[keys[d.id]])) for d in limited_by]
        amount, why = line.amount, line.why
        for discount, part in line_discounts(amount, limited) if amount > 0 else ():
            amount -= part
            if discount.kind == "fixed":
                left[keys[discount.id]] -= part
            why += f"\ndiscount {discount.text or discount.code}: -{format_amount(part, currency)}"
        reduced.append(line._replace(amount=amount, charged=amount, why=why))
    able = [i for i, line in enumerate(reduced) if line.kind in _DISCOUNTED]
    # Lines of one class that have the rates of different days are different tax groups.
    groups = [(reduced[i].tax_class, rates_of(reduced[i])) for i in able]
    whole = [d for d in discounts if not d.code]
    days = [reduced[i].taxed_on or bill_date for i in able]
    for discount, group, part, shares in invoice_discounts(
        [reduced[i].amount for i in able], groups, whole, lambda d, at: d.holds(days[at])
    ):
        for place, off in shares.items():
            line = reduced[able[place]]
            reduced[able[place]] = line._replace(
                charged=line.charged - off,
                why=f"{line.why}\nits part of {discount.text or 'the discount'}: -{format_amount(off, currency)}",
            )
        words, at = discount.text or "Discount", next(i for i, held in enumerate(groups) if held == group)
        pattern = reduced[able[at]]
        line = BillLine(
            "discount", "", words, None, None, "1", -part, -part, pattern.tax_class, charged=-part, taxed_on=pattern.taxed_on,
            why=f"{words} {_off(discount, currency)} on the invoice, lines of tax class {pattern.tax_class or 'none'}",
        )  # fmt: skip
        rated_on = pattern.rated_on or pattern.taxed_on or bill_date
        # Its day is told where its class had other rates on the bill date: a credit gives back these.
        reduced.append(line if rates_of(line) == groups[at][1] else line._replace(first=rated_on, rated_on=rated_on))
    return reduced


_DISCOUNTED = ("recurring", "one-off", "usage")


def _off(discount: Discount, currency: str) -> str:
    return f"{discount.value} %" if discount.kind == "percent" else format_amount(int(discount.value), currency)


_MOST = 10**15  # as many digits as can be typed


def _certificate(exemptions: Sequence[Exemption], day: str) -> str:
    return next((exemption.certificate for exemption in exemptions if exemption.holds(day)), "")


def compose(
    bill_date: date,
    lines: Sequence[BillLine],
    catalogue: Catalogue,
    *,
    discounts: Sequence[Discount] = (),
    exemptions: Sequence[Exemption] = (),
    currency: str,
) -> Bill:
    """The invoice of a bill date.

    Args:
        bill_date: Exemptions and discounts are those of this day, or of a line's own; rates are those of the day on which a
            line was supplied; of what is given back, those it was charged with.
        lines: What is charged and given back.
        catalogue: The catalogue.
        discounts: Of the customer, whether in force or not.
        exemptions: Of the customer, whether in force or not.
        currency: ISO 4217.

    Raises:
        CannotBill: A rate or discount that fits nothing.
    """
    today = bill_date.isoformat()

    def rates_of(line: BillLine) -> tuple[Rate, ...]:
        rates = catalogue.rates_on(line.tax_class, line.rated_on or line.taxed_on or today) if line.tax_class else ()
        certificate = _certificate(exemptions, line.taxed_on or today) if exemptions and rates else ""
        if line.untaxed and any(percent_of(r.percent) for r in rates):
            # What is given back has the taxes that were taken with it, whatever certificate was entered since.
            certificate = (certificate or "No tax was taken with the charge") if line.untaxed == "yes" else ""
        return exempt(rates, certificate) if certificate else rates

    try:
        final = discounted(lines, discounts, today, currency, rates_of) if discounts else list(lines)
        final = [_without_given(line, currency) if line.by_hand else line for line in final]
        taxed = taxed_lines(tuple((line.amount, rates_of(line)) for line in final), catalogue)
    except InvalidInput as error:
        raise CannotBill(str(error)) from None
    if abs(sum(taxed.nets) + taxed.tax) >= _MOST:
        raise CannotBill("The invoice total has more than 15 digits; correct its prices and quantities.")
    return Bill(bill_date, tuple(final), taxed.nets, taxed.taxes, taxed.groups, sum(taxed.nets), taxed.tax)


def _without_given(line: BillLine, currency: str) -> BillLine:
    """Days charged once more without what was given back of them by hand; at least nothing."""
    off = max(min(line.by_hand, line.charged), 0)
    why = f"{line.why}\ngiven back by hand before: -{format_amount(off, currency)}"
    return line._replace(amount=line.amount - off, charged=line.charged - off, why=why)


def taxed_lines(rated: tuple[tuple[int, tuple[Rate, ...]], ...], catalogue: Catalogue) -> Taxed:
    """The taxes of the lines; what was computed once for equal lines is taken again."""
    return catalogue.once(rated, lambda: tax_lines(rated, inclusive=catalogue.rules.inclusive))
