"""The steps of a ladder: how one is typed, and which can follow each other. Source: docs/collections.md, *Policies*."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from netbill_tui.billing.core.money import format_amount, parse_amount
from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import visible

REMIND: Final = "remind"
SUSPEND: Final = "suspend"
WRITE_OFF: Final = "write-off"
HAND_OVER: Final = "hand-over"
STEP_KINDS: Final = (REMIND, SUSPEND, WRITE_OFF, HAND_OVER)
CHANNELS: Final = ("mail", "letter")
RETURNED: Final = "returned"  # the notice after a payment was taken back by the bank; it is no step of a policy
_CODE = Pattern(r"[a-z][a-z0-9-]{0,14}\Z")
_OFFSET = Pattern(r"[+-]?\d{1,3}\Z", re.ASCII)
MOST_STEPS = 12


class Step(NamedTuple):
    """A step of the ladder.

    Attributes:
        code: How it is called.
        offset: Days from the due date of the driver; below zero before it.
        kind: Of STEP_KINDS.
        channels: In the order in which they are tried.
        after: So many days must have gone since an earlier reminder (of a suspension: since the last one was sent).
        least: The overdue sum that it takes, in minor units.
        invoices: The number of overdue invoices that it takes.
    """

    code: str
    offset: int
    kind: str = REMIND
    channels: tuple[str, ...] = ("mail", "letter")
    after: int = 0
    least: int = 0
    invoices: int = 0


def whole(least: int, most: int) -> Callable[[str, str], int]:
    """Reads a whole number within limits."""

    def read(text: str, _: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 6 or not least <= int(text) <= most:
            raise InvalidInput(f"{visible(text)[:20]!r} is not a whole number from {least} to {most}.")
        return int(text)

    return read


def read_steps(text: str, currency: str) -> tuple[Step, ...]:
    """The steps of a ladder, separated by `;`.

    Raises:
        InvalidInput: One cannot be read, or cannot stand where it stands.
    """
    steps = tuple(read_step(part, currency) for part in text.split(";") if part.strip())
    if not steps:
        raise InvalidInput("A ladder has at least one step; netbill policy off reminders ends it.")
    if len(steps) > MOST_STEPS:
        raise InvalidInput(f"There are {len(steps)} steps; a ladder has at most {MOST_STEPS}.")
    return _checked(steps)


def _checked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Refuse steps that cannot follow each other.

    Raises:
        InvalidInput: With the step that cannot stand where it stands.
    """
    for before, step in zip(steps, steps[1:], strict=False):
        if step.offset <= before.offset:
            raise InvalidInput(
                f"{step.code} ({step.offset:+d}) stands behind {before.code} ({before.offset:+d}); put the steps in the order of "
                "their days."
            )
    if len({s.code for s in steps}) < len(steps):
        raise InvalidInput("Two steps have one name; give each its own.")
    if sum(s.kind == SUSPEND for s in steps) > 1:
        raise InvalidInput("A ladder suspends in one step; leave the other out.")
    for at, step in enumerate(steps):
        earlier = [s for s in steps[:at] if s.kind == REMIND and s.offset > 0]
        if (step.after or step.kind == SUSPEND) and not earlier:
            raise InvalidInput(f"{step.code} comes after a reminder, and none stands before it; put one first, such as r1 +1.")
    return tuple(steps)


def read_step(text: str, currency: str) -> Step:
    """A step that was typed: `final +14 mail letter after 5`, `off +30 suspend least 10.00 after 5`.

    Raises:
        InvalidInput: It cannot be read; the sentence says how a step is typed.
    """
    words = text.split()
    how = "type a step as r1 +1 mail letter, final +14 letter after 5, or off +30 suspend least 10.00 after 5"
    if len(words) < 2 or not _CODE.match(words[0]) or words[0] == RETURNED or not _OFFSET.match(words[1]):
        raise InvalidInput(f"{visible(text.strip())[:40]!r} is not a step; {how}.")
    step = Step(words[0], int(words[1]))
    channels: list[str] = []
    rest = iter(words[2:])
    for word in rest:
        if word in STEP_KINDS:
            step = step._replace(kind=word)
        elif word.strip(",") in CHANNELS:
            channels.append(word.strip(","))
        elif word in ("after", "least", "invoices"):
            step = _with(step, word, next(rest, ""), currency)
        else:
            raise InvalidInput(f"{visible(word)[:20]!r} is not a word of a step; {how}.")
    if step.kind != REMIND and channels:
        raise InvalidInput(f"{step.code} sends nothing; leave out {', '.join(channels)}.")
    if step.kind != REMIND and step.offset < 1:
        raise InvalidInput(f"{step.code} comes before the due date; type a day behind it, such as +30.")
    if len(set(channels)) < len(channels):
        raise InvalidInput(f"{step.code} names a channel twice; leave one out.")
    return step._replace(channels=() if step.kind != REMIND else tuple(channels) or Step("", 0).channels)


def _with(step: Step, word: str, value: str, currency: str) -> Step:
    if word == "least":
        return step._replace(least=parse_amount(value, currency))
    number = whole(0, 365)(value, currency)
    return step._replace(after=number) if word == "after" else step._replace(invoices=number)


def step_text(step: Step, currency: str) -> str:
    """A step as it is typed."""
    words = [step.code, f"{step.offset:+d}", *([step.kind] if step.kind != REMIND else step.channels)]
    words += ["after", str(step.after)] if step.after else []
    words += ["least", format_amount(step.least, currency)] if step.least else []
    words += ["invoices", str(step.invoices)] if step.invoices else []
    return " ".join(words)
