"""What may change and is no record of its own, compared with what the audit tells and with what it follows from.

Sittings and counted tries, how far the keys are rotated, request ids, and the words by which customers and payments are found.
"""

import json
from collections import defaultdict
from typing import NamedTuple

from netbill_tui.billing.receivables.payments import reference_words
from netbill_tui.db.access import operators
from netbill_tui.db.core import requests
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Row
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


def sittings(session: Session) -> list[Check]:
    """No sitting that was ended goes on, none stands there that the audit does not tell of; counted tries stand as told."""
    check = Check("sittings and counted tries")
    opened: dict[str, tuple[str, str, str, int]] = {}
    ended: set[str] = set()
    tried: dict[str, _Tried] = {}
    newest = session.now_us()
    for _, at_us, actor, sitting, action, obj, detail in vouched.events(session.db):
        found, newest = json.loads(detail), max(newest, int(at_us))
        if action == "session.open":
            opened[str(sitting)] = (str(obj), str(found.get("kind", "")), str(found.get("host", "")), int(at_us))
            # A password took the count back to none; a key file leaves it.
            tried[str(obj)] = tried.get(str(obj), _NONE)._replace(least=0)
        elif action == "session.close":
            ended.add(str(sitting))
        elif action == "session.end":
            ended.add(str(found.get("session", "")))
        elif action == "session.refused" and actor != "nobody":
            tried[str(obj)] = _Tried(int(found["tries"]), int(found["tries"]), int(at_us))
        elif action in ("operator.unlock", "operator.reset", "operator.disable", "operator.role"):
            if action in ("operator.unlock", "operator.reset"):
                tried.pop(str(obj), None)
            if action != "operator.unlock":
                ended |= {key for key, one in opened.items() if one[0] == obj}
    for key, name, kind, host, started, over in vouched.sittings(session.db):
        check.rows += 1
        if opened.get(key) != (name, kind, host, started):
            blame(check, f"the sitting {key} of {name} is not one that the audit tells of")
        elif over is None and key in ended:
            blame(check, f"the sitting {key} of {name} was ended, and goes on")
    _lost_sittings(session, check, opened, newest)
    _tries(session, check, tried)
    return [check]


def _lost_sittings(session: Session, check: Check, opened: dict[str, tuple[str, str, str, int]], newest: int) -> None:
    """Sittings are forgotten 400 days behind the newest event, and only when they are over."""
    known = {str(row[0]) for row in vouched.sittings(session.db)}
    since = newest - 390 * 86400 * 1_000_000
    for key, (name, _, _, started) in opened.items():
        if key not in known and started > since:
            blame(check, f"the sitting {key} of {name} is gone")


def _tries(session: Session, check: Check, tried: dict[str, _Tried]) -> None:
    now = session.now_us()
    kept: dict[str, int] = {}
    for name, uid, failed, pending, at_us, boot, boot_us in vouched.tries(session.db):
        check.rows += 1
        if name is None:
            if bytes(uid) != bytes(16):
                blame(check, "tries are counted for an operator that there is not")
            continue
        kept[str(name)] = failed
        one = tried.get(str(name), _NONE)
        if failed > one.most:
            blame(check, f"{counted(failed, 'wrong password')} of {name} are counted, the audit tells of {one.most}")
        if pending > tries.MOST_TRIES or pending < 0:
            blame(check, f"{counted(pending, 'try', 'tries')} of {name} are said to be looked at")
        if failed and failed == one.most and not one.forgotten(now):
            late = boot == this_host.boot_id() and this_host.boot_us() - int(boot_us) > now - one.at_us + _LEEWAY_US
            if late or int(at_us) < one.at_us - _LEEWAY_US:
                blame(check, f"the last wrong password of {name} is said to have been earlier than it was")
    for name, one in tried.items():
        if kept.get(name, 0) < one.least and not one.forgotten(now):
            blame(check, f"{counted(one.least, 'wrong password')} of {name} were counted, and are no more")


