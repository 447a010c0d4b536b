"""The command view."""

from netbill_tui.cli.core.call import Call
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.lookup import views
from netbill_tui.usecases.lookup.lists import LISTINGS, read_filter


def view(call: Call, session: Session) -> int:
    """Show the saved views of a list, save one or drop one."""
    args = call.args
    if args.list not in LISTINGS:
        raise InvalidInput(f"{args.list!r} is not a list; type one of {', '.join(LISTINGS)}.")
    if args.save is not None:
        read_filter(session, args.list, args.save)
    if args.drop:
        views.view(session, args.list, args.name or "")
    if call.dry_run and (args.save is not None or args.drop):
        call.output.remark("Nothing was changed.")
        return 0
    if args.name and args.save is not None:
        views.save_view(session, args.list, args.name, args.save, digit=args.digit, shared=args.shared)
    elif args.name and args.drop:
        views.drop_view(session, args.list, args.name)
    elif args.save is not None and not args.name:
        raise InvalidInput("A view needs a name; type it after the list.")
    shown = views.views(session, args.list)
    if args.name and not args.drop:
        shown = [v for v in shown if v.name == args.name]
    rows: list[dict[str, object]] = [
        {"list": args.list, "name": v.name, "digit": v.digit, "filter": v.words, "owner": v.owner or None} for v in shown
    ]
    call.output.rows(
        rows,
        [("name", "Name", 0, False), ("digit", "Key", 0, True), ("filter", "Filter", 50, False), ("owner", "Owner", 0, False)],
        empty=f"{args.list} has no saved view; save one: netbill view {args.list} NAME --save 'TERMS'",
        keys="list name digit filter owner",
    )
    return 0 if shown or not args.name or args.drop else 4
