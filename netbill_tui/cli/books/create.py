"""Commands about the book itself: init, demo, verify, doctor, config."""

import sys

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.config import _masked
from netbill_tui.cli.core.output import progress
from netbill_tui.errors import InvalidInput


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
    new_book = make_book(call.settings.book, new)
    new_book.session.db.close()
    first, second = new_book.recovery
    name = _masked(call.settings.book)
    data = {"book": name, "install_id": new_book.install_id.hex(), "recovery": [first, second]}
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
    value = getattr(call.args, name, None)
    if value:
        return str(value).strip()
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
