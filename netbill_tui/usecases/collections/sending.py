"""What waits in the outbox goes out by mail: asked once more, offered, claimed before the final dot, and its answer kept.

No transaction is open while the network is waited for. A sender that is killed leaves each message queued, sent, or claimed; a
claimed one of a sender that is gone is unknown, is listed for a person, and is never sent by itself.
Source: docs/collections.md, *Messages*.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from netbill_tui.billing.collections.policies import GUARD
from netbill_tui.db.collections import messages as message_rows
from netbill_tui.db.collections import policies as policy_rows
from netbill_tui.db.collections.messages import MessageRow
from netbill_tui.errors import InvalidInput, MailProblem, NotPermitted
from netbill_tui.integrations.mail import LATER, READY, REFUSED, SENT, UNKNOWN, Answer, Link, Mail, Server, is_address
from netbill_tui.security import rights
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.keys import CONTACT
from netbill_tui.text import visible
from netbill_tui.usecases.collections import outbox, policies
from netbill_tui.usecases.collections.planning import Plan
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.receivables import documents, paper

BATCH = 50  # messages that are read together
DEAD_US = 10 * 60 * 1_000_000  # a claim without an answer: its sender is gone
RETRIES_S = (15 * 60, 3600, 4 * 3600, 12 * 3600)  # until a message is tried again
GIVES_UP_US = 48 * 3600 * 1_000_000
FIRST_MAILS = 20  # so many a day until the owner lifts it
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Result:
    """What a run of the sender did."""

    sent: int = 0
    later: int = 0
    refused: int = 0
    unknown: int = 0
    cancelled: int = 0
    why: str = ""  # it ended before everything was tried


class _Stop(Exception):
    """Nothing more is sent now; its words say why."""


def send(
    session: Session, server: Server, *, should_stop: Callable[[], bool] = lambda: False, on_progress: Progress | None = None
) -> Result:
    """Send what waits by mail.

    Args:
        session: Who sends; a principal with the role messenger as a rule.
        server: By which server.
        should_stop: Asked between messages.
        on_progress: Gets messages done and waiting.

    Raises:
        NotPermitted: No right, or no key of contact data.
        MailProblem: The server cannot be used; everything waits.

    Side effect: audit events before each final dot and behind its answer.
    """
    session.may_post()
    session.needs(rights.MESSAGE)
    _, vault = session.sign_in_if_needed()
    if not vault.holds(CONTACT):
        raise NotPermitted("You hold no key for contact data; give the role messenger to who sends.")
    settle_dead(session)
    result = Result()
    sender = _Sender(session, server, result)
    waiting, done, behind = message_rows.counts(session.db).get("queued", 0), 0, 0
    try:
        while part := message_rows.to_send(session.db, "mail", session.now_us(), behind, BATCH):
            plan = Plan(session, session.today())
            for row in part:
                if should_stop():
                    raise _Stop("stopped")
                # Each just before it goes: a payment may come while the ones before it are on their way.
                sender.handle(*outbox.ask_again(session, [row], plan))
                done += 1
                if on_progress:
                    on_progress(done, max(waiting, done))
            behind = part[-1].id
    except _Stop as stop:
        result.why = str(stop)
    except MailProblem as problem:
        if result == Result():
            raise
        result.why = str(problem)
    finally:
        sender.close()
    return result


class _Sender:
    """One run: its connection, and what it did."""

    def __init__(self, session: Session, server: Server, result: Result) -> None:
        self.session, self.server, self.result = session, server, result
        self._link: Link | None = None

    def close(self) -> None:
        """Say goodbye."""
        if self._link is not None:
            self._link.end()

    def handle(self, asked: outbox.Asked) -> None:
        """Send one message, or keep why it does not go.

        Raises:
            _Stop: Nothing may be sent now.
            MailProblem: The server cannot be used.
        """
        session, row = self.session, asked.row
        self._may_send()
        if asked.reason:
            if self._move(row, "queued", "cancelled", asked.reason):
                self.result.cancelled += 1
            return
        address = self._address(row)
        if not is_address(address):
            self._count(self._after(row, "queued", Answer(REFUSED, "the address is not one of mail")))
            return
        link = self._connected()
        files = self._files(row)
        answer = link.offer(self._envelope(row), self._mail(row, address, files), self.server.sender)
        if answer.state != READY:
            self._count(self._after(row, "queued", answer))
            return
        if not self._claim(row):
            link.close()  # another sender has it; without a dot this one never went
            return
        if files:
            documents.handed_out(session, message_rows.document_number(session.db, row.id), "mail")
        self._count(self._after(row, "claimed", link.commit()))
        session.db.give_way(0)

    def _may_send(self) -> None:
        session = self.session
        switches = policies.switches(session)
        if not switches.sending:
            raise _Stop(f"stopped by {switches.stopped_by}; netbill outbox --start lets it go on")
        most = guard(session)
        if most is not None and message_rows.went_on(session.db, "mail", session.today().isoformat()) >= most:
            raise _Stop(f"{most} mails went today, and no more may until netbill outbox --lift")

    def _connected(self) -> Link:
        if self._link is None or not self._link.is_open:
            self._link = Link(self.server)
        return self._link

    def _address(self, row: MessageRow) -> str:
        _, vault = self.session.sign_in_if_needed()
        for contact in message_rows.emails_of(self.session.db, row.customer_id):
            try:
                return vault.open("contact", "email", contact.uid, contact.value).unwrap().strip()
            except Unreadable:
                continue
        return ""

    def _domain(self) -> str:
        return self.server.sender.rpartition("@")[2]

    def _envelope(self, row: MessageRow) -> str:
        return f"bounce+{token(self.session, row.id)}@{self._domain()}"

    def _files(self, row: MessageRow) -> list[tuple[str, bytes]]:
        """The document that a message brings: a PDF with the e-invoice where they can be made, else its text."""
        if row.kind != "document":
            return []
        kind = paper.CREDIT_NOTE if row.step == "credit-note" else paper.INVOICE
        number = message_rows.document_number(self.session.db, row.id)
        ready = paper.paper(self.session, kind, number, pdf=paper.can_pdf(), einvoice=True)
        return [(f"{ready.name}.{ready.ending}", ready.content)]

    def _mail(self, row: MessageRow, address: str, files: list[tuple[str, bytes]]) -> Mail:
        number = f"<{row.id}.{token(self.session, row.id)}@{self._domain()}>"
        unsubscribe = self.server.sender if row.step.startswith("courtesy") else ""
        now = datetime.fromtimestamp(self.session.now_us() / 1_000_000, UTC)
        return Mail(address, row.subject, row.body, number, self._envelope(row), now, files, unsubscribe)

    def _claim(self, row: MessageRow) -> bool:
        return self._move(row, "queued", "claimed", "", tries=row.tries + 1)

    def _move(self, row: MessageRow, before: str, state: str, detail: str, *, tries: int | None = None, next_us: int = 0) -> bool:
        session = self.session
        today = session.today().isoformat()
        with writing(session, rights.MESSAGE) as tx:
            moved = message_rows.moved(
                tx, row.id, before, state, today, detail, tx.actor, tries=row.tries if tries is None else tries, next_us=next_us,
                notice_on=today if state == "sent" else None,
            )  # fmt: skip
            if moved:
                tx.note(f"message.{state}", row.account, {"message": row.id, "channel": row.channel, "detail": detail})
        return moved

    def _after(self, row: MessageRow, before: str, answer: Answer) -> str:
        """Keep what became of a message; its state."""
        if answer.state == LATER:
            now = self.session.now_us()
            if now - message_rows.first_queued_us(self.session.db, row.id) >= GIVES_UP_US:
                state, next_us = "failed", 0
            else:
                state, next_us = "queued", now + RETRIES_S[min(row.tries, len(RETRIES_S) - 1)] * 1_000_000
            moved = self._move(row, before, state, answer.words, tries=row.tries + 1, next_us=next_us)
        else:
            state = {SENT: "sent", UNKNOWN: "unknown"}.get(answer.state, "refused")
            moved = self._move(row, before, state, answer.words, tries=row.tries + 1)
        return state if moved else ""

    def _count(self, state: str) -> None:
        if state == "sent":
            self.result.sent += 1
        elif state == "unknown":
            self.result.unknown += 1
        elif state in ("refused", "failed"):
            self.result.refused += 1
        elif state == "queued":
            self.result.later += 1


def token(session: Session, message_id: int) -> str:
    """What names a message where a report of a failure comes back: its number, and a mark that nobody else can make."""
    _, vault = session.sign_in_if_needed()
    mark = vault.blind_index("bounce", "bounce.v1", str(message_id))
    return f"{message_id:x}-{mark & ((1 << 56) - 1):014x}"


def tokens(session: Session, message_id: int) -> list[str]:
    """The marks of a message under every key that is held: one that was made before a rotation is known behind it."""
    _, vault = session.sign_in_if_needed()
    marks = vault.blind_indexes("bounce", "bounce.v1", str(message_id))
    return [f"{message_id:x}-{mark & ((1 << 56) - 1):014x}" for mark in marks]


def settle_dead(session: Session) -> int:
    """Claims whose sender is gone are unknown: nobody can tell whether the message went; how many there were.

    Side effect: one audit event for each.
    """
    dead = message_rows.claimed_before(session.db, session.now_us() - DEAD_US)
    today = session.today().isoformat()
    for message_id in dead:
        with writing(session, rights.MESSAGE) as tx:
            if message_rows.moved(tx, message_id, "claimed", "unknown", today, "its sender was gone before the answer", tx.actor):
                tx.note("message.unknown", str(message_id), {"message": message_id})
    return len(dead)


def guard(session: Session) -> int | None:
    """How many mails may go on a day; None once the owner lifted that."""
    version = policy_rows.switch(session.db, GUARD)
    most = version.values.get("most", "") if version is not None else str(FIRST_MAILS)
    return int(most) if most.isdigit() else None


def test_mail(session: Session, server: Server, to: str, said: tuple[str, str]) -> None:
    """Send a template, filled in with made-up values, to oneself.

    Raises:
        InvalidInput: It goes to no address.
        MailProblem: The server cannot be used, or did not take it.
    """
    session.needs(rights.MESSAGE)
    if not is_address(to):
        raise InvalidInput(f"{visible(to)[:60]!r} is no mail address; type your own.")
    link = Link(server)
    try:
        now = datetime.fromtimestamp(session.now_us() / 1_000_000, UTC)
        domain = server.sender.rpartition("@")[2]
        mail = Mail(to, said[0], said[1], f"<test.{session.now_us()}@{domain}>", server.sender, now)
        answer = link.offer(server.sender, mail, server.sender)
        answer = link.commit() if answer.state == READY else answer
        if answer.state != SENT:
            raise MailProblem(f"The server did not take it: {answer.words}")
    finally:
        link.end()
