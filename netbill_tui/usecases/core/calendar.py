"""The calendar of a session: what time it is, and which business date is worked with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from netbill_tui.billing.core.dates import short
from netbill_tui.errors import BookProblem


def utc_now() -> datetime:
    """The one clock; tests hand the session another."""
    return datetime.now(UTC)


class Calendar:
    """Moments and business dates in the time zone of a book.

    Attributes:
        timezone: The book's, such as `Europe/Paris`.
        clock: What time it is, in UTC.
        as_of: A pretended business date, or None.
    """

    __slots__ = ("as_of", "clock", "timezone")

    def __init__(self, timezone: str, *, clock: Callable[[], datetime] = utc_now, as_of: date | None = None) -> None:
        self.timezone = timezone
        self.clock = clock
        self.as_of = as_of

    def today(self) -> date:
        """The business date of this moment."""
        return self._day(self.clock())

    @property
    def is_today(self) -> bool:
        """True when the balances that are kept for today answer."""
        return self.as_of is None or self.as_of == self.today()

    @property
    def is_past(self) -> bool:
        """True when only the posted rows can answer. A date ahead is answered from what is open now."""
        return self.as_of is not None and self.as_of < self.today()

    def now_us(self) -> int:
        """UTC microseconds since 1970."""
        return int(self.clock().timestamp() * 1_000_000)

    def day_of(self, at_us: int) -> date:
        """The business date of a moment, UTC microseconds."""
        return self._day(datetime.fromtimestamp(at_us / 1_000_000, UTC))

    def moment(self, at_us: int) -> str:
        """A moment, UTC microseconds, as people read it: `29 Nov 26 13:28:02`."""
        local = self._local(datetime.fromtimestamp(at_us / 1_000_000, UTC))
        return f"{short(local.date().isoformat())} {local:%H:%M:%S}"

    def begins_us(self, day: date) -> int:
        """When a business day begins, UTC microseconds."""
        from netbill_tui.billing.core.cycles import begins_us

        with self._known_zone():
            return begins_us(day, self.timezone)

    def _day(self, now: datetime) -> date:
        return self._local(now).date()

    def _local(self, now: datetime) -> datetime:
        if self.timezone == "UTC":
            return now
        from netbill_tui.billing.core.cycles import local_time

        with self._known_zone():
            return local_time(now, self.timezone)

    @contextmanager
    def _known_zone(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, KeyError):
            raise BookProblem(f"The book's time zone {self.timezone!r} is unknown here; install tzdata, or run verify.") from None

    def date(self) -> date:
        """The business date that is worked with: the pretended one, or today."""
        return self.as_of or self.today()
