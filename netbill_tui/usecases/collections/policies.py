"""The policies of a book: what the owner set, who set it when, and the two switches beside them.

Everything is off until the owner sets it: no ladder means no reminder, no fees means no fee, and neither does anything before
the book was activated with the count of what the first night would do. Source: docs/collections.md, *Policies*.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from netbill_tui.billing.collections import policies as rules
from netbill_tui.billing.collections import quiet_days
from netbill_tui.billing.collections.policies import (
    BOOK,
    DAYS,
    FEES,
    GUARD,
    REMINDERS,
    SENDERS,
    SWITCH,
    FeePolicy,
    Ladder,
    Version,
)
from netbill_tui.billing.collections.quiet_days import QuietDays
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.db.collections import policies as policy_rows
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import visible
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer


class Policies:
    """What holds for whom, as it was read once: each version is taken apart only once too."""

    def __init__(self, currency: str, versions: Sequence[Version], of_customers: Mapping[int, Sequence[Version]]) -> None:
        """Keep the versions.

        Args:
            currency: Of the book, for its amounts.
            versions: Those that are no single customer's.
            of_customers: Those of single customers.
        """
        self._currency, self._versions, self._own = currency, tuple(versions), of_customers
        self._ladders: dict[int, Ladder] = {}
        self._fees: dict[int, FeePolicy] = {}
        self._in_force: dict[tuple[str, str, str], Version | None] = {}

    def version(self, kind: str, customer_id: int, customer_kind: str, day: date) -> Version | None:
        """The version that holds for a customer on a day."""
        own = self._own.get(customer_id)
        if own:
            return rules.in_force((*self._versions, *own), kind, customer_id, customer_kind, day)
        key = (kind, customer_kind, day.isoformat())
        if key not in self._in_force:
            self._in_force[key] = rules.in_force(self._versions, kind, 0, customer_kind, day)
        return self._in_force[key]

    def ladder(self, customer_id: int, customer_kind: str, day: date) -> Ladder:
        """The ladder of a customer: the version in force on the day."""
        version = self.version(REMINDERS, customer_id, customer_kind, day)
        if version is None:
            return Ladder()
        if version.id not in self._ladders:
            self._ladders[version.id] = rules.ladder(version.values, self._currency)
        return self._ladders[version.id]

    def ladders(self) -> list[Ladder]:
        """Every version of every ladder."""
        every = (*self._versions, *(v for own in self._own.values() for v in own))
        return [rules.ladder(v.values, self._currency) for v in every if v.kind == REMINDERS and v.values]

    def fees(self, customer_id: int, customer_kind: str, due: date) -> tuple[int, FeePolicy]:
        """The fees of a customer for an invoice that fell due on a day, and the number of the version."""
        version = self.version(FEES, customer_id, customer_kind, due)
        if version is None:
            return 0, FeePolicy()
        if version.id not in self._fees:
            self._fees[version.id] = rules.fee_policy(version.values, self._currency)
        return version.id, self._fees[version.id]

    def days(self, day: date) -> QuietDays:
        """The quiet days of the book."""
        version = self.version(DAYS, 0, BOOK, day)
        return rules.quiet_days(version.values, self._currency) if version is not None and version.values else QuietDays()

    def any_of(self, kind: str) -> bool:
        """Whether a policy of a kind holds something for anybody at all."""
        return any(v.kind == kind and v.values for v in (*self._versions, *(v for own in self._own.values() for v in own)))


def load(session: Session) -> Policies:
    """Every policy, those of single customers too."""
    every = policy_rows.everything(session.db)
    own: dict[int, list[Version]] = {}
    for version in every:
        if version.customer_id:
            own.setdefault(version.customer_id, []).append(version)
    return Policies(session.book.currency, [v for v in every if not v.customer_id], own)


class Line(NamedTuple):
    """A version as a list shows it; `account` is empty but for a customer's own."""

    kind: str
    scope: str
    account: str
    from_on: str
    in_force: bool
    text: str
    operator: str


def listed(session: Session) -> list[Line]:
    """Every version of every policy, the newest of each scope last; `in_force` is what holds today."""
    today = session.date()
    every = [v for v in policy_rows.everything(session.db) if v.kind in rules.KINDS]
    newest: dict[tuple[str, str, int], Version] = {}
    for version in every:
        key = (version.kind, version.scope, version.customer_id)
        before = newest.get(key)
        if version.from_on <= today.isoformat() and (before is None or version.from_on >= before.from_on):
            newest[key] = version
    lines = []
    for v in every:
        account = customer_rows.account_of(session.db, v.customer_id) or "" if v.customer_id else ""
        holds = newest.get((v.kind, v.scope, v.customer_id)) is v
        lines.append(Line(v.kind, v.scope, account, v.from_on, holds, shown(v.values), v.operator))
    return sorted(lines, key=lambda n: (n.kind, n.scope != BOOK, n.scope, n.account, n.from_on))


def to_set(session: Session, kind: str) -> dict[str, str]:
    """What a form for a policy of the book begins with: what was set last, else the defaults."""
    before = [v for v in policy_rows.everything(session.db) if (v.kind, v.scope) == (kind, BOOK) and v.values]
    return rules.defaults(kind, session.book.currency) | (dict(before[-1].values) if before else {})


def default_values(session: Session) -> dict[str, str]:
    """The default ladder."""
    return rules.defaults(REMINDERS, session.book.currency)


def shown(values: Mapping[str, str]) -> str:
    """The values as they are typed."""
    return "  ".join(f"{name}={value}" for name, value in values.items()) if values else rules.NONE


