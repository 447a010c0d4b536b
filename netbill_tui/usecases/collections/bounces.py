"""A report says that a mail did not arrive: its step goes by the next channel. What only is delayed changes nothing.

Source: docs/collections.md, *Reports*.
"""

from netbill_tui.db.collections import messages as message_rows
from netbill_tui.integrations import bounces
from netbill_tui.security import rights
from netbill_tui.usecases.collections import sending
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

BOUNCED, IGNORED = "bounced", "ignored"


def take(session: Session, content: bytes) -> tuple[str, int]:
    """Take a report: what became of it, and the number of the message it is about, or 0.

    Args:
        session: Who takes it; needs the key that marks are made with.
        content: The mail.

    Side effect: one audit event where a message bounced.
    """
    session.needs(rights.MESSAGE)
    report = bounces.read(content)
    if report is None or report.action != "failed":
        return IGNORED, 0
    number = int(report.token.partition("-")[0], 16)
    row = message_rows.by_id(session.db, number) if 0 < number < 1 << 62 else None
    # Who can write to the address of reports may not say of any message that it did not come: each has a mark of its own.
    if row is None or report.token not in sending.tokens(session, number):
        return IGNORED, 0
    today = session.today().isoformat()
    with writing(session, rights.MESSAGE) as tx:
        if row.state not in ("sent", "unknown", "claimed"):
            return IGNORED, number
        if not message_rows.moved(tx, number, row.state, "bounced", today, report.status or "failed", tx.actor, tries=row.tries):
            return IGNORED, number
        tx.note("message.bounced", row.account, {"message": number, "status": report.status})
    return BOUNCED, number
