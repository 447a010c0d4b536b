"""Invoices and credit notes on the command line: as data, text, PDF, e-invoice; all of them, to compare two books."""

import shlex
from collections.abc import Sequence

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.cli.core import shapes
from netbill_tui.cli.core.call import Call
from netbill_tui.documents.pages import Pdf
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.audit import exports
from netbill_tui.usecases.collections import bills
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables import credit_parts, documents, dues
from netbill_tui.usecases.receivables.credit_parts import Whole


def document_data(session: Session, whole: Whole, *, comparable: bool = False) -> dict[str, object]:
    """An invoice or credit note with lines and taxes.

    Args:
        session: For the currency.
        whole: The document.
        comparable: Leave out what the order and the day of posting decide: number, dates of issue, arithmetic's own words stay.
    """
    currency, head = session.book.currency, whole.head

    def money(minor: int) -> str:
        return format_amount(minor, currency)

    lines = [
        {"code": n.code or None, "kind": n.kind, "text": n.text, "from": n.period_first, "to": n.period_end,
        "quantity": n.quantity,
         "unit_price": money(n.unit_price), "amount": money(n.amount), "tax_class": n.tax_class or None, "tax": money(n.tax),
         **({} if comparable else {"why": n.why.split("\n") if n.why else []})}
        for n in whole.lines
    ]  # fmt: skip
    taxes = [
        {
            "name": t.name,
            "category": t.category,
            "percent": t.percent,
            "base": money(t.base),
            "tax": money(t.tax),
            "reason": t.reason or None,
        }
        for t in whole.taxes
    ]
    sums = {"net": money(head.net), "tax": money(head.tax), "total": money(head.total)}
    if comparable:
        return {"account": head.account, "bill_date": head.bill_date, **sums, "lines": lines, "taxes": taxes}
    return {"bill_date": head.bill_date, **sums, "lines": lines, "taxes": taxes}


def invoice(call: Call, session: Session) -> int:
    """An invoice as data, text, PDF or e-invoice; or all of them."""
    args = call.args
    if args.all:
        return _all(call, session)
    if not args.number:
        raise InvalidInput("Name an invoice, or give --all.")
    due, _ = dues.invoice(session, args.number)
    whole = credit_parts.invoice(session, due.number)
    if args.print:
        return print_document(call, session, "invoice", due.number)
    if args.mail:
        account = bills.mail_again(session, due.number, dry_run=call.dry_run)
        said = {"number": due.number, "account": account, "queued": not call.dry_run, "dry_run": call.dry_run}
        verb = "Would wait" if call.dry_run else "Waits"
        call.output.record(said, lambda: f"{verb} in the outbox for {account}: {due.number}; it goes with the next mails.")
        return 0
    if args.pdf or args.xml:
        return _file(call, session, whole)
    data = {
        **shapes.due(session.book.currency, due),
        **document_data(session, whole),
        "credit_notes": _credits(session, whole),
        "sent": [{"channel": m.channel, "state": m.state, "on": m.on} for m in bills.of_document(session, whole.head.id)],
    }
    if args.text:
        from netbill_tui.documents.invoice import invoice_text

        session.sign_in_if_needed()
        text = invoice_text(documents.of_invoice(session, whole))
        if not call.dry_run:
            # The event stands before anything leaves the book.
            documents.printed(session, whole, "text")
        call.output.text(text)
        return 0
    call.output.record(data, lambda: _text(session, whole, due))
    return 0


def _text(session: Session, whole: Whole, due: Due) -> str:
    from netbill_tui.documents.invoice import invoice_text

    text = invoice_text(documents.of_invoice(session, whole, look=True))
    return f"{text}\n{'':>4}Open {format_amount(due.open, session.book.currency)}  {due.state}"


def _credits(session: Session, whole: Whole) -> list[dict[str, object]]:
    currency = session.book.currency
    return [
        {"number": n.number, "issued": n.issued, "total": format_amount(n.total, currency), "reason": n.reason}
        for n in documents.credits_of(session, whole)
    ]


