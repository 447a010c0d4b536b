"""Everything that is printed on an invoice or credit note, gathered from the book. Source: docs/rules.md, *Documents*."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.catalogue.taxes import rates_on
from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.receivables.documents import Printed, PrintedLine, PrintedTax, Section, Seller, Served, Style
from netbill_tui.db.core import book as book_rows
from netbill_tui.db.core import chain
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.customers import former
from netbill_tui.db.customers.former import Addressee
from netbill_tui.db.receivables import credit_notes
from netbill_tui.db.receivables import wordings as wording_rows
from netbill_tui.db.receivables.credit_notes import CreditNoteRow
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.security import rights
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.catalogue.rules import rules_of
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import profiles
from netbill_tui.usecases.receivables import credit_parts, wordings
from netbill_tui.usecases.receivables.credit_parts import Whole

_ORDER = ("recurring", "one-off", "usage", "fee", "discount", "credit", "notice")  # of what is of no service


def _rates(session: Session, whole: Whole) -> dict[int, tuple[str, str]]:
    """Category and percentage of each line's tax by its position, where it has one rate; of an exempt customer the exemption."""
    printed = [(t.category, t.percent) for t in whole.taxes]
    if not printed:
        return {}
    if len(printed) == 1:
        return {n.position: printed[0] for n in whole.lines if n.tax_class or printed[0][0] in ("O", "E")}
    rates = {}
    known = codes.load(session).rates
    for n in whole.lines:
        # What was in force on a day on which something was taxed never changes, so this reads the same for ever.
        mine = rates_on(known, n.tax_class, n.rated_on) if n.tax_class else ()
        if len(mine) == 1 and (mine[0].category, mine[0].percent) in printed:
            rates[n.position] = (mine[0].category, mine[0].percent)
    return rates


def _sections(session: Session, whole: Whole, services: Mapping[int, Served], places: Mapping[int, str]) -> tuple[Section, ...]:
    """The lines by service, in order, then one-time charges, usage, fees, credits, discounts, notices."""
    rates = _rates(session, whole)
    held: dict[tuple[int, int, str], list[PrintedLine]] = {}
    for n in whole.lines:
        # The day of a discount is the day of its rates, which is no period.
        day = "" if n.kind == "discount" else n.period_first or ""
        period = f"{n.period_first} - {n.period_end}" if n.period_first and n.period_end else day
        category, percent = rates.get(n.position, ("", "0"))
        line = PrintedLine(n.text, period, n.quantity, n.unit_price, n.amount, n.tax, n.tax_class, n.kind, category, percent)
        of_service = n.service_id in services and n.kind in wordings.SERVED
        key = (0, n.service_id, "") if of_service else (1 + [*_ORDER, n.kind].index(n.kind), 0, n.kind)
        held.setdefault(key, []).append(line)
        # A discount on the line is told below it, as its arithmetic kept it.
        held[key] += [
            PrintedLine(part.removeprefix("discount "), "", "1", 0, 0, 0, "", "less", "", "0")
            for part in n.why.split("\n")
            if part.startswith("discount ")
        ]
    sections = []
    for (_, service_id, kind), lines in sorted(held.items(), key=lambda pair: pair[0][0]):
        sections.append(Section(kind, tuple(lines), services.get(service_id), places.get(service_id, "")))
    return tuple(sections)


def _printed(session: Session, whole: Whole, kind: str, refers: str, *, look: bool, noted: bool = False) -> Printed:
    head = whole.head
    who, styled = former.addressee(session.db, head.customer_id, head.audit_seq), style_of(session, head.customer_id)
    said = wordings.of(session, whole, wordings.Now(styled.billing, who, styled.style.language))
    street, places = _opened(session, head.account, who, list(said.services), noted=noted)
    place = " ".join(p for p in (said.postcode, said.town) if p)
    total = head.total if kind == "invoice" else -head.total
    return Printed(
        kind=kind, number=head.number, account=head.account, name=said.name,
        address=tuple(p for p in (street, place) if p), seller=said.seller, currency=session.book.currency,
        bill_date=head.bill_date, issued=head.issued, due=head.due, previous=said.previous, since=said.since,
        sections=_sections(session, whole, said.services, places),
        taxes=tuple(PrintedTax(t.name, t.category, t.percent, t.base, t.tax, t.reason) for t in whole.taxes),
        net=head.net, tax=head.tax, total=head.total, due_now=said.before + total,
        # What is only looked at is no original either.
        copy=look or (not noted and was_handed_out(session, head.number, _run_of(session, whole))),
        refers=refers, demo=bool(session.book.demo), language=said.language, instructions=said.instructions,
        paper=styled.style.paper, large=styled.style.large,
        logo=wording_rows.picture(session.db, said.logo) if said.logo else b"",
    )  # fmt: skip


