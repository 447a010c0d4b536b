"""Walks nights over facts: what the ladder sends to one account from one day to another."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from netbill_tui.billing.collections.ladder import Facts, Went, reminder
from netbill_tui.billing.collections.policies import REMINDERS, Ladder, cleaned, ladder
from netbill_tui.billing.collections.quiet_days import QuietDays

SUNDAYS = QuietDays(frozenset({6}))


def ladder_of(**typed: str) -> Ladder:
    """The default ladder with these values."""
    return ladder(cleaned(REMINDERS, typed, "USD"), "USD")


EXAMPLE = ladder_of(transit="0")


def days(first: date, last: date) -> Iterator[date]:
    """Every day from one to another."""
    while first <= last:
        yield first
        first += timedelta(days=1)


def sent_in(
    facts_on: Callable[[date], Facts], first: date, last: date, *, policy: Ladder = EXAMPLE, quiet: QuietDays = SUNDAYS,
    skip: tuple[date, ...] = (), becomes: Mapping[tuple[str, date], str] | None = None,
) -> list[tuple[date, str, str]]:  # fmt: skip
    """Day, step and channel of each message from one day to another.

    Args:
        facts_on: What is known on a day but for what was sent.
        first: The first night.
        last: The last.
        policy: The ladder.
        quiet: The quiet days.
        skip: Nights on which nothing ran.
        becomes: What becomes of a step that goes on a day, where it is not simply sent.
    """
    went: tuple[Went, ...] = ()
    messages = []
    for day in days(first, last):
        going = reminder(facts_on(day)._replace(went=went), policy, quiet, day)
        if day in skip or not going.goes:
            continue
        assert going.step is not None
        assert going.driver is not None
        messages.append((day, going.step.code, going.channel))
        state = (becomes or {}).get((going.step.code, day), "sent")
        went = (*went, Went(going.driver.item.id, going.step.code, day, going.fallback, state))
    return messages
