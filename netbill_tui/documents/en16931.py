"""The rules of EN 16931 that an invoice is checked against before it leaves as an e-invoice.

A document is nested as UBL nests it: objects are dicts, a repeated element is a list, an amount is a text or {value, currency}.
Each rule answers whether the document keeps it; one that has nothing to look at is kept. Calculation rules are exact, but for
BR-CO-17, for which the standard's own checks allow one unit of slack.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

Doc = dict[str, Any]
CATEGORIES = ("S", "Z", "E", "AE", "O")
_CENT = Decimal("0.01")


def many(value: Any) -> list[Any]:
    """The elements of a name that may be missing, single or repeated; an empty element is one without content."""
    return [] if value is None else value if isinstance(value, list) else [value]


def find(node: Any, *path: str) -> list[Any]:
    """Every element at a path."""
    nodes = [node]
    for name in path:
        nodes = [child for node_ in nodes if isinstance(node_, dict) for child in many(node_.get(name))]
    return nodes


def text(value: Any) -> str:
    """The content of an element."""
    return str(value.get("value", "")) if isinstance(value, dict) else str(value)


def number(value: Any) -> Decimal:
    """The amount of an element; 0 where it holds none."""
    try:
        return Decimal(text(value).strip() or "0")
    except InvalidOperation:
        return Decimal(0)


def total(numbers: Sequence[Any]) -> Decimal:
    """The sum of amounts."""
    return sum((number(value) for value in numbers), Decimal(0))


class _Invoice:
    """A document with the names its rules speak of."""

    def __init__(self, document: Doc) -> None:
        self.root: Doc = next((v for v in document.values() if isinstance(v, dict)), {})
        self.is_credit = "CreditNote" in document
        self.lines = [*find(self.root, "InvoiceLine"), *find(self.root, "CreditNoteLine")]
        self.charges = find(self.root, "AllowanceCharge")
        self.subtotals = find(self.root, "TaxTotal", "TaxSubtotal")
        self.sums = (find(self.root, "LegalMonetaryTotal") or [{}])[0]

    def sum_named(self, name: str) -> Decimal | None:
        nodes = find(self.sums, name)
        return total(nodes) if nodes else None

    def of_category(self, nodes: Sequence[Any], *path: str, category: str) -> list[Any]:
        return [node for node in nodes if any(_is(cat, category) for cat in find(node, *path))]

    def line_of(self, category: str) -> list[Any]:
        return self.of_category(self.lines, "Item", "ClassifiedTaxCategory", category=category)

    def charge_of(self, category: str, charge: bool) -> list[Any]:
        mine = [c for c in self.charges if _is_charge(c) is charge]
        return self.of_category(mine, "TaxCategory", category=category)

    def subtotal_of(self, category: str) -> list[Any]:
        return self.of_category(self.subtotals, "TaxCategory", category=category)

    def uses(self, category: str) -> bool:
        return bool(self.line_of(category) or self.charge_of(category, True) or self.charge_of(category, False))


def _is(category: Any, code: str) -> bool:
    scheme = [text(s) for s in find(category, "TaxScheme", "ID")]
    return text((find(category, "ID") or [""])[0]) == code and (not scheme or scheme[0].upper() == "VAT")


def _is_charge(node: Any) -> bool:
    return text((find(node, "ChargeIndicator") or ["false"])[0]) == "true"


def _tax_ids(inv: _Invoice, *, vat_only: bool) -> list[str]:
    parties = [
        *find(inv.root, "AccountingSupplierParty", "Party", "PartyTaxScheme"),
        *find(inv.root, "TaxRepresentativeParty", "PartyTaxScheme"),
    ]
    with_vat = [p for p in parties if not vat_only or text((find(p, "TaxScheme", "ID") or ["VAT"])[0]).upper() == "VAT"]
    return [text(i) for p in with_vat for i in find(p, "CompanyID")]


def _buyer_ids(inv: _Invoice, *, vat_only: bool) -> list[str]:
    ids = find(inv.root, "AccountingCustomerParty", "Party", "PartyTaxScheme", "CompanyID")
    if not vat_only:
        ids = [*ids, *find(inv.root, "AccountingCustomerParty", "Party", "PartyLegalEntity", "CompanyID")]
    return [text(i) for i in ids]


# Totals: BR-CO-10 to BR-CO-17.


def _same(inv: _Invoice, name: str, expected: Decimal) -> bool:
    stated = inv.sum_named(name)
    return stated is None or stated == expected


def _co_10(inv: _Invoice) -> bool:
    return _same(inv, "LineExtensionAmount", total([a for n in inv.lines for a in find(n, "LineExtensionAmount")]))


def _co_11_12(name: str, charge: bool) -> Callable[[_Invoice], bool]:
    def rule(inv: _Invoice) -> bool:
        mine = [a for c in inv.charges if _is_charge(c) is charge for a in find(c, "Amount")]
        stated = inv.sum_named(name)
        return total(mine) == (stated or 0) if mine or stated is not None else True

    return rule


def _co_13(inv: _Invoice) -> bool:
    lines, less, plus = (
        inv.sum_named(n) or Decimal(0) for n in ("LineExtensionAmount", "AllowanceTotalAmount", "ChargeTotalAmount")
    )
    return _same(inv, "TaxExclusiveAmount", lines - less + plus)


def _co_14(inv: _Invoice) -> bool:
    for tax in find(inv.root, "TaxTotal"):
        parts = find(tax, "TaxSubtotal", "TaxAmount")
        if parts and find(tax, "TaxAmount") and total(find(tax, "TaxAmount")) != total(parts):
            return False
    return True


def _co_15(inv: _Invoice) -> bool:
    with_tax, without = inv.sum_named("TaxInclusiveAmount"), inv.sum_named("TaxExclusiveAmount")
    if with_tax is None or without is None:
        return True
    currency = text((find(inv.root, "DocumentCurrencyCode") or [""])[0])
    amounts = find(inv.root, "TaxTotal", "TaxAmount")
    mine = [a for a in amounts if not isinstance(a, dict) or not currency or a.get("currency") in (currency, None)]
    if currency and amounts and len(mine) != 1:
        return False
    return with_tax == without + (number(mine[0]) if mine else 0)


def _co_16(inv: _Invoice) -> bool:
    with_tax = inv.sum_named("TaxInclusiveAmount")
    if with_tax is None:
        return True
    paid, rounding = inv.sum_named("PrepaidAmount") or Decimal(0), inv.sum_named("PayableRoundingAmount") or Decimal(0)
    return _same(inv, "PayableAmount", with_tax - paid + rounding)


def _rounded_tax(subtotal: Any, percent: Decimal) -> Decimal:
    return (total(find(subtotal, "TaxableAmount")) * percent / 100).quantize(_CENT, ROUND_HALF_UP)


def _co_17(inv: _Invoice) -> bool:
    for subtotal in inv.subtotals:
        taxed, percents = find(subtotal, "TaxAmount"), find(subtotal, "TaxCategory", "Percent")
        if not taxed:
            continue
        percent = number(percents[0]) if percents else Decimal(0)
        if percents and abs(number(taxed[0]) - _rounded_tax(subtotal, percent)) >= 1:
            return False
        if not percents and round(number(taxed[0])) != 0:
            return False
    return True


# What belongs together.


def _co_03(inv: _Invoice) -> bool:
    return not (find(inv.root, "TaxPointDate") and find(inv.root, "InvoicePeriod", "DescriptionCode"))


def _co_04(inv: _Invoice) -> bool:
    return all(find(n, "Item", "ClassifiedTaxCategory", "ID") for n in inv.lines)


def _co_09(inv: _Invoice) -> bool:
    schemes = [
        *find(inv.root, "AccountingSupplierParty", "Party", "PartyTaxScheme"),
        *find(inv.root, "AccountingCustomerParty", "Party", "PartyTaxScheme"),
        *find(inv.root, "TaxRepresentativeParty", "PartyTaxScheme"),
    ]
    vat = [s for s in schemes if text((find(s, "TaxScheme", "ID") or [""])[0]).upper() == "VAT"]
    ids = [text(i) for s in vat for i in find(s, "CompanyID")]
    return all(len(i) > 2 and i[:2].isalpha() and i[:2].isupper() for i in ids)


def _co_18(inv: _Invoice) -> bool:
    return bool(inv.subtotals)


def _one_of(path: tuple[str, ...], names: tuple[str, ...]) -> Callable[[_Invoice], bool]:
    def rule(inv: _Invoice) -> bool:
        roots = inv.lines if path[:1] == ("Line",) else [inv.root]
        nodes = [node for root in roots for node in find(root, *path[1 if path[:1] == ("Line",) else 0 :])]
        return all(any(find(node, name) for name in names) for node in nodes)

    return rule


def _reasons(of_line: bool, charge: bool) -> Callable[[_Invoice], bool]:
    def rule(inv: _Invoice) -> bool:
        charges = [c for n in inv.lines for c in find(n, "AllowanceCharge")] if of_line else inv.charges
        mine = [c for c in charges if _is_charge(c) is charge]
        return all(find(c, "AllowanceChargeReason") or find(c, "AllowanceChargeReasonCode") for c in mine)

    return rule


def _co_25(inv: _Invoice) -> bool:
    payable = inv.sum_named("PayableAmount")
    if payable is None or payable <= 0 or inv.is_credit:
        return True
    return bool(
        find(inv.root, "DueDate") or find(inv.root, "PaymentTerms", "Note") or find(inv.root, "PaymentMeans", "PaymentDueDate")
    )


def _co_26(inv: _Invoice) -> bool:
    seller = find(inv.root, "AccountingSupplierParty", "Party")
    paths = (("PartyIdentification", "ID"), ("PartyLegalEntity", "CompanyID"), ("PartyTaxScheme", "CompanyID"))
    return not seller or any(find(p, *path) for p in seller for path in paths)


# Tax categories: 01 to 10 for each, 11 to 14 for O.


def _breakdown(category: str) -> Callable[[_Invoice], bool]:
    """Who uses a category has its breakdown: one, or for the standard rate at least one."""

    def rule(inv: _Invoice) -> bool:
        mine = inv.subtotal_of(category)
        if category == "S":
            return bool(mine) or not inv.uses("S")
        return len(mine) == 1 if inv.uses(category) else len(mine) <= 1 and (not mine or not inv.lines or inv.uses(category))

    return rule


def _ids_given(category: str, place: str) -> Callable[[_Invoice], bool]:
    """Who uses a category names the seller's tax number; for a reverse charge the buyer's too, outside the scope none."""

    def rule(inv: _Invoice) -> bool:
        used = inv.line_of(category) if place == "line" else inv.charge_of(category, place == "charge")
        if not used:
            return True
        if category == "O":
            return not _tax_ids(inv, vat_only=True) and not _buyer_ids(inv, vat_only=True)
        return bool(_tax_ids(inv, vat_only=False)) and (category != "AE" or bool(_buyer_ids(inv, vat_only=False)))

    return rule


def _percent(category: str, place: str) -> Callable[[_Invoice], bool]:
    def rule(inv: _Invoice) -> bool:
        if place == "line":
            cats = [c for n in inv.line_of(category) for c in find(n, "Item", "ClassifiedTaxCategory")]
        else:
            cats = [c for charge in inv.charge_of(category, place == "charge") for c in find(charge, "TaxCategory")]
        percents = [number(p) for c in cats for p in find(c, "Percent")]
        if category == "O":
            return not percents
        return all(p > 0 for p in percents) if category == "S" else all(p == 0 for p in percents)

    return rule


def _base(category: str) -> Callable[[_Invoice], bool]:
    """The base of a breakdown is the sum of its lines and charges less allowances; for the standard rate, of each percentage."""

    def rule(inv: _Invoice) -> bool:
        for subtotal in inv.subtotal_of(category):
            stated = find(subtotal, "TaxableAmount")
            if not stated:
                continue
            percents = find(subtotal, "TaxCategory", "Percent")
            rate = number(percents[0]) if category == "S" and percents else None

            def fits(holder: Any, *path: str, rate: Decimal | None = rate) -> bool:
                return rate is None or any(number(p) == rate for p in find(holder, *path, "Percent"))

            lines = [n for n in inv.line_of(category) if fits(n, "Item", "ClassifiedTaxCategory")]
            plus = [c for c in inv.charge_of(category, True) if fits(c, "TaxCategory")]
            less = [c for c in inv.charge_of(category, False) if fits(c, "TaxCategory")]
            expected = (
                total([a for n in lines for a in find(n, "LineExtensionAmount")])
                + total([a for c in plus for a in find(c, "Amount")])
                - total([a for c in less for a in find(c, "Amount")])
            )
            slack = Decimal(1) if category == "S" else Decimal("0.005")
            if abs(number(stated[0]) - expected) >= slack:
                return False
        return True

    return rule


def _amount(category: str) -> Callable[[_Invoice], bool]:
    def rule(inv: _Invoice) -> bool:
        for subtotal in inv.subtotal_of(category):
            stated = find(subtotal, "TaxAmount")
            if not stated:
                continue
            if category != "S":
                if number(stated[0]) != 0:
                    return False
                continue
            percents = find(subtotal, "TaxCategory", "Percent")
            if percents and abs(number(stated[0]) - _rounded_tax(subtotal, number(percents[0]))) >= 1:
                return False
        return True

    return rule


def _reason(category: str) -> Callable[[_Invoice], bool]:
    def rule(inv: _Invoice) -> bool:
        for subtotal in inv.subtotal_of(category):
            reasons = find(subtotal, "TaxCategory", "TaxExemptionReason") or find(
                subtotal, "TaxCategory", "TaxExemptionReasonCode"
            )
            if bool(reasons) is (category in ("S", "Z")):
                return False
        return True

    return rule


def _o_11(inv: _Invoice) -> bool:
    return not inv.subtotal_of("O") or len(inv.subtotals) == len(inv.subtotal_of("O"))


def _o_only(place: str) -> Callable[[_Invoice], bool]:
    def rule(inv: _Invoice) -> bool:
        if not inv.subtotal_of("O"):
            return True
        if place == "line":
            return len(inv.line_of("O")) == len(inv.lines)
        mine = [c for c in inv.charges if _is_charge(c) is (place == "charge")]
        return len(inv.charge_of("O", place == "charge")) == len(mine)

    return rule


def _rules() -> Iterator[tuple[str, Callable[[_Invoice], bool]]]:
    yield from (
        ("BR-CO-03", _co_03), ("BR-CO-04", _co_04), ("BR-CO-09", _co_09), ("BR-CO-10", _co_10),
        ("BR-CO-11", _co_11_12("AllowanceTotalAmount", False)), ("BR-CO-12", _co_11_12("ChargeTotalAmount", True)),
        ("BR-CO-13", _co_13), ("BR-CO-14", _co_14), ("BR-CO-15", _co_15), ("BR-CO-16", _co_16), ("BR-CO-17", _co_17),
        ("BR-CO-18", _co_18), ("BR-CO-19", _one_of(("InvoicePeriod",), ("StartDate", "EndDate", "DescriptionCode"))),
        ("BR-CO-20", _one_of(("Line", "InvoicePeriod"), ("StartDate", "EndDate"))), ("BR-CO-21", _reasons(False, False)),
        ("BR-CO-22", _reasons(False, True)), ("BR-CO-23", _reasons(True, False)), ("BR-CO-24", _reasons(True, True)),
        ("BR-CO-25", _co_25), ("BR-CO-26", _co_26),
    )  # fmt: skip
    for c in CATEGORIES:
        yield f"BR-{c}-01", _breakdown(c)
        for at, place in enumerate(("line", "allowance", "charge")):
            yield f"BR-{c}-0{2 + at}", _ids_given(c, place)
            yield f"BR-{c}-0{5 + at}", _percent(c, place)
        yield f"BR-{c}-08", _base(c)
        yield f"BR-{c}-09", _amount(c)
        yield f"BR-{c}-10", _reason(c)
    yield from (
        ("BR-O-11", _o_11),
        ("BR-O-12", _o_only("line")),
        ("BR-O-13", _o_only("allowance")),
        ("BR-O-14", _o_only("charge")),
    )


RULES = dict(_rules())


def keeps(rule: str, document: Doc) -> bool:
    """Whether a document keeps one rule."""
    return RULES[rule](_Invoice(document))


def broken(document: Doc) -> list[str]:
    """The rules that a document breaks, by name."""
    inv = _Invoice(document)
    return [name for name, rule in RULES.items() if not rule(inv)]
