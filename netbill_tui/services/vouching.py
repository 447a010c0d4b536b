"""Signing a book that was made before its operators were signed: for the upgrade."""

from netbill_tui.db import operators as rows
from netbill_tui.db import versions
from netbill_tui.db.transaction import Transaction
from netbill_tui.security import keys, rights
from netbill_tui.services.session import Session
from netbill_tui.services.writing import writing


def has_unsigned(session: Session) -> bool:
    """True when the book was made before records were signed."""
    return any(o.signature is None for o in rows.everybody(session.db))


def sign_everybody(session: Session) -> int:
    """Sign the records and keys of a book that was made before they were signed; how many. For the upgrade only.

    Side effect: one audit event.
    """
    _, vault = session.sign_in_if_needed()
    seed, install = vault.admin_seed(), session.book.install_id
    unsigned = [o for o in rows.everybody(session.db) if o.signature is None]
    with session.db.write():
        operator, _ = session.sign_in_if_needed()
        tx = Transaction(session.db, now_us=session.now_us(), actor=operator.name, session=session.id)
        hashes = {}
        for one in unsigned:
            rows.set_record(session.db, one.id, one.record, keys.sign_record(seed, install, one.record))
            hashes[one.name] = keys.record_hash(install, one.record)
        for key in rows.keys(session.db):
            if key.signature is None:
                signature = keys.sign_key(seed, install, key.compartment, key.key_id, key.status)
                rows.mark_key(session.db, key.compartment, key.key_id, key.status, signature)
        versions.post(tx, versions.BOOK, [1])
        tx.note("operator.sign", operator.name, {"records": hashes}, bulk=True)
        tx.finish()
    _vouch(session)
    return len(unsigned)


def _vouch(session: Session) -> None:
    """Let the audit vouch for the records that were there before it did; in batches, each its own transaction."""
    for kind in (versions.CUSTOMER, versions.SERVICE, versions.TERMS, versions.CATALOGUE):
        for ids in versions.pages(session.db, kind):
            with writing(session, rights.OPERATORS) as tx:
                versions.post(tx, kind, ids)
                tx.note("record.vouch", kind, {"records": len(ids)}, bulk=True)
