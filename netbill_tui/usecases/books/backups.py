"""A backup: one encrypted, verified file that the age tool opens with the recovery key. Source: docs/security.md, *Backups*.

1 a consistent copy in a folder of its own, for the owner only; 2 verified in a process of its own, and a sample of its sealed
cells opened; 3 encrypted to the recovery recipient and to others that were given; 4 the audit event, then the file appears by
its name, whole and synced; 5 the copy is overwritten and removed. A backup of a server's book is an SQLite book too, so that it
is verified and restored alike.
"""

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from netbill_tui.db.access import operators
from netbill_tui.db.books import copying
from netbill_tui.db.core import chain, files
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.opening import open_database
from netbill_tui.errors import BookProblem, InvalidInput, KeyProblem, NotSaved, Refused
from netbill_tui.security import age, keys, rights
from netbill_tui.text import clean
from netbill_tui.usecases.access.operators import RECOVERY
from netbill_tui.usecases.books.create import migrate_locked
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

Progress = Callable[[str, int, int], None]
_COPY = ".netbill-copy-"
BESIDE = ".netbill-restore-"
_LEFT = re.compile(r"\.netbill-(?:copy-\d+-[a-z0-9_]{4,12}|restore-\d+-[0-9a-z]{4,12}\.db(?:-wal|-shm|-journal|\.lock)?)")


class Backup(NamedTuple):
    """What was written: where, how large, its SHA-256, the audit head in it, and rows of the main tables."""

    path: Path
    size: int
    sha256: str
    seq: int
    head: str
    rows: dict[str, int]


def backup(
    session: Session, target: str, recipients: Sequence[str] = (), on_progress: Progress | None = None, *, dry_run: bool = False
) -> Backup | None:
    """Write a backup; None on a dry run.

    Args:
        session: Whose book; needs the right to back up.
        target: A file that is not there yet, or a folder: then the name tells date and audit head.
        recipients: More age recipients that may open it, beside the recovery key.
        on_progress: Gets what is done, how far, and of how much.
        dry_run: Only check.

    Raises:
        Refused: It is a demo book, or the file is there.
        BookProblem: The copy is not sound; nothing was written.

    Side effects: a file of mode 600; one audit event, committed before the file appears.
    """
    session.needs(rights.BACKUP)
    if session.book.demo:
        raise Refused("A demo book is thrown away, not backed up; make a book of your own with netbill init.")
    to = [recovery_key(session), *(age.public_of_recipient(r) for r in recipients)]
    place = Path(target).expanduser().absolute()
    clean(place.name, "The name of the backup")
    folder = place if place.is_dir() else place.parent
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}; make it first, or name another.")
    if place.exists() and not place.is_dir():
        raise Refused(f"There is something at {place} already; a backup never replaces a file, so name another.")
    if dry_run:
        return None
    report = on_progress or (lambda *_: None)
    with scratch(session.db, folder) as room:
        copy = room / "book.db"
        report("Copying", 0, 1)
        counted = copy_to(session.db, copy)
        report("Copying", 1, 1)
        seq, head = check_copy(copy, report)
        _check_sample(session, copy)
        if place.is_dir():
            stamp = datetime.fromtimestamp(session.now_us() / 1e6, UTC).strftime("%Y%m%dT%H%M%SZ")
            place = place / f"netbill-{stamp}-{seq}-{head[:16]}.age"
        part = place.with_name(f".{place.name}.part-{os.urandom(4).hex()}")
        try:
            size, digest = _encrypt(copy, part, to, report)
            _publish(session, part, place, {"sha256": digest, "bytes": size, "seq": seq, "rows": counted})
        finally:
            part.unlink(missing_ok=True)
    return Backup(place, size, digest, seq, head, counted)


def recovery_key(session: Session) -> bytes:
    """The public key of the recovery principal, as an administrator signed it: backups must go to nobody else.

    Raises:
        KeyProblem: Its record is not genuine.
    """
    operator = next((o for o in operators.everybody(session.db) if o.role == RECOVERY), None)
    if operator is None or not keys.record_is_genuine(
        session.book.admin_public, session.book.install_id, operator.record, operator.signature
    ):
        raise KeyProblem(
            "The recovery key of this book is not what an administrator signed; run netbill verify, back up nothing."
        )
    return operator.public_key


@contextmanager
def scratch(db: Database, folder: Path) -> Iterator[Path]:
    """A folder for the plain copy, on the book's own volume where it is a file; emptied and gone afterwards."""
    beside = getattr(db, "path", None)
    place = beside.parent if isinstance(beside, Path) else folder
    sweep(place)
    # Where others can rename what we made, the plain copy would go wherever they lead it.
    room = Path(mkdtemp(prefix=f"{_COPY}{os.getpid()}-", dir=place if files.is_private(place) else None))
    try:
        yield room
    finally:
        with suppress(OSError):
            files.shred_folder(room)


