"""The command policy: ladder, fees and quiet days as dated data."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from netbill_tui.billing.collections.policies import BOOK, KINDS, REMINDERS
from netbill_tui.billing.core.dates import parse_date
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column, typed_yes
from netbill_tui.cli.core.words import today_only
from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible
from netbill_tui.usecases.collections import policies
from netbill_tui.usecases.core.session import Session

_WAYS = ("show", "default", "set", "off")


def policy(call: Call, session: Session) -> int:
    """Show the policies, or set one: by a file, by words, the default ladder, or none."""
    args = call.args
    what = args.what or "show"
    if what not in _WAYS:
        raise InvalidInput(f"{visible(what)[:20]!r} is not known; type netbill policy {'|'.join(_WAYS)}.")
    if what == "show":
        return _show(call, session)
    today_only(call, session, "A policy is set today, from --from on; it")
    scope = args.customer or args.kind or BOOK
    from_on = parse_date(args.from_on, session.today()) if args.from_on else None
    if what == "default":
        if not call.dry_run and not call.yes:
            sentence = (
                "The default ladder reminds 3 days before the due date and 1, 7 and 14 days after it, by mail, else by letter."
            )
            if not typed_yes(sentence, no_input=call.no_input):
                raise InvalidInput(f"{sentence} Give --yes to put it in force.")
        sets: dict[str, Mapping[str, str]] = {REMINDERS: policies.default_values(session)}
    else:
        sets = _typed(args.target or "", args.values, off=what == "off")
    done = {}
    for kind, values in sets.items():
        body = policies.set_policy(session, kind, scope, values, from_on=from_on, none=what == "off", dry_run=call.dry_run)
        done[kind] = body or "none"
    verb = "Would be set" if call.dry_run else "Set"
    data = {"scope": scope, "from": (from_on or session.today()).isoformat(), "policies": done, "dry_run": call.dry_run}
    call.output.record(data, lambda: "\n".join(f"{verb} {kind} of {scope}: {_line(body)}" for kind, body in done.items()))
    return 0


def _line(body: object) -> str:
    return policies.shown(body) if isinstance(body, dict) else str(body)


def _typed(target: str, words: list[str], *, off: bool) -> dict[str, Mapping[str, str]]:
    """The values by kind: of a file, or those that were typed."""
    if target in KINDS:
        values = {}
        for word in words:
            name, sign, value = word.partition("=")
            if not sign:
                raise InvalidInput(f"{visible(word)[:30]!r} is not NAME=VALUE; type it as minimum=5.00.")
            values[name.strip()] = value.strip()
        return {target: values}
    if not target or off or words:
        raise InvalidInput(f"Name what is set: one of {', '.join(KINDS)}; or a file: netbill policy set ladder.toml.")
    try:
        with Path(target).expanduser().open("rb") as file:
            tables = tomllib.load(file)
    except OSError as error:
        raise InvalidInput(f"The policy {visible(target)[:60]} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"The policy {visible(target)[:60]} is not TOML: {visible(str(error))[:100]}.") from None
    sets: dict[str, Mapping[str, str]] = {}
    for kind, table in tables.items():
        if not isinstance(table, dict):
            raise InvalidInput(f"{visible(kind)[:20]!r} stands outside a table; write [{REMINDERS}] above it.")
        sets[kind] = {name: _text(value) for name, value in table.items()}
    return sets


def _text(value: object) -> str:
    """A value of a file as it is typed; a list is one value."""
    if isinstance(value, list):
        return "; ".join(str(part) for part in value)
    return "yes" if value is True else "no" if value is False else str(value)


def _show(call: Call, session: Session) -> int:
    switches = policies.switches(session)
    rows = [
        {
            "kind": n.kind,
            "scope": n.account or n.scope,
            "from": n.from_on,
            "in_force": n.in_force,
            "policy": n.text,
            "by": n.operator,
        }
        for n in policies.listed(session)
    ]
    columns: list[Column] = [
        ("kind", "Policy", 0, False), ("scope", "Of", 12, False), ("from", "From", 0, False), ("in_force", "In force", 0, False),
        ("policy", "Values", 200, False),
    ]  # fmt: skip
    empty = "No policy is set: nobody is reminded or charged. netbill policy default puts the default ladder in force."
    call.output.rows(rows, columns, empty=empty, keys="kind scope from in_force policy by")
    since = (
        f"active since {switches.active_since}" if switches.active else "not active: netbill collect --dry-run, then --activate"
    )
    sending = "" if switches.sending else f"; nothing is sent, stopped by {switches.stopped_by}"
    call.output.remark(f"Collections are {since}{sending}.")
    return 0
