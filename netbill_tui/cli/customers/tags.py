"""The command tag."""

from netbill_tui.cli.core.call import Call
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import tags


def tag(call: Call, session: Session) -> int:
    """Put a tag on an account, take it off, or list what there is."""
    args = call.args
    if args.account is None:
        rows: list[dict[str, object]] = [{"tag": t.tag, "accounts": t.accounts} for t in tags.every_tag(session)]
        call.output.rows(
            rows,
            [("tag", "Tag", 0, False), ("accounts", "Accounts", 0, True)],
            empty="No account has a tag.",
            keys="tag accounts",
        )
        return 0
    if args.tag is None:
        tags_ = tags.tags_of(session, args.account)
        call.output.record({"account": args.account, "tags": tags_}, lambda: " ".join(tags_) or "no tag")
        return 0
    word = tags.check_tag(args.tag)
    before = word in tags.tags_of(session, args.account)
    if not call.dry_run:
        tags.tag(session, args.account, args.tag, on=not args.off)
    changed = before == args.off
    data = {"account": args.account, "tag": word, "changed": changed, "dry_run": call.dry_run}
    call.output.record(data, lambda: f"{word}: {'changed' if changed else 'it was so before'}")
    return 0
