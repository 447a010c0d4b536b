"""Sittings: who is at it, and ending one from outside."""

from netbill_tui.db.access import operators as rows
from netbill_tui.db.access.operators import SessionRow
from netbill_tui.errors import NotFound
from netbill_tui.security import rights
from netbill_tui.text import visible
from netbill_tui.usecases.core import host
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import state_of, writing

Sitting = SessionRow


def listed(session: Session, *, every: bool = False) -> list[Sitting]:
    """The sittings that go on, or the newest two hundred."""
    session.needs(rights.OPERATORS)
    return rows.sessions(session.db) if every else rows.live_sessions(session.db)


def is_alive(row: Sitting) -> bool:
    """True when it goes on and its process may still live."""
    return row.ended_us is None and host.is_alive(row.host, row.boot, row.pid)


def end(session: Session, name: str, *, dry_run: bool = False) -> None:
    """End somebody's sitting: its next action is refused.

    Raises:
        NotFound: There is none of this id that goes on.

    Side effect: one audit event.
    """
    session.needs(rights.OPERATORS)
    found = next((s for s in rows.live_sessions(session.db) if s.id == name.strip()), None)
    if found is None:
        raise NotFound(f"No sitting {visible(name.strip())[:20]!r} goes on; netbill session lists them.")
    if dry_run:
        return
    with writing(session, rights.OPERATORS) as tx:
        operator, _ = session.sign_in_if_needed()
        rows.end_session(session.db, found.id, tx.now_us, f"ended by {operator.name}")
        tx.note("session.end", found.operator, {"session": found.id})


def still(session: Session) -> None:
    """Refuse to show more to somebody who was disabled, whose sitting was ended, or who is locked.

    Raises:
        NotPermitted: Disabled.
        SessionEnded: Ended or locked.
    """
    if session.operator is None or session.vault is None:
        return  # Nobody is signed in, or the screens are locked: then nothing below the lock is shown.
    found = state_of(session)
    operator, vault = session.sign_in_if_needed()
    if found.epoch != vault.epoch and vault.bundle is not None:
        from netbill_tui.usecases.core.operator_records import refresh_keys

        refresh_keys(session, operator.uid, vault)