_LETTER = frozenset("US CA MX PH CL CO VE GT CR PA SV NI HN DO PR".split())  # countries that print on Letter
LARGE = "large-print"  # the tag of customers whose documents are in large print


class Styled(NamedTuple):
    """How documents of a customer are printed now, and how the book bills."""

    style: Style
    billing: Rules
    company: str

    @property
    def seller(self) -> Seller:
        """Who bills now."""
        return wordings.seller_of(self.billing.seller, self.company)


def style_of(session: Session, customer_id: int) -> Styled:
    """How a document that is no invoice is printed for a customer now, but for the address and the logo."""
    stored, wishes = session.db.together(book_rows.reading_settings(), customer_rows.reading_wishes(customer_id, LARGE))
    billing = rules_of(stored)
    sheet = billing.paper or ("Letter" if session.book.country.upper() in _LETTER else "A4")
    return Styled(
        Style(wishes.language or billing.language, sheet, billing.instructions, wishes.tagged), billing, session.book.company
    )


NOW = 1 << 62  # behind every audit event


def dressed(session: Session, styled: Styled, customer: Customer, audit_seq: int = NOW) -> Style:
    """The same with the address as it was at an event, or is now, and the logo: for pages of paper.

    Side effect: one audit event where a street is opened.
    """
    who = former.addressee(session.db, customer.id, audit_seq)
    street, _ = _opened(session, customer.account, who, ())
    place = " ".join(p for p in (who.postcode, who.town) if p)
    logo = wording_rows.picture(session.db, styled.billing.logo) if styled.billing.logo else b""
    return styled.style._replace(logo=logo, address=tuple(p for p in (street, place) if p))


def _run_of(session: Session, whole: Whole) -> str:
    """The run that posted a document, or nothing."""
    origin = credit_notes.origin(session.db, whole.head.audit_seq)
    return origin.object if origin.action == "billing.issue" else ""


def _opened(
    session: Session, account: str, who: Addressee, services: Sequence[int], *, noted: bool = False
) -> tuple[str, dict[int, str]]:
    """The street as it was then, and where the services are; nothing where nobody is signed in who may open them.

    Side effect: one audit event, before anything is opened; none where that is `noted` already.
    """
    vault = session.vault
    if vault is None or session.settings.readonly or not vault.holds_field("customer", "street"):
        return "", {}
    addresses = {i: address for i in services if (address := service_rows.address(session.db, i)) is not None}
    if who.street is None and not addresses:
        return "", {}
    if not noted:
        profiles.note_opened(session, account, len(addresses) + (who.street is not None))
    street = "" if who.street is None else vault.open("customer", "street", who.uid, who.street).unwrap()
    return street, {i: vault.open("service", "address", a.uid, a.value).unwrap() for i, a in addresses.items()}


def of_invoice(session: Session, whole: Whole, *, look: bool = False, noted: bool = False) -> Printed:
    """An invoice as it is printed; with the street where somebody is signed in.

    Args:
        session: Whose book.
        whole: The invoice.
        look: It is shown, and not handed out.
        noted: The audit knows already that it is handed out; whether it is a copy is for the caller.
    """
    return _printed(session, whole, "invoice", "", look=look, noted=noted)


