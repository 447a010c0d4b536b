"""Everything that is printed on an invoice or credit note, gathered from the book. Source: docs/rules.md, *Documents*."""

from collections.abc import Iterator

from netbill_tui.billing.catalogue.taxes import rates_on
from netbill_tui.billing.core.dates import short
from netbill_tui.billing.receivables.documents import IMPORTED, Printed, PrintedLine, PrintedTax, Section, Seller
from netbill_tui.db.core import chain
from netbill_tui.db.customers import former
from netbill_tui.db.receivables import credit_notes
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables.credit_notes import CreditNoteRow, Document
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.security import rights
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import profiles
from netbill_tui.usecases.receivables import credit_parts
from netbill_tui.usecases.receivables.credit_parts import Whole

_OTHER_SECTIONS = {
    "recurring": "Services",
    "one-off": "One-time charges",
    "usage": "Usage",
    "fee": "Fees",
    "discount": "Discounts",
    "credit": "Credits",
    "notice": "Notices",
}
FIRST_DAY = "0001-01-01"


def seller(session: Session, audit_seq: int | None = None) -> Seller:
    """Who bills, as documents say it: the company of the book where nothing else was set.

    Args:
        session: Whose book.
        audit_seq: The event that posted the document, which keeps the seller of then; None for now.
    """
    then = None if audit_seq is None else former.setting(session.db, "seller", audit_seq)
    # Nothing set then is nothing to hold on to: who sells is then what was told since.
    parts = tuple(then.split("|")) if then and then.strip("|") else codes.rules(session).seller
    name, *rest = (*parts, *[""] * (6 - len(parts)))
    return Seller(name or session.book.company, *rest)


def _rates(session: Session, whole: Whole) -> dict[int, tuple[str, str]]:
    """Category and percentage of each line's tax by its position, where it has one rate; of an exempt customer the exemption."""
    printed = [(t.category, t.percent) for t in whole.taxes]
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


def _sections(session: Session, whole: Whole) -> tuple[Section, ...]:
    """The lines by service, in order, then one-time charges, usage, fees, credits, discounts, notices."""
    names = {r.service.id: r for r in service_rows.of_customer(session.db, whole.head.customer_id)}
    rates = _rates(session, whole)
    held: dict[tuple[int, int, str], list[PrintedLine]] = {}
    for n in whole.lines:
        # The day of a discount is the day of its rates, which is no period.
        day = "" if n.kind == "discount" else n.period_first or ""
        period = f"{n.period_first} - {n.period_end}" if n.period_first and n.period_end else day
        category, percent = rates.get(n.position, ("", "0"))
        line = PrintedLine(n.text, period, n.quantity, n.unit_price, n.amount, n.tax, n.tax_class, n.kind, category, percent)
        of_service = n.service_id in names and n.kind in ("recurring", "credit")
        key = (0, n.service_id, "") if of_service else (1 + [*_OTHER_SECTIONS, n.kind].index(n.kind), 0, n.kind)
        held.setdefault(key, []).append(line)
        # A discount on the line is told below it, as its arithmetic kept it.
        held[key] += [
            PrintedLine(f"  less {part.removeprefix('discount ')}", "", "1", 0, 0, 0, "", "notice", "", "0")
            for part in n.why.split("\n")
            if part.startswith("discount ")
        ]
    sections = []
    for (_, service_id, kind), lines in sorted(held.items(), key=lambda pair: pair[0][0]):
        title = _service_title(session, whole, names[service_id]) if service_id else _OTHER_SECTIONS.get(kind, "Charges")
        sections.append(Section(title, tuple(lines)))
    return tuple(sections)


def _service_title(session: Session, whole: Whole, row: ServiceRow) -> str:
    """What a service was when the document was posted: the code it had in the period that is billed, its cycle and mode."""
    days = [n.period_first for n in whole.lines if n.service_id == row.service.id and n.kind == "recurring" and n.period_first]
    days = days or [n.period_first for n in whole.lines if n.service_id == row.service.id and n.period_first]
    code = former.code_of(session.db, row.service.id, max(days, default=whole.head.bill_date), whole.head.audit_seq)
    return f"{code or 'Service'}, {row.service.cycle.words} in {row.service.mode}"