def abandoned(folder: Path) -> list[Path]:
    """Plain copies that a backup or a restore of ours left when it was killed or the power went.

    Their names can be made by anybody who can write the folder: a link, or what belongs to another, is none of ours.
    """
    left = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((_COPY, BESIDE)):
            pid = path.name.removeprefix(_COPY).removeprefix(BESIDE).partition("-")[0]
            here = os.lstat(path)
            ours = here.st_uid == os.geteuid() and not stat.S_ISLNK(here.st_mode)
            if ours and _LEFT.fullmatch(path.name) and not (pid.isdigit() and Path(f"/proc/{pid}").exists()):
                left.append(path)
    return left


def sweep(folder: Path) -> None:
    """Overwrite and remove what was left, in a folder of our own alone: in another anybody can give our things such a name."""
    if not files.is_private(folder) or os.stat(folder).st_uid != os.geteuid():
        return
    for left in abandoned(folder):
        with suppress(OSError):
            if left.is_dir() and not left.is_symlink():
                files.shred_folder(left)
            else:
                files.shred(left)


def copy_to(db: Database, copy: Path) -> dict[str, int]:
    """A consistent copy of the book as one SQLite file; rows of the main tables."""
    umask = os.umask(0o077)
    try:
        if db.kind == "sqlite":
            copying.copy_file(db, str(copy))
        else:
            _from_server(db, copy)
    finally:
        os.umask(umask)
    os.chmod(copy, 0o600)
    book = open_database(str(copy))
    try:
        return copying.main_counts(book)
    finally:
        book.close()


def _from_server(db: Database, copy: Path) -> None:
    book = open_database(str(copy), create=True)
    try:
        migrate_locked(book)
        copying.copy_book(db, book)
        book.compact()
    finally:
        book.close()


def check_copy(copy: Path, report: Progress) -> tuple[int, str]:
    """Verify a copy in a process of its own; its audit head.

    Raises:
        BookProblem: It breaks a rule; the first one is named.
    """
    report("Verifying", 0, 1)
    # Isolated, with an environment and a folder of its own: nothing that lies where the command was typed is run.
    words = [sys.executable, "-I", "-m", "netbill_tui", "verify", "--book", str(copy)]
    # A copy of a book that is shared with its group has a lock that is shared so too.
    words += ["--accept-shared-file"] if files.Sharing.accepted else []
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [*words, "--json", "--quiet", "--no-input"],
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        result = json.loads(done.stdout)
        broken = [f"{c['name']}: {c['broken'][0]}" for c in result["checks"] if c["broken"]]
    except (ValueError, KeyError, TypeError, IndexError):
        raise BookProblem(f"The copy of the book cannot be verified: {done.stderr.strip()[-200:] or done.returncode}") from None
    if broken or not result["ok"]:
        raise BookProblem(f"The book is not sound, so no backup was made: {broken[0] if broken else 'see verify'}")
    report("Verifying", 1, 1)
    book = open_database(str(copy))
    try:
        head = chain.head(book)
        assert head is not None
        return head.seq, head.hash.hex()
    finally:
        book.close()


def _check_sample(session: Session, copy: Path) -> None:
    """Open a sample of the copy's sealed cells with the keys at hand; a principal for timers has none."""
    from netbill_tui.usecases.access.sealed import sample

    book = open_database(str(copy))
    try:
        checked = sample(book, session.vault)
        if checked.broken:
            raise BookProblem(f"A sealed cell of the copy does not open: {checked.broken[0]}; run netbill verify.")
    finally:
        book.close()


def _encrypt(copy: Path, part: Path, to: Sequence[bytes], report: Progress) -> tuple[int, str]:
    """Write the encrypted file beside its place; size and SHA-256 of it."""
    total = copy.stat().st_size
    _drop_parts(part.parent)
    try:
        fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "w+b") as out, open(copy, "rb") as source:
            age.encrypt(source, out, to, lambda done: report("Encrypting", done, total))
            out.flush()
            os.fsync(out.fileno())
            out.seek(0)
            digest = hashlib.file_digest(out, "sha256").hexdigest()
            return os.fstat(out.fileno()).st_size, digest
    except OSError as error:
        raise NotSaved(f"The backup {part.parent} cannot be written: {error.strerror}; nothing was written.") from None


_PART = re.compile(r"\..+\.part-[0-9a-f]+")
_OLD_S = 3600


def _drop_parts(folder: Path) -> None:
    """Remove what killed backups of ours left in this folder, encrypted and never whole."""
    with suppress(OSError):
        for left in folder.iterdir():
            here = os.lstat(left)
            ours = stat.S_ISREG(here.st_mode) and here.st_uid == os.geteuid() and time.time() - here.st_mtime > _OLD_S
            if ours and _PART.fullmatch(left.name):
                left.unlink()


def _publish(session: Session, part: Path, place: Path, detail: dict[str, object]) -> None:
    """The audit event, then the name."""
    with writing(session, rights.BACKUP, posts=False) as tx:
        operators.set_state_value(session.db, "backup", f"{detail['seq']} {tx.now_us} {detail['sha256']}")
        tx.note("backup.write", place.name, detail)
    try:
        files.publish(part, place)
    except FileExistsError:
        raise Refused(f"There is something at {place} already; a backup never replaces a file, so name another.") from None
    except OSError as error:
        raise NotSaved(f"The backup cannot be put at {place}: {error.strerror}.") from None
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