def of_credit_note(session: Session, whole: Whole, *, look: bool = False, noted: bool = False) -> Printed:
    """A credit note as it is printed."""
    head = whole.head
    refers = f"{head.invoice}: {head.reason}" if head.invoice else head.reason
    return _printed(session, whole, "credit note", refers, look=look, noted=noted)


def printed(session: Session, whole: Whole, how: str) -> None:
    """Keep that a document was handed out: the next print says copy.

    Side effect: one audit event.
    """
    handed_out(session, whole.head.number, how)


def was_handed_out(session: Session, number: str, run: str = "") -> bool:
    """Whether a document left the book before, alone or with its run; what a printer refused did not."""
    return bool(handed_out_of(session, [number], run))


def handed_out_of(session: Session, numbers: Sequence[str], run: str = "") -> set[str]:
    """Those of some documents that left the book before."""
    times: Counter[str] = Counter()
    for action, sign in ((HANDED_OUT, 1), (NOT_TAKEN, -1)):
        for number, count in chain.times_told_of(session.db, action, numbers).items():
            times[number] += sign * count
        for event in chain.about(session.db, action, run) if run else ():
            for number in event.said.get("numbers", ()):
                times[number] += sign
    return {number for number in numbers if times[number] > 0}


# What the audit says of it.
HANDED_OUT, NOT_TAKEN, TAKEN = "document.print", "document.refused", "document.taken"


def handed_out(session: Session, number: str, how: str) -> None:
    """The same of any document, by its number; of a statement by its account."""
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note(HANDED_OUT, number, {"as": how})


def not_taken(session: Session, number: str, why: str) -> None:
    """The printer did not take what was to be handed out: the next print is the first.

    Side effect: one audit event.
    """
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note(NOT_TAKEN, number, {"why": why})


def credits_of(session: Session, whole: Whole) -> list[CreditNoteRow]:
    """The credit notes that name an invoice."""
    return credit_notes.credits_of(session.db, whole.head.id)


def every(session: Session) -> Iterator[tuple[Whole, str]]:
    """Every invoice and credit note with its type, page by page."""
    for credit in (False, True):
        last = 0
        while page := credit_notes.page(session.db, last, credit=credit):
            for document in page:
                read = credit_parts.credit_note if credit else credit_parts.invoice
                yield read(session, document.number), "credit-note" if credit else "invoice"
            last = page[-1].id


def why_line(session: Session, whole: Whole, position: int) -> list[str]:
    """The arithmetic of a line: period, days, price row, own price, rounding, tax, and the run that made it."""
    line = next(n for n in whole.lines if n.position == position)
    lines = line.why.split("\n") if line.why else ["entered by hand or imported: it has no arithmetic of its own"]
    if line.tax or whole.taxes:
        lines += [f"tax class {line.tax_class or 'none'}: its share of the taxes {_money(session, line.tax)}"]
    return [*lines, *made_by(session, whole)]


def why_total(session: Session, whole: Whole) -> list[tuple[str, str]]:
    """The total as a sum: nets, each tax from its base, total, and who made it."""
    lines = [(f"{n.position}. {n.text[:36]}", _money(session, n.amount)) for n in whole.lines]
    lines.append(("= net", _money(session, whole.head.net)))
    for t in whole.taxes:
        reason = f", {t.reason}" if t.reason else ""
        lines.append((f"{t.name}: {_money(session, t.base)} x {t.percent} %{reason}", _money(session, t.tax)))
    lines.append(("= total", _money(session, whole.head.total)))
    return [*lines, *((line, "") for line in made_by(session, whole))]


def made_by(session: Session, whole: Whole) -> list[str]:
    """The run or posting that made a document."""
    origin = credit_notes.origin(session.db, whole.head.audit_seq)
    named = f"run {origin.object}" if origin.action.startswith("billing.") else f"{origin.action} {origin.object}"
    return [
        f"made by {named}, {origin.actor}, {session.calendar.moment(origin.at_us)[:15]}",
        f"bill date {short(whole.head.bill_date)}, issued {short(whole.head.issued)}",
    ]


def _money(session: Session, minor: int) -> str:
    from netbill_tui.billing.core.money import format_amount

    return format_amount(minor, session.book.currency)
