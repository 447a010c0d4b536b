"""What the ladder knows of accounts: read in a few statements for hundreds of them, by the index of what is due."""

import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.collections.ladder import Facts, Item, Return, Went
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list

# `+`: the index of the due date, and not one that would give the customers in their order but walk through everybody.
_WHO = Statement("select distinct o.customer_id from open_item o where o.due_on <= ?")
_RETURNS = Statement(
    "select p.customer_id, e.id, e.on_date from payment_event e join payment p on p.id = e.payment_id where e.kind = 'returned' "
    "and e.on_date >= ? and exists (select 1 from allocation a join open_item o on o.invoice_id = a.invoice_id "
    "where a.payment_id = e.payment_id and a.amount < 0) order by e.id"
)
_OLDEST = Select("select coalesce(min(due_on), '9999-12-31') from open_item", str)
CHUNK = 500  # accounts that are read together
ANSWERED = ("promises to pay", "disputes it", "escalated")  # outcomes of calls in which somebody spoke with the customer


class Account(NamedTuple):
    """An account with what the ladder knows of it."""

    id: int
    account: str
    name: str
    kind: str
    status: str
    balance: int
    facts: Facts
    language: str = ""
    fees_held: str = ""
    handed_over: bool = False


class Asked(NamedTuple):
    """What of an account is asked: as of which day, since when messages matter, and who had a payment returned.

    `lists`: also which invoices each message that went named; only a suspension asks that.
    """

    day: date
    since: str
    returns: dict[int, Return]
    services: bool = True
    lists: bool = False


def due_by(db: Database, day: date) -> list[int]:
    """The customers who have something open that falls due up to a day, in the order of their ids."""
    return sorted(int(row[0]) for row in db.rows(_WHO, (day.isoformat(),)))


def for_day(db: Database, day: date, *, services: bool = True, lists: bool = False) -> Asked:
    """What is the same for all accounts of a night."""
    oldest = min(_OLDEST.one(db), day.isoformat())
    since = date.fromordinal(max(date.fromisoformat(oldest).toordinal() - 60, 1)).isoformat()
    returns = {int(c): Return(int(i), date.fromisoformat(on)) for c, i, on in db.rows(_RETURNS, (oldest,))}
    return Asked(day, since, returns, services, lists)


def of_accounts(db: Database, ids: Sequence[int], asked: Asked) -> list[Account]:
    """What is known of some accounts, in the order of their ids."""
    accounts: list[Account] = []
    for at in range(0, len(ids), CHUNK):
        accounts += _chunk(db, ids[at : at + CHUNK], asked)
    return accounts


def _chunk(db: Database, ids: Sequence[int], asked: Asked) -> list[Account]:
    marks, day = in_list(len(ids)), asked.day.isoformat()
    arranged = _arranged(db, marks, ids)
    items: dict[int, list[Item]] = {}
    read = (
        f"select customer_id, invoice_id, number, due_on, open, disputed from open_item where customer_id in {marks} "
        "order by due_on, issued_on, invoice_id"
    )
    for customer_id, id_, number, due, open_, disputed in db.rows(Statement(read), ids):
        items.setdefault(int(customer_id), []).append(
            Item(int(id_), number, date.fromisoformat(due), int(open_), bool(disputed), int(id_) in arranged)
        )
    went = _went(db, marks, ids, asked)
    held = _marks(db, marks, ids)
    promised = _promised(db, marks, ids, day)
    spoken = _spoken(db, marks, ids, day)
    channels_of = _reachable(db, marks, ids)
    running = _running(db, marks, ids) if asked.services else {}
    accounts = []
    read = (
        "select c.id, c.account, c.name, c.kind, c.status, t.balance, t.credit, coalesce(g.language, '') from customer c "
        "join customer_total t on t.customer_id = c.id left join customer_language g on g.customer_id = c.id "
        f"where c.id in {marks} order by c.id"
    )
    for id_, account, name, kind, status, balance, credit, language in db.rows(Statement(read), ids):
        of = int(id_)
        hold = held.get((of, "hold"))
        holds = hold is not None and (hold.until is None or hold.until >= asked.day)
        mail = set(channels_of.get(of, ())) - ({"mail"} if (of, "wrong-mail") in held else set())
        facts = Facts(
            tuple(items.get(of, ())), tuple(went.get(of, ())), int(credit), 0,
            hold.reason if hold is not None and holds and hold.covers == "all" else "",
            promised.get(of), of in spoken, frozenset({"letter", *mail}), asked.returns.get(of), None,
            status == "suspended", False, running.get(of, False),
            (of, "opted-out") in held,
        )  # fmt: skip
        fees_held = hold.reason if hold is not None and holds else ""
        handed_over = (of, "handed-over") in held
        accounts.append(Account(of, account, name, kind, status, int(balance), facts, language, fees_held, handed_over))
    return accounts


