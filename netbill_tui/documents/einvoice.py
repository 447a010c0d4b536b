"""An invoice or credit note as e-invoice: UN/CEFACT CII of EN 16931, checked against its rules and its schema before it leaves.

Needs the extra `einvoice`; imported where it is used. A line is written as one piece at its amount (a credit as minus one
piece), because the standard wants quantity x price to be the line, and a prorated line is no whole number of pieces.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from netbill_tui.billing.core.money import exponent
from netbill_tui.billing.receivables.documents import Printed, PrintedLine
from netbill_tui.documents.en16931 import broken
from netbill_tui.documents.invoice import KIND
from netbill_tui.documents.words import words
from netbill_tui.errors import BookProblem, Refused
from netbill_tui.text import visible

GUIDELINE = "urn:cen.eu:en16931:2017"


def amount(minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal."""
    return Decimal(minor).scaleb(-exponent(currency))


def _lines(printed: Printed) -> Iterator[PrintedLine]:
    for section in printed.sections:
        yield from (n for n in section.lines if n.is_charged)


def ubl(printed: Printed) -> dict[str, Any]:
    """The document in the shape that the rules are asked of."""
    currency = printed.currency

    def money(minor: int) -> dict[str, str]:
        return {"value": str(amount(minor, currency)), "currency": currency}

    root = "CreditNote" if printed.kind == "credit note" else "Invoice"
    reasons = {(t.category, t.percent): t.reason for t in printed.taxes}
    lines = [
        {
            "LineExtensionAmount": money(n.amount),
            "Item": {"Name": n.text, "ClassifiedTaxCategory": _category(n.category, n.percent)},
        }
        for n in _lines(printed)
    ]
    subtotals = [
        {
            "TaxableAmount": money(t.base),
            "TaxAmount": money(t.tax),
            "TaxCategory": _category(t.category, t.percent)
            | ({"TaxExemptionReason": reasons[t.category, t.percent]} if t.reason else {}),
        }
        for t in printed.taxes
    ]
    return {
        root: {
            "DocumentCurrencyCode": currency,
            "AccountingSupplierParty": {"Party": _seller(printed)},
            "AccountingCustomerParty": {
                "Party": {"PartyLegalEntity": {"RegistrationName": printed.name, "CompanyID": printed.account}}
            },
            "PaymentMeans": {"PaymentDueDate": printed.due},
            "DueDate": printed.due,
            "TaxTotal": {"TaxAmount": money(printed.tax), "TaxSubtotal": subtotals},
            "LegalMonetaryTotal": {
                "LineExtensionAmount": money(printed.net),
                "TaxExclusiveAmount": money(printed.net),
                "TaxInclusiveAmount": money(printed.total),
                "PayableAmount": money(printed.total),
            },
            ("CreditNoteLine" if root == "CreditNote" else "InvoiceLine"): lines,
        }
    }


def _category(code: str, percent: str) -> dict[str, Any]:
    return {"ID": code, **({} if code == "O" else {"Percent": percent}), "TaxScheme": {"ID": "VAT"}}


def _seller(printed: Printed) -> dict[str, Any]:
    company = printed.seller
    seller: dict[str, Any] = {"PartyLegalEntity": {"RegistrationName": company.name, "CompanyID": company.tax_id or company.name}}
    if company.tax_id and not any(t.category == "O" for t in printed.taxes):
        seller["PartyTaxScheme"] = {"CompanyID": company.tax_id, "TaxScheme": {"ID": "VAT"}}
    return seller


def check(printed: Printed) -> None:
    """Refuse a document that would break the standard.

    Raises:
        Refused: With what is missing, and the names of the rules.
    """
    if not printed.seller.country or not printed.seller.tax_id:
        raise Refused(
            f"An e-invoice names the seller's country and tax id, and {printed.number} was posted without. For what comes: "
            "netbill rule seller 'NAME|STREET|TOWN|CC|TAX ID|IBAN'."
        )
    if exponent(printed.currency) > 2:
        raise Refused(
            f"EN 16931 knows two decimals, and {printed.currency} has {exponent(printed.currency)}; it was not written."
        )
    if any(n.category == "" for n in _lines(printed)):
        raise Refused(f"A line of {printed.number} has no tax category, or several taxes; EN 16931 requires one on each line.")
    wrong = broken(ubl(printed))
    if wrong:
        raise Refused(f"{printed.number} would break {', '.join(wrong)} of EN 16931; it was not written.")


