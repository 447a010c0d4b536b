"""The ladder and the fees as data: what the owner set, from which day, for whom.

A policy is a list of names and values, as it is typed; the newest version of the narrowest scope holds. Nothing is charged or
sent where none was set. Source: docs/collections.md, *Policies*.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, NamedTuple

from netbill_tui.billing.collections.quiet_days import WEEKDAYS, QuietDays, read_holidays, read_weekdays
from netbill_tui.billing.collections.steps import REMIND, Step, read_steps, whole
from netbill_tui.billing.core.money import exponent, format_amount, parse_amount
from netbill_tui.billing.services import line_kinds
from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import visible

REMINDERS: Final = "reminders"
FEES: Final = "fees"
DAYS: Final = "days"
KINDS: Final = (REMINDERS, FEES, DAYS)
BOOK: Final = "book"
SWITCH: Final = "switch"  # whether the night does anything, and whether anything is sent: kinds beside the policies
SENDERS: Final = "senders"
SENDING: Final = "sending"  # from which event of the audit on documents go out
TEMPLATE: Final = "template"  # a text of the owner's own
GUARD: Final = "guard"  # how many mails may go on a day
SCOPES: Final = (BOOK, "residential", "business")
NONE: Final = "none"  # as a value: nobody of this scope is reminded, or charged

MODES: Final = (NONE, "flat", "percent", "greater", "sum")
_RATE = Pattern(r"(\d{1,3})(?:[.,](\d{1,2}))?\Z")


@dataclass(frozen=True)
class Ladder:
    """Who is reminded, and when; amounts in minor units, spans in days.

    Attributes:
        minimum: What must be overdue and undisputed.
        gap: Between two messages to one account.
        transit: Working days that money may still be on its way after the due date.
        steps: In the order of their days.
        courtesy: Days after the day of a promise in which its money still counts.
        promise_days: How far ahead a promise may lie.
        promise_least: The part of what is overdue that a promise takes, in percent.
    """

    minimum: int = 500
    gap: int = 3
    transit: int = 2
    steps: tuple[Step, ...] = ()
    courtesy: int = 0
    promise_days: int = 14
    promise_least: int = 50

    @cached_property
    def reminders(self) -> tuple[Step, ...]:
        """The steps that send something."""
        return tuple(s for s in self.steps if s.kind == REMIND)

    @cached_property
    def order(self) -> dict[str, int]:
        """Which of them each is, by its name."""
        return {step.code: at for at, step in enumerate(self.reminders)}

    @cached_property
    def ahead(self) -> int:
        """How many days before a due date the first of them lies; none where none does."""
        return max((-s.offset for s in self.reminders if s.offset <= 0), default=0)

    @cached_property
    def proposes(self) -> bool:
        """Whether it suspends, writes off or hands over."""
        return len(self.reminders) < len(self.steps)

    def step_of(self, kind: str) -> Step | None:
        """The first step of a kind."""
        return next((s for s in self.steps if s.kind == kind), None)


class FeePolicy(NamedTuple):
    """What a late payer is charged; amounts in minor units, rates in hundredths of a percent.

    Attributes:
        mode: none, flat, percent, greater or sum.
        flat: The amount of flat, greater and sum.
        rate: Of the base.
        grace: Days after the due date that cost nothing.
        least_base: Below this base there is no fee.
        least_balance: Below this balance of the account there is none.
        cap: At most so much; 0 for no cap.
        cap_rate: At most this part of the base; 0 for no cap.
        every: Days between one fee and the next of an invoice; 0 for one fee only.
        most: So many fees an invoice at most.
        kinds: Of lines that a fee is charged on.
        code: The billing code of the fee.
        own_invoice: The fee comes on an invoice of its own.
    """

    mode: str = NONE
    flat: int = 0
    rate: int = 0
    grace: int = 10
    least_base: int = 500
    least_balance: int = 0
    cap: int = 0
    cap_rate: int = 0
    every: int = 0
    most: int = 1
    kinds: tuple[str, ...] = (line_kinds.RECURRING, line_kinds.USAGE, line_kinds.ONE_OFF)
    code: str = ""
    own_invoice: bool = False


class Version(NamedTuple):
    """One version of a policy, as it was set. `customer_id` is 0 but for a customer's own; `values` of `none` are empty."""

    id: int
    kind: str
    scope: str
    customer_id: int
    from_on: str
    values: Mapping[str, str]
    operator: str
    recorded_us: int
    number: int = 0


