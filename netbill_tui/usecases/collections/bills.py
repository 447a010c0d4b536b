"""What a run issued goes out once, as each customer wants it: by mail through the outbox, on paper with the papers of the run.

Off until the rule *send_bills* is set; documents of before that never go. Source: docs/collections.md, *Bills*.
"""

from collections.abc import Sequence

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.collections.policies import BOOK, SENDING
from netbill_tui.db.collections import facts as fact_rows
from netbill_tui.db.collections import marks
from netbill_tui.db.collections import messages as message_rows
from netbill_tui.db.collections import policies as policy_rows
from netbill_tui.db.collections.marks import DELIVERY, MarkRow
from netbill_tui.db.collections.messages import MessageRow, Unsent
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.documents import messages
from netbill_tui.documents.messages import Owed, Subject
from netbill_tui.documents.words import words
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.collections import templates
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once, writing
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.receivables import credit_parts

BATCH = 100
DELIVERIES = ("mail", "paper", "both", "none")
MAIL, PAPER, NONE, NO_ADDRESS = "by mail", "on paper", "to nobody", "without address"


def queue(session: Session) -> dict[str, int]:
    """Queue what runs issued since the rule was set and that is in no message yet; how many go which way.

    Called behind each run, and harmless twice: what a run that was killed left is queued by the next.

    Side effect: one audit event for each hundred documents that go by mail.
    """
    billing = rules.rules(session)
    if not billing.send_bills:
        return {}
    version = policy_rows.switch(session.db, SENDING)
    begun = int(version.values["after"]) if version is not None else message_rows.before_last_run(session.db)
    counts: dict[str, int] = {}
    behind = begun
    while page := message_rows.unsent(session.db, behind, BATCH):
        behind = page[-1].id
        ways = [_way(document) for document in page]
        for way in ways:
            counts[way] = counts.get(way, 0) + 1
        mailed = [d for d, way in zip(page, ways, strict=True) if way == MAIL]
        if mailed:
            _queue(session, mailed, billing)
    if behind > begun or version is None:
        _looked_up_to(session, behind)
    return counts


def _looked_up_to(session: Session, document_id: int) -> None:
    """Keep up to which document was looked at, so that no run looks at the whole book."""
    operator, _ = session.sign_in_if_needed()
    with writing(session, rights.BILL) as tx:
        (number,) = tx.take("id")
        body = policy_rows.body({"after": str(document_id)})
        tx.post([posted.CollectionPolicy(
            number, SENDING, BOOK, 0, session.today().isoformat(), body, operator.name, tx.now_us,
        )])  # fmt: skip
        tx.note("bills.queued", "book", {"after": document_id})


def _way(document: Unsent) -> str:
    if document.delivery == "none":
        return NONE
    if document.delivery == "paper":
        return PAPER
    return MAIL if document.has_mail else NO_ADDRESS


def _about(session: Session, billing: Rules, document: Unsent) -> Subject:
    owed = [Owed(document.number, document.due, document.total)]
    company = billing.seller[0] or session.book.company
    return Subject(document.name, document.account, company, owed, (), billing.instructions, session.book.currency)