def keys(session: Session) -> Check:
    """How far keys are rotated and the book is backed up is what the audit tells; sealed bundles are the newest."""
    check = Check("keys, bundles and backups as told")
    due: set[str] = set()
    epoch = 0
    backup = ""
    for _, _, _, _, action, obj, detail in vouched.events(session.db):
        found = json.loads(detail)
        if action in ("operator.disable", "operator.role"):
            due |= set(found.get("held" if action == "operator.disable" else "lost", ()))
        elif action == "keys.destroy":
            due -= {str(obj), rights.ADMIN}
        elif action == "backup.write":
            backup = str(found.get("sha256", ""))
        epoch += action in ("keys.rotate", "keys.destroy")
    kept = vouched.keeping(session.db)
    check.rows = len(kept)
    if set(kept.get("rotation_due", "").split()) != due:
        blame(
            check,
            f"keys to rotate are {' '.join(sorted(due)) or 'none'}, and the book keeps {kept.get('rotation_due') or 'none'}",
        )
    if operators.epoch_of(kept.get("key_epoch", "")) < epoch:
        blame(check, "keys were changed more often than the book keeps, so that sittings would go on with old ones")
    if not all(part.isascii() and part.isdigit() for part in kept.get("checkpoint", "").split()):
        blame(check, "what the book keeps of its last checkpoint is not what this program writes")
    if backup and not kept.get("backup", "").endswith(backup):
        blame(check, "the last backup that the book keeps is not the last one that was made")
    born = vouched.is_born_vouching(session.db)
    if _OLD_TAXES in kept and born:
        blame(check, "the book says that it was taxed by bill dates once, and it never was")
    for name in sorted(kept.keys() - _KEPT):
        blame(check, f"the book keeps {name!r}, which no program wrote")
    for name in sorted({"key_epoch"} - kept.keys()):
        blame(check, f"the book keeps no {name!r} any more")
    for one in operators.everybody(session.db):
        check.rows += 1
        newest = operators.newest_told(session.db, one.name, "bundle")
        now = "" if one.bundle is None or one.salt is None else bundles.bundle_hash(one.bundle, one.salt)
        if newest != now and (newest or born):
            blame(check, f"the sealed keys of {one.name} are not those that were sealed last")
        until = operators.newest_told(session.db, one.name, "until")
        if one.status == "invited" and until and str(one.code_until) != until:
            blame(check, f"the activation code of {one.name} is said to hold until another moment")
    return check


_KEPT = {"rotation_due", "compact_due", "key_epoch", "backup", "checkpoint", "upgrade", "checked", _OLD_TAXES}


def claims(db: Database) -> Check:
    """Every request id that the audit tells of stands there, with what was posted under it; no other was put in since."""
    check = Check("request ids of notes, charges, services and credits")
    rows: dict[int, str] = {}
    for uid, digest, kind, object_id, seq in vouched.claimed(db):
        check.rows += 1
        rows[int(seq)] = requests.mark(bytes(uid), bytes(digest), str(kind), int(object_id), int(seq))
    first = 1 if vouched.is_born_vouching(db) else 0
    for seq, obj, detail in vouched.claims(db):
        claim = json.loads(detail).get("claim")
        if claim is None:
            continue
        first = first or int(seq)
        if rows.pop(int(seq), None) != claim:
            blame(check, f"the request id of {obj} (audit event {seq}) is gone or another: it could be posted again")
    for seq in sorted(rows):
        if first and seq >= first:
            blame(check, f"audit event {seq} tells of no request id, and one names it")
    return check


def words(db: Database) -> Check:
    """Customers and payments are found by all the words of their names, places and references, and by no others."""
    check = Check("words of search")
    for page, found in vouched.named(db):
        check.rows += len(page)
        wanted = {row[0]: {*search_words(str(row[2])), *search_words(str(row[3])), *search_words(str(row[4]))} for row in page}
        _compare(check, {row[0]: str(row[1]) for row in page}, wanted, found)
    for page, found in vouched.referenced(db):
        check.rows += len(page)
        _compare(check, {row[0]: str(row[1]) for row in page}, {row[0]: set(reference_words(str(row[2]))) for row in page}, found)
    for number in vouched.stray_words(db):
        if number:
            blame(check, f"{counted(number, 'word')} stand for nobody")
    return check


def _compare(check: Check, names: dict[object, str], wanted: dict[object, set[str]], found: list[Row]) -> None:
    have: dict[object, set[str]] = defaultdict(set)
    for owner, word in found:
        have[owner].add(str(word))
    for owner, mine in wanted.items():
        if have[owner] != mine:
            odd = sorted(have[owner] ^ mine)[0]
            blame(check, f"{names[owner]} is {'not ' if odd in mine else ''}found by {odd!r}")
