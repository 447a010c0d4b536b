"""The doctor: is this installation sound? Versions, schema, indexes, file modes, disk, clock."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import LANGUAGES
from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.core import files, migrate
from netbill_tui.db.core.engine import is_url
from netbill_tui.db.verify import doctor
from netbill_tui.errors import NetbillError
from netbill_tui.security import envelope
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables.paper import can_pdf

_MIN_FREE_MB = 200
_SAFE_SQLITE = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ok, warning or failed, and what to do about it."""

    name: str
    state: str
    text: str


def examine(session: Session, target: str) -> list[Finding]:
    """Every check, none of which changes anything."""
    checks: list[tuple[str, Callable[[Session, str], tuple[str, str]]]] = [
        ("versions", _versions), ("engine", _engine), ("schema", _schema), ("indexes and tables", _indexes),
        ("modes", _modes), ("disk", _disk), ("statistics", _statistics), ("leftovers", _leftovers), ("clock", _clock),
        ("envelope", _envelope), ("operators", _operators), ("documents", _documents),
    ]  # fmt: skip
    findings = []
    for name, check in checks:
        try:
            state, text = check(session, target)
        except (NetbillError, OSError) as error:
            state, text = "failed", str(error)
        findings.append(Finding(name, state, text))
    return findings


def _versions(session: Session, target: str) -> tuple[str, str]:
    names = ("netbill-tui", "textual", "peewee", "python-dateutil", "cryptography")
    return "ok", f"Python {sys.version.split()[0]}, " + ", ".join(f"{n} {version(n)}" for n in names)


def _engine(session: Session, target: str) -> tuple[str, str]:
    version_ = doctor.version(session.db)
    if session.db.kind == "postgres":
        return "ok", version_.split(" on ")[0]
    if tuple(int(part) for part in version_.split(".")) < _SAFE_SQLITE:
        return "warning", (
            f"SQLite {version_} is older than 3.51.3, which fixed a rare race of checkpoints; netbill checkpoints under "
            "its own lock, so use no other program on the book"
        )
    return "ok", f"SQLite {version_}"


def _schema(session: Session, target: str) -> tuple[str, str]:
    migrate.check(session.db)
    return "ok", f"{len(migrate.known())} migrations, the newest is {migrate.known()[-1]}"


def _indexes(session: Session, target: str) -> tuple[str, str]:
    wrong = migrate.differences(session.db) + migrate.missing_guards(session.db)
    return (
        ("failed", f"the schema differs: {'; '.join(wrong)}")
        if wrong
        else ("ok", "every table has its columns, indexes and guards")
    )


def _modes(session: Session, target: str) -> tuple[str, str]:
    if is_url(target):
        return "ok", "a server keeps the files"
    path = files.real(target)
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}.lock"), Path(f"{path}.demo-key")):
        mode = os.stat(file).st_mode if file.exists() else 0
        if mode & 0o070 and not mode & 0o007:
            return "warning", f"{file} is shared with its group: netbill verify shows what others write, nothing prevents it"
        if mode & 0o077:
            return "failed", f"{file} is open to other users: chmod 600 {file}"
    if os.stat(path.parent).st_mode & 0o055:
        return "warning", f"{path.parent} can be listed by other users: chmod 700 {path.parent}"
    return "ok", "the book's files are its owner's alone"


def _disk(session: Session, target: str) -> tuple[str, str]:
    if is_url(target):
        return "ok", "a server keeps the files"
    free = shutil.disk_usage(files.real(target).parent).free >> 20
    return ("ok" if free >= _MIN_FREE_MB else "warning"), f"{free} MiB free"


def _statistics(session: Session, target: str) -> tuple[str, str]:
    if not is_url(target):
        return "ok", "a file needs none"
    stale = doctor.stale(session.db)
    if stale:
        return "warning", (
            f"those of {', '.join(stale[:5])} are old, so that the server may choose slow ways; run analyze in the database, and "
            "let autovacuum run"
        )
    return "ok", "the server has counted its tables since they changed much"


def _leftovers(session: Session, target: str) -> tuple[str, str]:
    from netbill_tui.usecases.books.backups import abandoned

    if is_url(target):
        return "ok", "a server keeps the files"
    left = abandoned(files.real(target).parent)
    if left:
        return "warning", f"{left[0]} was left by a backup that was killed; the next backup removes it"
    return "ok", "no backup left a plain copy behind"


def _clock(session: Session, target: str) -> tuple[str, str]:
    wrong = session.clock_problem()
    if wrong is not None:
        return "failed", str(wrong)
    ahead = doctor.entries_ahead(session.db, session.today().isoformat())
    if ahead:
        names = ", ".join(f"{entry.document} ({short(entry.on)})" for entry in ahead)
        return "warning", f"posted when the clock was ahead: {names}; take back what you can: netbill reverse, undo, credit"
    at = session.calendar.moment(session.now_us())
    return (
        "ok",
        f"{at[:15]} in {session.book.timezone}, business date {short(session.today())}",
    )


def _documents(session: Session, target: str) -> tuple[str, str]:
    """Whether documents can be made PDF in every script, and whether each language has all its words."""
    from netbill_tui.documents import typesetting, words

    lacks = [f"{language}: {', '.join(names[:5])}" for language in LANGUAGES if (names := words.missing(language))]
    if lacks:
        return "warning", f"these words are written in English, because the language lacks them: {'; '.join(lacks)}"
    if not can_pdf():
        return "warning", "the extra pdf is not installed: documents are text of 80 columns"
    if not typesetting.can_join():
        return (
            "warning",
            "uharfbuzz or python-bidi is not installed: letters that are joined are not printed right; install the extra pdf",
        )
    scripts = [name for name, letter in typesetting.SAMPLES if not typesetting.can_write(letter)]
    if scripts:
        return "ok", f"no font here has {', '.join(scripts)}: docs/billing.md, Languages and scripts, names the packages"
    return "ok", "every script that documents know has a font"


def _envelope(session: Session, target: str) -> tuple[str, str]:
    import hashlib

    key = envelope.field_key(bytes(range(32)), "customer", "tax_id")
    cell = (bytes(16), "customer", "tax_id", (1).to_bytes(16))
    sealed = envelope.seal(key, 7, cell, envelope.TEXT, b"DE123456789", salt=bytes(range(24)))
    known = "7a3d76ddd41799981c061945034fc1ab0f996e3f81059b7e39e01b6445da92c8"
    return ("ok", "the self-test passed") if hashlib.sha256(sealed).hexdigest() == known else ("failed", "the self-test failed")


def _operators(session: Session, target: str) -> tuple[str, str]:
    from netbill_tui.usecases.access.approvals import approvers

    if operator_rows.state_value(session.db, "compact_due") == "1":
        return "warning", "old cells may remain in free pages of the file; run netbill keys rotate again when nobody works in it"
    due = operator_rows.state_value(session.db, "rotation_due")
    if due:
        return "failed", f"somebody who held {due} was disabled or changed; run netbill keys rotate {due}"
    if session.book.demo:
        return "ok", "a demo book signs in by itself"
    names = approvers(session)
    if len(names) < 2:
        return "warning", "fewer than two operators may approve: no second operator can approve, so limits do not apply"
    return "ok", f"four eyes: {', '.join(names)} may approve"
