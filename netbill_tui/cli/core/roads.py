"""Which options go with which use of a command: one that would have no effect is refused, not passed over in silence."""

import argparse
from collections.abc import Callable
from typing import NamedTuple

from netbill_tui.cli.core.parser import EVENTS
from netbill_tui.errors import InvalidInput


class Road(NamedTuple):
    """One use of a command.

    Attributes:
        chosen: Whether the words choose it; of a command the first that is chosen is taken.
        what: How it is called in a refusal.
        takes: The fields of the options that it heeds, with blanks between.
        option: The field of the option that chooses it, or empty.
    """

    chosen: Callable[[argparse.Namespace], object]
    what: str
    takes: str = ""
    option: str = ""


def _with(option: str, takes: str = "") -> Road:
    return Road(lambda args: getattr(args, option) not in (None, False, ""), "", takes, option)


def _always(_: argparse.Namespace) -> object:
    return True


def _named(word: str, takes: str = "") -> Road:
    return Road(lambda args: args.what == word, word, takes)


_EVENT_TAKES = {
    "change": "code quantity parts", "price": "price percent until", "anchor": "anchor", "end": "policy",
}  # fmt: skip
_SERVICE = "code quantity start end cycle anchor mode price percent price_until reason parts address billed_through request_id"


class Uses(NamedTuple):
    """The uses of a command; `words` say of what it is used, and are no options."""

    words: str
    roads: tuple[Road, ...]


USES: dict[str, Uses] = {
    "service": Uses("what", (
        _with("history"), _with("take_back", "reason"),
        *(_named(e, f"number on reason request_id {_EVENT_TAKES.get(e, '')}") for e in EVENTS),
        _with("next"), Road(lambda args: args.what, "a service of an account", _SERVICE),
    )),
    "charge": Uses("account code", (
        _with("withdraw", "reason"), Road(lambda args: args.code, "a charge", "amount quantity on text service request_id"),
    )),
    "discount": Uses("account", (
        _with("stop", "on"), Road(_always, "a discount", "percent amount code from until periods text request_id"),
    )),
    "price": Uses("code amount", (
        _with("drop", "audience"),
        Road(_always, "a price", "from until audience promo_periods included tiers promo_amount notice"),
    )),
    "tax": Uses("tax_class percent", (
        _with("drop", "order"), Road(_always, "a rate", "name category from until order reason compound"),
    )),
    "bill": Uses("account", (
        _with("runs"), _with("parked"), _with("drafts"), _with("confirm"), _with("throw"), _with("undo", "reason"),
        _with("papers", "print singles once_more unknown"),
        Road(_always, "a run", "catch_up"),
    )),
    "credit": Uses("invoice account", (_with("list"),)),
    "view": Uses("list name", (_with("save", "digit shared"), _with("drop"), Road(_always, "the list of views"))),
    "operator": Uses("what name", (
        _named("add", "role limit write_credential contact"), _named("activate", "code_file new_password_file"),
        _named("role", "role"), _named("limit", "limit"), _named("password", "new_password_file"), Road(_always, "this"),
    )),
}  # fmt: skip
_EVERYWHERE = frozenset(
    "command does version book operator password_file credential accept_shared_file as_of form dry_run yes no_input quiet "
    "color".split()
)
# Where an option is spelled otherwise than its field.
_SPELLED = {"throw": "put-back", "promo_amount": "promo"}


def check_roads(args: argparse.Namespace) -> None:
    """Refuse an option that the use of the command does not heed.

    Raises:
        InvalidInput: There is one; the sentence names it.
    """
    uses = USES.get(args.command or "")
    road = next((r for r in uses.roads if r.chosen(args)), None) if uses is not None else None
    if uses is None or road is None:
        return
    heeded = _EVERYWHERE | {*uses.words.split(), *road.takes.split(), road.option}
    for name, value in vars(args).items():
        if value not in (None, False, "", []) and name not in heeded:
            shown = repr(value) if name == "number" else _spelled(name)
            what = _spelled(road.option) if road.option else road.what
            raise InvalidInput(f"{shown} has no effect with {what}; leave it out, or see netbill {args.command} --help.")


def _spelled(name: str) -> str:
    return f"--{_SPELLED.get(name, name).replace('_', '-')}"
