"""Whether the machine's clock fits the book's own history and its server's clock.

A payment under a wrong clock is dated on a day that is not, and everything behind it is told wrong: not more than five minutes
before the last entry, not too long after it, and five minutes at most from the server's clock.
Source: docs/security.md, *The clock*.
"""

from datetime import UTC, datetime

from netbill_tui.billing.core.cycles import local_time
from netbill_tui.billing.core.dates import short
from netbill_tui.errors import ClockProblem
from netbill_tui.text import counted

NEAR_US = 5 * 60 * 1_000_000
DAY_US = 86_400 * 1_000_000


def problem_of(now_us: int, last_us: int, server_us: int, *, timezone: str, most_days: int) -> ClockProblem | None:
    """What is wrong with the clock, or None.

    Args:
        now_us: What it says, UTC microseconds.
        last_us: When the last entry of the book was written, UTC microseconds; 0 in a book without any.
        server_us: What the server's clock says; 0 where the book has none.
        timezone: Of the book, in which moments are told.
        most_days: So long after the last entry a write is doubted.
    """

    def shown(at_us: int) -> str:
        moment = local_time(datetime.fromtimestamp(at_us / 1e6, UTC), timezone)
        return f"{short(moment.date())}, {moment:%H:%M}"

    if server_us and abs(now_us - server_us) > NEAR_US:
        return ClockProblem(
            f"This computer's clock says {shown(now_us)} and the server's {shown(server_us)}; correct the wrong one, "
            "nothing is written until then.",
            ahead=False,
        )
    if last_us and now_us < last_us - NEAR_US:
        return ClockProblem(
            f"The clock says {shown(now_us)}, and the last entry of the book is dated {shown(last_us)}; nothing is "
            "written until you set the clock. If the entry is wrong instead: netbill clock accept --reason WHY.",
            ahead=False,
        )
    if last_us and now_us > last_us + most_days * DAY_US:
        days = (now_us - last_us) // DAY_US
        return ClockProblem(
            f"The last entry of the book is dated {shown(last_us)}, {counted(days, 'day')} ago. If today really is "
            f"{shown(now_us).partition(',')[0]}: netbill clock accept (in the screens :clock accept --yes).",
            ahead=True,
        )
    return None
