"""Commands of new customers and changed ones."""

import sys

from netbill_tui.cli.core.call import Call
from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.services import with_account


def new_customer(call: Call, session: Session) -> int:
    """Store a new customer."""
    from netbill_tui.usecases.customers import changes

    fields = {**_fields(call), "name": call.args.name, "account": call.args.account}
    if call.dry_run:
        changes.check_new(session, fields)
        call.output.record({"account": None, "dry_run": True}, lambda: "The customer can be stored; nothing was stored.")
        return 0
    created = changes.create(session, fields)
    call.output.record(
        {"account": created.account, "name": created.name}, lambda: f"{created.account} {created.name} was stored."
    )
    return 0


def change_customer(call: Call, session: Session) -> int:
    """Change what is known of a customer."""
    from netbill_tui.usecases.customers import changes

    fields, end = _fields(call), bool(call.args.end_services)
    if end and fields.get("status", "").strip().lower() != "closed":
        raise InvalidInput(
            "Use --end-services only to close an account: netbill change-customer ACCOUNT --set status=closed --end-services."
        )
    if call.dry_run:
        customer = changes.check_change(session, call.args.account, fields, end_services=end)
    else:
        customer = changes.change(session, call.args.account, fields, end_services=end)
    account = customer.account
    data = {"account": account, "changed": sorted(fields), "dry_run": call.dry_run}
    verb = "were" if len(fields) > 1 else "was"
    said = f"{account}: {', '.join(sorted(fields))} {'would be' if call.dry_run else verb} changed."
    if fields.get("status", "").strip().lower() == "closed":
        said = "\n".join([said, *with_account.sentences(session, customer)])
    call.output.record(data, lambda: said)
    return 0


def _fields(call: Call) -> dict[str, str]:
    """FIELD=VALUE from the options, and of private fields from stdin: the list of processes shows arguments to everybody."""
    from netbill_tui.usecases.customers.changes import SECRET

    secret = [name for name, _ in SECRET]
    words = [(text, "--set") for text in call.args.set]
    if call.args.private:
        words += [(line.rstrip("\n"), "stdin") for line in sys.stdin if line.strip()]
    fields = {}
    for text, where in words:
        name, sign, value = text.partition("=")
        if not sign:
            shown = repr(visible(text)[:40]) if where == "--set" else "A line of stdin"
            raise InvalidInput(f"{shown} is not FIELD=VALUE; type it as plan=DSL.")
        if name in secret and where == "--set":
            raise InvalidInput(f"{name} is private, and others can see command arguments; give --private and type it on stdin.")
        fields[name] = value
    return fields
