"""Commands about the book itself: init, demo, verify, doctor, config."""

import os
import sys
from collections.abc import Sequence

from netbill_tui.cli.call import Call
from netbill_tui.cli.output import progress
from netbill_tui.errors import InvalidInput, KeyProblem, NetbillError, NotSaved
from netbill_tui.text import counted, visible
from netbill_tui.usecases.core.checks import Check
from netbill_tui.usecases.core.session import Session


def init(call: Call) -> int:
    """Make a book, asking for what was not given."""
    from netbill_tui.usecases.books.create import NewBook, check_new, make_book

    if call.args.upgrade:
        return _upgrade(call)
    company = _ask(call, "company", "Company name")
    currency = _ask(call, "currency", "Currency, three letters").upper()
    timezone = _ask(call, "timezone", "Time zone, such as Europe/Berlin")
    operator = call.settings.operator or _ask(call, "operator", "Your operator name")
    new = NewBook(company, currency, timezone, call.args.country.upper(), operator, None)
    check_new(new)
    from netbill_tui.bootstrap import new_password

    secret = new_password(call.settings.password_file, no_input=call.no_input)
    new = NewBook(company, currency, timezone, call.args.country.upper(), operator, secret)
    check_new(new)
    if call.dry_run:
        call.output.remark(f"Would make a book for {company} at {call.settings.book}; nothing was made.")
        return 0
    made = make_book(call.settings.book, new)
    made.session.db.close()
    first, second = made.recovery
    name = _masked(call.settings.book)
    data = {"book": name, "install_id": made.install_id.hex(), "recovery": [first, second]}
    if call.no_input:
        call.output.form = "json"
    call.output.record(
        data,
        lambda: (
            f"Made the book {name}; {operator} is its first operator.\n\nRECOVERY SHARES, shown once and stored "
            f"nowhere. Give each to another person on paper:\n  1  {first}\n  2  {second}\n"
        ),
    )
    call.output.remark("There is no pepper: the password alone protects a stolen copy of the book. Choose a long one.")
    return 0


