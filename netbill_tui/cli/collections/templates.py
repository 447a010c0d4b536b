"""The command template: the texts of messages, the owner's own ones, a preview and a test."""

from pathlib import Path

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.cli.core.words import only_wet
from netbill_tui.documents.messages import LONGEST
from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible
from netbill_tui.usecases.collections import templates
from netbill_tui.usecases.core.session import Session


def template(call: Call, session: Session) -> int:
    """List the texts, show or set one, fill it in, or send it to oneself."""
    args = call.args
    if not args.name:
        if args.set or args.default or args.account or args.test:
            raise InvalidInput(f"Name the text: one of {', '.join(templates.NAMES)}.")
        return _listed(call, session)
    language = args.language or templates.language_of_book(session)
    data: dict[str, object] = {"template": args.name, "language": language}
    if args.set or args.default:
        text = _read(args.set) if args.set else None
        said = templates.set_text(session, args.name, language, text, dry_run=call.dry_run)
        verb = "would be set" if call.dry_run else "is set" if args.set else "is the one that came along"
        words = f"The text {args.name} in {language} {verb}; netbill template {args.name} --account ACCOUNT shows it filled in."
        call.output.record(data | {"subject": said.subject, "text": said.body, "dry_run": call.dry_run}, lambda: words)
        return 0
    if args.test:
        from netbill_tui.bootstrap import mail_server
        from netbill_tui.usecases.collections import sending

        only_wet(call, session)
        said = templates.preview(session, args.name, language, account=args.account or "")
        sending.test_mail(session, mail_server(call.settings), args.test, said)
        call.output.record(data | {"to": args.test, "sent": True}, lambda: f"The text {args.name} was sent to {args.test}.")
        return 0
    if args.account:
        said = templates.preview(session, args.name, language, account=args.account)
        call.output.record(data | {"subject": said.subject, "text": said.body}, lambda: f"{said.subject}\n\n{said.body.strip()}")
        if templates.is_made_up(session, args.account):
            call.output.remark(f"{args.account} owes nothing; the invoices in it are made up.")
        return 0
    text = templates.text_of(session, args.name, language)
    call.output.record(data | {"text": text}, lambda: text.rstrip("\n"))
    return 0


def _read(path: str) -> str:
    """A file with a text.

    Raises:
        InvalidInput: It cannot be read, or is none.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(LONGEST * 4 + 1000).decode("utf-8")
    except OSError as error:
        raise InvalidInput(f"The text {visible(path)[:60]} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"The text {visible(path)[:60]} is not UTF-8; save it as UTF-8.") from None


def _listed(call: Call, session: Session) -> int:
    asked = call.args.language
    rows = [
        {"template": n.name, "language": n.language, "subject": n.subject, "own_since": n.since or None, "by": n.operator or None}
        for n in templates.listed(session)
        if not asked or n.language == asked
    ]
    columns: list[Column] = [
        ("template", "Text", 0, False), ("language", "In", 0, False), ("subject", "Subject", 46, False),
        ("own_since", "Own since", 0, False), ("by", "By", 0, False),
    ]  # fmt: skip
    call.output.rows(rows, columns, empty="There is no such language.", keys="template language subject own_since by")
    return 0