def _before(session: Session, whole: Whole, *, sign: int) -> tuple[int, tuple[tuple[str, str, int], ...], int]:
    """Balance after the invoice before this one, what came since, and the balance with this document.

    All that was entered before it counts, whatever its day: an invoice may be issued as of a day before a payment that is known.
    What was entered after it counts in none of them, whatever day it was dated back to. Of a document that another program issued
    only its own amount is known: its neighbours came in the order of a file.
    """
    head = whole.head
    entries = invoice_rows.entries(session.db, head.customer_id, FIRST_DAY, "9999-12-31")
    kind = "invoice" if sign > 0 else "credit-note"
    mine = next((e for e in entries if (e.document, e.kind) == (head.number, kind)), None)
    if mine is None:
        return 0, (), 0
    if any(n.code == IMPORTED for n in whole.lines):
        return 0, (), mine.amount
    known = sorted((e for e in entries if e.id < mine.id), key=lambda e: e.id)
    earlier = [i for i, e in enumerate(known) if e.kind == "invoice"]
    start = earlier[-1] + 1 if earlier else 0
    previous = sum(e.amount for e in known[:start])
    since = tuple((e.on, e.text, e.amount) for e in known[start:])
    return previous, since, previous + sum(e.amount for e in known[start:]) + mine.amount


def _printed(session: Session, whole: Whole, kind: str, refers: str, *, look: bool) -> Printed:
    head = whole.head
    who = former.addressee(session.db, head.customer_id, head.audit_seq)
    place = " ".join(p for p in (who.postcode, who.town) if p)
    address = [p for p in (_street(session, head, who), place) if p]
    previous, since, due_now = _before(session, whole, sign=1 if kind == "invoice" else -1)
    taxes = tuple(PrintedTax(t.name, t.category, t.percent, t.base, t.tax, t.reason) for t in whole.taxes)
    # What is only looked at is no original either.
    copy = look or was_handed_out(session, head.number)
    return Printed(
        kind, head.number, head.account, who.name, tuple(address), seller(session, head.audit_seq), session.book.currency,
        head.bill_date, head.issued, head.due, previous, since, _sections(session, whole), taxes, head.net, head.tax, head.total,
        due_now, copy, refers, bool(session.book.demo),
    )  # fmt: skip


def _street(session: Session, head: Document, who: former.Addressee) -> str:
    """The street as it was then; empty where nobody is signed in who may open it. Side effect: one audit event."""
    vault = session.vault
    if who.street is None or vault is None or session.settings.readonly or not vault.holds_field("customer", "street"):
        return ""
    profiles.note_opened(session, head.account, 1)
    return vault.open("customer", "street", who.uid, who.street).unwrap()


def of_invoice(session: Session, whole: Whole, *, look: bool = False) -> Printed:
    """An invoice as it is printed; with the street where somebody is signed in. `look`: it is shown, and not handed out."""
    return _printed(session, whole, "invoice", "", look=look)


def of_credit_note(session: Session, whole: Whole, *, look: bool = False) -> Printed:
    """A credit note as it is printed."""
    head = whole.head
    refers = f"{head.invoice}: {head.reason}" if head.invoice else head.reason
    return _printed(session, whole, "credit note", refers, look=look)


def printed(session: Session, whole: Whole, how: str) -> None:
    """Keep that a document was handed out: the next print says copy.

    Side effect: one audit event.
    """
    handed_out(session, whole.head.number, how)


def was_handed_out(session: Session, number: str) -> bool:
    """Whether a document left the book before; what a printer refused did not."""
    return chain.times_told(session.db, HANDED_OUT, number) > chain.times_told(session.db, NOT_TAKEN, number)


# What the audit says of it.
HANDED_OUT, NOT_TAKEN = "document.print", "document.refused"


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
