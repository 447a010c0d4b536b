"""Who may do what: the fixed roles, each with its rights and the compartments whose keys it is granted.

A right is refused by the service that needs it; a compartment is refused by arithmetic, because who holds no key opens
nothing. This table is all there is: no other file decides what a role may do.
Source: docs/security.md, *Operators and keys*.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

CONTACT: Final = "CONTACT"  # street, e-mail, phone
PRIVATE: Final = "PRIVATE"  # tax id, birth date, bank account, credit score, PIN
ADMIN: Final = "ADMIN"  # signs operator records and key grants
COMPARTMENTS: Final = (CONTACT, PRIVATE, ADMIN)

LOOK: Final = "look"  # open accounts and lists, keep views and half-filled forms
NOTE: Final = "note"  # notes, calls, promises, tags, pins
CUSTOMER: Final = "customer"  # new and changed customers, their terms
SERVE: Final = "serve"  # sell, change, pause and end services; one-off charges
POST: Final = "post"  # take payments
BACKDATE: Final = "backdate"  # take one for a day that is over
VOID: Final = "void"  # take back one's own payment of the same day
REVERSE: Final = "reverse"  # take back any payment
CREDIT: Final = "credit"  # credit notes, undoing a run
REFUND: Final = "refund"
WAIVE: Final = "waive"
WRITE_OFF: Final = "write-off"
COLLECT: Final = "collect"  # run the ladder, hold accounts, stop and start what is sent
MESSAGE: Final = "message"  # send what waits in the outbox
SUSPEND: Final = "suspend"  # confirm suspensions
APPROVE: Final = "approve"  # the second pair of eyes over somebody else's limit
OVERRIDE: Final = "override"  # own prices, discounts, exemptions
CATALOGUE: Final = "catalogue"  # codes, prices, taxes, rules of the book
BILL: Final = "bill"  # the billing run
IMPORT: Final = "import"
CHECK: Final = "check"  # compare what a caller says
REVEAL: Final = "reveal"  # see a PRIVATE field, with a reason
EXPORT: Final = "export"
AUDIT: Final = "audit"  # read the audit of the whole book
BACKUP: Final = "backup"
OPERATORS: Final = "operators"  # make, change, disable operators; end their sessions
FILES: Final = "files"  # write files outside one's own folder, where a service account is shared
CLOCK: Final = "clock"  # say that the machine's clock is right, whatever the book's last entry says
KEYS: Final = "keys"  # grant and rotate keys


class Role(NamedTuple):
    """A fixed role."""

    name: str
    help: str
    rights: frozenset[str]
    compartments: tuple[str, ...]


_DESK = frozenset({LOOK, NOTE})
_CLERK = _DESK | {CUSTOMER, SERVE}
_CASHIER = _DESK | {POST, VOID}
_SUPERVISOR = _CLERK | _CASHIER | {
    BACKDATE, REVERSE, CREDIT, REFUND, WAIVE, WRITE_OFF, COLLECT, SUSPEND, MESSAGE, APPROVE, OVERRIDE, CATALOGUE, BILL, IMPORT,
    CHECK, REVEAL, EXPORT, AUDIT,
    CLOCK,
}  # fmt: skip

ROLES: Final[Mapping[str, Role]] = MappingProxyType(
    {
        role.name: role
        for role in (
            Role("clerk", "customers, services, notes", _CLERK, (CONTACT,)),
            Role("cashier", "payments, notes", _CASHIER, (CONTACT,)),
            Role("supervisor", "all of the day's work, with reversals, credits and reveals", _SUPERVISOR, (CONTACT, PRIVATE)),
            Role("auditor", "looks at everything but sealed fields, changes nothing", frozenset({LOOK, EXPORT, AUDIT}), ()),
            Role(
                "administrator",
                "everything, and operators and keys",
                _SUPERVISOR | {BACKUP, OPERATORS, KEYS, FILES},
                (CONTACT, PRIVATE, ADMIN),
            ),
            Role(
                "automation",
                "a principal for timers: bills, reminds and backs up at night",
                frozenset({BILL, COLLECT, BACKUP, FILES}),
                (),
            ),
            Role("messenger", "a principal for timers: sends what waits in the outbox", frozenset({LOOK, MESSAGE}), (CONTACT,)),
            Role("exporter", "a principal for timers: exports lists, and nothing else", frozenset({LOOK, EXPORT}), ()),
        )
    }
)

PRINCIPALS: Final = ("automation", "messenger", "exporter")  # no person: they have a key and no password

# Said where a right is missing.
WORDS: Final[Mapping[str, str]] = MappingProxyType({
    LOOK: "open accounts", NOTE: "write notes and calls", CUSTOMER: "change customers", SERVE: "change services",
    POST: "take payments", BACKDATE: "take a payment for a day that is over", VOID: "take payments back",
    REVERSE: "take back a payment that is not your own of today", CREDIT: "write credit notes", REFUND: "refund",
    WAIVE: "waive", WRITE_OFF: "write off", COLLECT: "run collections", MESSAGE: "send messages", SUSPEND: "suspend",
    APPROVE: "approve", OVERRIDE: "agree prices, discounts and exemptions",
    CATALOGUE: "change the catalogue", BILL: "bill", IMPORT: "import", CHECK: "check callers", REVEAL: "see private fields",
    EXPORT: "export", AUDIT: "read the audit", BACKUP: "back up", OPERATORS: "manage operators", KEYS: "manage keys",
    CLOCK: "accept the clock", FILES: "write files outside your own folder",
})  # fmt: skip


def may(role: str, right: str) -> bool:
    """True when the role has the right; an unknown role has none."""
    role_ = ROLES.get(role)
    return role_ is not None and right in role_.rights


def compartments_of(role: str) -> tuple[str, ...]:
    """The compartments whose keys the role is granted; the recovery principal holds all of them."""
    if role == "recovery":
        return COMPARTMENTS
    role_ = ROLES.get(role)
    return role_.compartments if role_ is not None else ()
