"""Making a book, and opening one."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from netbill_tui.billing.core.money import exponent
from netbill_tui.billing.customers.phones import is_country
from netbill_tui.billing.receivables.overdue import MINIMUM
from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.core import book as book_rows
from netbill_tui.db.core import files, migrate, versions
from netbill_tui.db.core.engine import Database, is_url
from netbill_tui.db.core.opening import open_database
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.receivables import balances
from netbill_tui.errors import BookProblem, InvalidInput, Refused
from netbill_tui.security import keys
from netbill_tui.security.keys import split_recovery
from netbill_tui.security.passwords import check_password
from netbill_tui.text import clean
from netbill_tui.usecases.access.bundles import bundle_hash
from netbill_tui.usecases.access.keys import NewKeys
from netbill_tui.usecases.access.operators import check_name
from netbill_tui.usecases.core.session import Operator, Session, utc_now


@dataclass(frozen=True, slots=True)
class NewBook:
    """What a new book is about.

    Attributes:
        company: Printed on receipts and statements.
        currency: ISO 4217.
        timezone: IANA name; business dates are dates there.
        country: ISO 3166 for phone numbers, or empty.
        operator: Name of the first operator, an administrator.
        password: Of the first operator; None for a demo book.
        demo: Signs in by itself and says DEMO everywhere.
    """

    company: str
    currency: str
    timezone: str
    country: str
    operator: str
    password: str | None
    demo: bool = False


@dataclass(frozen=True, slots=True)
class MadeBook:
    """A book that was just made: the session in it, and the two shares that are shown once."""

    session: Session
    install_id: bytes
    recovery: tuple[str, str]
    bundle: bytes


def check_new(new: NewBook) -> None:
    """Refuse what a book cannot be made of.

    Raises:
        InvalidInput: With what to type instead.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if not clean(new.company, "The company"):
        raise InvalidInput("A book needs the company's name; type it as receipts should show it.")
    exponent(new.currency)
    try:
        ZoneInfo(new.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"{new.timezone!r} is not a time zone; type one such as Europe/Berlin or UTC.") from None
    if new.country and not is_country(new.country):
        raise InvalidInput(f"{new.country!r} is not a known country; type two letters such as GB, or leave it empty.")
    check_name(new.operator)
    if new.password is not None:
        check_password(new.password, (new.operator, new.company))


def make_book(target: str, new: NewBook, *, clock: Callable[[], datetime] = utc_now) -> MadeBook:
    """Make the book, its first operator and its recovery principal, whole or not at all.

    Raises:
        Refused: There is a book already.
        InvalidInput: Something it cannot be made of.
    """
    check_new(new)
    if is_url(target):
        return _make_at(target, new, clock)
    path = files.real(target)
    files.check_folders(next(p for p in (path, *path.parents) if p.parent.exists()), own=path.parent.exists())
    _make_folder(path.parent)
    files.check_folders(path)
    for left in (path, *(Path(f"{path}{suffix}") for suffix in ("-wal", "-shm", "-journal"))):
        if os.path.lexists(left):
            # The log of another book would be played into the new one.
            raise Refused(f"There is something at {left} already; move it away, or name another book with --book.")
    # Made under another name and given its own when it is whole: a killed init leaves no half book, and of two inits
    # at once one wins and the other takes nothing away.
    making = path.with_name(f"{path.name}.making-{os.urandom(4).hex()}")
    try:
        new_book = _make_at(str(making), new, clock)
        new_book.session.db.close()
        try:
            files.publish(making, path)
        except FileExistsError:
            raise Refused(f"There is something at {target} already; name another book with --book.") from None
        except OSError as error:
            raise BookProblem(f"The book cannot be put at {target}: {error.strerror}.") from None
    finally:
        for suffix in ("", "-wal", "-shm", ".lock"):
            Path(f"{making}{suffix}").unlink(missing_ok=True)
    new_book.session.db = open_database(str(path))
    return new_book


def _make_at(target: str, new: NewBook, clock: Callable[[], datetime]) -> MadeBook:
    db = open_database(target, create=True)
    try:
        migrate_locked(db)
        if book_rows.book(db) is not None:
            raise Refused("There is a book in this database already; name another with --book.")
        return _fill(db, new, clock)
    except BaseException:
        db.close()
        raise


def _make_folder(folder: Path) -> None:
    """The folder of a new book, with those above it, closed to others where we make them."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        for path in reversed(missing):
            path.mkdir(mode=0o700)
    except OSError as error:
        raise BookProblem(f"The folder {folder} cannot be made: {error.strerror}.") from None


def migrate_locked(db: Database) -> list[str]:
    """Bring the schema up to date while nobody writes; the runner takes no lock of its own."""
    with db.alone():
        return migrate.upgrade(db)


def _fill(db: Database, new: NewBook, clock: Callable[[], datetime]) -> MadeBook:
    new_keys = NewKeys()
    now_us = int(clock().timestamp() * 1_000_000)
    with db.write():
        tx = Transaction(db, now_us=now_us, actor=new.operator, session="init")
        book_rows.add(db, book_rows.Book(
            new_keys.install_id, clean(new.company, "The company"), new.currency, new.timezone, new.country, new.demo, MINIMUM,
            new_keys.admin_public,
        ), now_us)  # fmt: skip
        new_keys.add_keys(db, now_us)
        uid, bundle = new_keys.add_operator(db, tx, new.operator, "administrator", new.password)
        _, recovery = new_keys.add_operator(db, tx, "recovery", "recovery", None)
        book = book_rows.book(db)
        row = book_rows.operator(db, new.operator)
        assert book is not None
        assert row is not None
        session = Session(db, book, Operator(row.id, uid, row.name, row.role), new_keys.vault(bundle), clock=clock)
        signed = operator_rows.by_name(db, new.operator)
        assert signed is not None
        session.record = (signed.role, signed.limit, signed.public_key, signed.signature)
        balances.begin(db, session.today().isoformat())
        versions.post(tx, versions.BOOK, [1])
        everybody = operator_rows.everybody(db)
        hashes = {o.name: keys.record_hash(new_keys.install_id, o.record) for o in everybody}
        bundles = {o.name: bundle_hash(o.bundle, o.salt) for o in everybody if o.bundle is not None and o.salt is not None}
        tx.note("book.init", new.company, {
            "currency": new.currency, "demo": new.demo, "timezone": new.timezone, "records": hashes,
            "bundles": bundles, "kinds": list(versions.KINDS),
        })  # fmt: skip
        tx.finish()
    return MadeBook(session, new_keys.install_id, split_recovery(recovery.private_key), b"".join(bundle))


def at(moment: str) -> Callable[[], datetime]:
    """A clock that stands still, for tests and benchmarks: ISO date or date and time, UTC."""
    stood = datetime.fromisoformat(moment)
    fixed = stood if stood.tzinfo else stood.replace(tzinfo=UTC)
    return lambda: fixed
