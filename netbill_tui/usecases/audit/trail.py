"""Who did what to a record or in the whole book, when, from which session."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from netbill_tui.billing.core.dates import dates_as_shown
from netbill_tui.billing.core.money import format_amount
from netbill_tui.db.audit import trail
from netbill_tui.db.audit.trail import PAGE as PAGE
from netbill_tui.db.audit.trail import Event as Event
from netbill_tui.db.audit.trail import Query as Query
from netbill_tui.db.core.engine import CommitUnknown
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import InvalidInput, NetbillError
from netbill_tui.security import rights
from netbill_tui.text import clean, counted, scrub, visible
from netbill_tui.usecases.audit import sentences
from netbill_tui.usecases.core import host
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer


def of_account(session: Session, account: str) -> list[Event]:
    """Every event of an account, its documents, and the imports and runs that changed it, newest first."""
    customer = find_customer(session, account)
    return trail.of_account(session.db, customer.account, customer.id)


def of_record(session: Session, number: str) -> list[Event]:
    """Every event of a receipt, invoice or other record, newest first."""
    return trail.of_object(session.db, number)


def read_query(
    session: Session,
    object_: str = "",
    actor: str = "",
    action: str = "",
    first: date | None = None,
    last: date | None = None,
) -> Query:
    """A filter of the audit; days are business days, in the book's time zone, both included.

    Raises:
        InvalidInput: Text that cannot be looked for, or a span that ends before it begins.
    """
    if first and last and last < first:
        raise InvalidInput("The last day is before the first day; swap the two days.")
    return Query(
        clean(object_, "The record", limit=80),
        clean(actor, "The operator", limit=40),
        clean(action, "The action", limit=40),
        session.calendar.begins_us(first) if first else 0,
        session.calendar.begins_us(last + timedelta(days=1)) if last else 1 << 62,
    )


def page(session: Session, query: Query, before: int | None = None, after: int | None = None) -> list[Event]:
    """A page of the book's audit.

    Raises:
        NotPermitted: The operator may not read it.
    """
    session.needs(rights.AUDIT)
    return trail.page(session.db, query, before=before, after=after)


def count(session: Session, query: Query) -> int:
    """How many events there are."""
    session.needs(rights.AUDIT)
    return trail.count(session.db, query)


def every(session: Session, query: Query, limit: int = 0) -> Iterator[Event]:
    """All of them, newest first.

    Raises:
        NotPermitted: The operator may not read the whole audit.
    """
    session.needs(rights.AUDIT)
    return trail.every(session.db, query, limit)


def note_export(session: Session, query: Query) -> None:
    """Leave the audit event of an export of the audit; written before the file is."""
    with writing(session, rights.EXPORT, posts=False) as tx:
        tx.note("audit.export", "audit", {"by": query.actor, "action": query.action, "object": query.object})


def note_list_export(session: Session, what: str, rows: int, form: str, command: str) -> None:
    """Leave the audit event of a list that leaves the book, before it does; refuse it to who has not the right.

    Args:
        session: Who exports.
        what: Which list.
        rows: How many rows it has.
        form: csv, json or text.
        command: The words that bring it.

    Raises:
        NotPermitted: The role may not export.
    """
    with writing(session, rights.EXPORT, posts=False) as tx:
        tx.note("list.export", what, {"rows": rows, "form": form, "user": host.user(), "command": scrub(visible(command))[:200]})


def note_refusal(session: Session, what: str, reason: str) -> None:
    """Leave the audit event of what somebody may not do, and tried. Nothing where nobody is signed in, or nothing is written."""
    operator = session.operator
    if operator is None or session.settings.readonly:
        return
    with suppress(NetbillError, CommitUnknown), session.db.write():
        tx = Transaction(session.db, now_us=session.now_us(), actor=operator.name, session=session.sitting.id)
        detail = {"what": visible(what)[:120], "told": scrub(visible(reason))[:200], "user": host.user()}
        tx.note("access.refused", operator.name, detail)
        tx.finish()


def event_line(session: Session, event: Event) -> str:
    """An event as the history of a document shows it: when, who, and what was done as the audit says it."""
    return f"{session.calendar.moment(event.at_us)}  {event.actor:<12} {in_words(session, event)}"


def moment(event: Event) -> str:
    """When it was, in UTC, to the second, for files and other programs; people are shown `Calendar.moment`."""
    return datetime.fromtimestamp(event.at_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


_MONEY = frozenset(("amount", "net", "tax", "total", "limit", "used", "balance"))
_DAYS = frozenset(
    ("on", "from", "until", "end", "due", "day", "as_of", "received", "first", "last", "next", "posts_on", "bill_date", "promise")
)
_MOMENTS = frozenset(("until", "at", "expires"))


def in_words(session: Session, event: Event, account: str = "") -> str:
    """What was done, as a sentence; of work on many records what it did to the account that is asked for."""
    detail = _shown(session, event)
    if isinstance(detail, dict) and not (isinstance(detail.get("changed"), dict) and account in detail["changed"]):
        words = {k: counted(len(v), "record") if k == "changed" and isinstance(v, dict) else _plain(v) for k, v in detail.items()}
        said = sentences.in_words(event.action, event.object, words)
        if said:
            return said
    return f"{event.action} {event.object}: {_words(detail, account)}"


def sentence(session: Session, event: Event, account: str = "") -> str:
    """As `words`, for people: amounts with their decimals, moments in the book's time zone, a request by its beginning."""
    return _words(_shown(session, event), account)


def _shown(session: Session, event: Event) -> Any:
    """The detail as people read it."""
    detail = json.loads(event.detail)
    if isinstance(detail, dict):
        for key, value in detail.items():
            if type(value) is int and (key in _MONEY or (key == "before" and event.action == "operator.limit")):
                detail[key] = format_amount(value, session.book.currency)
            elif key in _MOMENTS and type(value) is int:
                detail[key] = session.calendar.moment(value)
            elif key in ("request", "bundle", "record", "claim") and isinstance(value, str) and len(value) > 16:
                detail[key] = value[:8] + ".."
            elif isinstance(value, bool):
                detail[key] = "yes" if value else "no"
            elif key in _DAYS and isinstance(value, str):
                detail[key] = dates_as_shown(value)
    return detail


def words(event: Event, account: str = "") -> str:
    """The detail as `key value` pairs; of work on many records only what it did to the account that is asked for."""
    return _words(json.loads(event.detail), account)


def _words(detail: object, account: str) -> str:
    if not isinstance(detail, dict):
        return str(detail)
    changed = detail.pop("changed", None)
    if isinstance(changed, dict) and account in changed:
        return f"changed {', '.join(changed[account])}"
    if isinstance(changed, dict):
        detail["changed"] = counted(len(changed), "record")
    filled = {k: _plain(v) for k, v in detail.items() if v not in (None, "", [], {})}
    return ", ".join(f"{key} {value}" for key, value in filled.items())


def _plain(value: object) -> object:
    """Lists and tables in words."""
    if isinstance(value, dict):
        return " ".join(f"{key}={_plain(member)}" for key, member in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else value