def _amount(text: str, currency: str) -> int:
    return parse_amount(text, currency)


def _rate(text: str, _: str) -> int:
    match = _RATE.match(text.removesuffix("%").strip())
    if match is None or not text.isascii() or int(match[1]) > 100:
        raise InvalidInput(f"{visible(text)[:20]!r} is not a rate; type percent from 0 to 100 with at most two decimals, as 1.5.")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def _choice(*allowed: str) -> Callable[[str, str], str]:
    def read(text: str, _: str) -> str:
        if text not in allowed:
            raise InvalidInput(f"{visible(text)[:20]!r} is not known; type one of {', '.join(allowed)}.")
        return text

    return read


def _kinds(text: str, _: str) -> tuple[str, ...]:
    known = (line_kinds.RECURRING, line_kinds.USAGE, line_kinds.ONE_OFF)
    words = tuple(text.replace(",", " ").split())
    if not words or any(word not in known for word in words):
        raise InvalidInput(f"{visible(text)[:40]!r} is not a list of kinds of lines; type some of {', '.join(known)}.")
    return words


def _word(text: str, _: str) -> str:
    return text


DEFAULT_STEPS = "courtesy -3 mail letter; r1 +1 mail letter; r2 +7 mail letter; final +14 mail letter after 5"
Reader = Callable[[str, str], Any]
# What a policy consists of: how each value is read, what it is where it is not typed, and what it means.
_FIELDS: Final[Mapping[str, Mapping[str, tuple[Reader, str, str]]]] = {
    REMINDERS: {
        "steps": (read_steps, DEFAULT_STEPS, "the steps, separated by ;"),
        "minimum": (_amount, "5.00", "what must be overdue and undisputed"),
        "gap": (whole(1, 60), "3", "days between two messages to one account"),
        "transit": (whole(0, 20), "2", "working days that money may still be on its way"),
        "courtesy": (whole(0, 2), "0", "days after a promise in which its money still counts"),
        "promise_days": (whole(1, 365), "14", "days ahead that a promise may lie"),
        "promise_least": (whole(0, 100), "50", "percent of what is overdue that a promise takes"),
    },
    FEES: {
        "mode": (_choice(*MODES), "flat", "none, flat, percent, greater (of both) or sum"),
        "flat": (_amount, "0", "the amount of flat, greater and sum"),
        "rate": (_rate, "0", "percent of the base, for percent, greater and sum"),
        "grace": (whole(0, 365), "10", "days after the due date that cost nothing"),
        "least_base": (_amount, "5.00", "below this base there is no fee"),
        "least_balance": (_amount, "0", "below this balance of the account there is no fee"),
        "cap": (_amount, "0", "at most so much; 0 for no cap"),
        "cap_rate": (_rate, "0", "at most this percent of the base; 0 for no cap"),
        "every": (whole(0, 365), "0", "days until the next fee of an invoice; 0 for one fee only"),
        "most": (whole(1, 24), "1", "so many fees an invoice at most"),
        "kinds": (_kinds, "recurring usage one-off", "lines that a fee is charged on"),
        "code": (_word, "", "billing code of the fee, one-time, of category fee"),
        "invoice": (_choice("next", "own"), "next", "the fee stands on the next invoice, or on one of its own"),
    },
    DAYS: {
        "quiet": (lambda text, _: read_weekdays(text), "none", "weekdays on which nothing is sent"),
        "holidays": (lambda text, _: read_holidays(text), "none", "rules separated by ;, as yearly 12-25; easter +1"),
        "connected": (lambda text, _: read_weekdays(text), "friday saturday sunday", "weekdays on which nobody is suspended"),
    },
}  # fmt: skip


def fields(kind: str) -> Mapping[str, str]:
    """The values of a kind of policy, each with what it means.

    Raises:
        InvalidInput: There is no such kind.
    """
    return {name: meaning for name, (_, _, meaning) in _of_kind(kind).items()}


