"""Billing runs, parked customers, and what a run made."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from netbill_tui.db.core import versions
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement, in_list
from netbill_tui.db.core.transaction import Transaction


class Posted(NamedTuple):
    """A document of a run, whose it is, and whether it is a credit note."""

    number: str
    account: str
    credit: bool


_COLUMNS = (
    "number, as_of, kind, state, catch_up, undoes, started_at, finished_at, customers, invoices, credits, lines, net, tax, "
    "parked, operator"
)
_ALL = Statement(f"select {_COLUMNS} from billing_run order by id desc limit 200")
_ONE = Statement(f"select {_COLUMNS} from billing_run where number = ?")
_LATER = Statement(
    "select number from billing_run where kind = 'run' and state <> 'undone' and invoices + credits > 0 "
    "and id > (select id from billing_run where number = ?) order by id desc limit 1"
)
_BEGIN = Statement(
    "insert into billing_run (id, number, as_of, kind, state, catch_up, undoes, started_at, finished_at, customers, invoices, "
    "credits, lines, net, tax, parked, operator) values (?, ?, ?, ?, 'running', ?, ?, ?, null, 0, 0, 0, 0, 0, 0, 0, ?)"
)
_GROW = Statement(
    "update billing_run set customers = customers + ?, invoices = invoices + ?, credits = credits + ?, lines = lines + ?, "
    "net = net + ?, tax = tax + ?, parked = parked + ? where number = ? returning id"
)
_END = Statement("update billing_run set state = ?, finished_at = ? where number = ? returning id")
_BROKEN_OFF = Statement("select count(*) from billing_run where state = 'running' and kind = 'run' and number <> ?")
_END_BROKEN_OFF = Statement(
    "update billing_run set state = 'stopped', finished_at = ? where state = 'running' and kind = 'run' and number <> ? "
    "returning id"
)
_END_BROKEN_UNDOS = Statement(
    "update billing_run set state = 'stopped', finished_at = ? where state = 'running' and kind = 'undo' and undoes = ? and "
    "number <> ? returning id"
)
_PARK = Statement(
    "insert into parked (customer_id, as_of, reason, run, at_us) values (?, ?, ?, ?, ?) on conflict (customer_id) do update set "
    "as_of = excluded.as_of, reason = excluded.reason, run = excluded.run, at_us = excluded.at_us"
)
_UNPARK = Statement("delete from parked where customer_id = ?")
# From the few that are parked to their accounts: the other way round all accounts would be gone through.
_PARKED = Statement(
    "select c.account, c.name, p.as_of, p.reason, p.run from parked p cross join customer c where c.id = p.customer_id "
    "order by c.account || ''"
)
_PARKED_IDS = Statement("select customer_id, reason from parked")
_EVENTS = Statement("select seq from audit_event where object = ? and action = 'billing.issue' order by seq")
_OF_EVENT = Statement(
    "select d.number, c.account, c.postcode, c.town, d.credit, d.id, w.body from "
    "(select id, number, customer_id, 0 as credit from invoice where audit_seq = ? "
    "union all select id, number, customer_id, 1 as credit from credit_note where audit_seq = ?) d "
    "join customer c on c.id = d.customer_id left join document_wording w on w.id = d.id"
)
# By mail, unless it came back or is wanted on paper too; or not wanted at all.
_NOT_ON_PAPER = Statement(
    "select d.number from (select id, number, customer_id from invoice where audit_seq = ? union all select id, number, "
    "customer_id from credit_note where audit_seq = ?) d left join collection_mark k on k.customer_id = d.customer_id and "
    "k.kind = 'delivery' where k.covers = 'none' or (coalesce(k.covers, 'mail') = 'mail' and exists (select 1 from "
    "message m join "
    "outbox o on o.message_id = m.id where m.customer_id = d.customer_id and m.driver = d.id and m.kind = 'document' and "
    "m.turn = 0 and o.state "
    "in ('queued', 'claimed', 'sent', 'unknown')))"
)
_LAST_NET = (
    "select customer_id, total - tax from invoice where id in (select max(id) from invoice where customer_id in {marks} "
    "group by customer_id)"
)
_DRAFTS = Statement(
    "select c.account, c.name, d.bill_date, d.posts_on, d.net, d.tax, d.state, d.run from draft_invoice d "
    "join customer c on c.id = d.customer_id order by d.posts_on, c.account"
)
_DRAFT_OF = "select customer_id, bill_date, posts_on, state, net, tax from draft_invoice where customer_id in {marks}"
_RUNNING = Statement("select id from billing_run where state = 'running' and kind = ?")
_ID = Statement("select id from billing_run where number = ?")
_DRAFTED = Statement("select distinct customer_id from draft_invoice order by customer_id")
_ADD_DRAFT = Statement(
    "insert into draft_invoice (customer_id, bill_date, run, posts_on, net, tax, state) values (?, ?, ?, ?, ?, ?, 'waiting') "
    # What somebody confirmed was of that amount: of another one it waits again, and says so.
    "on conflict (customer_id, bill_date) do update set posts_on = case when draft_invoice.state = 'confirmed' and "
    "(draft_invoice.net <> excluded.net or draft_invoice.tax <> excluded.tax) then excluded.posts_on else draft_invoice.posts_on "
    "end, state = case when draft_invoice.net = excluded.net and draft_invoice.tax = excluded.tax then draft_invoice.state "
    "when draft_invoice.state = 'waiting' then 'waiting' else 'changed' end, net = excluded.net, tax = excluded.tax"
)
_DROP_DRAFT = Statement("delete from draft_invoice where customer_id = ? and bill_date = ?")
_SET_DRAFT = Statement("update draft_invoice set posts_on = ?, state = ? where customer_id = ? and bill_date = ?")


class Run(NamedTuple):
    """A run as it stands."""

    number: str
    as_of: str
    kind: str
    state: str
    catch_up: str
    undoes: str
    started_at: int
    finished_at: int | None
    customers: int
    invoices: int
    credits: int
    lines: int
    net: int
    tax: int
    parked: int
    operator: str

    @property
    def total(self) -> int:
        """With tax."""
        return self.net + self.tax


class ParkedRow(NamedTuple):
    """A customer who could not be billed."""

    account: str
    name: str
    as_of: str
    reason: str
    run: str


class DraftRow(NamedTuple):
    """An invoice that waits."""

    account: str
    name: str
    bill_date: str
    posts_on: str
    net: int
    tax: int
    state: str
    run: str


def runs(db: Database) -> list[Run]:
    """The last 200 runs, newest first."""
    return [Run(*row) for row in db.rows(_ALL)]


def run(db: Database, number: str) -> Run | None:
    """The run of this number."""
    row = db.row(_ONE, (number,))
    return Run(*row) if row else None


def billed_after(db: Database, number: str) -> str:
    """Number of the newest run that stands and billed something after a run, or empty."""
    row = db.row(_LATER, (number,))
    return str(row[0]) if row else ""


def _ids(tx: Transaction, number: str) -> list[int]:
    return [int(row[0]) for row in tx.db.rows(_ID, (number,))]


def begin(tx: Transaction, row_id: int, number: str, as_of: str, kind: str, catch_up: str, undoes: str, operator: str) -> None:
    """A run begins."""
    tx.db.run(_BEGIN, (row_id, number, as_of, kind, catch_up, undoes, tx.now_us, operator))
    tx.touch(versions.RUN, [row_id])


def grow(tx: Transaction, number: str, sums: Sequence[int]) -> None:
    """Add a batch to a run: customers, invoices, credits, lines, net, tax, parked."""
    versions.leave(tx, versions.RUN, _ids(tx, number))
    tx.touch(versions.RUN, [int(r[0]) for r in tx.db.rows(_GROW, (*sums, number))])


def end(tx: Transaction, number: str, state: str, at_us: int = 0) -> None:
    """A run is done, stopped or undone; now, or when it was."""
    versions.leave(tx, versions.RUN, _ids(tx, number))
    tx.touch(versions.RUN, [int(r[0]) for r in tx.db.rows(_END, (state, at_us or tx.now_us, number))])


def broken_off(db: Database, but: str) -> int:
    """How many runs were begun and never ended, beside one."""
    row = db.row(_BROKEN_OFF, (but,))
    return int(row[0]) if row else 0


def end_broken_off(tx: Transaction, but: str) -> None:
    """What was killed is stopped: another run went on behind it. One that still goes on says of itself when it is done."""
    versions.leave(tx, versions.RUN, [int(r[0]) for r in tx.db.rows(_RUNNING, ("run",))])
    tx.touch(versions.RUN, [int(r[0]) for r in tx.db.rows(_END_BROKEN_OFF, (tx.now_us, but))])


def end_broken_undos(tx: Transaction, undone: str, but: str) -> None:
    """The undos of a run that were killed are stopped: another one went on behind them, to the end."""
    versions.leave(tx, versions.RUN, [int(r[0]) for r in tx.db.rows(_RUNNING, ("undo",))])
    tx.touch(versions.RUN, [int(r[0]) for r in tx.db.rows(_END_BROKEN_UNDOS, (tx.now_us, undone, but))])


def park(tx: Transaction, rows: Sequence[tuple[int, str, str, str]]) -> None:
    """Keep who could not be billed: customer, as-of date, reason, run."""
    versions.leave(tx, versions.WAITING, [row[0] for row in rows])
    tx.db.run_many(_PARK, [(*row, tx.now_us) for row in rows])
    tx.touch(versions.WAITING, [row[0] for row in rows])


def unpark(tx: Transaction, customer_ids: Sequence[int]) -> None:
    """They were billed, or there is nothing to bill any more."""
    versions.leave(tx, versions.WAITING, customer_ids)
    tx.db.run_many(_UNPARK, [(i,) for i in customer_ids])
    tx.touch(versions.WAITING, customer_ids)


def parked(db: Database) -> list[ParkedRow]:
    """Everybody who could not be billed, by account."""
    return [ParkedRow(*row) for row in db.rows(_PARKED)]


def parked_ids(db: Database) -> dict[int, str]:
    """Who could not be billed, with the reason."""
    return {int(i): str(reason) for i, reason in db.rows(_PARKED_IDS)}


def events_of(db: Database, number: str) -> list[int]:
    """The audit events of a run's batches."""
    return [int(row[0]) for row in db.rows(_EVENTS, (number,))]


