"""How accounts stand on the ladder: what went last, what comes next and when, and why nothing does.

Source: docs/collections.md, *The ladder*.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.collections.ladder import UNDER_WAY
from netbill_tui.billing.collections.suspension import next_step
from netbill_tui.db.collections import fees as fee_rows
from netbill_tui.db.collections import marks, messages, promises, write_offs
from netbill_tui.db.collections.fees import FeeRow
from netbill_tui.db.collections.marks import MarkRow
from netbill_tui.db.collections.messages import MessageRow
from netbill_tui.db.collections.promises import PromiseRow
from netbill_tui.db.collections.write_offs import WriteOffRow
from netbill_tui.usecases.collections.planning import Plan, Planned
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers.accounts import find_customer


class Standing(NamedTuple):
    """How an account stands.

    Attributes:
        stage: The step that went last for its driver, or empty.
        since: Its day.
        next: The step that comes next if nobody pays, or empty.
        next_on: Its day; today where it comes with the next night.
        reason: Why nothing goes now, or empty.
    """

    stage: str = ""
    since: date | None = None
    next: str = ""
    next_on: date | None = None
    reason: str = ""


def of_customers(session: Session, customer_ids: Sequence[int]) -> dict[int, Standing]:
    """How some accounts stand today; nothing where nobody set a ladder."""
    plan = Plan(session, session.date())
    if not customer_ids or not plan.policies.ladders():
        return {}
    return {planned.account.id: _standing(plan, planned) for planned in plan.read(sorted(customer_ids))}


def _standing(plan: Plan, planned: Planned) -> Standing:
    going, facts = planned.verdict.reminder, planned.account.facts
    driver = going.driver.item.id if going.driver is not None else 0
    went = [w for w in facts.went if w.driver == driver and w.state in UNDER_WAY]
    last = max(went, key=lambda w: w.on, default=None)
    stage, since = (last.step, last.on) if last is not None else ("", None)
    if going.goes and going.step is not None:
        return Standing(stage, since, going.step.code, plan.day)
    ahead = next_step(facts, planned.ladder, plan.days, plan.day)
    reason = "handed over" if planned.account.handed_over else going.reason or going.aside
    return Standing(stage, since, ahead.code if ahead else "", ahead.on if ahead else None, reason)


class Story(NamedTuple):
    """Everything that collections know of an account."""

    account: str
    name: str
    standing: Standing
    reasons: dict[str, str]
    marks: list[MarkRow]
    promises: list[PromiseRow]
    messages: list[MessageRow]
    fees: list[FeeRow]
    write_offs: list[WriteOffRow]


def story(session: Session, account: str) -> Story:
    """All that was sent, promised, charged and given up of an account, newest first, and how it stands."""
    customer, db = find_customer(session, account), session.db
    standing = of_customers(session, [customer.id]).get(customer.id, Standing())
    return Story(
        customer.account, customer.name, standing, {r.action: r.reason for r in messages.reasons_of(db, customer.id)},
        marks.of_customer(db, customer.id), promises.of_customer(db, customer.id), messages.of_customer(db, customer.id),
        fee_rows.of_customer(db, customer.id), write_offs.of_customer(db, customer.id),
    )  # fmt: skip
