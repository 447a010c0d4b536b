"""The command rule."""

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import dated_today
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.core.session import Session


def rule(call: Call, session: Session) -> int:
    """Show how the book bills, or change one rule of it."""
    args = call.args
    if args.name is None or args.value is None:
        known = [(n, v, w) for n, v, w in rules.settings(session) if args.name in (None, n)]
        if not known:
            raise InvalidInput(f"{args.name!r} is not a rule of the book; netbill rule lists them.")
        rows = [{"name": n, "value": v, "meaning": w} for n, v, w in known]
        columns: list[Column] = [("name", "Rule", 0, False), ("value", "Value", 30, False), ("meaning", "Meaning", 0, False)]
        call.output.rows(rows, columns, empty="")
        return 0
    dated_today(call, session, "A rule")
    value = rules.set_rule(session, args.name, args.value, dry_run=call.dry_run)
    call.output.record({"name": args.name, "value": value, "dry_run": call.dry_run}, lambda: f"{args.name} = {value}")
    return 0
