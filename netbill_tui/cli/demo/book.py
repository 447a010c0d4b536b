"""The command demo."""

from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import progress
from netbill_tui.db.core.engine import is_url
from netbill_tui.errors import BookProblem, InvalidInput
from netbill_tui.text import counted


def demo(call: Call) -> int:
    """Make the demo book where there is none, then open the screens on it."""
    from netbill_tui.usecases.demo import book as usecase

    target = call.settings.book
    if call.settings.origins.get("book") not in ("--book", "NETBILL_BOOK"):
        # What a configuration file names is the book of every day; no throw-away book is made in its place.
        from netbill_tui.settings import data_home

        target = str(data_home() / "demo.db")
    if call.dry_run:
        call.output.remark(f"Would make a demo book of {counted(call.args.customers, 'customer')} at {target}; nothing was made.")
        return 0
    exists = _is_made(target)
    if not exists:
        new_book = usecase.make(
            target,
            customers=call.args.customers,
            months=call.args.months,
            seed=call.args.seed,
            on_progress=progress("Making the demo book", call.output),
            on_billing=progress("Billing its last months", call.output),
        )
        new_book.session.db.close()
        data = {"book": target, "customers": new_book.customers, "invoices": new_book.invoices, "payments": new_book.payments}
        if call.args.no_tui or call.output.form == "json":
            call.output.record(
                data,
                lambda: (
                    f"Made {target}: {counted(new_book.customers, 'customer')}, {counted(new_book.invoices, 'invoice')}, "
                    f"{counted(new_book.payments, 'payment')}. Commands use it with --book {target}"
                ),
            )
    elif call.args.no_tui:
        raise InvalidInput(f"There is a demo book at {target} already; remove it first, or name another with --book.")
    if call.args.no_tui:
        return 0
    from netbill_tui.cli.core.screens import open_screens

    return open_screens(call, call.settings._replace(book=target))


def _is_made(target: str) -> bool:
    """Whether a demo book is there whose key is ours; the key of a server's book may have outlived its database."""
    from netbill_tui.usecases.core.demo_key import key_file
    from netbill_tui.usecases.core.open_book import open_book

    if not key_file(target).exists():
        return False
    try:
        open_book(target).db.close()
    except BookProblem:
        return not is_url(target)
    return True