def defaults(kind: str, currency: str) -> dict[str, str]:
    """What a policy consists of where nothing is typed; amounts with the decimals of the currency."""
    shown = {}
    for name, (read, default, _) in _of_kind(kind).items():
        minor = int(Decimal(default) * 10 ** exponent(currency)) if read is _amount else 0
        shown[name] = format_amount(minor, currency) if read is _amount else default
    return shown


def _of_kind(kind: str) -> Mapping[str, tuple[Reader, str, str]]:
    if kind not in _FIELDS:
        raise InvalidInput(f"{visible(kind)[:20]!r} is no kind of policy; type one of {', '.join(KINDS)}.")
    return _FIELDS[kind]


def cleaned(kind: str, typed: Mapping[str, str], currency: str) -> dict[str, str]:
    """All values of a policy as text: what was typed, checked, and the default of the rest.

    Raises:
        InvalidInput: A name or a value that the kind does not know, or values that do not go together.
    """
    known = _of_kind(kind)
    for name in typed:
        if name not in known:
            raise InvalidInput(f"{visible(name)[:20]!r} is not a value of {kind}; known are {', '.join(known)}.")
    values = defaults(kind, currency) | {name: " ".join(text.split()) for name, text in typed.items()}
    for name, text in values.items():
        try:
            known[name][0](text, currency)
        except InvalidInput as error:
            raise InvalidInput(f"{name}: {error}") from None
    if kind == FEES:
        _check_fees(fee_policy(values, currency))
    return values


def _check_fees(policy: FeePolicy) -> None:
    if policy.mode in ("flat", "greater", "sum") and not policy.flat:
        raise InvalidInput(f"mode {policy.mode} charges a flat amount; give it, as flat=5.00.")
    if policy.mode in ("percent", "greater", "sum") and not policy.rate:
        raise InvalidInput(f"mode {policy.mode} charges a rate; give it, as rate=1.5.")
    if policy.mode != NONE and not policy.code:
        raise InvalidInput("The fee needs its billing code; give it, as code=LATE, and make it with netbill code add.")
    if policy.most > 1 and not policy.every:
        raise InvalidInput("most is more than one, and every says how many days lie between; give it, as every=30.")


def _read(kind: str, values: Mapping[str, str], currency: str) -> dict[str, Any]:
    known = _of_kind(kind)
    return {name: known[name][0](text, currency) for name, text in values.items() if name in known}


def ladder(values: Mapping[str, str], currency: str) -> Ladder:
    """The ladder that the values make; of no values, one without steps."""
    return Ladder(**_read(REMINDERS, values, currency)) if values else Ladder()


def fee_policy(values: Mapping[str, str], currency: str) -> FeePolicy:
    """The fees that the values make; of no values, none."""
    if not values:
        return FeePolicy()
    read = _read(FEES, values, currency)
    own = read.pop("invoice") == "own"
    return FeePolicy(**read, own_invoice=own)


def quiet_days(values: Mapping[str, str], currency: str) -> QuietDays:
    """The days that the values make."""
    read = _read(DAYS, values, currency)
    return QuietDays(read["quiet"], read["holidays"], read["connected"]) if values else QuietDays()


def in_force(versions: Sequence[Version], kind: str, customer_id: int, customer_kind: str, day: date) -> Version | None:
    """The version that holds for a customer on a day: the newest of the narrowest scope, or None where none was set.

    Args:
        versions: In the order in which they were recorded.
        kind: Of KINDS.
        customer_id: Whose.
        customer_kind: residential or business.
        day: Of a reminder today; of a fee the due date.
    """
    best: Version | None = None
    rank = (-1, "", -1)
    for version in versions:
        if version.kind != kind or version.from_on > day.isoformat():
            continue
        if version.customer_id:
            narrow = 2 if version.customer_id == customer_id else -1
        else:
            narrow = 0 if version.scope == BOOK else 1 if version.scope == customer_kind else -1
        if narrow >= 0 and (narrow, version.from_on, version.id) > rank:
            best, rank = version, (narrow, version.from_on, version.id)
    return best


def weekdays_text(days: frozenset[int]) -> str:
    """Days of the week as they are typed."""
    return " ".join(WEEKDAYS[n] for n in sorted(days)) or NONE
