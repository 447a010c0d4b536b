"""What may change and is no record of its own, compared with what the audit tells and with what it follows from.

Sittings and counted tries, how far the keys are rotated, request ids, and the words by which customers and payments are found.
"""

from collections.abc import Iterable
from typing import NamedTuple

from netbill_tui.billing.receivables.payments import reference_words
from netbill_tui.db.access import operators
from netbill_tui.db.core.chain import said
from netbill_tui.db.core.engine import Database
from netbill_tui.db.verify import vouched
from netbill_tui.security import rights
from netbill_tui.text import counted, search_words
from netbill_tui.usecases.access import bundles, tries
from netbill_tui.usecases.core import host as this_host
from netbill_tui.usecases.core.checks import Check, blame
from netbill_tui.usecases.core.session import Session

_OLD_TAXES = "taxed_by_bill_date"  # a migration keeps it in a book that was made before the day of supply counted
_LEEWAY_US = 600 * 1_000_000  # so long may a password be looked at


class _Tried(NamedTuple):
    """How many tries in vain are counted, at least and at most, and when the last was."""

    least: int
    most: int
    at_us: int

    def forgotten(self, now: int) -> bool:
        """Whether the count is over by itself: after half an hour where nothing is tried any more, else after a day."""
        wait = tries.FORGET_S if self.most < tries.MOST_TRIES else tries.LOCK_S
        return now - self.at_us >= wait * 1_000_000


_NONE = _Tried(0, 0, 0)


class _Opened(NamedTuple):
    """A sitting as the audit tells of its beginning."""

    operator: str
    kind: str
    host: str
    started_us: int


def sittings(session: Session) -> list[Check]:
    """No sitting that was ended goes on, none stands there that the audit does not tell of; counted tries stand as told."""
    check = Check("sittings and counted tries")
    opened: dict[str, _Opened] = {}
    ended: set[str] = set()
    tried: dict[str, _Tried] = {}
    newest = session.now_us()
    for event in vouched.events(session.db):
        detail, newest, who = said(event.detail), max(newest, event.at_us), event.object
        if event.action == "session.open":
            opened[event.sitting] = _Opened(who, str(detail.get("kind", "")), str(detail.get("host", "")), event.at_us)
            # A password took the count back to none; a key file leaves it.
            tried[who] = tried.get(who, _NONE)._replace(least=0)
        elif event.action == "session.close":
            ended.add(event.sitting)
        elif event.action == "session.end":
            ended.add(str(detail.get("session", "")))
        elif event.action == "session.refused" and event.actor != "nobody":
            tried[who] = _Tried(int(detail["tries"]), int(detail["tries"]), event.at_us)
        elif event.action in ("operator.unlock", "operator.reset", "operator.disable", "operator.role"):
            if event.action in ("operator.unlock", "operator.reset"):
                tried.pop(who, None)
            if event.action != "operator.unlock":
                ended |= {key for key, sitting in opened.items() if sitting.operator == who}
    stored = vouched.sittings(session.db)
    for sitting in stored:
        check.rows += 1
        if opened.get(sitting.id) != (sitting.operator, sitting.kind, sitting.host, sitting.started_us):
            blame(check, f"the sitting {sitting.id} of {sitting.operator} does not match the audit")
        elif sitting.ended_us is None and sitting.id in ended:
            blame(check, f"the sitting {sitting.id} of {sitting.operator} was ended, but is still open")
    _lost_sittings(check, {sitting.id for sitting in stored}, opened, newest)
    _tries(session, check, tried)
    return [check]


def _lost_sittings(check: Check, known: set[str], opened: dict[str, _Opened], newest: int) -> None:
    """Sittings are forgotten 400 days behind the newest event, and only when they are over."""
    since = newest - 390 * 86400 * 1_000_000
    for key, sitting in opened.items():
        if key not in known and sitting.started_us > since:
            blame(check, f"the sitting {key} of {sitting.operator} is gone")


def _tries(session: Session, check: Check, tried: dict[str, _Tried]) -> None:
    now = session.now_us()
    stored: dict[str, int] = {}
    for known in vouched.tries(session.db):
        check.rows += 1
        name = known.operator
        if name is None:
            if known.uid != bytes(16):
                blame(check, "tries are counted for an operator that does not exist")
            continue
        stored[name] = known.failed
        counted_ = tried.get(name, _NONE)
        if known.failed > counted_.most:
            blame(check, f"{counted(known.failed, 'wrong password')} of {name} are counted, the audit has {counted_.most}")
        if known.pending > tries.MOST_TRIES or known.pending < 0:
            blame(check, f"{counted(known.pending, 'try', 'tries')} of {name} are stored as not yet answered")
        if known.failed and known.failed == counted_.most and not counted_.forgotten(now):
            late = known.boot == this_host.boot_id() and this_host.boot_us() - known.boot_us > now - counted_.at_us + _LEEWAY_US
            if late or known.at_us < counted_.at_us - _LEEWAY_US:
                blame(check, f"the last wrong password of {name} is stored with an earlier time than it had")
    for name, counted_ in tried.items():
        if stored.get(name, 0) < counted_.least and not counted_.forgotten(now):
            blame(check, f"{counted(counted_.least, 'wrong password')} of {name} were counted, but are no longer stored")


