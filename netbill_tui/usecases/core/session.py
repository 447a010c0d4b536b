"""The session: which book, who acts, which keys, which day."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from netbill_tui.billing.core.dates import short
from netbill_tui.db.core.book import Book
from netbill_tui.db.core.engine import CommitUnknown, Database
from netbill_tui.db.core.engine import Interrupted as Stopped
from netbill_tui.db.receivables import balances
from netbill_tui.errors import BookProblem, ClockProblem, KeyProblem, NetbillError, NotPermitted, NotSaved, Refused, SessionEnded
from netbill_tui.security import rights
from netbill_tui.usecases.core import host

if TYPE_CHECKING:
    # The key machinery costs 18 ms of import; a read that needs no key does without.
    from netbill_tui.security.vault import Vault

IDLE_S = 900  # so long without a key, and the keys are dropped
OVER_S = 12 * 3600  # so long after signing in, whatever is done, one signs in again
WORDS_S = 300.0  # so long a new name waits until a mistyped search finds it
__all__ = ["Operator", "Session", "Stopped", "utc_now"]


def utc_now() -> datetime:
    """The one clock; tests hand the session another."""
    return datetime.now(UTC)


class Operator(NamedTuple):
    """Who is signed in. `limit` is the most they may give back alone, in minor units; None for no limit."""

    id: int
    uid: bytes
    name: str
    role: str
    limit: int | None = None

    def may(self, right: str) -> bool:
        """True when the role has the right."""
        return rights.may(self.role, right)


class Session:
    """What a use case may lean on.

    Attributes:
        db: The open book.
        book: Its currency, calendar and name.
        operator: Who acts; None while only unsealed columns are read.
        vault: The operator's keys; None until signed in.
        as_of: A pretended business date, or None.
        preview: As-of screens: everything is shown, nothing is posted.
        readonly: Nothing at all is written, so nothing sealed is opened either, because that leaves an audit event.
        acting: Who would sign in; tells whose views are meant before that.
        unlock: How to sign in when a key is needed for the first time.
        id: Names this session in the audit.
        kind: `screens` or `command`: what the sitting is.
        sitting: The book has a row of this sitting, which can be ended from outside.
        record: The operator's record as it was when its signature was checked last.
        peppers: What stands beside the passwords, the one in force first; none by default.
        locked: Who locked the screens by doing nothing; None while they are open.
        checkpoint_file: Where checkpoints of the audit go beside the system log; empty for nowhere.
        clock_days: So long after the last entry a write is doubted; 0 doubts none, for what an upgrade or a restore writes.
        checkpoint_problem: What kept the last one from being written there.
    """

    def __init__(
        self,
        db: Database,
        book: Book,
        operator: Operator | None = None,
        vault: "Vault | None" = None,
        *,
        as_of: date | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.db = db
        self.book = book
        self.operator = operator
        self.vault = vault
        self.as_of = as_of
        self.preview = False
        self.acting = ""
        self.readonly = False
        self.clock = clock
        self.unlock: Callable[[Session], None] | None = None
        self.id = os.urandom(8).hex()
        self.kind = "command"
        self.sitting = False
        self.record: object = None
        self.peppers: tuple[bytes, ...] = ()
        self.locked: str | None = None
        self.checkpoint_file = ""
        self.checkpoint_problem = ""
        self.clock_days = 90
        self.exports = "auto"
        self._server_off: int | None = None
        self.ticks: Callable[[], int] = host.boot_us
        self._began_us = self._used_us = self.ticks()
        self._rolled = ""
        self._words: tuple[float, frozenset[str]] = (0.0, frozenset())

    @property
    def who(self) -> str:
        """Name of who is signed in, or of who would sign in."""
        return self.operator.name if self.operator else self.acting

    def today(self) -> date:
        """The business date of this moment, in the book's time zone."""
        return self._day(self.clock())

    def day_of(self, at_us: int) -> date:
        """The business date of a moment, UTC microseconds."""
        return self._day(datetime.fromtimestamp(at_us / 1_000_000, UTC))

    def moment(self, at_us: int) -> str:
        """A moment, UTC microseconds, as people read it: `29 Nov 26 13:28:02`, in the book's time zone."""
        local = self._local(datetime.fromtimestamp(at_us / 1_000_000, UTC))
        return f"{short(local.date().isoformat())} {local:%H:%M:%S}"

    def begins_us(self, day: date) -> int:
        """When a business day begins, UTC microseconds."""
        from netbill_tui.billing.core.cycles import begins_us

        with self._known_zone():
            return begins_us(day, self.book.timezone)

    def _day(self, now: datetime) -> date:
        return self._local(now).date()

    def _local(self, now: datetime) -> datetime:
        if self.book.timezone == "UTC":
            return now
        from netbill_tui.billing.core.cycles import local_time

        with self._known_zone():
            return local_time(now, self.book.timezone)

    @contextmanager
    def _known_zone(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, KeyError):
            raise BookProblem(
                f"The book's time zone {self.book.timezone!r} is unknown here; install tzdata, or run verify."
            ) from None

    def date(self) -> date:
        """The business date that is worked with: the pretended one, or today."""
        return self.as_of or self.today()

    @property
    def is_today(self) -> bool:
        """True when the kept figures answer."""
        return self.as_of is None or self.as_of == self.today()

    @property
    def is_past(self) -> bool:
        """True when only the posted rows can answer. A date ahead is answered from what is open now."""
        return self.as_of is not None and self.as_of < self.today()

    def now_us(self) -> int:
        """UTC microseconds since 1970."""
        return int(self.clock().timestamp() * 1_000_000)

    def sign_in_if_needed(self) -> "tuple[Operator, Vault]":
        """Who acts and with which keys; signs in when that was not done yet.

        Raises:
            KeyProblem: If nobody can be signed in here.
        """
        if self.operator is None and self.unlock is not None:
            self.unlock(self)
        if self.locked is not None:
            raise SessionEnded("The screens are locked; type the password first.")
        if self.operator is None or self.vault is None:
            raise KeyProblem("Nobody is signed in; give --operator NAME and --password-file FILE.")
        return self.operator, self.vault

    def begin_sitting(self) -> int:
        """Start the clocks of a sitting under a new id; UTC microseconds of now."""
        self.id = os.urandom(8).hex()
        self._began_us = self._used_us = self.ticks()
        self.sitting = True
        return self.now_us()

    def used(self) -> None:
        """The operator did something: the idle clock begins anew."""
        self._used_us = self.ticks()

    def overdue(self) -> str:
        """`idle` after a quarter of an hour without a key, `over` after twelve hours, else empty."""
        now = self.ticks()
        if now - self._began_us >= OVER_S * 1_000_000:
            return "over"
        return "idle" if now - self._used_us >= IDLE_S * 1_000_000 else ""

    def lock(self) -> None:
        """Drop the keys; the operator's name stays, so that only the same one comes back."""
        if self.operator is not None:
            self.locked = self.operator.name
        self.vault = None
        self._words = (0.0, frozenset())

    def may(self, right: str) -> bool:
        """True when who is signed in has the right; before anybody is, nothing is greyed."""
        return self.operator is None or self.operator.may(right)

    def needs(self, right: str) -> None:
        """Refuse what is not the operator's right.

        Raises:
            NotPermitted: With who can do it.
        """
        operator, _ = self.sign_in_if_needed()
        if not operator.may(right):
            raise NotPermitted(f"The role {operator.role} may not {rights.WORDS[right]}; ask somebody who may.")

    def may_post(self) -> None:
        """Refuse to post while a pretended date is shown.

        Raises:
            Refused: With what to do instead.
        """
        self.may_write()
        if self.preview:
            raise Refused(f"The screens show {self.date()}; nothing is posted. Leave --as-of out to work today.")

    def server_us(self) -> int:
        """What the clock of the book's server says, UTC microseconds; 0 where the book is a file.

        Asked once a sitting and carried on by the machine's own clock, which nobody can set.
        """
        if self.db.kind != "postgres" or self.clock is not utc_now:
            # A clock that was given is no machine's, so there is nothing to compare.
            return 0
        if self._server_off is None:
            from netbill_tui.db.access.operators import moments

            self._server_off = moments(self.db).server_us - host.boot_us()
        return host.boot_us() + self._server_off

    def clock_problem(self, last_us: int | None = None) -> ClockProblem | None:
        """What is wrong with the machine's clock, or None; `last_us`, where it is known, is when the last entry was written."""
        from netbill_tui.billing.core.clock import problem_of
        from netbill_tui.db.access.operators import moments

        last = moments(self.db).last_us if last_us is None else last_us
        return problem_of(self.now_us(), last, self.server_us(), timezone=self.book.timezone, most_days=self.clock_days)

    def may_write(self) -> None:
        """Refuse to write anything in a session that only reads.

        Raises:
            Refused: With what to do instead.
        """
        if self.readonly:
            raise Refused("The book was opened read-only; leave --readonly out to work in it.")

    def roll(self) -> None:
        """Bring the kept overdue sums to today: once on the first use of a business date, under the write lock.

        A book that cannot be written is read as it stands; the queue then computes from the open items.
        """
        today = self.today().isoformat()
        if self._rolled == today:
            return
        if balances.rolled_to(self.db) != today:
            self.may_write()
            if self.clock_days:
                # Under a clock that does not fit the sums stay, and lists are computed from the open items.
                wrong = self.clock_problem()
                if wrong is not None:
                    raise wrong
            try:
                with self.db.write():
                    balances.roll(self.db, today)
            except CommitUnknown as error:
                self.db.connect()
                raise NotSaved("The book could not be brought to today's date; check disk and server, then try again.") from error
        self._rolled = today

    def name_words(self, read: Callable[[Database], frozenset[str]]) -> frozenset[str]:
        """The words of all names, read when they are first needed and again after some minutes."""
        now = monotonic()
        if not self._words[1] or now - self._words[0] > WORDS_S:
            self._words = (now, read(self.db))
        return self._words[1]

    def rolled(self) -> bool:
        """True when the kept overdue sums stand at today, after trying to bring them there."""
        try:
            self.roll()
        except NetbillError:
            return False
        return True