def mail_again(
    session: Session, number: str, *, credit: bool = False, dry_run: bool = False, request_id: bytes | None = None
) -> str:
    """Queue an invoice or a credit note for mail by hand, whatever went before; the account it goes to.

    Args:
        session: Who sends it.
        number: Of the document.
        credit: It is a credit note.
        dry_run: Only check.
        request_id: Made when the form opened.

    Raises:
        NotFound: There is no such document.
        Refused: The account has no mail address, or the document waits to be mailed already.

    Side effect: one audit event. A document that left the book before says COPY.
    """
    whole, billing = (credit_parts.credit_note if credit else credit_parts.invoice)(session, number), rules.rules(session)
    head, kind = whole.head, "credit-note" if credit else "invoice"
    claim = claim_of(request_id, "mail", head.number)
    if answered(session, claim) is not None:
        return head.account
    asked = fact_rows.for_day(session.db, session.today(), services=False)
    (account,) = fact_rows.of_accounts(session.db, [head.customer_id], asked)
    if "mail" not in account.facts.reachable:
        raise Refused(f"{head.account} has no mail address that works; print {head.number}, or store an address first.")
    document = Unsent(
        head.id, head.number, head.customer_id, credit, head.due or head.issued, head.total, head.account,
        head.name, account.language, "mail", True,
    )  # fmt: skip
    if dry_run:
        _refuse_waiting(session, head.id, head.number)
        return head.account

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, head.customer_id)
        _refuse_waiting(session, head.id, head.number)
        say, operator = words(document.language or billing.language), session.sign_in_if_needed()[0]
        said = messages.say(templates.load(session).of(kind, say), _about(session, billing, document), say)
        # By hand is never the first turn: the papers of a run leave out only what the run itself sent.
        turn = 1 + message_rows.turns(session.db, head.customer_id, head.id, kind, 0)
        (message_id,) = tx.take("id")
        message_rows.add(tx, [posted.Message(
            message_id, head.customer_id, "document", head.id, kind, 0, turn, "mail", session.today().isoformat(), head.total,
            f"[[{head.id},{head.total}]]", say.language, said.subject, said.body, operator.name, tx.now_us,
        )])  # fmt: skip
        tx.note("message.again", head.number, {"account": head.account, "message": message_id})
        return message_id

    once(session, rights.NOTE, claim, work)
    return head.account


def _refuse_waiting(session: Session, document_id: int, number: str) -> None:
    if any(m.state == "queued" for m in message_rows.of_document(session.db, document_id)):
        raise Refused(f"{number} waits to be mailed already; netbill outbox shows it.")


def _queue(session: Session, many: Sequence[Unsent], billing: Rules) -> None:
    with writing(session, rights.BILL) as tx:
        operator, _ = session.sign_in_if_needed()
        ids = tx.ids(len(many))
        today = session.today().isoformat()
        rows, texts = [], templates.load(session)
        for document in many:
            say = words(document.language or billing.language)
            kind = "credit-note" if document.is_credit else "invoice"
            said = messages.say(texts.of(kind, say), _about(session, billing, document), say)
            rows.append(posted.Message(
                next(ids), document.customer_id, "document", document.id, kind, 0, 0, "mail", today, document.total,
                f"[[{document.id},{document.total}]]", say.language, said.subject, said.body, operator.name, tx.now_us,
            ))  # fmt: skip
        message_rows.add(tx, rows)
        tx.note("message.bills", today, {"documents": len(rows)})


def of_document(session: Session, document_id: int) -> list[MessageRow]:
    """The messages by which a document went, newest first."""
    return message_rows.of_document(session.db, document_id)


def shown(many: Sequence[MessageRow]) -> str:
    """How a document went, in a few words; empty where it did not."""
    return "; ".join(f"{m.channel} {m.state} {m.on}" for m in many)


# How a customer wants documents and messages.


def wishes(session: Session, account: str) -> list[MarkRow]:
    """What an account chose: its delivery, that it wants no courtesy, that its address is wrong."""
    return [m for m in marks.of_customer(session.db, find_customer(session, account).id) if m.kind not in ("hold", "handed-over")]


def choose(session: Session, account: str, what: str, reason: str = "") -> None:
    """Set how an account wants its documents, or what is known of its address.

    Args:
        session: Who sets it.
        account: Whose.
        what: mail, paper, both, none; opted-out, opted-in; wrong-mail, right-mail.
        reason: Why, for the audit.

    Raises:
        InvalidInput: It is none of these.

    Side effect: one audit event.
    """
    customer, why = find_customer(session, account), clean(reason, "The reason", limit=200)
    if what not in (*DELIVERIES, "opted-out", "opted-in", "wrong-mail", "right-mail"):
        raise InvalidInput(f"{what[:20]!r} is no way of delivery; type one of {', '.join(DELIVERIES)}.")
    kind, covers = (DELIVERY, what) if what in DELIVERIES else (what, "")
    with writing(session, rights.CUSTOMER) as tx:
        customer_rows.lock(session.db, customer.id)
        operator, _ = session.sign_in_if_needed()
        (number,) = tx.take("id")
        marks.post(tx, posted.CollectionEvent(
            number, customer.id, kind, None, covers, why, session.today().isoformat(), operator.name, tx.now_us,
        ))  # fmt: skip
        tx.note("delivery.set", customer.account, {"delivery": what, "reason": why})
