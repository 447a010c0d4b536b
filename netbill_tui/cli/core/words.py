"""What several commands share in reading their words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, overload
from uuid import UUID

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.billing.core.money import format_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    from netbill_tui.billing.lookup.filters import Filter


@overload
def money(session: Session, minor: int) -> str: ...
@overload
def money(session: Session, minor: int | None) -> str | None: ...
def money(session: Session, minor: int | None) -> str | None:
    """An amount as it is printed, without its currency; None of one that is missing."""
    return None if minor is None else format_amount(minor, session.book.currency)


def sign_in_softly(call: Call, session: Session) -> bool:
    """Sign in where that needs no question; False leaves phones and e-mails unsearched."""
    from netbill_tui.bootstrap import can_unlock_silently

    if not can_unlock_silently(session, call.settings):
        return False
    session.sign_in_if_needed()
    return True


def listed(value: object) -> str:
    """A value of several as a line."""
    if isinstance(value, dict):
        return f"{value['kind']} {value['value']}" if "kind" in value else " ".join(str(v) for v in value.values() if v)
    return str(value)


def span_of(call: Call, session: Session) -> tuple[str | None, str | None]:
    """The first and the last day of a list, where they were given."""
    today = session.date()
    first, last = call.args.first, call.args.last
    return (
        parse_date(first, today).isoformat() if first else None,
        parse_date(last, today).isoformat() if last else None,
    )


def filter_of(call: Call, session: Session, name: str, *terms: str) -> "Filter":
    """The filter of a list command: its view, its own options and what was typed, all of which must hold."""
    from netbill_tui.usecases.lookup import lists, views

    if call.args.limit is not None and call.args.limit < 1:
        raise InvalidInput(f"--limit is {call.args.limit}; type a number from 1.")
    saved = ""
    if call.args.view:
        saved = views.view(session, name, call.args.view).words
    return lists.read_filter(session, name, " ".join(t for t in (saved, *terms, call.args.filter) if t))


def today_only(call: Call, session: Session, what: str) -> None:
    """Refuse a pretended date where what is written is dated today."""
    if call.as_of is not None and call.as_of != session.today():
        raise InvalidInput(f"{what} is dated today; leave --as-of out.")


def not_ahead(call: Call, session: Session) -> None:
    """Refuse a pretended date that lies ahead."""
    if call.as_of is not None and call.as_of > session.today():
        raise InvalidInput(f"--as-of {call.as_of} is in the future; you cannot post before that day.")


def request_id(call: Call) -> bytes:
    """The request id that was given, or a new one.

    Raises:
        InvalidInput: It is no UUID.
    """
    from netbill_tui.usecases.receivables.payments import new_request_id

    text = getattr(call.args, "request_id", None)
    if text is None:
        return new_request_id()
    try:
        return UUID(text).bytes
    except ValueError:
        raise InvalidInput(f"--request-id {visible(text)[:50]!r} is not a UUID; leave it out to have one made.") from None


def options_given(call: Call, *names: str) -> dict[str, str]:
    """The options that were given, by the names of their fields."""
    return {n: str(getattr(call.args, n)) for n in names if getattr(call.args, n, None) not in (None, False)}


def needs_word(fields: Mapping[str, str], what: str, command: str) -> None:
    """Refuse options that write where the word that makes them write is missing: nothing that was typed is dropped in silence.

    Raises:
        InvalidInput: There are such options; the sentence shows the right command.
    """
    if fields:
        option, value = next(iter(fields.items()))
        shown = "" if value in ("True", "yes") else f" {visible(value)[:40]!r}" if " " in value else f" {visible(value)[:40]}"
        raise InvalidInput(f"--{option.replace('_', '-')} needs {what}: {command} --{option.replace('_', '-')}{shown}")


def dated_today(call: Call, session: Session, what: str) -> None:
    """Refuse a pretended date where what is written is dated today, or by an option of its own.

    Raises:
        InvalidInput: Another date was given.
    """
    if call.as_of is not None and call.as_of != session.today():
        raise InvalidInput(f"{what} is dated today or by an option of its own; leave --as-of out.")


def only_wet(call: Call, session: Session) -> None:
    """Refuse a pretended date and a dry run of what cannot be shown beforehand."""
    dated_today(call, session, "What is taken back")
    if call.dry_run:
        raise InvalidInput("This command has no dry run; leave --dry-run out to do it.")


def number_of(text: object, what: str = "service", listed: str = "netbill service ACCOUNT shows them") -> int:
    """The number of a service, or of something else, as it was typed.

    Raises:
        InvalidInput: It is none.
    """
    typed = str(text).strip()
    if not typed.isascii() or not typed.isdigit() or len(typed) > 18:
        raise InvalidInput(f"{typed[:20]!r} is not the number of a {what}; {listed}.")
    return int(typed)


def moment(at_us: int | None) -> str | None:
    """UTC, to the second."""
    return None if at_us is None else datetime.fromtimestamp(at_us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
