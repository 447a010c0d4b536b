"""Messages and how they stand: what is queued, what went, and why an action did not happen."""

from collections.abc import Sequence
from typing import NamedTuple

from netbill_tui.db.core import posted
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.security.secret import Sealed


class MessageRow(NamedTuple):
    """A message as the lists show it."""

    id: int
    customer_id: int
    account: str
    name: str
    kind: str
    step: str
    fallback: int
    channel: str
    on: str
    amount: int
    state: str
    tries: int
    detail: str
    subject: str
    body: str
    language: str
    invoices: str


class MessageEventRow(NamedTuple):
    """What became of a message, and when."""

    kind: str
    on: str
    detail: str
    operator: str
    recorded_us: int


class StepTally(NamedTuple):
    """How many messages of a step went on a day by a channel, and what they were about."""

    step: str
    channel: str
    number: int
    amount: int


class StateCount(NamedTuple):
    """How many messages of a channel stand in a state."""

    channel: str
    state: str
    number: int


class ReasonRow(NamedTuple):
    """Why an action did not happen to an account, since which day."""

    customer_id: int
    action: str
    reason: str
    since: str


_COLUMNS = (
    "m.id, m.customer_id, c.account, c.name, m.kind, m.step, m.fallback, m.channel, m.on_date, m.amount, o.state, o.tries, "
    "coalesce((select e.detail from message_event e where e.message_id = m.id order by e.id desc limit 1), ''), m.subject, "
    "m.body, m.language, m.invoices"
)
_FROM = "from outbox o join message m on m.id = o.message_id join customer c on c.id = m.customer_id"
_STANDS = Statement(
    "insert into outbox (message_id, customer_id, driver, step, fallback, channel, on_date, state, sent_on, notice_on, tries, "
    "next_us) values (?, ?, ?, ?, ?, ?, ?, ?, null, null, ?, ?)"
)
_MOVE = Statement(
    "update outbox set state = ?, sent_on = coalesce(?, sent_on), notice_on = coalesce(?, notice_on), tries = ?, next_us "
    "= ? where message_id = ? and state = ?"
)
_QUEUED = Select(
    "select message_id from outbox where state = 'queued' and customer_id = ? and driver > 0 order by message_id", int
)
_TURNS = Select("select count(*) from message where customer_id = ? and driver = ? and step = ? and fallback = ?", int)
_BY_ID = Select(f"select {_COLUMNS} {_FROM} where o.message_id = ?", MessageRow)
_OF_CUSTOMER = Select(f"select {_COLUMNS} {_FROM} where o.customer_id = ? order by m.id desc limit ?", MessageRow)
_EVENTS = Select(
    "select kind, on_date, detail, operator, recorded_at from message_event where message_id = ? order by id", MessageEventRow
)
_OF_DAY = Select(
    "select m.step, m.channel, count(*), cast(coalesce(sum(m.amount), 0) as bigint) from outbox o join message m "
    "on m.id = o.message_id where o.on_date = ? and o.state not in ('cancelled', 'withdrawn') group by m.step, m.channel "
    "order by m.step, m.channel",
    lambda step, channel, number, amount: StepTally(step, channel, int(number), int(amount)),
)
_COUNTS = Statement("select state, count(*) from outbox where state in ('queued', 'claimed', 'unknown', 'bounced', 'refused', "
                    "'failed') group by state")  # fmt: skip
_WAITING = Select(
    "select o.channel, o.state, count(*) from outbox o where o.state in ('queued', 'claimed', 'unknown', 'bounced') group by "
    "o.channel, o.state",
    lambda channel, state, number: StateCount(str(channel), str(state), int(number)),
)
_SET_REASON = Statement(
    "insert into collection_reason (customer_id, action, reason, since_on) values (?, ?, ?, ?) on conflict (customer_id, action) "
    "do update set reason = excluded.reason, since_on = excluded.since_on"
)
_DROP_REASON = Statement("delete from collection_reason where customer_id = ? and action = ?")
_WITH_REASONS = Statement("select distinct customer_id from collection_reason")
_REASONS_OF = Select(
    "select customer_id, action, reason, since_on from collection_reason where customer_id = ? order by action", ReasonRow
)