def print_document(call: Call, session: Session, kind: str, number: str) -> int:
    """A document to the printer of the settings."""
    from netbill_tui.usecases.audit import printers
    from netbill_tui.usecases.receivables import paper

    to = shlex.join(printers.words(session)) if call.dry_run else paper.print_one(session, kind, number)
    said = "Would go" if call.dry_run else "Went"
    call.output.record({"document": number, "printer": to, "dry_run": call.dry_run}, lambda: f"{number}: {said.lower()} to {to}.")
    return 0


def show_credit_note(call: Call, session: Session, number: str) -> int:
    """A credit note as data or text."""
    from netbill_tui.documents.invoice import invoice_text

    whole = credit_parts.credit_note(session, number)
    if getattr(call.args, "print", False):
        return print_document(call, session, "credit-note", whole.head.number)
    if getattr(call.args, "pdf", None) or getattr(call.args, "xml", None):
        return _file(call, session, whole)
    head = whole.head
    data = {
        "number": head.number,
        "account": head.account,
        "name": head.name or None,
        "issued": head.issued,
        "reason": head.reason,
        "invoice": head.invoice or None,
        **document_data(session, whole),
    }
    call.output.record(data, lambda: invoice_text(documents.of_credit_note(session, whole, look=True)))
    return 0


def _file(call: Call, session: Session, whole: Whole) -> int:
    """Write the document to a file that does not exist yet."""
    from netbill_tui.documents import einvoice, pdf

    args = call.args
    session.sign_in_if_needed()
    target = exports.place(session, args.pdf or args.xml)
    exports.is_free(target)
    if call.dry_run:
        return write_file(call, session, str(target), None)
    # Its address is opened only for what is written.
    printed = documents.of_credit_note(session, whole) if whole.head.reason else documents.of_invoice(session, whole)
    if args.pdf:
        drawn = pdf.invoice_pdf(printed)
        content = drawn._replace(content=einvoice.attached(drawn.content, printed))
    else:
        content = Pdf(einvoice.cii(printed), "")
    # The event stands before anything leaves the book.
    documents.printed(session, whole, "pdf" if args.pdf else "xml")
    return write_file(call, session, str(target), content)


def write_file(call: Call, session: Session, name: str, pdf: Pdf | None) -> int:
    """Write a document to a file of its own that does not exist yet, readable by its owner alone; 3 where letters are missing.

    None is for a dry run, which draws nothing.
    """
    if call.dry_run or pdf is None:
        target = exports.place(session, name)
        call.output.record({"file": str(target), "dry_run": True}, lambda: f"Would write {target}.")
        return 0
    written = exports.write(session, name, pdf.content)
    data = {"file": str(written), "bytes": len(pdf.content), "missing": pdf.missing or None}
    call.output.record(data, lambda: f"Wrote {written}.")
    if pdf.missing:
        call.output.remark(
            f"The font cannot write {pdf.missing[:60]}: {written} shows other signs there, or letters that are not joined."
        )
    return 3 if pdf.missing else 0


def _all(call: Call, session: Session) -> int:
    """Every invoice and credit note, sorted and free of what the clock decides, so that two books can be compared."""
    data: list[dict[str, object]] = []
    for whole, kind in documents.every(session):
        data.append({"type": kind, **document_data(session, whole, comparable=True)})
    data.sort(key=_order)
    call.output.rows(data, _COLUMNS, empty="No invoice yet.", keys="type account bill_date net tax total")
    return 0


def _order(data: dict[str, object]) -> tuple[str, ...]:
    lines = data["lines"]
    assert isinstance(lines, Sequence)
    return (str(data["account"]), str(data["bill_date"]), str(data["type"]), str(data["total"]), str(lines))


_COLUMNS = [
    ("account", "Account", 14, False),
    ("bill_date", "Bill date", 0, False),
    ("type", "Type", 0, False),
    ("net", "Net", 0, True),
    ("tax", "Tax", 0, True),
    ("total", "Total", 0, True),
]
