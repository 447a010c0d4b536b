"""The night: promises are judged, fees charged, messages queued, suspensions proposed; by timer, command or key, one road.

Nothing was scheduled: each night computes anew what holds. It goes on where it was killed, because what is done has its row, and
done twice it adds nothing. Source: docs/collections.md, *The night*.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.collections.ladder import driver_key
from netbill_tui.billing.collections.policies import SWITCH
from netbill_tui.billing.core.money import Tally, format_amount
from netbill_tui.db.collections import messages as message_rows
from netbill_tui.db.collections.messages import ReasonRow
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.services import agreements
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.security import rights
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.collections import grading, own_invoices, policies, templates, wording
from netbill_tui.usecases.collections.planning import Plan, Planned
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

BATCH = 100  # accounts of a transaction
MOST_NAMED = 500  # so many accounts of a preview are named
PAUSE_S = 0.005
K = TypeVar("K")
Progress = Callable[[int, int], None]


class Fate(NamedTuple):
    """What happens to one account, or why it does not: the kind of action, its step, and the sum it is about."""

    account: str
    name: str
    kind: str
    action: str
    detail: str
    amount: int
    reason: str = ""


@dataclass(slots=True)
class Night:
    """What a night did, or would do. Sums in minor units."""

    day: date
    looked_at: int = 0
    promises: dict[str, int] = field(default_factory=dict)
    fees: Tally = Tally()
    messages: dict[tuple[str, str], Tally] = field(default_factory=dict)
    skipped: dict[tuple[str, str], Tally] = field(default_factory=dict)
    proposals: dict[str, Tally] = field(default_factory=dict)
    fates: list[Fate] = field(default_factory=list)
    stopped: bool = False
    most: int = MOST_NAMED

    @property
    def count(self) -> int:
        """How many messages and fees there are: what the owner types to let the first night do them."""
        return self.fees.number + sum(t.number for t in self.messages.values())

    def add(self, planned: Planned) -> None:
        """Count what happens to an account."""
        decided, account = planned.verdict, planned.account
        going = decided.reminder
        if going.goes and going.driver is not None and going.step is not None:
            _grow(self.messages, (going.step.code, going.channel), going.driver.total)
            self._tell(planned, "message", going.step.code, going.channel, going.driver.total, "")
            if going.aside:
                _grow(self.skipped, ("message", going.aside), _overdue(planned, self.day))
        elif going.reason:
            total = going.driver.total if going.driver is not None else _overdue(planned, self.day)
            _grow(self.skipped, ("message", going.reason.split(":")[0]), total)
            self._tell(planned, "message", going.step.code if going.step else "", "", total, going.reason)
        for charged in decided.fees:
            if charged.fee.amount:
                self.fees = Tally(self.fees.number + 1, self.fees.amount + charged.fee.amount)
                self._tell(planned, "fee", "fee", charged.fee.invoice.number, charged.fee.amount, "")
            elif charged.fee.reason:
                _grow(self.skipped, ("fee", charged.fee.reason.split(":")[0]), charged.fee.base)
        for proposal in decided.proposals:
            total = proposal.driver.total if proposal.driver is not None else 0
            if proposal.reason:
                _grow(self.skipped, (proposal.step.kind, proposal.reason.split(":")[0]), total)
            else:
                _grow(self.proposals, proposal.step.kind, total)
            self._tell(planned, proposal.step.kind, proposal.step.code, "", total, proposal.reason)
        self.looked_at += account.id > 0

    def _tell(self, planned: Planned, kind: str, action: str, detail: str, amount: int, reason: str) -> None:
        if len(self.fates) < self.most:
            self.fates.append(Fate(planned.account.account, planned.account.name, kind, action, detail, amount, reason))


def _grow(sums: dict[K, Tally], key: K, amount: int) -> None:
    before = sums.get(key, Tally())
    sums[key] = Tally(before.number + 1, before.amount + amount)


def _overdue(planned: Planned, day: date) -> int:
    return sum(i.open for i in planned.account.facts.items if i.due < day)


def preview(
    session: Session,
    day: date | None = None,
    *,
    catch_up: bool = False,
    most: int = MOST_NAMED,
    on_progress: Progress | None = None,
) -> Night:
    """What a night would do as of a day, if nobody paid until then. Changes nothing.

    Raises:
        InvalidInput: The day is over: what was open then is not what is open now.
    """
    as_of = day or session.date()
    if as_of < session.today():
        raise InvalidInput(f"{as_of} is over; the ladder is computed from what is open now. Type today or a later day.")
    plan, night = Plan(session, as_of, catch_up=catch_up), Night(as_of, most=most)
    ids = plan.customers()
    for at in range(0, len(ids), BATCH * 5):
        for planned in plan.read(ids[at : at + BATCH * 5]):
            night.add(planned)
        if on_progress:
            on_progress(min(at + BATCH * 5, len(ids)), len(ids))
    return night


def activate(session: Session, count: int) -> None:
    """Let the nights do something from now on.

    Args:
        session: Who activates.
        count: What the first night would do, as it was previewed: how many messages and fees.

    Raises:
        InvalidInput: The count is another; nothing was activated.

    Side effect: one audit event.
    """
    session.needs(rights.COLLECT)
    ahead = preview(session)
    if count != ahead.count:
        raise InvalidInput(
            f"The first night would do {ahead.count}, not {count}; look at netbill collect --dry-run and type what it says."
        )
    policies.turn(session, SWITCH, True, reason=f"{count} in the first night")


def collect(
    session: Session, *, catch_up: bool = False, most: int = MOST_NAMED, on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False, pause_s: float = PAUSE_S,
) -> Night:  # fmt: skip
    """Do what is due today: judge promises, charge fees, queue messages, keep the reasons of what is not done.

    Args:
        session: Who collects; a timer's principal as a rule.
        catch_up: Fees of missed days are charged too.
        most: So many fates of accounts are named in the result.
        on_progress: Gets accounts done and to be done.
        should_stop: Asked between batches; what was done stands.
        pause_s: Rest between batches.

    Raises:
        Refused: Nobody activated the book.

    Side effect: one audit event for each batch in which something happened.
    """
    session.may_post()
    session.needs(rights.COLLECT)
    if not policies.switches(session).active:
        raise Refused(
            "Collections are not active in this book; look at netbill collect --dry-run, then netbill collect --activate COUNT."
        )
    day = session.today()
    night = Night(day, promises=grading.judge_due(session), most=most)
    plan = Plan(session, day, catch_up=catch_up)
    ids = plan.customers()
    for at in range(0, len(ids), BATCH * 5):
        _work_off(session, plan, night, ids[at : at + BATCH * 5], pause_s)
        if on_progress:
            on_progress(min(at + BATCH * 5, len(ids)), len(ids))
        if should_stop():
            night.stopped = True
            break
    return night


def _work_off(session: Session, plan: Plan, night: Night, ids: Sequence[int], pause_s: float) -> None:
    """Look at some accounts, and write what is new in batches; who has nothing new is only counted."""
    known = message_rows.reasons(session.db, ids)
    to_write = []
    for planned in plan.read(ids):
        if _is_new(planned, known.get(planned.account.id, {})):
            to_write.append(planned.account.id)
        else:
            night.add(planned)
    for at in range(0, len(to_write), BATCH):
        _write(session, plan, night, to_write[at : at + BATCH])
        session.db.give_way(pause_s)


def _is_new(planned: Planned, known: dict[str, str]) -> bool:
    decided = planned.verdict
    return decided.reminder.goes or bool(decided.charged) or decided.reasons != known


def _write(session: Session, plan: Plan, night: Night, ids: Sequence[int]) -> None:
    """One batch: everything is read anew under the lock, because a payment may have come since."""
    with writing(session, rights.COLLECT) as tx:
        every = plan.read(ids)
        billing = rules.rules(session)
        messages = _messages(tx, session, plan, every, billing)
        # A lower step that nobody sent yet is overtaken.
        overtaken = [(m.customer_id, id_) for m in messages for id_ in message_rows.queued_of(session.db, m.customer_id)]
        for _, message_id in overtaken:
            message_rows.moved(
                tx, message_id, "queued", "cancelled", plan.day.isoformat(), "a later message goes instead", tx.actor
            )
        message_rows.add(tx, messages)
        fees = _charge(tx, session, plan, every)
        _keep_reasons(session, every, plan.day)
        said: dict[str, object] = {"accounts": len(ids), "messages": len(messages), "fees": fees.number, "charged": fees.amount}
        steps = {f"{m.step} {m.channel}": sum(n.step == m.step and n.channel == m.channel for n in messages) for m in messages}
        if messages or any(p.verdict.charged for p in every):
            tx.note("collect.batch", plan.day.isoformat(), said | ({"steps": steps} if steps else {}))
    for planned in every:
        night.add(planned)


def _messages(tx: Transaction, session: Session, plan: Plan, every: Sequence[Planned], billing: Rules) -> list[posted.Message]:
    going = [p for p in every if p.verdict.reminder.goes]
    operator, _ = session.sign_in_if_needed()
    ids = tx.ids(len(going)) if going else iter(())
    messages, texts = [], templates.load(session)
    for planned in going:
        reminder, account = planned.verdict.reminder, planned.account
        assert reminder.driver is not None
        assert reminder.step is not None
        said = wording.say(session, account, planned.ladder, reminder.step, reminder.driver.items, billing, texts)
        driver, step = driver_key(reminder, account.facts), reminder.step.code
        turn = sum((w.driver, w.step, w.fallback) == (driver, step, reminder.fallback) for w in account.facts.went)
        messages.append(posted.Message(
            next(ids), account.id, "reminder", driver, step, reminder.fallback, turn, reminder.channel, plan.day.isoformat(),
            reminder.driver.total, wording.invoices_of(reminder.driver.items), wording.language_of(account, billing),
            said.subject, said.body, operator.name, tx.now_us,
        ))  # fmt: skip
    return messages


def _charge(tx: Transaction, session: Session, plan: Plan, every: Sequence[Planned]) -> Tally:
    """Charge the fees: each is a charge of its own, on the next invoice or at once on one of its own."""
    charged = [(p.account.id, c) for p in every for c in p.verdict.charged]
    if not charged:
        return Tally()
    operator, _ = session.sign_in_if_needed()
    day, currency = plan.day.isoformat(), session.book.currency
    ids = tx.ids(sum(1 + bool(c.fee.amount) for _, c in charged))
    charges, fees, own = [], [], []
    for customer_id, (version, policy, fee) in charged:
        charge_id = next(ids) if fee.amount else None
        words = f"{fee.why} of {format_amount(fee.base, currency)} on {fee.invoice.number}" if fee.amount else fee.reason
        if charge_id is not None:
            text = f"Late fee, {fee.invoice.number}" + (f" ({fee.n})" if policy.every else "")
            charges.append(posted.Charge(
                charge_id, customer_id, None, day, "fee", policy.code, str(Decimal(1)), fee.amount, text, operator.name,
                tx.now_us,
            ))  # fmt: skip
            if policy.own_invoice:
                own.append(customer_id)
        fees.append(posted.LateFee(
            next(ids), customer_id, fee.invoice.id, fee.n, charge_id, fee.base, fee.amount, version, words, day, operator.name,
            tx.now_us,
        ))  # fmt: skip
    tx.post(charges)
    tx.post(fees)
    for charge in charges:
        agreements.add_pending(session.db, charge.id, charge.customer_id, day)
    own_invoices.issue(tx, session, [c for c in charges if c.customer_id in set(own)])
    return Tally(len(charges), sum(c.amount or 0 for c in charges))


def _keep_reasons(session: Session, every: Sequence[Planned], day: date) -> None:
    """Rewrite why what was not done was not done, where the reason changed; a row for each skip and night would never end."""
    known = message_rows.reasons(session.db, [p.account.id for p in every])
    changed, over = [], []
    for planned in every:
        before, now = known.get(planned.account.id, {}), planned.verdict.reasons
        changed += [
            ReasonRow(planned.account.id, action, reason, day.isoformat())
            for action, reason in now.items()
            if before.get(action) != reason
        ]
        over += [(planned.account.id, action) for action in before if action not in now]
    message_rows.set_reasons(session.db, changed)
    message_rows.drop_reasons(session.db, over)
