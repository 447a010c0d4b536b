"""The command find."""

from typing import TYPE_CHECKING

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import money, sign_in_softly
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    pass


def find(call: Call, session: Session) -> int:
    """One search over everything."""
    from netbill_tui.usecases.lookup import search

    text = " ".join(call.args.words)
    if call.args.scope not in search.SCOPES:
        raise InvalidInput(f"--scope is {call.args.scope!r}; type one of {', '.join(search.SCOPES)}.")
    hits = search.search(session, text, scope=call.args.scope)
    if not any(h.exact for h in hits.hits) and search.wants_contacts(session, text):
        if sign_in_softly(call, session):
            hits = search.search(session, text, scope=call.args.scope)
        else:
            call.output.remark("Phones and e-mails were not searched: give --operator and --password-file.")
    rows = [
        {"type": h.type, "id": h.id, "account": h.account, "name": h.name or None, "date": h.date,
         "amount": None if h.type in search.WITHOUT_AMOUNT else money(session, h.amount),
         "reference": h.reference or None, "state": h.state}
        for h in hits.hits
    ]  # fmt: skip
    columns: list[Column] = [
        ("type", "Type", 0, False),
        ("id", "Number", 16, False),
        ("account", "Account", 14, False),
        ("name", "Name", 24, False),
        ("date", "Date", 0, False),
        ("amount", "Amount", 0, True),
        ("reference", "Reference", 20, False),
        ("state", "State", 0, False),
    ]
    call.output.rows(rows, columns, empty=f"Nothing matches {text!r}.", keys="type id account name date amount reference state")
    if hits.total > len(hits.hits):
        call.output.remark(f"This is the {hits.summary()}; type more of it to see fewer.")
    return 0 if hits.hits else 4