def cii(printed: Printed) -> bytes:
    """The document as CII XML of EN 16931.

    Raises:
        BookProblem: The extra is not installed; the sentence names it.
        Refused: The document breaks a rule of the standard.
    """
    try:
        from drafthorse.models.document import Document
    except ImportError:
        raise BookProblem("E-invoices need the extra einvoice: pip install 'netbill_tui-…-py3-none-any.whl[einvoice]'.") from None
    check(printed)
    doc = Document()
    doc.context.guideline_parameter.id = GUIDELINE
    doc.header.id = printed.number
    doc.header.type_code = "381" if printed.kind == "credit note" else "380"
    doc.header.issue_date_time = date.fromisoformat(printed.issued)
    _parties(doc, printed)
    for position, line in enumerate(_lines(printed), 1):
        _line(doc, printed, position, line)
    _settlement(doc, printed)
    return bytes(doc.serialize(schema="FACTUR-X_EN16931"))


def _parties(doc: Any, printed: Printed) -> None:
    from drafthorse.models.party import TaxRegistration

    seller = doc.trade.agreement.seller
    seller.name = printed.seller.name
    seller.address.line_one = printed.seller.street or "-"
    seller.address.city_name = printed.seller.town or "-"
    seller.address.country_id = printed.seller.country.upper()[:2]
    if not any(t.category == "O" for t in printed.taxes):
        seller.tax_registrations.add(TaxRegistration(id=("VA", printed.seller.tax_id)))
    buyer = doc.trade.agreement.buyer
    buyer.id = printed.account
    buyer.name = printed.name or printed.account
    buyer.address.line_one = printed.address[0] if printed.address else "-"
    buyer.address.city_name = printed.address[-1] if printed.address else "-"
    buyer.address.country_id = printed.seller.country.upper()[:2]
    doc.trade.delivery.event.occurrence = date.fromisoformat(printed.bill_date)


def _line(doc: Any, printed: Printed, position: int, line: PrintedLine) -> None:
    from drafthorse.models.tradelines import LineItem

    item = LineItem()
    item.document.line_id = str(position)
    item.product.name = line.text
    price = abs(amount(line.amount, printed.currency))
    pieces = Decimal(-1 if line.amount < 0 else 1)
    item.agreement.net.amount = price
    item.agreement.net.basis_quantity = (Decimal(1), "C62")
    item.delivery.billed_quantity = (pieces, "C62")
    item.settlement.trade_tax.type_code = "VAT"
    item.settlement.trade_tax.category_code = line.category
    item.settlement.trade_tax.rate_applicable_percent = Decimal(line.percent)
    item.settlement.monetary_summation.total_amount = amount(line.amount, printed.currency)
    doc.trade.items.add(item)


def _settlement(doc: Any, printed: Printed) -> None:
    from drafthorse.models.accounting import ApplicableTradeTax
    from drafthorse.models.payment import PaymentMeans, PaymentTerms

    settled, currency = doc.trade.settlement, printed.currency
    settled.currency_code = currency
    settled.payment_reference = printed.number
    if printed.seller.iban:
        means = PaymentMeans()
        means.type_code = "58" if currency == "EUR" else "30"
        means.payee_account.iban = printed.seller.iban.replace(" ", "")
        settled.payment_means.add(means)
    for t in printed.taxes:
        tax = ApplicableTradeTax()
        tax.calculated_amount = amount(t.tax, currency)
        tax.basis_amount = amount(t.base, currency)
        tax.type_code = "VAT"
        tax.category_code = t.category
        tax.rate_applicable_percent = Decimal(t.percent)
        if t.reason:
            tax.exemption_reason = t.reason
        settled.trade_tax.add(tax)
    terms = PaymentTerms()
    terms.due = date.fromisoformat(printed.due)
    settled.terms.add(terms)
    sums = settled.monetary_summation
    sums.line_total = amount(printed.net, currency)
    sums.charge_total = Decimal("0.00")
    sums.allowance_total = Decimal("0.00")
    sums.tax_basis_total = amount(printed.net, currency)
    sums.tax_total = (amount(printed.tax, currency), currency)
    sums.grand_total = amount(printed.total, currency)
    sums.due_amount = amount(printed.total, currency)


def can_attach() -> bool:
    """Whether e-invoices can be made here."""
    return find_spec("drafthorse") is not None


def attached(content: bytes, printed: Printed) -> bytes:
    """The PDF with the e-invoice in it (ZUGFeRD, Factur-X: profile EN 16931); as it was where the standard has none for it.

    What stands in the file is checked like one that is written by itself: see `cii`.
    """
    if not can_attach() or not (printed.seller.country and printed.seller.tax_id):
        return content
    from drafthorse.pdf import attach_xml

    try:
        xml = cii(printed)
    except (Refused, ValueError, SyntaxError):
        return content  # the PDF is worth having without: what is wrong is said where the e-invoice alone is asked for
    title = f"{words(printed.language)(KIND[printed.kind])} {printed.number}"
    seller = visible(printed.seller.name)
    data = {"author": seller, "title": title, "subject": title, "keywords": "Factur-X, ZUGFeRD", "creator": "netbill"}
    return bytes(attach_xml(content, xml, level="EN 16931", metadata=data, lang=printed.language))
