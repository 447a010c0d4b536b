"""Checkpoints: the head of the audit chain, written where a writer of the book cannot reach.

Source: docs/security.md, *The audit*.

The chain shows that no event was changed, unless all of it was made anew. A checkpoint outside the book shows that too: its
event must still stand in the book, with that hash. Written every hundred events or five minutes, to the system log and to a
file, best of another Unix user; and by hand, for the day's sheet.
"""

import base64
import os
import stat
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from netbill_tui.db.access import operators
from netbill_tui.db.core import chain
from netbill_tui.db.core.engine import Database
from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import counted
from netbill_tui.usecases.core.session import Session

EVENTS = 100
MINUTES = 5
_FORM = Pattern(
    r"netbill/checkpoint/v1\ninstall ([0-9a-f]{32})\nseq (\d{1,18})\nhead ([0-9a-f]{64})\ntime (\S{1,40})\n"
    r"(?:\n\u2014 administrator ([A-Za-z0-9+/=]{88})\n)?"
)
_LINE = Pattern(r"netbill checkpoint install=([0-9a-f]{32}) seq=(\d{1,18}) head=([0-9a-f]{64}) time=(\S{1,40})")


class Checkpoint(NamedTuple):
    """The head of a book's audit chain at a moment. `signature` is empty where no administrator was signed in."""

    install: str
    seq: int
    head: str
    time: str
    signature: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"netbill/checkpoint/v1\ninstall {self.install}\nseq {self.seq}\nhead {self.head}\ntime {self.time}\n"

    @property
    def note(self) -> str:
        """As it stands in a file and on the day's sheet."""
        signed = f"\n\u2014 administrator {base64.b64encode(self.signature).decode()}\n" if self.signature else ""
        return f"{self.text}{signed}\n"

    @property
    def line(self) -> str:
        """As it stands in the system log."""
        return f"netbill checkpoint install={self.install} seq={self.seq} head={self.head} time={self.time}"


def is_due(last: str, seq: int, now_us: int) -> bool:
    """Whether an event calls for a checkpoint.

    Args:
        last: What is kept of the last one: its event and its moment, or empty.
        seq: Of the event that is written now.
        now_us: Its moment.
    """
    before, _, at = last.partition(" ")
    if not before.isdigit() or not at.isdigit():
        return True
    return seq - int(before) >= EVENTS or now_us - int(at) >= MINUTES * 60_000_000


def make(session: Session) -> Checkpoint:
    """The head of the chain now, signed where an administrator is signed in."""
    from netbill_tui.security import keys, rights

    head = chain.head(session.db)
    assert head is not None
    moment = datetime.fromtimestamp(session.now_us() / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    plain = Checkpoint(session.book.install_id.hex(), head.seq, head.hash.hex(), moment, b"")
    vault = session.vault
    if vault is None or not vault.holds(rights.ADMIN):
        return plain
    return plain._replace(signature=keys.sign_checkpoint(vault.admin_seed(), plain.text))


def write(session: Session) -> tuple[Checkpoint, str]:
    """Write a checkpoint to the system log and to the file of the settings, if there is one; what kept it from that file.

    A place that cannot be written must not keep a payment from being taken: the doctor says so instead.
    """
    import syslog

    checkpoint = make(session)
    syslog.syslog(syslog.LOG_NOTICE | syslog.LOG_AUTHPRIV, checkpoint.line)
    file = session.settings.checkpoint_file
    return checkpoint, _append(Path(file).expanduser(), checkpoint.note) if file else ""


def _append(path: Path, text: str) -> str:
    """Add to the file; what was in the way, or empty."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return f"{path} is not a file"
            os.write(fd, text.encode())
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        return f"{path}: {error.strerror}"
    return ""


def read(path: str) -> list[Checkpoint]:
    """The checkpoints in a file: notes as netbill writes them, or lines of a system log.

    Raises:
        InvalidInput: It cannot be read, or holds none.
    """
    try:
        with open(os.path.expanduser(path), encoding="utf-8", errors="replace") as file:
            text = file.read(256 << 20)
    except OSError as error:
        raise InvalidInput(f"The checkpoints {path} cannot be read: {error.strerror}.") from None
    outside = [
        Checkpoint(i, int(s), h, t, base64.b64decode(signature) if signature else b"")
        for i, s, h, t, signature in _FORM.findall(text)
    ]
    outside += [Checkpoint(i, int(s), h, t, b"") for i, s, h, t in _LINE.findall(text)]
    if not outside:
        raise InvalidInput(f"{path} holds no checkpoint of netbill; name the file that checkpoint_file names, or a system log.")
    return outside


class Misfit(NamedTuple):
    """What does not fit a checkpoint, in words; `is_missing` where the book only ends before it."""

    words: str
    is_missing: bool = False


def compare(db: Database, install: bytes, admin_public: bytes, outside: Iterable[Checkpoint]) -> tuple[int, list[Misfit]]:
    """How many checkpoints of this book were compared, and what does not fit."""
    from netbill_tui.security import keys

    wrong: list[Misfit] = []
    compared = 0
    head = chain.head(db)
    last = head.seq if head else 0
    for checkpoint in sorted(set(outside), key=lambda c: (c.seq, c.time)):
        if checkpoint.install != install.hex():
            continue
        compared += 1
        if checkpoint.signature and not keys.checkpoint_is_signed(admin_public, checkpoint.text, checkpoint.signature):
            words = f"the checkpoint of audit event {checkpoint.seq} ({checkpoint.time}) has a forged signature"
            wrong.append(Misfit(words))
        if checkpoint.seq > last:
            words = (
                f"the book ends at audit event {last}, a checkpoint of {checkpoint.time} is at {checkpoint.seq}: "
                f"{counted(checkpoint.seq - last, 'event')} missing"
            )
            wrong.append(Misfit(words, is_missing=True))
            continue
        hash_ = chain.hash_at(db, checkpoint.seq) if checkpoint.seq else bytes(32)
        if hash_ is None or hash_.hex() != checkpoint.head:
            words = (
                f"audit event {checkpoint.seq} is not the one that the checkpoint of {checkpoint.time} saw: history was rewritten"
            )
            wrong.append(Misfit(words))
    return compared, wrong


def missing(db: Database, install: bytes, outside: Sequence[Checkpoint]) -> int:
    """How many events the newest checkpoint saw that the book does not have."""
    head = chain.head(db)
    newest = max((c.seq for c in outside if c.install == install.hex()), default=0)
    return max(0, newest - (head.seq if head else 0))


def last_kept(db: Database) -> str:
    """What is kept of the last checkpoint: its event and its moment."""
    return operators.state_value(db, "checkpoint")
