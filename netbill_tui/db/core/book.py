"""The book's own row, its operators and their grants."""

from typing import NamedTuple

from netbill_tui.db.core import tables
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Statement
from netbill_tui.security.secret import Sealed

_BOOK = Statement(
    "select install_id, company, currency, timezone, country, demo, minimum_overdue, admin_public, "
    "(select value from keeping where name = 'upgrade') from book where id = 1"
)
_OPERATOR = Statement("select id, uid, name, role, status, public_key, salt, m_kib, t, p, bundle from operator where name = ?")
_GRANTS = Statement(
    "select g.operator_uid, g.compartment, g.key_id, g.wrapped, g.signature, k.status from key_grant g "
    "join compartment_key k on k.compartment = g.compartment and k.key_id = g.key_id "
    "where g.operator_uid = ? and k.status <> 'destroyed' order by g.id"
)
_NAMES = Statement("select name from operator where status = 'active' and bundle is not null order by name")


class Book(NamedTuple):
    """What a book is about.

    Attributes:
        upgrading: What its upgrade does next; empty where none is under way.
    """

    install_id: bytes
    company: str
    currency: str
    timezone: str
    country: str
    demo: bool
    minimum_overdue: int
    admin_public: bytes
    upgrading: str = ""


class OperatorRow(NamedTuple):
    """Who may sign in, with what their password is checked against."""

    id: int
    uid: bytes
    name: str
    role: str
    status: str
    public_key: bytes
    salt: bytes | None
    cost: tuple[int, int, int]
    bundle: Sealed | None


class GrantRow(NamedTuple):
    """A wrapped compartment key and whether it is the primary one."""

    operator_uid: bytes
    compartment: str
    key_id: int
    wrapped: bytes
    signature: bytes
    status: str


_SETTINGS = Statement("select name, value from book_setting order by name")


def book(db: Database) -> Book | None:
    """The book's row, or None before init has finished."""
    row = db.row(_BOOK)
    if row is None:
        return None
    install_id, company, currency, timezone, country, demo, minimum, admin, step = row
    return Book(bytes(install_id), company, currency, timezone, country, bool(demo), minimum, bytes(admin), step or "")


def add(db: Database, book_: Book, now_us: int) -> None:
    """Store what a new book is about."""
    from netbill_tui.db.core.transaction import insert_into  # which a read does without

    db.run(insert_into(tables.Book), (
        1, book_.install_id, book_.company, book_.currency, book_.timezone, book_.country, int(book_.demo), book_.minimum_overdue,
        book_.admin_public, now_us,
    ))  # fmt: skip


def operator(db: Database, name: str) -> OperatorRow | None:
    """The operator of this name."""
    row = db.row(_OPERATOR, (name,))
    if row is None:
        return None
    salt = None if row[6] is None else bytes(row[6])
    bundle = None if row[10] is None else Sealed(bytes(row[10]))
    id_, uid, name_, role, status, public_key, _, m_kib, t, p, _ = row
    return OperatorRow(id_, bytes(uid), name_, role, status, bytes(public_key), salt, (m_kib or 0, t or 0, p or 0), bundle)


def operator_names(db: Database) -> list[str]:
    """Names of those who can sign in."""
    return [str(row[0]) for row in db.rows(_NAMES)]


def grants(db: Database, operator_uid: bytes) -> list[GrantRow]:
    """The grants of one operator whose keys are not destroyed."""
    return [GrantRow(bytes(r[0]), r[1], int(r[2]), bytes(r[3]), bytes(r[4]), r[5]) for r in db.rows(_GRANTS, (operator_uid,))]


def settings(db: Database) -> dict[str, str]:
    """The book's own settings of billing."""
    return db.together(reading_settings())[0]


def reading_settings() -> Read[dict[str, str]]:
    """The same, together with other reads."""
    return Read(_SETTINGS, (), lambda rows: {str(name): str(value) for name, value in rows})