def in_postal_order(db: Database, events: Sequence[int]) -> list[Posted]:
    """The documents of a run's batches by postcode, town and account, as they were when they were posted."""
    posted: list[tuple[str, str, str, int, Posted]] = []
    for seq in events:
        for row in db.rows(_OF_EVENT, (seq, seq)):
            number, account, postcode, town, credit, id_, body = row
            said = json.loads(body) if body else {"postcode": postcode, "town": town}
            posted.append((said["postcode"], said["town"], account, int(id_), Posted(number, account, bool(credit))))
    return [document for *_, document in sorted(posted, key=lambda p: p[:4])]


def not_on_paper(db: Database, events: Sequence[int]) -> set[str]:
    """The numbers of those documents of a run's batches that went by mail or are wanted by nobody."""
    return {str(row[0]) for seq in events for row in db.rows(_NOT_ON_PAPER, (seq, seq))}


def last_nets(db: Database, customer_ids: Sequence[int]) -> dict[int, int]:
    """The net amount of each customer's last invoice."""
    if not customer_ids:
        return {}
    statement = Statement(_LAST_NET.format(marks=in_list(len(customer_ids))))
    return {int(i): int(net) for i, net in db.rows(statement, customer_ids)}


def drafts(db: Database) -> list[DraftRow]:
    """The invoices that wait, by the day they are issued."""
    return [DraftRow(*row) for row in db.rows(_DRAFTS)]


