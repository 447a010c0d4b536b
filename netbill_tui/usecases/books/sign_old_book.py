"""The upgrade of a book that was made before its operators were signed and its records vouched for.

It goes from step to step, each a transaction that keeps what comes next: `sign`, then `vouch` record by record, then done, which
the audit tells. While a step is kept nothing but the upgrade opens the book; interrupted anywhere, it goes on where it stopped.
What was done once is never done again, so that nobody has a record vouched for that was put in later: the audit tells of which
kinds the book vouches, from its making or from its upgrades, and only kinds that came with a newer program are added.
"""

from collections.abc import Callable, Sequence

from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import OperatorRecord
from netbill_tui.db.core import chain, versions
from netbill_tui.db.core.paging import LOWEST
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import BookProblem
from netbill_tui.security import keys, rights
from netbill_tui.text import counted, visible
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

STEP = "upgrade"  # in `keeping`: what comes next
_DONE = "book.upgrade"
_KINDS = tuple(kind for kind in versions.KINDS if kind != versions.BOOK)
Progress = Callable[[int, int], None]


def step(session: Session) -> str:
    """What an upgrade has to do for this book: `sign`, `vouch`, `settle`, or nothing.

    `vouch` goes on, or adds kinds of records of which no program before this one vouched; `settle` is for a book that an
    older program upgraded: what it left out when it was interrupted is made good.

    Raises:
        BookProblem: Somebody's signature is missing in a book whose operators were signed.
    """
    unsigned = [o for o in operators.everybody(session.db) if o.signature is None]
    if unsigned:
        _refuse_lost(session, unsigned)
        return "sign"
    next_step = operators.state_value(session.db, STEP)
    if next_step or versions.missing(session.db):
        return "vouch" if next_step or _is_signed(session) else "settle"
    return ""


def _is_signed(session: Session) -> bool:
    """Whether the first upgrade came to its end, or was never needed."""
    return operators.was_born_signed(session.db) or chain.first_of(session.db, _DONE) is not None


def _refuse_lost(session: Session, unsigned: Sequence[OperatorRecord]) -> None:
    """Nobody signs for an operator who was put in, or whose signature was taken out: only a book that never had any is signed."""
    everybody = operators.everybody(session.db)
    if operators.was_signed(session.db) or len(unsigned) < len(everybody):
        raise BookProblem(
            f"The record of {unsigned[0].name} is not what an administrator signed; another program wrote it. "
            "Run netbill verify, and restore the book from a backup."
        )


def finish(session: Session, on_progress: Progress | None = None) -> tuple[int, int]:
    """Do what is left of the upgrade; operators signed, records vouched for.

    Raises:
        BookProblem: The book says that it is being upgraded, and its history says that it never needed to be.

    Side effect: one audit event for each transaction.
    """
    report = on_progress or (lambda *_: None)
    signed = vouched = 0
    what, total = step(session), versions.most(session.db)
    if what == "sign":
        signed = _sign_everybody(session)
        what = "vouch"
    if what == "vouch":
        left = versions.missing(session.db)
        kind, _, last = (operators.state_value(session.db, STEP) or f"{left[0]} {LOWEST}" if left else "").partition(" ")
        if kind not in left:
            raise BookProblem(
                f"The book says that its upgrade goes on ({visible(operators.state_value(session.db, STEP))[:20]!r}), but its "
                "audit says that it needs none: another program wrote it. Restore it from a backup, or call "
                "for help."
            )
        for name in left[left.index(kind) :]:
            since = int(last or LOWEST) if name == kind else LOWEST
            for ids in versions.pages(session.db, name, since):
                vouched += _vouch(session, name, ids, f"{name} {ids[-1]}")
                report(min(vouched, total), total)
    if what == "settle":
        began = chain.first_of(session.db, "operator.sign")
        # The catalogue was vouched for last: where it was, the older program came to its end, and what has no version came later.
        whole = chain.is_told(session.db, "record.vouch", versions.CATALOGUE)
        for name in versions.LATER_KINDS if whole else _KINDS:
            for ids in list(versions.never(session.db, name, began.at_us if began else 0)):
                vouched += _vouch(session, name, ids, "")
                report(min(vouched, total), total)
    if what:
        with writing(session, rights.OPERATORS) as tx:
            operators.drop_state_value(session.db, STEP)
            tx.note(_DONE, "book", {"signed": signed, "vouched": vouched, "kinds": list(versions.KINDS)})
    return signed, vouched


def _sign_everybody(session: Session) -> int:
    """Sign the records and keys that were made before they were signed; how many."""
    _, vault = session.sign_in_if_needed()
    seed, install = vault.admin_seed(), session.book.install_id
    unsigned = [o for o in operators.everybody(session.db) if o.signature is None]
    with session.db.write():
        _refuse_lost(session, [o for o in operators.everybody(session.db) if o.signature is None])
        operator, _ = session.sign_in_if_needed()
        tx = Transaction(session.db, now_us=session.now_us(), actor=operator.name, session=session.sitting.id)
        hashes = {}
        for operator_ in unsigned:
            operators.set_record(session.db, operator_.id, operator_.record, keys.sign_record(seed, install, operator_.record))
            hashes[operator_.name] = keys.record_hash(install, operator_.record)
        for key in operators.keys(session.db):
            if key.signature is None:
                signature = keys.sign_key(seed, install, key.compartment, key.key_id, key.status)
                operators.mark_key(session.db, key.compartment, key.key_id, key.status, signature)
        versions.post(tx, versions.BOOK, [1])
        operators.set_state_value(session.db, STEP, f"{_KINDS[0]} {LOWEST}")
        tx.note("operator.sign", operator.name, {"records": hashes}, bulk=True)
        tx.finish()
    return len(unsigned)


def _vouch(session: Session, kind: str, ids: list[int], reached: str) -> int:
    """Let the audit vouch for records that were there before it did, and keep how far that got."""
    with writing(session, rights.OPERATORS) as tx:
        versions.post(tx, kind, ids)
        if reached:
            operators.set_state_value(session.db, STEP, reached)
        tx.note("record.vouch", kind, {"records": len(ids)}, bulk=True)
    return len(ids)


def words(migrations: int, signed: int, vouched: int) -> str:
    """What an upgrade did, in a sentence."""
    done = f"{counted(migrations, 'migration')} applied."
    if signed:
        done += f" {counted(signed, 'operator')} signed."
    return done + (f" {counted(vouched, 'record')} vouched for." if vouched else "")
