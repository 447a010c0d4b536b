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
    from netbill_tui.usecases.audit import exports
    from netbill_tui.usecases.receivables import paper

    first, last = span_of(call, session)
    if call.args.print:
        from netbill_tui.cli.receivables.invoices import print_document

        if call.args.first or call.args.last or call.args.pdf:
            raise InvalidInput("--print sends the whole statement; leave --from, --to and --pdf out.")
        return print_document(call, session, "statement", call.args.account)
    drawn = paper.statement_of(session, call.args.account, first, last)
    statement_ = drawn.statement
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
    if call.args.pdf:
        from netbill_tui.cli.receivables.invoices import write_file

        session.sign_in_if_needed()
        exports.is_free(exports.place(session, call.args.pdf))
        if call.dry_run:
            return write_file(call, session, call.args.pdf, None)
        return write_file(call, session, call.args.pdf, paper.statement_page(session, drawn))
    call.output.record(data, lambda: paper.statement_words(session, drawn))
    return 0
