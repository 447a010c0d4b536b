"""The catalogue as the rules see it: billing codes, their parts, prices and rates, and the book's rules of billing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar, cast

from netbill_tui.billing.catalogue.prices import CannotBill, Price
from netbill_tui.billing.catalogue.taxes import DatedRate, Rate, rates_on
from netbill_tui.billing.core import series

T = TypeVar("T")
MOST_KEPT = 20_000
CODE_KINDS = ("recurring", "one-time", "usage", "bundle")


class Code(NamedTuple):
    """A thing that can be charged.

    Attributes:
        code: Such as INT-100.
        name: As on the invoice.
        category: See prices.CATEGORIES.
        kind: recurring, one-time, usage or bundle.
        tax_class: Its class; empty where no tax is taken.
        proration: Another way than the book's, or empty.
        suspended: While access is suspended, charging goes on (`continue`) or stops at the next period (`stop`).
        minimum_months: Contract term; leaving earlier costs the fee.
        leave_fee: Minor units.
        unit: What usage is counted in.
        parts: Of a bundle: code and weight of each.
        active: May be sold.
    """

    code: str
    name: str
    category: str = "internet"
    kind: str = "recurring"
    tax_class: str = ""
    proration: str = ""
    suspended: str = "continue"
    minimum_months: int = 0
    leave_fee: int = 0
    unit: str = ""
    parts: tuple[tuple[str, int], ...] = ()
    active: bool = True


class Rules(NamedTuple):
    """How a book bills.

    Attributes:
        inclusive: Prices include tax.
        proration: See proration.POLICIES.
        first_bill: See charging.FIRST_BILLS.
        changes: Changes in mid-period wait for the `next` invoice, or make one `at-once`.
        lead_days: So many days before its bill date a period is billed.
        calendar_day: Day of the month for all services, or 0 for each customer's own.
        calendar_month: Month in which a year of periods begins for all new services, or 0 for each service's own.
        business_day: The due date moves to the next working day.
        drafts_days: An invoice waits so many days as a draft; 0 issues at once.
        invoice_number: Pattern of numbers, with {seq} and {year}.
        credit_number: Likewise for credit notes.
        seller: Name, street, town, country, tax id, IBAN of the company for documents.
        language: Of documents, where a customer has none.
        instructions: How a bill can be paid, in a few words.
        logo: Number of the picture in the letterhead, or 0.
        send_bills: What a run issues goes out by mail to who wants it so.
        paper: A4 or Letter; empty for what the country of the book uses.
    """

    inclusive: bool = False
    proration: str = "days"
    first_bill: str = "stub"
    changes: str = "next"
    lead_days: int = 0
    calendar_day: int = 0
    calendar_month: int = 0
    business_day: bool = False
    drafts_days: int = 0
    invoice_number: str = series.INVOICES
    credit_number: str = series.CREDIT_NOTES
    seller: tuple[str, ...] = ("", "", "", "", "", "")
    language: str = "en"
    instructions: str = ""
    paper: str = ""
    logo: int = 0
    send_bills: bool = False


@dataclass(slots=True)
class Catalogue:
    """Everything that can be charged, with its dated prices and rates."""

    codes: Mapping[str, Code]
    prices: Mapping[str, tuple[Price, ...]]
    rates: tuple[DatedRate, ...] = ()
    rules: Rules = field(default_factory=Rules)
    _rates: dict[tuple[str, str], tuple[Rate, ...]] = field(default_factory=dict)
    _lines: dict[tuple[object, ...], object] = field(default_factory=dict)
    _starts: dict[str, bool] = field(default_factory=dict)

    def once(self, key: tuple[object, ...], work: Callable[[], T]) -> T:
        """What was worked out before under a key, or is now: thousands of customers share their dates, prices and taxes."""
        value = self._lines.get(key)
        if value is None:
            if len(self._lines) > MOST_KEPT:
                self._lines.clear()
            value = self._lines[key] = work()
        return cast(T, value)

    def code(self, name: str) -> Code:
        """The code.

        Raises:
            CannotBill: There is none of this name.
        """
        code = self.codes.get(name)
        if code is None:
            raise CannotBill(f"There is no billing code {name[:40]!r}; add it with netbill code.")
        return code

    def prices_of(self, name: str) -> tuple[Price, ...]:
        """The dated prices of a code."""
        return self.prices.get(name, ())

    def asks_for_start(self, name: str) -> bool:
        """Whether a price of the code, or of a part of it, depends on a service's first day: a promotion, or one for new ones."""
        known = self._starts.get(name)
        if known is None:
            code = self.codes.get(name)
            names = (name, *(p for p, _ in code.parts)) if code else (name,)
            known = any(p.promo_periods or p.audience != "all" for n in names for p in self.prices_of(n))
            self._starts[name] = known
        return known

    def rates_on(self, tax_class: str, on: str) -> tuple[Rate, ...]:
        """The rates of a class in force on a day.

        Raises:
            CannotBill: The class has rates, and none of them on that day.
        """
        key = (tax_class, on)
        if key not in self._rates:
            rates = rates_on(self.rates, tax_class, on) if tax_class else ()
            if tax_class and not rates:
                raise CannotBill(f"The tax class {tax_class} has no rate on {on}; add one with netbill tax.")
            self._rates[key] = rates
        return self._rates[key]
