"""What an operator does for himself: enrol with an activation code, change the password. Nobody else knows either key."""

from netbill_tui.db.access import operators
from netbill_tui.db.access.operators import OperatorRecord
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.errors import KeyProblem, NotFound, NotPermitted
from netbill_tui.security import keys, passwords
from netbill_tui.security.keys import Bundle
from netbill_tui.usecases.access import bundles, tries
from netbill_tui.usecases.access.bundles import reseal, seal
from netbill_tui.usecases.core.session import Session


def _until(session: Session, row: OperatorRecord) -> int:
    """When an activation code ends: by its row, and by the audit event that made it."""
    until = operators.newest_told(session.db, row.name, "until")
    return min(row.code_until or 0, int(until) if until.isdigit() else 0)


def enrol(session: Session, name: str, code: str, password: str) -> str:
    """Make one's own key pair and password with an activation code; the fingerprint to read to the administrator.

    Raises:
        KeyProblem: The name or the code is wrong, used or older than a day.
        LockedOut: Ten tries in vain.
        InvalidInput: The password cannot be taken.

    Side effect: one audit event. The keys of the role are granted by an administrator behind it.
    """
    passwords.check_password(password, (name, session.book.company))
    row = operators.by_name(session.db, name.strip())
    wrong = "The name or the activation code is wrong, was used, or is older than a day; ask an administrator for another."
    usable = row is not None and row.status == "invited" and row.bundle is not None and _until(session, row) > session.now_us()
    if row is None or not usable:
        raise KeyProblem(wrong)
    bundles.check_bundle(session, row)
    tried = tries.claim(session, row.uid)
    try:
        pinned = bundles.open_with(session, row, keys.typed_code(code))
        if pinned.private_key != bytes(32) or pinned.admin_public != session.book.admin_public:
            raise KeyProblem(wrong)
    except KeyProblem:
        tries.answer(session, row.uid, failed=True, name=row.name, tries=tried)
        raise KeyProblem(wrong) from None
    private = keys.new_private_key()
    bundle = Bundle(private, pinned.admin_public, pinned.install_id)
    sealed = seal(session.book.install_id, row.uid, bundle, password, session.settings.peppers)
    with session.db.write():
        if not operators.enrol(session.db, row.id, keys.public_of(private)):
            raise KeyProblem(wrong)
        operators.set_bundle(session.db, row.id, sealed.salt, sealed.cost, sealed.envelope, None)
        counted = operators.tries(session.db, row.uid)
        operators.set_tries(session.db, row.uid, counted._replace(failed=0, pending=0))
        tx = Transaction(session.db, now_us=session.now_us(), actor=row.name, session=session.sitting.id)
        tx.note(
            "operator.enrol",
            row.name,
            {
                "fingerprint": keys.fingerprint(keys.public_of(private)),
                "bundle": bundles.bundle_hash(sealed.envelope, sealed.salt),
            },
        )
        tx.finish()
    return keys.fingerprint(keys.public_of(private))


def change_password(session: Session, old: str, new: str) -> None:
    """Another password for who is signed in: only the bundle is sealed anew.

    Raises:
        KeyProblem: The old one is wrong.
        InvalidInput: The new one cannot be taken.

    Side effects: a counted try; one audit event.
    """
    operator, _ = session.sign_in_if_needed()
    passwords.check_password(new, (operator.name, session.book.company))
    row = operators.by_name(session.db, operator.name)
    if row is None:
        raise NotFound(f"There is no operator {operator.name} any more.")
    if row.bundle is None or row.salt is None:
        raise NotPermitted(f"{operator.name} has no password: a demo book and a principal sign in by a file.")
    tried = tries.claim(session, row.uid)
    try:
        bundle = bundles.open_with(session, row, old)
    except KeyProblem:
        tries.answer(session, row.uid, failed=True, name=row.name, tries=tried)
        raise
    tries.answer(session, row.uid, failed=False, name=row.name)
    reseal(session, row, bundle, new)