def _scope(session: Session, scope: str) -> tuple[str, Customer | None]:
    """A scope that was typed: book, a kind of customers, or an account."""
    typed = scope.strip()
    if typed.lower() in rules.SCOPES:
        return typed.lower(), None
    return "customer", find_customer(session, typed)


def set_policy(
    session: Session, kind: str, scope: str, values: Mapping[str, str], *, from_on: date | None = None, none: bool = False,
    dry_run: bool = False,
) -> dict[str, str]:  # fmt: skip
    """Set a version of a policy; what is not typed stays as it is in force on its first day, or is the default.

    The first version of a narrower scope begins with what holds for it by a wider one.

    Args:
        session: Who sets it.
        kind: reminders, fees or days.
        scope: book, residential, business, or an account.
        values: What was typed, by name.
        from_on: The day from which it holds, today where none is given; fees hold for what falls due from then on.
        none: Nothing holds for this scope from then on.
        dry_run: Only check.

    Raises:
        InvalidInput: A kind, a scope or a value that is not known, or values that do not go together.

    Side effect: one audit event.
    """
    rules.fields(kind)
    where, customer = _scope(session, scope)
    if kind == DAYS and where != BOOK:
        raise InvalidInput("The quiet days are the whole book's; leave the scope out.")
    if none and values:
        raise InvalidInput("none holds nothing; leave the values out.")
    first = from_on or session.today()
    if kind != FEES and first < session.today():
        raise InvalidInput(f"{first} is over; reminders go by the policy of today. Type today or a later day.")
    number = customer.id if customer is not None else 0
    known = _known(session, kind, where, customer, first)
    body = {} if none else rules.cleaned(kind, known | dict(values), session.book.currency)
    _check(session, kind, body)
    if not dry_run:
        with writing(session, rights.CATALOGUE) as tx:
            _post(tx, session, kind, where, number, first.isoformat(), body)
            detail = {"kind": kind, "scope": customer.account if customer is not None else where, "from": str(first), **body}
            tx.note("policy.set", customer.account if customer is not None else kind, detail)
    return body


def _known(session: Session, kind: str, scope: str, customer: Customer | None, first: date) -> dict[str, str]:
    """The values that a scope begins with on a day: its own, or those of the next wider scope that has any."""
    every = [v for v in policy_rows.everything(session.db) if v.kind == kind and v.from_on <= first.isoformat()]
    asked = [
        (BOOK, 0),
        *([(customer.kind, 0)] if customer is not None else []),
        (scope, customer.id if customer is not None else 0),
    ]
    known: dict[str, str] = {}
    for where in asked:
        mine = [v for v in every if (v.scope, v.customer_id) == where]
        if mine:
            known = dict(max(mine, key=lambda v: (v.from_on, v.id)).values) or known
    return known


def _post(tx: Transaction, session: Session, kind: str, scope: str, customer_id: int, from_on: str, body: dict[str, str]) -> None:
    operator, _ = session.sign_in_if_needed()
    (number,) = tx.take("id")
    tx.post([posted.CollectionPolicy(
        number, kind, scope, customer_id, from_on, policy_rows.body(body), operator.name, tx.now_us,
    )])  # fmt: skip


def _check(session: Session, kind: str, body: Mapping[str, str]) -> None:
    """Refuse what only the book can tell: a code that is none, days that block every day."""
    if kind == DAYS and body:
        quiet_days.check(rules.quiet_days(body, session.book.currency), session.today())
    if kind == FEES and body.get("code"):
        code = codes.code_named(session, body["code"])
        if code.kind != "one-time" or code.category != "fee":
            raise InvalidInput(f"{code.code} is not a one-time code of category fee; a late fee needs one.")


# The two switches.


class Switches(NamedTuple):
    """Whether the night does anything at all, and whether anything is sent; since when, and by whom."""

    active: bool
    active_since: str
    sending: bool
    stopped_by: str


def switches(session: Session) -> Switches:
    """How both stand: nothing is active before somebody activated it; what is sent goes until somebody stops it."""
    active, senders = policy_rows.switch(session.db, SWITCH), policy_rows.switch(session.db, SENDERS)
    is_active = active is not None and active.values.get("state") == "on"
    sending = senders is None or senders.values.get("state") != "off"
    return Switches(
        is_active, active.from_on if active is not None and is_active else "", sending,
        "" if sending or senders is None else senders.operator,
    )  # fmt: skip


def turn(session: Session, which: str, on: bool, *, reason: str = "") -> None:
    """Turn a switch.

    Args:
        session: Who turns it.
        which: SWITCH or SENDERS.
        on: To on.
        reason: For the audit.

    Side effect: one audit event, where it was not so already.
    """
    if which not in (SWITCH, SENDERS):
        raise InvalidInput(f"{visible(which)[:20]!r} is no switch.")
    stands = switches(session)
    if (stands.active if which == SWITCH else stands.sending) == on:
        return
    # Who may send may stop what is sent; to let it go on takes the same right.
    with writing(session, rights.COLLECT) as tx:
        _post(tx, session, which, BOOK, 0, session.today().isoformat(), {"state": "on" if on else "off"})
        tx.note(f"{'collections' if which == SWITCH else 'senders'}.{'on' if on else 'off'}", "book", {"reason": reason})


def lift(session: Session) -> None:
    """Let any number of mails go on a day.

    Side effect: one audit event.
    """
    with writing(session, rights.COLLECT) as tx:
        _post(tx, session, GUARD, BOOK, 0, session.today().isoformat(), {"most": "any"})
        tx.note("senders.lift", "book", {})
