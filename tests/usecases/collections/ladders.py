"""A book with a ladder in force, and nights in it on any day."""

import json
from collections.abc import Mapping
from datetime import date, timedelta

from netbill_tui.billing.collections.policies import DAYS, FEES, REMINDERS, SWITCH
from netbill_tui.usecases.books.create import at
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.collections import night, outbox, policies
from netbill_tui.usecases.collections.night import Night
from netbill_tui.usecases.core.unit_of_work import writing
from tests.conftest import TODAY, Desk

FEE = {"mode": "greater", "flat": "5.00", "rate": "1.5", "grace": "10", "cap_rate": "15", "code": "LATE"}


def with_ladder(desk: Desk, *, fees: Mapping[str, str] | None = None, **typed: str) -> Desk:
    """Set the default ladder with these values, and fees where they are given; the book is active."""
    policies.set_policy(desk.session, REMINDERS, "book", typed)
    if fees is not None:
        codes.store_code(desk.session, {"code": "LATE", "name": "Late fee", "category": "fee", "kind": "one-time"})
        policies.set_policy(desk.session, FEES, "book", FEE | dict(fees), from_on=date(2000, 1, 1))
    policies.turn(desk.session, SWITCH, True)
    return desk


def quiet(desk: Desk, **typed: str) -> None:
    """Set the quiet days."""
    policies.set_policy(desk.session, DAYS, "book", typed)


def go_to(desk: Desk, days: int, hour: str = "15:00") -> date:
    """Let it be so many days from the day on which every test begins; that day."""
    day = TODAY + timedelta(days=days)
    desk.session.calendar.clock = at(f"{day}T{hour}:00")
    return day


def night_on(desk: Desk, days: int, *, deliver: bool = True, **how: bool) -> Night:
    """The night so many days from the day on which every test begins; what it queued is sent."""
    go_to(desk, days)
    result = night.collect(desk.session, pause_s=0, **how)
    if deliver:
        delivered(desk)
    return result


def delivered(desk: Desk) -> None:
    """All that waits goes, on this day."""
    for row in outbox.listed(desk.session, "queued"):
        with writing(desk.session, "collect") as tx:
            assert outbox.went(tx, row, desk.session.today())
            tx.note("message.sent", row.account, {"message": row.id})


def sent(desk: Desk) -> list[str]:
    """Account, day and step of every message, in the order in which they were queued."""
    db = desk.session.db.peewee
    rows = db.execute_sql(
        "select c.account, m.on_date, m.step, m.channel from message m join customer c on c.id = m.customer_id order by m.id"
    ).fetchall()
    return [f"{account} {on[5:]} {step} {channel}" for account, on, step, channel in rows]


def listed_in(desk: Desk, step: str) -> list[list[int]]:
    """The open amounts that each message of a step lists."""
    rows = desk.session.db.peewee.execute_sql(f"select invoices from message where step = '{step}' order by id").fetchall()  # noqa: S608
    return [[amount for _, amount in json.loads(row[0])] for row in rows]
