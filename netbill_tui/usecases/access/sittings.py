"""Sittings: who is at it, and ending one from outside."""

from netbill_tui.db.access import operators
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
    return operators.sessions(session.db) if every else operators.live_sessions(session.db)


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
    sitting = next((s for s in operators.live_sessions(session.db) if s.id == name.strip()), None)
    if sitting is None:
        raise NotFound(f"There is no open sitting {visible(name.strip())[:20]!r}; netbill session lists them.")
    if dry_run:
        return
    with writing(session, rights.OPERATORS) as tx:
        operator, _ = session.sign_in_if_needed()
        operators.end_session(session.db, sitting.id, tx.now_us, f"ended by {operator.name}")
        tx.note("session.end", sitting.operator, {"session": sitting.id})


def still(session: Session) -> None:
    """Refuse to show more to somebody who was disabled, whose sitting was ended, or who is locked.

    Raises:
        NotPermitted: Disabled.
        SessionEnded: Ended or locked.
    """
    if session.operator is None or session.vault is None:
        return  # Nobody is signed in, or the screens are locked: then nothing below the lock is shown.
    state = state_of(session)
    operator, vault = session.sign_in_if_needed()
    if state.epoch != vault.epoch and vault.bundle is not None:
        from netbill_tui.usecases.core.operator_records import refresh_keys

        refresh_keys(session, operator.uid, vault)
