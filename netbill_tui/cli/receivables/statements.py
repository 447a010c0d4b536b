"""The command statement."""

from typing import TYPE_CHECKING

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.words import money, span_of
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    pass


def statement(call: Call, session: Session) -> int:
    """Opening, entries with running balance, closing."""
    from netbill_tui.documents.statement import statement_text
    from netbill_tui.usecases.customers import accounts as customers
    from netbill_tui.usecases.receivables.documents import seller

    first, last = span_of(call, session)
    if call.args.print:
        from netbill_tui.cli.receivables.invoices import print_document

        if call.args.first or call.args.last or call.args.pdf:
            raise InvalidInput("--print sends the whole statement; leave --from, --to and --pdf out.")
        return print_document(call, session, "statement", call.args.account)
    statement_ = customers.statement(session, call.args.account, first, last)
    entries = [
        {
            "date": e.date,
            "document": e.document,
            "text": e.text,
            "debit": money(session, e.amount) if e.amount > 0 else None,
            "credit": money(session, -e.amount) if e.amount <= 0 else None,
            "balance": money(session, e.balance),
        }
        for e in statement_.entries
    ]
    if call.output.form == "csv":
        call.output.rows(entries, [], empty="", keys="date document text debit credit balance")
        return 0
    data = {"opening": money(session, statement_.opening), "entries": entries, "closing": money(session, statement_.closing)}
    book = session.book
    aged = customers.aged(session, call.args.account, statement_.last)

    def text() -> str:
        return statement_text(statement_, seller(session).name, book.currency, aged=aged, demo=book.demo)

    if call.args.pdf:
        from netbill_tui.cli.receivables.invoices import write_file
        from netbill_tui.documents.pdf import statement_pdf

        content = statement_pdf(statement_, seller(session), book.currency, aged=aged, demo=book.demo)
        return write_file(call, session, call.args.pdf, content)
    call.output.record(data, text)
    return 0