_WISHES = (
    "coalesce((select g.language from customer_language g where g.customer_id = c.id), '') as language, coalesce((select "
    "k.covers "
    "from collection_mark k where k.customer_id = c.id and k.kind = 'delivery'), case when c.paperless = 1 then 'mail' "
    "else 'paper' "
    "end) as delivery, exists (select 1 from contact t where t.customer_id = c.id and t.kind = 'email') and not exists "
    "(select 1 from "
    "collection_mark w where w.customer_id = c.id and w.kind = 'wrong-mail') as has_mail"
)
_NOT_YET = "not exists (select 1 from message m where m.customer_id = d.customer_id and m.driver = d.id)"
_UNSENT = Select(
    f"select d.id, d.number, d.customer_id, 0 as credit, d.due_on, d.total, c.account, c.name, {_WISHES} from invoice d "
    f"join customer c "
    f"on c.id = d.customer_id where d.series = 'invoice' and d.id > ? and d.total > 0 and {_NOT_YET} union all "
    f"select d.id, d.number, d.customer_id, 1, d.issued_on, d.total, c.account, c.name, {_WISHES} from credit_note d join "
    f"customer c "
    f"on c.id = d.customer_id where d.id > ? and {_NOT_YET} order by 1 limit ?",
    lambda *row: _unsent(*row),
)
_DOCUMENT = Select(
    "select coalesce((select i.number from invoice i where i.id = m.driver), (select n.number from credit_note n where "
    "n.id = m.driver)) from message m where m.id = ?",
    str,
)
_OF_DOCUMENT = Select(f"select {_COLUMNS} {_FROM} where m.driver = ? and m.kind = 'document' order by m.id desc", MessageRow)
_BEFORE = Select(
    "select coalesce(max(id), 0) from invoice where audit_seq <= (select coalesce(max(seq), 0) from audit_event where action = "
    "'billing.end' and seq < (select coalesce(max(seq), 0) from audit_event where action = 'billing.end'))",
    int,
)


class Contact(NamedTuple):
    """A sealed address, with what it is bound to."""

    uid: bytes
    value: Sealed


_EMAILS = Select(
    "select uid, value from contact where customer_id = ? and kind = 'email' order by id",
    lambda uid, value: Contact(bytes(uid), Sealed(bytes(value))),
)
_OF_BATCH = Select(
    f"select {_COLUMNS} {_FROM} where m.id in (select e.message_id from message_event e where e.kind = 'claimed' and "
    f"e.detail = ?) "
    "and o.channel = 'letter' order by m.id",
    MessageRow,
)
_DEAD = Select(
    "select o.message_id from outbox o where o.state = 'claimed' and o.channel = 'mail' and (select max(e.recorded_at) "
    "from message_event e where "
    "e.message_id = o.message_id) < ? order by o.message_id",
    int,
)
_WENT = Select(
    "select count(*) from message_event e join outbox o on o.message_id = e.message_id where o.channel = ? and e.kind = "
    "'claimed' "
    "and e.on_date = ?",
    int,
)
_QUEUED_US = Select("select recorded_at from message where id = ?", int)


def add(tx: Transaction, messages: Sequence[posted.Message]) -> None:
    """Queue messages, each with its first event."""
    if not messages:
        return
    tx.post(messages)
    ids = tx.ids(len(messages))
    tx.post([posted.MessageEvent(next(ids), m.id, "queued", m.on_date, "", m.operator, m.recorded_at) for m in messages])
    tx.db.run_many(
        _STANDS, [(m.id, m.customer_id, m.driver, m.step, m.fallback, m.channel, m.on_date, "queued", 0, 0) for m in messages]
    )


def moved(
    tx: Transaction, message_id: int, before: str, state: str, on: str, detail: str, operator: str, *, tries: int = 0,
    next_us: int = 0, notice_on: str | None = None,
) -> bool:  # fmt: skip
    """Let a message go from one state to another; False where it stands in another state, and nothing was changed."""
    sent_on = on if state == "sent" else None
    if tx.db.changed(_MOVE, (state, sent_on, notice_on, tries, next_us, message_id, before)) != 1:
        return False
    (event_id,) = tx.take("id")
    tx.post([posted.MessageEvent(event_id, message_id, state, on, detail, operator, tx.now_us)])
    return True


def turns(db: Database, customer_id: int, driver: int, step: str, fallback: int) -> int:
    """How often a step was queued by this channel for a driver: once, but that a cancelled one may be queued anew."""
    return _TURNS.one(db, (customer_id, driver, step, fallback))


def queued_of(db: Database, customer_id: int) -> list[int]:
    """The reminders of an account that wait to be sent."""
    return _QUEUED.all(db, (customer_id,))


def by_id(db: Database, message_id: int) -> MessageRow | None:
    """A message, or None."""
    return _BY_ID.first(db, (message_id,))


def of_customer(db: Database, customer_id: int, limit: int = 200) -> list[MessageRow]:
    """The messages of an account, newest first."""
    return _OF_CUSTOMER.all(db, (customer_id, limit))


def events(db: Database, message_id: int) -> list[MessageEventRow]:
    """What became of a message, oldest first."""
    return _EVENTS.all(db, (message_id,))