class Waiting(NamedTuple):
    """A draft: the day from which it is issued, whether somebody confirmed it, and its amounts."""

    posts_on: str
    state: str
    net: int
    tax: int


def drafts_of(db: Database, customer_ids: Sequence[int]) -> dict[tuple[int, str], Waiting]:
    """The drafts of some customers, by customer and bill date."""
    statement = Statement(_DRAFT_OF.format(marks=in_list(len(customer_ids))))
    return {(int(c), b): Waiting(*more) for c, b, *more in db.rows(statement, customer_ids)} if customer_ids else {}


def drafted(db: Database) -> list[int]:
    """Ids of the customers who have a draft."""
    return [int(r[0]) for r in db.rows(_DRAFTED)]


def add_drafts(tx: Transaction, rows: Sequence[tuple[int, str, str, str, int, int]]) -> None:
    """Keep drafts: customer, bill date, run, day of issue, net, tax. One that waits already keeps its day."""
    versions.leave(tx, versions.WAITING, [row[0] for row in rows])
    tx.db.run_many(_ADD_DRAFT, rows)
    tx.touch(versions.WAITING, [row[0] for row in rows])


def drop_drafts(tx: Transaction, rows: Sequence[tuple[int, str]]) -> None:
    """Drafts were issued, where there were any."""
    known = drafts_of(tx.db, sorted({customer_id for customer_id, _ in rows}))
    issued = [row for row in rows if row in known]
    versions.leave(tx, versions.WAITING, [customer_id for customer_id, _ in issued])
    tx.db.run_many(_DROP_DRAFT, issued)
    tx.touch(versions.WAITING, [customer_id for customer_id, _ in issued])


def set_draft(tx: Transaction, customer_id: int, bill_date: str, posts_on: str, state: str) -> int:
    """Confirm a draft or throw it away; how many there were."""
    versions.hold(tx, versions.WAITING, [customer_id])
    tx.touch(versions.WAITING, [customer_id])
    return tx.db.changed(_SET_DRAFT, (posts_on, state, customer_id, bill_date))