def keys(session: Session) -> Check:
    """How far keys are rotated and the book is backed up is what the audit tells; sealed bundles are the newest."""
    check = Check("keys, bundles and backups as told")
    due: set[str] = set()
    epoch = 0
    backup = ""
    for event in vouched.events(session.db):
        if event.action in ("operator.disable", "operator.role"):
            due |= set(said(event.detail).get("held" if event.action == "operator.disable" else "lost", ()))
        elif event.action == "keys.destroy":
            due -= {event.object, rights.ADMIN}
        elif event.action == "backup.write":
            backup = str(said(event.detail).get("sha256", ""))
        epoch += event.action in ("keys.rotate", "keys.destroy")
    stored = vouched.keeping(session.db)
    check.rows = len(stored)
    if set(stored.get("rotation_due", "").split()) != due:
        blame(
            check,
            f"keys to rotate are {' '.join(sorted(due)) or 'none'}, and the book keeps {stored.get('rotation_due') or 'none'}",
        )
    if operators.epoch_of(stored.get("key_epoch", "")) < epoch:
        blame(check, "keys were changed more often than the book keeps, so that sittings would go on with old ones")
    if not all(part.isascii() and part.isdigit() for part in stored.get("checkpoint", "").split()):
        blame(check, "what the book keeps of its last checkpoint is not what this program writes")
    if backup and not stored.get("backup", "").endswith(backup):
        blame(check, "the last backup that the book keeps is not the last one that was made")
    born = vouched.is_born_vouching(session.db)
    if _OLD_TAXES in stored and born:
        blame(check, "the book says that it was taxed by bill dates once, and it never was")
    for name in sorted(stored.keys() - _KEPT):
        blame(check, f"the book keeps {name!r}, which no program wrote")
    for name in sorted({"key_epoch"} - stored.keys()):
        blame(check, f"the book keeps no {name!r} any more")
    for operator in operators.everybody(session.db):
        check.rows += 1
        newest = operators.newest_told(session.db, operator.name, "bundle")
        now = "" if operator.bundle is None or operator.salt is None else bundles.bundle_hash(operator.bundle, operator.salt)
        if newest != now and (newest or born):
            blame(check, f"the sealed keys of {operator.name} are not those that were sealed last")
        until = operators.newest_told(session.db, operator.name, "until")
        if operator.status == "invited" and until and str(operator.code_until) != until:
            blame(check, f"the activation code of {operator.name} is stored with another end than it was given")
    return check


_KEPT = {"rotation_due", "compact_due", "key_epoch", "backup", "checkpoint", "upgrade", "checked", "rolling", _OLD_TAXES}


def claims(db: Database) -> Check:
    """Every request id that the audit tells of stands there, with what was posted under it; no other was put in since."""
    check = Check("request ids of notes, charges, services and credits")
    claimed = vouched.claimed(db)
    check.rows = len(claimed)
    first = 1 if vouched.is_born_vouching(db) else 0
    for claim in vouched.claims(db):
        first = first or claim.seq
        if claimed.pop(claim.seq, None) != claim.mark:
            blame(
                check, f"the request id of {claim.object} (audit event {claim.seq}) is gone or another: it could be posted again"
            )
    for seq in sorted(claimed):
        if first and seq >= first:
            blame(check, f"audit event {seq} has no request id, but a request id names it")
    return check


def words(db: Database) -> Check:
    """Customers and payments are found by all the words of their names, places and references, and by no others."""
    check = Check("words of search")
    for record in vouched.customers(db):
        _compare(check, record, (word for text in record.texts for word in search_words(text)))
    for record in vouched.payments(db):
        _compare(check, record, reference_words(*record.texts))
    for number in vouched.stray_words(db):
        if number:
            blame(check, f"{counted(number, 'word')} belong to no record")
    return check


def _compare(check: Check, record: vouched.Named, words: Iterable[str]) -> None:
    check.rows += 1
    expected = set(words)
    if record.words != expected:
        odd = sorted(record.words ^ expected)[0]
        blame(check, f"{record.number} is {'not ' if odd in expected else ''}found by {odd!r}")