def listed(db: Database, states: Sequence[str], channel: str = "", limit: int = 1000, behind: int = 0) -> list[MessageRow]:
    """Messages in some states, oldest first, behind an id."""
    by = " and o.channel = ?" if channel else ""
    where = f"o.state in {in_list(len(states))}{by} and o.message_id > ?"
    sql = f"select {_COLUMNS} {_FROM} where {where} order by o.message_id limit ?"
    return Select(sql, MessageRow).all(db, (*states, *([channel] if channel else []), behind, limit))


def of_day(db: Database, on: str) -> list[StepTally]:
    """What was queued on a day, by step and channel."""
    return _OF_DAY.all(db, (on,))


def counts(db: Database) -> dict[str, int]:
    """How many messages stand in each state that is not over."""
    return {str(state): int(number) for state, number in db.rows(_COUNTS)}


def waiting(db: Database) -> list[StateCount]:
    """How many messages wait, by channel and state."""
    return _WAITING.all(db)


def reasons(db: Database, customer_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Why actions did not happen to some accounts, by action."""
    by_customer: dict[int, dict[str, str]] = {}
    for at in range(0, len(customer_ids), 500):
        part = customer_ids[at : at + 500]
        read = f"select customer_id, action, reason from collection_reason where customer_id in {in_list(len(part))}"
        for customer_id, action, reason in db.rows(Statement(read), part):
            by_customer.setdefault(int(customer_id), {})[action] = reason
    return by_customer


def with_reasons(db: Database) -> list[int]:
    """The accounts of which a reason is kept."""
    return [int(row[0]) for row in db.rows(_WITH_REASONS)]


def reasons_of(db: Database, customer_id: int) -> list[ReasonRow]:
    """Why actions did not happen to an account, with since when."""
    return _REASONS_OF.all(db, (customer_id,))


def set_reasons(db: Database, rows: Sequence[ReasonRow]) -> None:
    """Keep reasons that are new or changed."""
    db.run_many(_SET_REASON, [(r.customer_id, r.action, r.reason, r.since) for r in rows])


def drop_reasons(db: Database, rows: Sequence[tuple[int, str]]) -> None:
    """Forget reasons that hold no longer, each by customer and action."""
    db.run_many(_DROP_REASON, rows)


def to_send(db: Database, channel: str, now_us: int, behind: int, limit: int = 100) -> list[MessageRow]:
    """Some of the messages of a channel that are due to be tried, oldest first, behind an id."""
    sql = (
        f"select {_COLUMNS} {_FROM} where o.state = 'queued' and o.channel = ? and o.next_us <= ? and o.message_id > ? "
        "order by o.message_id limit ?"
    )
    return Select(sql, MessageRow).all(db, (channel, now_us, behind, limit))


def claimed_before(db: Database, at_us: int) -> list[int]:
    """Messages whose sender claimed them before a moment and said nothing since."""
    return _DEAD.all(db, (at_us,))


def went_on(db: Database, channel: str, on: str) -> int:
    """How many messages went by a channel on a day, or may have."""
    return _WENT.one(db, (channel, on))


def first_queued_us(db: Database, message_id: int) -> int:
    """When a message was queued, in UTC microseconds."""
    return _QUEUED_US.one(db, (message_id,))


def emails_of(db: Database, customer_id: int) -> list[Contact]:
    """The mail addresses of a customer, sealed, the first one first."""
    return _EMAILS.all(db, (customer_id,))


def of_batch(db: Database, number: str) -> list[MessageRow]:
    """The letters that were drawn as a batch."""
    return _OF_BATCH.all(db, (number,))


class Unsent(NamedTuple):
    """A document of a run that was not queued yet: whose it is, and how they want it."""

    id: int
    number: str
    customer_id: int
    is_credit: bool
    due: str
    total: int
    account: str
    name: str
    language: str
    delivery: str
    has_mail: bool


def _unsent(*row: object) -> Unsent:
    document = Unsent(*row)  # type: ignore[arg-type]
    return document._replace(is_credit=bool(document.is_credit), has_mail=bool(document.has_mail))


def unsent(db: Database, behind: int, limit: int) -> list[Unsent]:
    """Some documents that are in no message, behind an id, in the order in which they were posted."""
    return _UNSENT.all(db, (behind, behind, limit))


def of_document(db: Database, document_id: int) -> list[MessageRow]:
    """The messages by which a document went, newest first."""
    return _OF_DOCUMENT.all(db, (document_id,))


def before_last_run(db: Database) -> int:
    """The newest invoice of before the last run: it and what is older does not go out."""
    return _BEFORE.one(db)


def document_number(db: Database, message_id: int) -> str:
    """The number of the document that a message brings."""
    return _DOCUMENT.one(db, (message_id,))
