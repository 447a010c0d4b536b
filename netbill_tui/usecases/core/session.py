"""The session: which book, who acts, which keys, which day."""

from collections.abc import Callable
from datetime import date, datetime
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from netbill_tui.db.core.book import Book
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.engine import Interrupted as Stopped
from netbill_tui.errors import KeyProblem, NetbillError, NotPermitted, Refused, SessionEnded
from netbill_tui.security import rights
from netbill_tui.usecases.core.calendar import Calendar, utc_now
from netbill_tui.usecases.core.clock_check import ClockCheck
from netbill_tui.usecases.core.rollover import Rollover
from netbill_tui.usecases.core.sitting import Sitting

if TYPE_CHECKING:
    # The key machinery costs 18 ms of import; a read that needs no key does without.
    from netbill_tui.errors import ClockProblem
    from netbill_tui.security.vault import Vault

WORDS_S = 300.0  # so long a new name waits until a mistyped search finds it
__all__ = ["Calendar", "Operator", "Session", "SessionSettings", "Sitting", "Stopped", "utc_now"]


class SessionSettings(NamedTuple):
    """What the configuration says to a session.

    Attributes:
        peppers: What stands beside the passwords, the one in force first; none by default.
        checkpoint_file: Where checkpoints of the audit go beside the system log; empty for nowhere.
        clock_days: So long after the last entry a write is doubted; 0 doubts none, for what an upgrade or a restore writes.
        exports: Where the files of an operator may go: `auto`, `own` or `anywhere`.
        printer: The command that prints what it is given; `off` for none.
        printer_from: Where that stands: a file, a variable, or `default`.
        readonly: Nothing at all is written, so nothing sealed is opened either, because that leaves an audit event.
        preview: As-of screens: everything is shown, nothing is posted.
    """

    peppers: tuple[bytes, ...] = ()
    checkpoint_file: str = ""
    clock_days: int = 90
    exports: str = "auto"
    printer: str = "lp"
    printer_from: str = "default"
    readonly: bool = False
    preview: bool = False

    @property
    def can_post(self) -> bool:
        """True where something can be posted at all."""
        return not self.preview and not self.readonly


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
        calendar: What time it is, and which business date is worked with.
        settings: What the configuration says; the sitting on the screens adds `preview`.
        operator: Who acts; None while only unsealed columns are read.
        vault: The operator's keys; None until signed in.
        record: The operator's record as it was when its signature was checked last.
        sitting: Since when, and under which id of the audit.
        acting: Who would sign in; tells whose views are meant before that.
        unlock: How to sign in when a key is needed for the first time.
    """

    __slots__ = (
        "_clock_check", "_rollover", "_words", "acting", "book", "calendar", "db", "operator", "record", "settings", "sitting",
        "unlock", "vault",
    )  # fmt: skip

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
        self.calendar = Calendar(book.timezone, clock=clock, as_of=as_of)
        self.settings = SessionSettings()
        self.operator = operator
        self.vault = vault
        self.record: object = None
        self.sitting = Sitting()
        self.acting = ""
        self.unlock: Callable[[Session], None] | None = None
        self._clock_check = ClockCheck(self.calendar)
        self._rollover = Rollover()
        self._words: tuple[float, frozenset[str]] = (0.0, frozenset())

    @property
    def who(self) -> str:
        """Name of who is signed in, or of who would sign in."""
        return self.operator.name if self.operator else self.acting

    def today(self) -> date:
        """The business date of this moment, in the book's time zone."""
        return self.calendar.today()

    def date(self) -> date:
        """The business date that is worked with: the pretended one, or today."""
        return self.calendar.date()

    def now_us(self) -> int:
        """UTC microseconds since 1970."""
        return self.calendar.now_us()

    def sign_in_if_needed(self) -> "tuple[Operator, Vault]":
        """Who acts and with which keys; signs in when that was not done yet.

        Raises:
            KeyProblem: If nobody can be signed in here.
        """
        if self.operator is None and self.unlock is not None:
            self.unlock(self)
        if self.sitting.locked is not None:
            raise SessionEnded("The screens are locked; type the password first.")
        if self.operator is None or self.vault is None:
            raise KeyProblem("Nobody is signed in; give --operator NAME and --password-file FILE.")
        return self.operator, self.vault

    def lock(self) -> None:
        """Drop the keys; the operator's name stays, so that only the same one comes back."""
        if self.operator is not None:
            self.sitting.locked = self.operator.name
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
        if self.settings.preview:
            raise Refused(f"The screens show {self.date()}; nothing is posted. Leave --as-of out to work today.")

    def clock_problem(self, last_us: int | None = None) -> "ClockProblem | None":
        """What is wrong with the machine's clock, or None; `last_us`, where it is known, is when the last entry was written."""
        return self._clock_check.problem(self.db, self.settings.clock_days, last_us)

    def may_write(self) -> None:
        """Refuse to write anything in a session that only reads.

        Raises:
            Refused: With what to do instead.
        """
        if self.settings.readonly:
            raise Refused("The book was opened read-only; leave --readonly out to work in it.")

    def roll(self) -> None:
        """Begin to bring the overdue balances to today, once on the first use of a business date; then one may post."""
        self._rollover.to(self.db, self.today().isoformat(), self._may_roll, whole=False)

    def _may_roll(self) -> None:
        self.may_write()
        # Under a clock that does not agree with the book the balances stay, and lists are computed from the open items.
        wrong = self.clock_problem() if self.settings.clock_days else None
        if wrong is not None:
            raise wrong

    def name_words(self, read: Callable[[Database], frozenset[str]]) -> frozenset[str]:
        """The words of all names, read when they are first needed and again after some minutes."""
        now = monotonic()
        if not self._words[1] or now - self._words[0] > WORDS_S:
            self._words = (now, read(self.db))
        return self._words[1]

    def rolled(self) -> bool:
        """True when the overdue balances of everybody stand at today, after trying to bring them there.

        A book that cannot be written is read as it stands; the queue then computes from the open items.
        """
        try:
            self._rollover.to(self.db, self.today().isoformat(), self._may_roll, whole=True)
        except NetbillError:
            return False
        return True