def _went(db: Database, marks: str, ids: Sequence[int], asked: Asked) -> dict[int, list[Went]]:
    went: dict[int, list[Went]] = {}
    # The text of a message makes its row wide, so it is read only where somebody asks what it listed.
    lists, join = ("m.invoices", "join message m on m.id = o.message_id ") if asked.lists else ("'[]'", "")
    read = (
        f"select o.customer_id, o.driver, o.step, o.on_date, o.fallback, o.state, o.notice_on, o.sent_on, {lists} from outbox o "  # noqa: S608
        f"{join}where o.customer_id in {marks} and o.on_date >= ? and o.driver > 0 order by o.message_id"
    )
    for customer_id, driver, step, on, fallback, state, notice, sent, listed in db.rows(Statement(read), (*ids, asked.since)):
        named = frozenset(int(id_) for id_, _ in json.loads(listed)) if listed != "[]" and state == "sent" else frozenset[int]()
        went.setdefault(int(customer_id), []).append(
            Went(int(driver), step, date.fromisoformat(on), int(fallback), state, named, _day(notice), _day(sent))
        )
    return went


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class Mark(NamedTuple):
    """An account that is held or handed over: until when, for what, and why."""

    until: date | None
    covers: str
    reason: str


def _mark(customer_id: int, kind: str, until: str | None, covers: str, reason: str) -> tuple[tuple[int, str], Mark]:
    return (int(customer_id), kind), Mark(date.fromisoformat(until) if until else None, covers, reason)


def _marks(db: Database, marks: str, ids: Sequence[int]) -> dict[tuple[int, str], Mark]:
    read = f"select customer_id, kind, until_on, covers, reason from collection_mark where customer_id in {marks}"
    return dict(Select(read, _mark).all(db, ids))


def _promised(db: Database, marks: str, ids: Sequence[int], day: str) -> dict[int, date]:
    """Until when each account's promises hold everything back; an arrangement holds its own invoices, not the account."""
    read = (
        "select customer_id, max(holds_until) from promise_state where kind = 'promise' and state in ('open', 'kept') "  # noqa: S608
        f"and holds_until >= ? and customer_id in {marks} group by customer_id"
    )
    return {int(c): date.fromisoformat(until) for c, until in db.rows(Statement(read), (day, *ids))}


def _arranged(db: Database, marks: str, ids: Sequence[int]) -> set[int]:
    """The invoices that an arrangement holds while it is kept."""
    read = (
        "select p.invoices from promise_state s join promise p on p.id = s.promise_id where s.kind = 'arrangement' "  # noqa: S608
        f"and s.state = 'open' and s.customer_id in {marks}"
    )
    return {int(number) for (invoices,) in db.rows(Statement(read), ids) for number in json.loads(invoices)}


def _spoken(db: Database, marks: str, ids: Sequence[int], day: str) -> set[int]:
    outcomes = ", ".join(f"'{word}'" for word in ANSWERED)
    read = (
        f"select distinct customer_id from note where kind = 'call' and outcome in ({outcomes}) and on_date = ? "  # noqa: S608
        f"and customer_id in {marks}"
    )
    return {int(row[0]) for row in db.rows(Statement(read), (day, *ids))}


def _reachable(db: Database, marks: str, ids: Sequence[int]) -> dict[int, list[str]]:
    """The channels besides a letter by which each can be reached: the kinds of contact that are stored, not the addresses."""
    reachable: dict[int, list[str]] = {}
    read = f"select distinct customer_id from contact where customer_id in {marks} and kind = 'email'"
    for (customer_id,) in db.rows(Statement(read), ids):
        reachable.setdefault(int(customer_id), []).append("mail")
    return reachable


def _running(db: Database, marks: str, ids: Sequence[int]) -> dict[int, bool]:
    read = (
        f"select customer_id from service_state where customer_id in {marks} and status not in ('ended', 'suspended') "  # noqa: S608
        "group by customer_id"
    )
    return {int(row[0]): True for row in db.rows(Statement(read), ids)}
