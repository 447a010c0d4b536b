"""The taxes of a credit note, by the rates of the lines that it takes back. Source: docs/rules.md, *18 Credit notes*."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from netbill_tui.billing.catalogue.taxes import Rate, percent_of, rates_on, spread
from netbill_tui.db.receivables import credit_notes
from netbill_tui.db.receivables.credit_notes import Amounts, DocumentTax
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    from netbill_tui.usecases.receivables.credit_parts import Part, Whole


def taxes_of(session: Session, whole: "Whole", parts: "Sequence[Part]") -> list[DocumentTax]:
    """The taxes of a credit by rate.

    Those of the invoice for the whole of it; what is left of each for the last one; else in proportion within each tax class, a
    compounded rate on those before it too.
    """
    if not whole.taxes:
        return []
    taken = {p.line.id: Amounts(p.net, p.tax) for p in parts if p.net or p.tax}
    if taken == {n.id: Amounts(n.amount, n.tax) for n in whole.lines if n.amount or n.tax}:
        return list(whole.taxes)
    named = credit_notes.credited(session.db, whole.head.id)
    credited_now = dict(named)
    for i, amounts in taken.items():
        before = named.get(i, Amounts())
        credited_now[i] = Amounts(before.net + amounts.net, before.tax + amounts.tax)
    known: dict[tuple[str, str, str], DocumentTax] = {}
    for t in whole.taxes:
        # Two rates that read alike, of which one compounds, are told as one.
        old = known.get((t.name, t.category, t.percent))
        known[t.name, t.category, t.percent] = t._replace(base=t.base + old.base, tax=t.tax + old.tax) if old else t
    if all(credited_now.get(n.id, Amounts()) == (n.amount, n.tax) for n in whole.lines):
        credited = credit_notes.credited_taxes(session.db, whole.head.id)
        left = [(t, credited.get(key, Amounts())) for key, t in known.items()]
        return [t._replace(base=t.base - c.net, tax=t.tax - c.tax) for t, c in left if (c.net, c.tax) != (t.base, t.tax)]
    sums: dict[tuple[str, str], list[int]] = {}
    for p in parts:
        held = sums.setdefault((p.line.tax_class, p.line.rated_on), [0, 0])
        held[0], held[1] = held[0] + p.net, held[1] + p.tax
    rates_known = codes.load(session).rates
    by_rate: dict[tuple[str, str, str], DocumentTax] = {}
    for (tax_class, rated_on), (net, tax) in sums.items():
        rates = rates_on(rates_known, tax_class, rated_on)
        mine = [r for r in rates if (r.name, r.category, r.percent) in known]
        if tax_class and not mine:
            # Where the class is not known by today's catalogue, all that was given back of it stands under the first rate.
            first = whole.taxes[0]
            mine = [Rate(first.name, first.category, first.percent)]
        for rate, base, share in _by_rate(mine, net, tax):
            key = (rate.name, rate.category, rate.percent)
            old = by_rate.get(key)
            base, share = base + (old.base if old else 0), share + (old.tax if old else 0)
            by_rate[key] = known[key]._replace(base=base, tax=share)
    return list(by_rate.values())


def _by_rate(rates: Sequence[Rate], net: int, tax: int) -> list[tuple[Rate, int, int]]:
    """Base and tax of each rate of a class, where net and tax of the class are known; in the order of the rates."""
    exact: list[Fraction] = []
    for r in rates:
        base = Fraction(net) + (sum(exact) if r.compound else 0)
        exact.append(base * percent_of(r.percent))
    weights = [int(e * 10**9) for e in exact]
    shares = spread(tax, weights) if any(weights) else [tax, *[0] * (len(exact) - 1)]
    return [
        (r, net + (sum(shares[:at]) if r.compound else 0), share)
        for at, (r, share) in enumerate(zip(rates, shares, strict=False))
    ]
