"""Rotation: another key for a compartment, every cell sealed anew in small steps, the old key destroyed.

Source: docs/security.md, *Operators and keys*.

It can be killed at any point: what a cell is sealed with stands in its header, so a second run goes on behind the first.
Readers hold both keys meanwhile. The recovery principal keeps its grant of the old key, because backups that were made before
are sealed with it; it is dropped by hand when the last of them is gone.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from netbill_tui.billing.customers.phones import international_phone, normal_email
from netbill_tui.db.access import operators, sealed
from netbill_tui.db.access.operators import KeyRow
from netbill_tui.db.access.sealed import Cell, Place
from netbill_tui.db.core import versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers.contacts import INDEX_NAMES
from netbill_tui.errors import InvalidInput, NetbillError, Refused
from netbill_tui.security import keys, rights
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import FIELDS, Vault
from netbill_tui.text import counted, visible
from netbill_tui.usecases.access.keys import grant
from netbill_tui.usecases.access.operators import RECOVERY
from netbill_tui.usecases.core.operator_records import check_record
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

PAUSE_S = 0.005  # between batches, so that a clerk's payment never waits for the whole rotation
ROTATED: Final = (rights.CONTACT, rights.PRIVATE)


@dataclass(slots=True)
class Rotated:
    """What became of a rotation. `unreadable` cells keep the old key alive until somebody decides about them."""

    compartment: str
    key_id: int
    cells: int = 0
    unreadable: list[str] = field(default_factory=list)
    done: bool = False


def check_names(names: list[str]) -> list[str]:
    """The compartments that were typed; all that can be rotated where none was.

    Raises:
        InvalidInput: There is no such compartment, or it cannot be rotated.
    """
    compartments = [n.upper() for n in names] or list(ROTATED)
    for name in compartments:
        if name == rights.ADMIN:
            raise InvalidInput(
                "ADMIN cannot be rotated: every operator's bundle pins its key. Make a new book's keys by restoring into one, "
                "and see docs/security.md."
            )
        if name not in ROTATED:
            raise InvalidInput(f"{name[:20]!r} is not a compartment; type CONTACT or PRIVATE.")
    return compartments


def rotate(
    session: Session,
    compartment: str,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    pause_s: float = PAUSE_S,
) -> Rotated:
    """Give a compartment another key, or go on with a rotation that was interrupted.

    Raises:
        NotPermitted: Who acts is no administrator.

    Side effects: one audit event to begin, one for each batch of 500 cells, one at the end; then the file is rewritten, so
    that nothing of the old cells is left in it.
    """
    session.needs(rights.KEYS)
    compact_if_due(session)
    rotated = Rotated(compartment, _begin(session, compartment))
    number = rotated.key_id.to_bytes(4)
    places = [p for p in sealed.PLACES if _compartment(p) == compartment]
    total = sum(sealed.left(session.db, p, number) for p in places)
    for place in places:
        after: object | None = None
        while page := sealed.page_of(session.db, place, after, number):
            after = page[-1].key
            with writing(session, rights.KEYS) as tx:
                done = _reseal(tx, session, place, page, rotated)
                where = f"{place.table}.{place.column}"
                tx.note("keys.reseal", compartment, {"cells": done, "key": rotated.key_id, "place": where}, bulk=True)
            rotated.cells += done
            if on_progress:
                on_progress(min(rotated.cells, total), total)
            if should_stop():
                return rotated
            session.db.give_way(pause_s)
    _end(session, rotated, places)
    if rotated.done:
        compact_if_due(session)
    return rotated


def compact_if_due(session: Session) -> None:
    """Rewrite the file after a key was destroyed, so that nothing of the old cells is left in it.

    Raises:
        Refused: It could not be; the rotation itself stands, and the next one or the doctor says it again.
    """
    if operators.state_value(session.db, "compact_due") != "1":
        return
    try:
        session.db.compact()
    except NetbillError as error:
        raise Refused(
            f"The keys are rotated and the old one is destroyed, but the file could not be rewritten ({error}) Old cells, which "
            "nothing opens any more, are left in it; free some space and run netbill keys rotate again."
        ) from None
    with session.db.write():
        operators.set_state_value(session.db, "compact_due", "0")


def _compartment(place: Place) -> str:
    """The compartment that a column belongs to."""
    table, column = place.name
    return FIELDS[table, "email" if column == "kind" else column][0]


def _begin(session: Session, compartment: str) -> int:
    """The key that cells get: a new one, or that of the rotation that was interrupted."""
    _, vault = session.sign_in_if_needed()
    key_id, key = keys.new_key_id(), os.urandom(32)
    seed, install = vault.admin_seed(), session.book.install_id
    with writing(session, rights.KEYS) as tx:
        # Read in here: of two who rotate at once the second goes on with what the first began.
        mine = [k for k in operators.keys(session.db) if k.compartment == compartment]
        primary = next(k for k in mine if k.status == "primary")
        if any(k.status == "decrypt-only" for k in mine):
            return primary.key_id
        holders = {g.operator for g in operators.grants(session.db) if (g.compartment, g.key_id) == (compartment, primary.key_id)}
        signature = keys.sign_key(seed, install, compartment, key_id, "primary")
        operators.add_key(session.db, KeyRow(compartment, key_id, "primary", signature, tx.now_us))
        old = keys.sign_key(seed, install, compartment, primary.key_id, "decrypt-only")
        operators.mark_key(session.db, compartment, primary.key_id, "decrypt-only", old)
        granted = []
        for operator_ in operators.everybody(session.db):
            if operator_.uid in holders and operator_.status == "active":
                # A key that somebody else put into the record would get the new key too.
                check_record(session, operator_)
                grant(tx, operator_.record, compartment, key_id, key, install, seed)
                granted.append(operator_.name)
        _next_epoch(tx)
        tx.note("keys.rotate", compartment, {"key": key_id, "old": primary.key_id, "granted": granted})
    _refresh(session)
    return key_id


def _next_epoch(tx: Transaction) -> None:
    """Let every sitting read its keys again before its next write."""
    operators.set_state_value(tx.db, "key_epoch", str(max(operators.epoch_of(operators.state_value(tx.db, "key_epoch")), 0) + 1))


def _refresh(session: Session) -> None:
    from netbill_tui.usecases.core.operator_records import refresh_keys

    operator, vault = session.sign_in_if_needed()
    if vault.bundle is not None:
        refresh_keys(session, operator.uid, vault)


def _reseal(tx: Transaction, session: Session, place: Place, cells: list[Cell], rotated: Rotated) -> int:
    """Seal a batch anew, inside a transaction; how many."""
    _, vault = session.sign_in_if_needed()
    done, changed = 0, []
    kind = _RECORDS.get(place.table)
    if kind is not None:
        versions.leave(tx, kind, {cell.owner for cell in cells})
    for cell in cells:
        table, column = place.name[0], cell.kind or place.name[1]
        try:
            value = vault.open(table, column, cell.record, Sealed(cell.envelope)).unwrap()
        except (Unreadable, KeyError):
            rotated.unreadable.append(f"{place.table} {cell.key if isinstance(cell.key, int) else cell.record.hex()} {column}")
            continue
        index = _indexes(session, vault, column, value, cell) if place.table == "contact" else None
        if sealed.replace(session.db, place, cell, vault.seal(table, column, cell.record, value).envelope, index):
            changed.append(cell.owner)
        done += 1
    if kind is not None:
        versions.post(tx, kind, changed)
    return done


# What a cell belongs to, of which the audit vouches for every change.
_RECORDS = {
    "former_customer": versions.FORMER, "customer": versions.CUSTOMER, "contact": versions.CUSTOMER, "service": versions.SERVICE,
}  # fmt: skip


def _indexes(session: Session, vault: Vault, kind: str, value: str, cell: Cell) -> tuple[int, int | None]:
    """The blind indexes of a contact under the new key."""
    normal = normal_email(value) if kind == "email" else international_phone(value, session.book.country)
    tail = vault.blind_index("phone", "phone4.v1", normal[-4:]) if cell.tail else None
    return vault.blind_index(kind, INDEX_NAMES[kind], normal), tail


def _end(session: Session, rotated: Rotated, places: list[Place]) -> None:
    """Destroy the old keys, if no cell anywhere needs them."""
    _, vault = session.sign_in_if_needed()
    seed, install, number = vault.admin_seed(), session.book.install_id, rotated.key_id.to_bytes(4)
    with writing(session, rights.KEYS) as tx:
        if any(sealed.left(session.db, place, number) for place in places):
            return  # Somebody wrote with the old key a moment ago, or a cell cannot be read; the next run goes on.
        recovery = next(o.uid for o in operators.everybody(session.db) if o.role == RECOVERY)
        old = [
            k.key_id for k in operators.keys(session.db) if k.compartment == rotated.compartment and k.status == "decrypt-only"
        ]
        for key_id in old:
            signature = keys.sign_key(seed, install, rotated.compartment, key_id, "destroyed")
            operators.mark_key(session.db, rotated.compartment, key_id, "destroyed", signature)
            operators.drop_key_grants(session.db, rotated.compartment, key_id, recovery)
        _next_epoch(tx)
        due = [
            c for c in operators.state_value(session.db, "rotation_due").split() if c not in (rotated.compartment, rights.ADMIN)
        ]
        operators.set_state_value(session.db, "rotation_due", " ".join(due))
        operators.set_state_value(session.db, "compact_due", "1")
        tx.note("keys.destroy", rotated.compartment, {"key": rotated.key_id, "destroyed": old})
    _refresh(session)
    rotated.done = True


def rotate_until_done(
    session: Session, compartment: str, *, on_progress: Callable[[int, int], None] | None = None, pause_s: float = PAUSE_S
) -> Rotated:
    """As `rotate`, again where a writer came between.

    Raises:
        Refused: The old key was kept, because cells cannot be read (each is named) or others wrote with it five times.
    """
    rotated = rotate(session, compartment, on_progress=on_progress, pause_s=pause_s)
    for _ in range(5):
        if rotated.done or rotated.unreadable:
            break
        rotated = rotate(session, compartment, on_progress=on_progress, pause_s=pause_s)
    if rotated.unreadable:
        named = ", ".join(rotated.unreadable[:5])
        raise Refused(
            f"Cannot read {counted(len(rotated.unreadable), 'cell')} ({named}), so the old key is kept; run netbill verify."
        )
    if not rotated.done:
        raise Refused(f"{compartment} is not rotated yet: others wrote with the old key, which is kept; run it again.")
    return rotated


class KeyState(NamedTuple):
    """A key, how many cells it sealed, and who was granted it."""

    key: KeyRow
    cells: int
    holders: list[str]


def status(session: Session) -> list[KeyState]:
    """Each key of the book."""
    names = {o.uid: o.name for o in operators.everybody(session.db)}
    held: dict[tuple[str, int], list[str]] = {}
    for wrapped in operators.grants(session.db):
        held.setdefault((wrapped.compartment, wrapped.key_id), []).append(names.get(wrapped.operator, "?"))
    states = []
    for key in operators.keys(session.db):
        places = [p for p in sealed.PLACES if _compartment(p) == key.compartment]
        cells = sum(sealed.count(session.db, p) - sealed.left(session.db, p, key.key_id.to_bytes(4)) for p in places)
        states.append(KeyState(key, cells, sorted(held.get((key.compartment, key.key_id), []))))
    return states


def new_pepper(session: Session, path: str, *, dry_run: bool = False) -> int:
    """Write a fresh pepper to a new file of mode 600; its id.

    Raises:
        InvalidInput: The file is there already or cannot be written.
        NotPermitted: Who acts does not manage keys.

    Side effect: one audit event, before the file.
    """
    session.needs(rights.KEYS)
    if dry_run:
        return 0
    pepper = os.urandom(32)
    with writing(session, rights.KEYS) as tx:
        tx.note("keys.pepper", visible(path)[:120], {"id": keys.pepper_id_of(pepper)})
    try:
        fd = os.open(os.path.expanduser(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InvalidInput(f"The pepper {path} cannot be written: {error.strerror}; name a new file.") from None
    with os.fdopen(fd, "wb") as out:
        out.write(pepper)
        out.flush()
        os.fsync(out.fileno())
    return keys.pepper_id_of(pepper)
