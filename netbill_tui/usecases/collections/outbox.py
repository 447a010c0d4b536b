"""What is to be sent and how it stands: looked at, told apart, cancelled, printed, and what nobody knows settled by a person.

Before anything goes out the verdict is asked once more: who paid, promised or is held meanwhile gets nothing.
Source: docs/collections.md, *Messages*.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.collections.ladder import UNDER_WAY, Facts, Went, reminder
from netbill_tui.billing.collections.policies import Ladder
from netbill_tui.db.collections import facts as fact_rows
from netbill_tui.db.collections import messages as message_rows
from netbill_tui.db.collections.messages import MessageEventRow
from netbill_tui.db.collections.messages import MessageRow as MessageRow
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.collections import policies
from netbill_tui.usecases.collections.planning import Plan
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer

WAITING = ("queued", "claimed", "unknown", "bounced", "refused", "failed")
LETTER_DAYS = 3  # until a letter that was printed is read
STATES = ("queued", "claimed", "sent", "unknown", "bounced", "refused", "failed", "cancelled", "withdrawn")


def listed(session: Session, state: str = "", limit: int = 1000, behind: int = 0) -> list[MessageRow]:
    """Messages that are not over, or those in one state, oldest first.

    Raises:
        InvalidInput: There is no such state.
    """
    if state and state not in STATES:
        raise InvalidInput(f"{state[:20]!r} is no state of a message; type one of {', '.join(STATES)}.")
    return message_rows.listed(session.db, (state,) if state else WAITING, limit=limit, behind=behind)


def counts(session: Session) -> dict[str, int]:
    """How many messages stand in each state that is not over."""
    return message_rows.counts(session.db)


class Waiting(NamedTuple):
    """What of the outbox wants a person, or soon goes."""

    unknown: int
    letters: int
    mails: int
    bounced: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.unknown + self.letters + self.mails + self.bounced


def waiting(session: Session) -> Waiting:
    """How many messages nobody knows of, letters wait for the printer, mails for the sender, and how many came back."""
    counts = message_rows.waiting(session.db)

    def of(state: str, channel: str = "") -> int:
        return sum(c.number for c in counts if c.state == state and channel in ("", c.channel))

    letters = of("queued", "letter") + of("claimed", "letter")
    return Waiting(of("unknown"), letters, of("queued", "mail"), of("bounced"))


def of_account(session: Session, account: str) -> list[MessageRow]:
    """The messages of an account, newest first."""
    return message_rows.of_customer(session.db, find_customer(session, account).id)


def message(session: Session, number: int) -> MessageRow:
    """A message by its number.

    Raises:
        NotFound: There is none.
    """
    row = message_rows.by_id(session.db, number) if 0 < number < 2**63 else None
    if row is None:
        raise NotFound(f"There is no message {number}; netbill outbox lists what waits.")
    return row


def events(session: Session, number: int) -> list[MessageEventRow]:
    """What became of a message, oldest first."""
    return message_rows.events(session.db, message(session, number).id)


class Asked(NamedTuple):
    """A message that waits, and why it goes no more; empty where it goes."""

    row: MessageRow
    reason: str


def ask_again(session: Session, waiting: Sequence[MessageRow], plan: Plan | None = None) -> list[Asked]:
    """The verdict on messages that wait, as if they had not been queued: what holds them back now.

    Args:
        session: Whose book.
        waiting: The messages.
        plan: The policies of today, where they are known already.
    """
    plan = plan or Plan(session, session.today())
    active = policies.switches(session).active
    accounts = {a.id: a for a in fact_rows.of_accounts(session.db, sorted({m.customer_id for m in waiting}), plan.asked)}
    answers = []
    for row in waiting:
        account = accounts[row.customer_id]
        if row.kind != "reminder":
            answers.append(Asked(row, ""))
            continue
        if not active:
            answers.append(Asked(row, "collections were switched off"))
            continue
        steps = plan.policies.ladder(account.id, account.kind, plan.day)
        answers.append(Asked(row, "handed over" if account.handed_over else _why(plan, steps, account.facts, row)))
    return answers


def _why(plan: Plan, steps: Ladder, facts: Facts, row: MessageRow) -> str:
    """Why a queued reminder goes no more: its own waiting is left out of what is known; its day and gap are over."""
    without = tuple(w for w in facts.went if not _is(w, row))
    # What was right in the night is not wrong at noon: of quiet days and the gap the night decided.
    relaxed = replace(steps, gap=0, transit=0)
    loud = replace(plan.days, weekdays=frozenset(), holidays=())
    now = reminder(facts._replace(went=without), relaxed, loud, plan.day)
    if now.reason:
        return now.reason
    if now.step is None:
        return "nothing is overdue any more" if now.driver is None else "a later message went"
    if now.step.code != row.step:
        return "a later step has come"
    # It says what was owed in the night; where that was paid, credited or disputed since, the next night says it anew.
    owed = {i.id: i.open for i in now.driver.items} if now.driver is not None else {}
    return "" if all(owed.get(id_) == amount for id_, amount in json.loads(row.invoices)) else "what is owed has changed"


def _is(went: Went, row: MessageRow) -> bool:
    return (went.step, went.fallback, went.on.isoformat()) == (row.step, row.fallback, row.on) and went.state in UNDER_WAY


def cancel(session: Session, number: int, reason: str) -> None:
    """Take a message back that waits; its step does not go again, the next one does.

    Raises:
        Refused: It went already, or is over.

    Side effect: one audit event.
    """
    row, words = message(session, number), clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("Type why the message is taken back, such as: customer called.")
    with writing(session, rights.COLLECT) as tx:
        if not message_rows.moved(tx, row.id, "queued", "withdrawn", session.today().isoformat(), words, tx.actor):
            raise Refused(f"The message {number} is {message(session, number).state} and cannot be taken back.")
        tx.note("message.cancel", row.account, {"message": row.id, "reason": words})


def settle_unknown(session: Session, number: int, came: bool) -> None:
    """Say of a message of which nothing is known whether it came; one that did not goes by the next channel.

    Raises:
        Refused: It is not unknown.

    Side effect: one audit event.
    """
    row = message(session, number)
    state = "sent" if came else "failed"
    with writing(session, rights.COLLECT) as tx:
        today = session.today().isoformat()
        if not message_rows.moved(
            tx, row.id, "unknown", state, today, "said by a person", tx.actor, notice_on=today if came else None
        ):
            raise Refused(f"The message {number} is {message(session, number).state}, not unknown.")
        tx.note("message.settle", row.account, {"message": row.id, "came": came})


def went(tx: Transaction, row: MessageRow, on: date, detail: str = "") -> bool:
    """A message went, inside a transaction: a letter counts as a notice some days later."""
    notice = on + timedelta(days=LETTER_DAYS) if row.channel == "letter" else on
    return message_rows.moved(tx, row.id, row.state, "sent", on.isoformat(), detail, tx.actor, notice_on=notice.isoformat())