def _ask(call: Call, name: str, words: str) -> str:
    given = getattr(call.args, name, None)
    if given:
        return str(given).strip()
    if call.no_input or not sys.stdin.isatty():
        raise InvalidInput(
            f"--{name} is missing; type it, for instance: netbill init --company 'Acme Net' --currency USD --timezone UTC"
        )
    print(f"{words}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _upgrade(call: Call) -> int:
    """Bring the schema up to date; then an administrator signs what older versions left unsigned."""
    from netbill_tui.bootstrap import finish_upgrade
    from netbill_tui.db.core.opening import open_database
    from netbill_tui.usecases.books.create import migrate_locked
    from netbill_tui.usecases.books.sign_old_book import words

    db = open_database(call.settings.book)
    try:
        done = migrate_locked(db)
    finally:
        db.close()
    signed, vouched = finish_upgrade(call.settings, progress("Vouching for records", call.output))
    data: dict[str, object] = {"book": call.settings.book, "migrations": done, "signed": signed, "vouched": vouched}
    call.output.record(data, lambda: words(len(done), signed, vouched))
    return 0


def demo(call: Call) -> int:
    """Make the demo book where there is none, then open the screens on it."""
    from netbill_tui.db.core.engine import is_url
    from netbill_tui.usecases.demo import book as service

    target = call.settings.book
    if call.settings.origins.get("book") not in ("--book", "NETBILL_BOOK"):
        # What a configuration file names is the book of every day; no throw-away book is made in its place.
        from netbill_tui.settings import data_home

        target = str(data_home() / "demo.db")
    if call.dry_run:
        call.output.remark(f"Would make a demo book of {counted(call.args.customers, 'customer')} at {target}; nothing was made.")
        return 0
    exists = not is_url(target) and service.key_file(target).exists()
    if not exists:
        made = service.make(
            target, customers=call.args.customers, months=call.args.months, seed=call.args.seed,
            on_progress=progress("Making the demo book", call.output),
        )  # fmt: skip
        made.session.db.close()
        data = {"book": target, "customers": made.customers, "invoices": made.invoices, "payments": made.payments}
        if call.args.no_tui or call.output.form == "json":
            call.output.record(
                data,
                lambda: (
                    f"Made {target}: {counted(made.customers, 'customer')}, {counted(made.invoices, 'invoice')}, "
                    f"{counted(made.payments, 'payment')}. Commands use it with --book {target}"
                ),
            )
    elif call.args.no_tui:
        raise InvalidInput(f"There is a demo book at {target} already; remove it first, or name another with --book.")
    if call.args.no_tui:
        return 0
    from netbill_tui.cli.screens import open_screens

    return open_screens(call, call.settings._replace(book=target))


def verify(call: Call, session: Session) -> int:
    """Check what must always be true; name each row that breaks a rule."""
    from netbill_tui.bootstrap import can_unlock_silently
    from netbill_tui.usecases.core.checkpoints import read
    from netbill_tui.usecases.verify.book import verify as service

    own = call.settings.checkpoint_file
    files = [*call.args.checkpoint, *([own] if own and os.path.exists(os.path.expanduser(own)) else [])]
    given = [c for file in files for c in read(file)]
    refused = ""
    if can_unlock_silently(session, call.settings):
        try:
            session.sign_in_if_needed()
        except NotSaved as problem:
            call.output.remark(f"Nobody could sign in, so no sealed field was opened: {problem}")
        except (NetbillError, AssertionError) as problem:
            # Whatever keeps somebody from signing in must not keep the others from being told what is wrong.
            session.operator = session.vault = None
            refused = str(problem) or "the audit has no head, so nothing can be written"
    checks = service(
        session, on_progress=progress("Verifying", call.output), given=given, every_cell=call.args.all_cells,
        quick=call.args.quick,
    )  # fmt: skip
    code = _told(call, checks)
    if refused:
        call.output.remark(f"Nobody could sign in, so no sealed field was opened: {refused}")
    # A mistyped password says nothing of the book, and no alarm is rung for it; but not all was looked at.
    return code or (KeyProblem.exit_code if refused else 0)


def scan(call: Call) -> int:
    """Name the damaged pages of a book that cannot be opened, and what they hit."""
    from netbill_tui.usecases.verify.book import scan as service

    return _told(call, [service(call.settings.book)])


def _told(call: Call, checks: Sequence[Check]) -> int:
    ok = all(not c.broken for c in checks)
    data = {
        "ok": ok,
        "checks": [{"name": c.name, "rows": c.rows, "broken": [visible(b) for b in c.broken]} for c in checks],
    }

    def text() -> str:
        lines = []
        for check in checks:
            lines.append(f"{'BROKEN' if check.broken else 'ok':<8}{check.rows:>10}  {check.name}")
            lines += [f"          {broken}" for broken in check.broken]
        return "\n".join([*lines, "The book is sound." if ok else "The book is NOT sound: stop posting and find out why."])

    call.output.record(data, text)
    return 0 if ok else 1


def doctor(call: Call, session: Session) -> int:
    """Check the installation."""
    from netbill_tui.usecases.verify.doctor import examine

    found = examine(session, call.settings.book)
    ok = all(f.state != "failed" for f in found)
    data = {"ok": ok, "checks": [{"name": f.name, "state": f.state, "text": f.text} for f in found]}
    call.output.record(data, lambda: "\n".join(f"{f.state:<9}{f.name:<20}{f.text}" for f in found))
    return 0 if ok else 1


def _masked(value: str) -> str:
    """A URL without its password."""
    import re

    return re.sub(r"(?i)([?&]password=)[^&]*", r"\1***", re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", value))


def config(call: Call) -> int:
    """The settings in force, and where each comes from."""
    rows = []
    for name, origin in call.settings.origins.items():
        rows.append({"setting": name, "value": _masked(getattr(call.settings, name)), "origin": origin})
    columns = [("setting", "Setting", 0, False), ("value", "Value", 0, False)]
    if call.args.show_origin:
        columns.append(("origin", "From", 0, False))
    call.output.rows(rows, columns, empty="")
    return 0
